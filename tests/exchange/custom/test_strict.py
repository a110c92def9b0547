"""Whoever is strict is refused rather than answered with something missing; and one retry pairs calls and results."""

from copilot_api.store.keys import create_key
from exchange.custom.asking import configure, repairs, request, sent
from gate import MESSAGES, Gate

LOSSY = {"top_k": 5}


async def test_a_header_makes_one_request_strict(gate: Gate) -> None:
    """Without it the loss is told in a header of the answer."""
    _, body = request("messages", "gpt-5.5", "Hi")
    status, headers, _ = await gate.post(MESSAGES, {**body, **LOSSY})
    assert (status, "top_k" in headers["x-copilot-api-losses"]) == (200, True)
    status, headers, answer = await gate.post(MESSAGES, {**body, **LOSSY}, {"x-copilot-api-strict": "true"})
    assert status == 400
    assert b"top_k" in answer
    assert headers["x-copilot-api-route"] == "messages->responses; translated; only way"
    assert headers["x-copilot-api-losses"] == "1: top_k (dropped)"


async def test_whoever_is_strict_is_told_everything_the_worst_first(gate: Gate) -> None:
    """Nobody mends a request one field at a time; hints are told and refuse nobody."""
    _, body = request("messages", "gpt-5.5", "Hi")
    hints = {"context_management": {"edits": []}, "metadata": {"user_id": "u", "more": "x"}}
    lossy = {**body, **hints, "inference_geo": "eu", **LOSSY}
    status, headers, answer = await gate.post(MESSAGES, lossy, {"x-copilot-api-strict": "true"})
    assert (status, b"'top_k'" in answer, b"'inference_geo'" in answer) == (400, True, True)
    assert headers["x-copilot-api-losses"] == (
        "4: top_k (dropped), inference_geo (dropped), context_management (harmless), metadata (harmless)"
    )
    assert (await gate.post(MESSAGES, {**body, **hints}, {"x-copilot-api-strict": "true"}))[0] == 200


async def test_embeddings_may_be_strict(gate: Gate) -> None:
    """A hint on what the vectors are for changes them."""
    path = "/v1beta/models/text-embedding-3-small:embedContent"
    body = {"content": {"parts": [{"text": "a"}]}, "taskType": "RETRIEVAL_QUERY"}
    assert (await gate.post(path, body))[0] == 200
    status, headers, answer = await gate.post(path, body, {"x-copilot-api-strict": "true"})
    assert (status, b"taskType" in answer) == (400, True)
    assert headers["x-copilot-api-losses"] == "1: taskType (dropped)"


async def test_a_key_may_be_strict(gate: Gate) -> None:
    """All its requests are; those of another key are not."""
    strict, entry = create_key("strict", strict=True)
    lax, other = create_key("lax")
    keys = [
        {"id": one.id, "name": one.name, "sha256": one.sha256, "strict": one.strict} for one in (entry, other)
    ]
    await configure(gate, clientKeys=keys)
    _, body = request("messages", "gpt-5.5", "Hi")
    status, _, answer = await gate.post(MESSAGES, {**body, **LOSSY}, {"x-api-key": strict})
    assert status == 400
    assert b"top_k" in answer
    assert (await gate.post(MESSAGES, {**body, **LOSSY}, {"x-api-key": lax}))[0] == 200
    assert (await gate.post(MESSAGES, body, {"x-api-key": strict}))[0] == 200


async def test_a_call_without_its_result_is_mended_after_the_refusal(gate: Gate) -> None:
    """Upstream saw the history as it came, and once more with an answer to the call."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    turns = [
        {"role": "user", "content": "Begin."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": "Go on."},
    ]
    status, _, answer = await gate.post(
        MESSAGES, {"model": "claude-fable-5", "max_tokens": 9, "messages": turns}
    )
    assert status == 200, answer
    assert [entry["status"] for entry in gate.inference_requests()] == [400, 200]
    assert "tool-results" in await repairs(gate)


async def test_a_whole_history_is_not_touched(gate: Gate) -> None:
    """Text beside a result stays where the client put it."""
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "1"}
    turns = [
        {"role": "user", "content": "Begin."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result, {"type": "text", "text": "Go on."}]},
    ]
    reached = await sent(gate, MESSAGES, {"model": "claude-fable-5", "max_tokens": 9, "messages": turns})
    assert reached["messages"] == turns
