"""Twelve ways from a client's protocol to Copilot's: each streams, each answers whole, each fails as it should."""

import asyncio
import json
from pathlib import Path

import pytest

from copilot_api.grammars import checker_for
from copilot_api.wire.sse import SseDecoder
from gate import CHAT, MESSAGES, RESPONSES, Gate, running_gate, until

MODELS = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "grok-code-fast-1"}
PAIRS = [
    (ingress, upstream) for ingress in ("chat", "responses", "messages", "gemini") for upstream in MODELS
]
WHOLE_TEXT = {
    "messages": b"content_block_stop",
    "responses": b"response.output_text.done",
    "chat": b'"stop"',
    "gemini": b'"STOP"',
}
"""What says in each protocol that a text is whole."""
FUNCTION = {"type": "object", "properties": {"a": {"type": "integer"}}}


def ask(ingress: str, upstream: str, text: str, *, stream: bool) -> tuple[str, dict[str, object]]:
    """Path and body of one question with one tool."""
    model = MODELS[upstream]
    turn = {"role": "user", "content": text}
    if ingress == "chat":
        tools: object = [{"type": "function", "function": {"name": "f", "parameters": FUNCTION}}]
        return CHAT, {"model": model, "stream": stream, "messages": [turn], "tools": tools}
    if ingress == "responses":
        tools = [{"type": "function", "name": "f", "parameters": FUNCTION}]
        return RESPONSES, {"model": model, "stream": stream, "input": text, "tools": tools}
    if ingress == "messages":
        tools = [{"name": "f", "input_schema": FUNCTION}]
        return MESSAGES, {
            "model": model,
            "stream": stream,
            "max_tokens": 500,
            "messages": [turn],
            "tools": tools,
        }
    method = "streamGenerateContent?alt=sse" if stream else "generateContent"
    tools = [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": FUNCTION}]}]
    contents = [{"role": "user", "parts": [{"text": text}]}]
    return f"/v1beta/models/{model}:{method}", {"contents": contents, "tools": tools}


def violations(ingress: str, body: bytes) -> list[str]:
    """What an independent judge of the protocol has against a stream."""
    checker = checker_for(ingress)
    found = [fault for frame in SseDecoder().feed(body) for fault in checker.feed(frame)]
    return [*found, *checker.finish()]


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
@pytest.mark.parametrize("directive", ["[[sim: text=Hello there]]", '[[sim: text=Let me; tool=f {"a": 1}]]'])
async def test_each_pair_streams_in_the_grammar_of_its_client(
    gate: Gate, ingress: str, upstream: str, directive: str
) -> None:
    """The judge finds nothing, and exactly one request went upstream, to the model's own endpoint."""
    path, body = ask(ingress, upstream, directive, stream=True)
    status, headers, answer = await gate.post(path, body)
    assert status == 200
    assert headers["x-copilot-api-route"].startswith(f"{ingress}->{upstream}; ")
    if ingress != upstream:  # native answers keep the form in which upstream wrote them
        assert violations(ingress, answer) == []
    (received,) = gate.inference_requests()
    assert str(received["path"]).endswith(
        {"messages": "/v1/messages", "responses": "/responses"}.get(upstream, "/chat/completions")
    )


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
async def test_each_pair_answers_whole(gate: Gate, ingress: str, upstream: str) -> None:
    """The words and the tool call arrive in the client's own shape."""
    path, body = ask(ingress, upstream, '[[sim: text=Hello there; tool=f {"a": 1}]]', stream=False)
    status, headers, answer = await gate.post(path, body)
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    document = json.dumps(json.loads(answer))
    assert "Hello there" in document
    assert '"name": "f"' in document


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
@pytest.mark.parametrize("end", ["cut_after=4", "end_after=4"])
async def test_each_pair_tells_a_cut_as_one_error(gate: Gate, ingress: str, upstream: str, end: str) -> None:
    """In the stream when it had begun, as a status when it had not; never a clean end, nor one of the text."""
    seen = []

    async def keep(records: object) -> None:
        seen.extend(records)  # type: ignore[call-overload]  # a sequence of records

    gate.house.ledger.listen(keep)
    directive = f"[[sim: text=one two three four five six; chunks=6; {end}]]"
    path, body = ask(ingress, upstream, directive, stream=True)
    status, _, answer = await gate.post(path, body)
    if status == 200:
        assert answer.count(b'"error":{') == 1
        assert ingress == upstream or violations(ingress, answer) == []
        assert WHOLE_TEXT[ingress] not in answer
    else:
        assert status == 502
    await until(lambda: len(seen) == 1)
    assert (seen[0].outcome, seen[0].status) == ("cut" if status == 200 else "failed", 502)
    path, body = ask(ingress, upstream, directive, stream=False)
    status, _, answer = await gate.post(path, body)
    assert (status, b'"error":{' in answer) in {(502, True), (200, False)}


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
@pytest.mark.parametrize("error", ["429-rate-limited", "400-prompt-tokens", "500-text"])
async def test_each_pair_keeps_the_status_of_a_refusal(
    gate: Gate, ingress: str, upstream: str, error: str
) -> None:
    """Before anything streamed, upstream's status is ours."""
    path, body = ask(ingress, upstream, f"[[sim: error={error}; retry_after=9]]", stream=True)
    status, headers, answer = await gate.post(path, body)
    assert status == int(error[:3])
    assert "error" in json.loads(answer)
    if status == 429:
        assert headers["retry-after"] == "9"


@pytest.mark.parametrize(("ingress", "upstream"), [pair for pair in PAIRS if pair[0] != pair[1]])
async def test_usage_of_a_translated_answer_is_what_was_billed(
    gate: Gate, ingress: str, upstream: str
) -> None:
    """The record has upstream's count, to the nano-AIU."""
    seen: list[object] = []

    async def keep(records: object) -> None:
        seen.extend(records)  # type: ignore[call-overload]  # a sequence of records

    gate.house.ledger.listen(keep)
    path, body = ask(ingress, upstream, "[[sim: text=Hello there]]", stream=True)
    await gate.post(path, body)
    await until(lambda: len(seen) == 1)
    usage = seen[0].usage  # type: ignore[attr-defined]  # a record
    assert usage.output_tokens > 0
    assert (usage.total_nano_aiu or 0) == gate.simulator.ledger.total_nano_aiu


async def test_a_gemini_stream_without_sse_is_one_json_array(gate: Gate) -> None:
    """Google answers so when nobody asks for `alt=sse`; an error is an element of it."""
    body = {"contents": [{"role": "user", "parts": [{"text": "[[sim: text=Hello there]]"}]}]}
    status, headers, answer = await gate.post("/v1/models/gpt-5.5:streamGenerateContent", body)
    assert status == 200
    assert headers["content-type"].startswith("application/json")
    chunks = json.loads(answer)
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
    body["contents"][0]["parts"][0]["text"] = (
        "[[sim: text=one two three; chunks=3; interval_ms=30; error_after=7]]"
    )
    _, _, answer = await gate.post("/v1beta/models/gpt-5.5:streamGenerateContent", body)
    assert "error" in json.loads(answer)[-1]


async def test_stop_sequences_work_where_upstream_has_none(gate: Gate) -> None:
    """Responses has none: the answer ends at the sequence, and upstream is not listened to any longer."""
    body = {
        "model": "gpt-5.5",
        "stop": ["STOP"],
        "messages": [{"role": "user", "content": "[[sim: text=before STOP after]]"}],
    }
    status, headers, answer = await gate.post(CHAT, body)
    assert status == 200
    choice = json.loads(answer)["choices"][0]
    assert choice["message"]["content"] == "before "
    assert choice["finish_reason"] == "stop"
    # Upstream says the price last, and was not listened to any longer.
    assert "usage" not in json.loads(answer)
    assert headers["x-copilot-api-losses"] == "1: usage (dropped)"


async def test_a_client_that_hangs_up_ends_a_translated_upstream_call_too(gate: Gate) -> None:
    """At once, while upstream is silent."""
    path, body = ask(
        "chat", "messages", "[[sim: text=one two; chunks=2; silence_ms=20000; silence_after=3]]", stream=True
    )
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(gate.post(path, body))
        await until(lambda: len(gate.inference_requests()) == 1)
        await asyncio.sleep(0.1)
        asking.cancel()
    await until(lambda: bool(gate.inference_requests()[-1]["hung_up"]), patience_s=1.0)


async def test_streams_are_judged_on_their_way_out_when_the_operator_asks(tmp_path: Path) -> None:
    """A finding is a log line; the bytes are the same."""
    async with running_gate(tmp_path, COPILOT_API_VALIDATE_STREAMS="true") as gate:
        path, body = ask("messages", "responses", "[[sim: text=Hello there]]", stream=True)
        status, _, answer = await gate.post(path, body)
        assert status == 200
        assert b"message_stop" in answer
        assert "stream.violated" not in gate.log.getvalue()
        path, body = ask("chat", "chat", "[[sim: text=Hello there]]", stream=True)
        _, _, answer = await gate.post(path, body)
        assert b"[DONE]" in answer
        assert "usage beside choices" in gate.log.getvalue()  # Copilot's own form


async def test_tool_arguments_that_run_away_are_stopped_in_translation_too(gate: Gate) -> None:
    """White space without end would be paid for without end."""
    directive = "[[sim: tool=f `{" + "\n" * 400 + "`; chunks=40]]"
    path, body = ask("messages", "chat", directive, stream=True)
    _, _, answer = await gate.post(path, body)
    assert b"message_stop" not in answer
    assert b"would not have stopped" in answer
