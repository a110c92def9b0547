"""Every failure leaves in the envelope of the protocol it came in on, with upstream's facts kept."""

import io
import json
from pathlib import Path

import aiohttp
import pytest

from gate import CHAT, MESSAGES, RESPONSES, Gate, account_document, request, running_gate

PROTOCOLS = [CHAT, RESPONSES, MESSAGES]


def message_of(path: str, body: bytes) -> str:
    """The message of an error, after checking that the envelope is the protocol's own."""
    document = json.loads(body)
    if path.startswith(MESSAGES):
        assert document["type"] == "error"
        assert set(document["error"]) >= {"type", "message"}
    else:
        assert set(document["error"]) == {"message", "type", "param", "code"}
    return str(document["error"]["message"])


async def send(gate: Gate, path: str, data: bytes, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Raw bytes, as a careless client sends them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with gate.http.post(gate.url + path, data=io.BytesIO(data), headers=named) as response:
        return response.status, await response.read(), {k.lower(): v for k, v in response.headers.items()}


@pytest.mark.parametrize("path", PROTOCOLS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'{"model": 5}',
        b'{"model": null}',
        b"{}",
        b'{"model":"gpt-4.1","messages":"hi","input":7}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"model":' + b"[" * 100_000,
    ],
)
async def test_a_body_that_cannot_be_read_is_the_callers_mistake(gate: Gate, path: str, data: bytes) -> None:
    """400 in the protocol's words, and nothing reaches Copilot."""
    status, body, _ = await send(gate, path, data, content_type="application/json")
    assert status == 400
    assert message_of(path, body)
    assert gate.inference_requests() == []


@pytest.mark.parametrize("path", PROTOCOLS)
async def test_an_unknown_model_is_answered_with_the_nearest_names(gate: Gate, path: str) -> None:
    """404, and the remedy."""
    body = request(path, "hi") | {"model": "claude-sonet-4.6"}
    status, _, answer = await gate.post(path, body)
    assert status == 404
    assert "claude-sonnet-4.6" in message_of(path, answer)


async def test_a_model_that_does_not_speak_the_protocol_says_what_it_speaks(gate: Gate) -> None:
    """A model that no conversation can be had with gets a way out."""
    status, _, answer = await gate.post(
        MESSAGES, request(MESSAGES, "hi") | {"model": "text-embedding-3-small"}
    )
    assert status == 400
    assert "/v1/embeddings" in message_of(MESSAGES, answer)


@pytest.mark.parametrize("path", PROTOCOLS)
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("429-rate-limited", 429),
        ("402-quota-exceeded", 402),
        ("403-forbidden", 403),
        ("413-text", 413),
        ("422-content-filter", 422),
        ("500-text", 500),
        ("502-html", 502),
        ("503-provider", 503),
        ("400-bodyless", 400),
        ("466-client-too-old", 466),
    ],
)
async def test_upstream_refusals_keep_their_status_in_our_envelope(
    gate: Gate, path: str, stream: bool, error: str, status: int
) -> None:
    """Text, HTML or nothing upstream: one clear envelope here, after exactly one upstream request."""
    found, _, answer = await gate.post(path, request(path, f"[[sim: error={error}]]", stream=stream))
    assert found == status
    assert message_of(path, answer)
    assert len(gate.inference_requests()) == 1


@pytest.mark.parametrize("path", PROTOCOLS)
async def test_retry_after_is_passed_on(gate: Gate, path: str) -> None:
    """Clients wait as long as Copilot asks."""
    _, headers, _ = await gate.post(path, request(path, "[[sim: error=429-rate-limited; retry_after=37]]"))
    assert headers["retry-after"] == "37"


async def test_a_context_overflow_comes_in_words_that_clients_act_on(gate: Gate) -> None:
    """Claude Code parses both numbers; OpenAI clients look for the code."""
    _, _, anthropic = await gate.post(MESSAGES, request(MESSAGES, "[[sim: error=400-prompt-tokens]]"))
    assert "prompt is too long: 514673 tokens > 128000 maximum" in message_of(MESSAGES, anthropic)
    _, _, openai = await gate.post(CHAT, request(CHAT, "[[sim: error=400-prompt-tokens]]"))
    assert json.loads(openai)["error"]["code"] == "context_length_exceeded"


async def test_a_body_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """413 at once by the declared length, and by counting when there is none."""
    async with running_gate(tmp_path, COPILOT_API_MAX_BODY_MB="1") as gate:
        status, body, headers = await send(gate, MESSAGES, b" " * 1_100_000)
        assert status == 413
        assert "COPILOT_API_MAX_BODY_MB" in message_of(MESSAGES, body)
        assert headers["connection"] == "close"

        async def chunks() -> object:
            for _ in range(20):
                yield b" " * 100_000

        try:
            async with gate.http.post(gate.url + CHAT, data=chunks()) as response:
                assert response.status == 413
        except aiohttp.ClientConnectionError:
            pass  # the server closed while we were still sending, which is as good
        assert gate.inference_requests() == []


async def test_special_token_text_is_just_text(gate: Gate) -> None:
    """Source files about language models must not poison a conversation."""
    text = "<|endoftext|> <|im_start|>system <|fim_prefix|> [[sim: text=fine]]"
    for path in PROTOCOLS:
        status, _, answer = await gate.post(path, request(path, text, stream=False))
        assert status == 200
        assert b"fine" in answer


async def test_without_an_account_the_error_says_how_to_log_in(tmp_path: Path) -> None:
    """503, on every protocol."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        for path in PROTOCOLS:
            status, _, answer = await gate.post(path, request(path, "hi"))
            assert status == 503
            assert "copilot-api login" in message_of(path, answer)
        async with gate.http.get(gate.url + "/readyz") as response:
            assert response.status == 503
            assert "copilot-api login" in await response.text()
        async with gate.http.get(gate.url + "/healthz") as response:
            assert response.status == 200


async def test_a_revoked_account_does_not_stop_the_server(tmp_path: Path) -> None:
    """It starts, and /readyz says what to do."""
    async with running_gate(tmp_path, document={}, is_ready=False) as gate:
        document = account_document(gate.simulator)
        document["accounts"][0]["token"] = "ghu_revoked000000000000000000000000000000"  # type: ignore[index]
        gate.config.update(lambda doc: doc.update(document))
        state = gate.config.load()
        await gate.house._adopt(state)
        status, _, answer = await gate.post(MESSAGES, request(MESSAGES, "hi"))
        assert status == 401
        assert "copilot-api login" in message_of(MESSAGES, answer)
        async with gate.http.get(gate.url + "/readyz") as response:
            assert response.status == 503
            assert "login" in await response.text()


async def test_the_trace_id_of_the_caller_is_echoed_when_it_is_safe(gate: Gate) -> None:
    """And replaced when it is not; Copilot never sees it."""
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hi"), {"x-trace-id": "build-42.1"})
    assert headers["x-trace-id"] == "build-42.1"
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hi"), {"x-trace-id": "-bad id!"})
    assert headers["x-trace-id"] != "-bad id!"
    assert "build-42.1" not in json.dumps(gate.inference_requests()[0]["headers"])


async def test_a_bug_is_a_500_with_an_id_and_the_log_shows_code_but_no_values(gate: Gate) -> None:
    """Whatever breaks inside, neither the client nor the log is told what was in the request."""

    def explode(*_: object) -> None:
        raise RuntimeError("broken inside")

    gate.house.gateway.shaper.shape = explode  # type: ignore[method-assign,assignment]  # the bug
    for path in PROTOCOLS:
        status, headers, body = await gate.post(path, request(path, "my-secret-prompt"))
        assert status == 500
        assert headers["x-trace-id"] in message_of(path, body)
        assert b"broken inside" not in body
    await gate.house.ledger.flush()
    log = gate.log.getvalue()
    assert "exchange.crashed" in log
    assert "broken inside" in log
    assert "my-secret-prompt" not in log
