"""Counting tokens end to end: whose counter answers, in whose words, and what happens when it cannot."""

import asyncio
import json
from pathlib import Path

import pytest

from copilot_api.errors import UpstreamProtocolError
from copilot_api.gateway.count.exchange import CountExchange, is_without_counter
from copilot_api.gateway.count.local import LocalCounter
from copilot_api.gateway.count.reading import read_upstream_count
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.routes import all_routes
from copilot_api.store.calibration import CalibrationFile
from gate import Gate, running_gate, until

COUNT, INPUT_TOKENS = "/v1/messages/count_tokens", "/v1/responses/input_tokens"
COUNTED = "x-copilot-api-count"


def question(model: str, text: str = "hello world") -> dict[str, object]:
    """The smallest Messages count."""
    return {"model": model, "messages": [{"role": "user", "content": text}]}


async def test_a_claude_model_is_counted_by_copilot(gate: Gate) -> None:
    """Where upstream has a counter its number is passed on, and the header says so."""
    status, headers, body = await gate.post(COUNT, question("claude-sonnet-4.6"))
    assert status == 200
    assert headers[COUNTED] == "upstream"
    assert headers["content-type"] == "application/json"
    [sent] = gate.inference_requests()
    assert str(sent["path"]).endswith("/v1/messages/count_tokens")
    assert list(json.loads(body)) == ["input_tokens"]


async def test_a_gpt_model_is_counted_here(gate: Gate) -> None:
    """Two tokens of text, four for the turn, three for the answer's opening; nothing is sent."""
    status, headers, body = await gate.post(COUNT, question("gpt-5.5"))
    assert (status, json.loads(body)) == (200, {"input_tokens": 9})
    assert headers[COUNTED] == (
        "local; model=gpt-5.5; factor=1.00; error=unknown; samples=0; reason=the model has no counter upstream"
    )
    assert gate.inference_requests() == []


@pytest.mark.parametrize("path", [INPUT_TOKENS, "/responses/input_tokens"])
async def test_responses_clients_get_their_shape(gate: Gate, path: str) -> None:
    """The object that openai 3.54 reads."""
    status, headers, body = await gate.post(path, {"model": "gpt-5.5", "input": "hello world"})
    assert (status, json.loads(body)) == (200, {"object": "response.input_tokens", "input_tokens": 9})
    assert headers[COUNTED].startswith("local; model=gpt-5.5;")


async def test_a_responses_count_on_claude_asks_copilots_counter(gate: Gate) -> None:
    """The request is written as Messages, without what the counter refuses."""
    asked = {"model": "claude-sonnet-4.6", "input": "hi", "instructions": "be brief", "max_output_tokens": 9}
    status, headers, body = await gate.post(INPUT_TOKENS, asked)
    assert status == 200, body
    assert headers[COUNTED] == "upstream"
    [sent] = gate.inference_requests()
    assert json.loads(str(sent["body"])) == {
        "model": "claude-sonnet-4.6",
        "system": [{"type": "text", "text": "be brief"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }


@pytest.mark.parametrize("prefix", ["/v1beta", "/v1"])
async def test_gemini_counts_contents_and_whole_requests(gate: Gate, prefix: str) -> None:
    """Both forms of countTokens, on both versions of the path."""
    contents = [{"role": "user", "parts": [{"text": "hello world"}]}]
    path = f"{prefix}/models/gemini-2.5-pro:countTokens"
    status, headers, body = await gate.post(path, {"contents": contents})
    assert (status, json.loads(body)) == (200, {"totalTokens": 9})
    assert headers[COUNTED].startswith("local; model=gemini-2.5-pro;")
    whole = {
        "generateContentRequest": {
            "model": "models/gemini-2.5-pro",
            "contents": contents,
            "systemInstruction": {"parts": [{"text": "hello world"}]},
        }
    }
    status, _, body = await gate.post(path, whole)
    assert (status, json.loads(body)) == (200, {"totalTokens": 15})


async def test_gemini_on_claude_asks_copilots_counter(gate: Gate) -> None:
    """A model that speaks Messages is counted upstream, whatever the client speaks."""
    path = "/v1beta/models/claude-sonnet-4.6:countTokens"
    status, headers, body = await gate.post(path, {"contents": [{"parts": [{"text": "hi"}]}]})
    assert status == 200, body
    assert headers[COUNTED] == "upstream"
    assert list(json.loads(body)) == ["totalTokens"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("404-page", "the counter upstream answered 404 not_found"),
        ("502-html", "the counter upstream answered 502 upstream_unavailable"),
        ("429-flat", "the counter upstream answered 429 rate_limited"),
        ("400-model-not-supported", "the counter upstream answered 400 model_not_supported"),
        ("400-bad-request-text", "the counter upstream answered 400 upstream_rejected"),
        ("reset", "the counter upstream answered 502 unreachable"),
    ],
)
async def test_a_counter_that_fails_is_replaced_by_an_estimate(gate: Gate, error: str, reason: str) -> None:
    """The header says that it is an estimate, and why; 9 tokens times what Claude is expected to take."""
    gate.simulator.break_route("/capi/individual/v1/messages/count_tokens", error)
    status, headers, body = await gate.post(COUNT, question("claude-sonnet-4.6"))
    assert (status, json.loads(body)) == (200, {"input_tokens": 11})
    assert headers[COUNTED] == (
        f"local; model=claude-sonnet-4.6; factor=1.20; error=unknown; samples=0; reason={reason}"
    )


@pytest.mark.parametrize(
    ("error", "status"), [("400-inline-system", 400), ("401-token-expired", 401), ("403-forbidden", 403)]
)
async def test_faults_of_the_request_or_the_account_are_not_hidden(
    gate: Gate, error: str, status: int
) -> None:
    """What would stop the real request stops its count, in the client's protocol and never with a number."""
    gate.simulator.break_route("/capi/individual/v1/messages/count_tokens", error)
    answered, headers, body = await gate.post(COUNT, question("claude-sonnet-4.6"))
    assert answered == status
    assert json.loads(body)["type"] == "error"
    assert COUNTED not in headers


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (COUNT, {"messages": []}, 400),
        (COUNT, {"model": "gpt-5.5"}, 400),
        (COUNT, {"model": "no-such-model", "messages": []}, 404),
        (COUNT, question("gpt-5.5") | {"messages": [{"role": "user", "content": 7}]}, 400),
        (INPUT_TOKENS, {"input": "hi"}, 400),
        (INPUT_TOKENS, {"model": "gpt-5.5", "input": 7}, 400),
        (INPUT_TOKENS, {"model": "gpt-5.5", "input": "hi", "previous_response_id": "resp_1"}, 400),
        ("/v1beta/models/gpt-5.5:countTokens", {}, 400),
        ("/v1beta/models/gpt-5.5:countTokens", {"contents": [7]}, 400),
        ("/v1beta/models/gpt-5.5:countTokens", [], 400),
        ("/v1beta/models/gpt-5.5:countTokens", {"generateContentRequest": {"contents": 7}}, 400),
        ("/v1beta/models/none:countTokens", {"contents": "hi"}, 404),
        ("/v1beta/models/text-embedding-3-small:embedContent", {}, 400),
        ("/v1beta/models/text-embedding-3-small:embedContent", {"content": 7}, 400),
        ("/v1beta/models/text-embedding-3-small:batchEmbedContents", {"requests": []}, 400),
        ("/v1beta/models/text-embedding-3-small:batchEmbedContents", [1], 400),
        ("/v1beta/models/gpt-5.5:embedContent", {"content": {"parts": [{"text": "a"}]}}, 400),
    ],
)
async def test_bad_input_is_refused_in_the_clients_words(
    gate: Gate, path: str, body: object, status: int
) -> None:
    """A 4xx with the protocol's own error object, and nothing sent."""
    answered, _, refusal = await gate.post(path, body)
    assert answered == status, refusal
    assert "error" in json.loads(refusal)
    assert gate.inference_requests() == []


async def test_counts_need_a_key_like_everything_else(tmp_path: Path) -> None:
    """The guard stands before every way in."""
    async with running_gate(tmp_path, COPILOT_API_KEY="sk-test-0123456789abcdef") as gate:
        for path in (COUNT, INPUT_TOKENS, "/v1beta/models/gpt-5.5:countTokens"):
            status, _, _ = await gate.post(path, {})
            assert status == 401


async def test_a_count_is_recorded_and_not_limited(tmp_path: Path) -> None:
    """Our rate limit is for what costs; the record tells the operation and that it was local."""
    async with running_gate(tmp_path, COPILOT_API_RATE_LIMIT_S="60") as gate:
        for _ in range(2):
            status, _, _ = await gate.post(COUNT, question("gpt-5.5"))
            assert status == 200
        await until(lambda: gate.log.getvalue().count("exchange.finished") == 2)
        lines = [json.loads(line) for line in gate.log.getvalue().splitlines() if "exchange.finished" in line]
        assert [(line["path"], line["mode"], line["status"]) for line in lines] == [(COUNT, "local", 200)] * 2


async def test_answers_teach_the_counter(gate: Gate) -> None:
    """After a local count, the next answered request calibrates the model; the file survives the process."""
    await gate.post(INPUT_TOKENS, {"model": "gpt-5.5", "input": "hello world"})
    text = "[[sim: text=ok; input_tokens=40]] " + "word " * 10
    status, _, _ = await gate.post("/v1/responses", {"model": "gpt-5.5", "input": text})
    assert status == 200
    path = gate.config.path.with_name("calibration.json")
    await until(path.exists)
    stored = await asyncio.to_thread(path.read_bytes)
    [[estimate, actual]] = json.loads(stored)["models"]["gpt-5.5"]
    assert actual == 40
    _, headers, body = await gate.post(INPUT_TOKENS, {"model": "gpt-5.5", "input": "hello world"})
    assert json.loads(body)["input_tokens"] == round(9 * 40 / estimate)
    assert "samples=1; reason=" in headers[COUNTED]


async def test_nobody_is_taught_without_having_asked(gate: Gate) -> None:
    """A gateway that counts nothing locally starts no tokenizer."""
    await gate.post("/v1/responses", {"model": "gpt-5.5", "input": "hi"})
    assert gate.house.tokenizer.is_running is False


async def test_gemini_embeds_one_and_many(gate: Gate) -> None:
    """Copilot's vectors in Google's words, through its only embeddings route."""
    model = "/v1beta/models/text-embedding-3-small"
    content = {"content": {"parts": [{"text": "a"}]}}
    status, headers, body = await gate.post(f"{model}:embedContent", content)
    assert status == 200, body
    assert headers["content-type"] == "application/json"
    assert headers["x-copilot-api-route"] == "gemini->chat; translated; native"
    one = json.loads(body)
    assert len(one["embedding"]["values"]) == 8
    status, _, body = await gate.post(
        f"{model}:batchEmbedContents",
        {"requests": [{"model": "models/text-embedding-3-small", **content}] * 2},
    )
    assert status == 200, body
    many = json.loads(body)
    assert many["embeddings"] == [one["embedding"], one["embedding"]]


async def test_a_strict_client_is_refused_a_lost_hint(gate: Gate) -> None:
    """`taskType` means nothing to Copilot's embeddings: told in a header, or refused where the client is strict."""
    path = "/v1beta/models/text-embedding-3-small:embedContent"
    asked = {"content": {"parts": [{"text": "a"}]}, "taskType": "CLUSTERING"}
    status, headers, _ = await gate.post(path, asked)
    assert status == 200
    assert headers["x-copilot-api-losses"] == "1: taskType (dropped)"
    status, _, body = await gate.post(path, asked, {"x-copilot-api-strict": "true"})
    assert (status, json.loads(body)["error"]["status"]) == (400, "INVALID_ARGUMENT")


async def test_what_is_configured_for_a_model_is_counted(tmp_path: Path) -> None:
    """`extraPrompts` go out with the request, so they count: two tokens of text and four for a system turn."""
    async with running_gate(tmp_path) as gate:
        prompts = {"extraPrompts": {"gpt-5.5": "hello world"}}
        await asyncio.to_thread(gate.config.update, lambda document: document.update(prompts))
        await until(lambda: gate.house.settings.extra_prompts)
        _, _, body = await gate.post(COUNT, question("gpt-5.5"))
        assert json.loads(body) == {"input_tokens": 15}


async def test_what_messages_cannot_say_is_estimated(gate: Gate) -> None:
    """Copilot's counter takes Messages only; two candidates are no reason to refuse a count."""
    asked = {
        "generateContentRequest": {
            "contents": [{"role": "user", "parts": [{"text": "hello world"}]}],
            "generationConfig": {"candidateCount": 2},
        }
    }
    status, headers, body = await gate.post("/v1beta/models/claude-sonnet-4.6:countTokens", asked)
    assert (status, json.loads(body)) == (200, {"totalTokens": 11})
    assert headers[COUNTED].endswith(
        "reason=the counter upstream takes Messages, which cannot say this request"
    )


class Listener:
    """A client's end that keeps what it hears."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""
        self._has_heard_all = asyncio.Event()

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Hear the head."""
        self.status, self.headers = status, dict(headers)

    async def write(self, data: bytes) -> None:
        """Hear a piece."""
        self.body += data

    async def finish(self, data: bytes = b"") -> None:
        """Hear the last piece."""
        self.body += data
        self._has_heard_all.set()

    def abort(self) -> None:
        """Never called here."""

    async def until_gone(self) -> None:
        """Stay to the end."""
        await self._has_heard_all.wait()


async def test_a_counter_that_is_too_slow_is_replaced_by_an_estimate(gate: Gate) -> None:
    """A client waits for the count before it sends the real request: here not a moment."""
    gateway, listener = gate.house.gateway, Listener()
    call = Call(
        route=all_routes()[COUNT],
        path=COUNT,
        headers={},
        body=json.dumps(question("claude-sonnet-4.6")).encode(),
        key=None,
        trace_id="t",
        client=listener,
        started_s=0.0,
        started_unix_s=0.0,
    )
    file = CalibrationFile(gate.config.path.with_name("other.json"))
    counter = LocalCounter(gate.house.tokenizer, file, spawn=gateway.spawn)
    await CountExchange(gateway, call, counter=counter, patience_s=0.0).run()
    assert (listener.status, listener.body) == (200, b'{"input_tokens":11}')
    assert listener.headers[COUNTED.encode()].endswith(b"reason=the counter upstream did not answer in time")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"input_tokens": -1}', b'{"input_tokens": "many"}', b"[]"])
def test_an_answer_without_a_number_is_no_count(body: bytes) -> None:
    """It is upstream's fault, and an estimate takes its place."""
    with pytest.raises(UpstreamProtocolError) as caught:
        read_upstream_count(body)
    assert is_without_counter(caught.value)
