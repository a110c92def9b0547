"""Every protocol a client speaks, on a native and on a translated way, whole and streamed, well and badly ended."""

import itertools
import json

import pytest

from exchange.capture.seeing import capture, explained, kinds, texts
from gate import CHAT, MESSAGES, RESPONSES, Gate, request

MODELS = {"chat": "gpt-4.1", "responses": "gpt-5.5", "messages": "claude-fable-5"}
"""Each speaks one protocol and no other."""
PATHS = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES}
WAYS = (
    ("chat", "chat"),
    ("chat", "messages"),
    ("responses", "responses"),
    ("responses", "chat"),
    ("messages", "messages"),
    ("messages", "responses"),
    ("gemini", "messages"),
    ("gemini", "chat"),
)
"""One native and one translated way of each client; nobody upstream speaks Gemini's protocol."""


def asked(ingress: str, upstream: str, stream: bool, said: str) -> tuple[str, dict[str, object]]:
    """A request of a protocol to a model that speaks another one, or the same."""
    model = MODELS[upstream]
    if ingress == "gemini":
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        contents = [{"role": "user", "parts": [{"text": said}]}]
        return f"/v1beta/models/{model}:{verb}", {"contents": contents}
    return PATHS[ingress], {**request(PATHS[ingress], said, stream=stream), "model": model}


CASES = [(*way, stream) for way, stream in itertools.product(WAYS, (True, False))]
BROKEN = [case for case in CASES if case[0] != case[1] or case[2]]
"""A whole answer on a native way comes at once and has no middle."""


@pytest.mark.parametrize(("ingress", "upstream", "stream"), CASES)
async def test_an_answer_is_explained_on_every_way(
    gate: Gate, ingress: str, upstream: str, stream: bool
) -> None:
    """What was asked and answered on both sides, the way, the reason, and what it cost."""
    await capture(gate)
    path, body = asked(ingress, upstream, stream, "[[sim: text=one two three four; chunks=4]]")
    status, headers, answer = await gate.post(path, body)
    assert status == 200
    told = await explained(gate, headers["x-trace-id"])
    assert told["client"]["path"] == path
    assert json.loads(told["client"]["body"]) == body
    assert texts(told["answer"]["frames"]) == answer.decode()
    assert (len(told["answer"]["frames"]) > 2) is stream
    plan = told["plan"]
    assert (plan["ingress"], plan["upstream"]) == (ingress, upstream)
    assert plan["reason"] == ("native" if ingress == upstream else "only way")
    assert ("translation" in kinds(told)) is (ingress != upstream)
    assert [attempt["status"] for attempt in told["attempts"]] == [200]
    assert "one" in texts(told["attempts"][0]["frames"])
    assert (told["result"]["outcome"], told["result"]["status"]) == ("completed", 200)
    assert told["result"]["outputTokens"] > 0
    if upstream != "chat":  # gpt-4.1 has no price in the catalog
        assert told["result"]["nanoAiu"] > 0


@pytest.mark.parametrize(("ingress", "upstream", "stream"), CASES)
async def test_an_error_before_the_first_byte_is_explained_on_every_way(
    gate: Gate, ingress: str, upstream: str, stream: bool
) -> None:
    """Copilot's own words on one side, the client's protocol's on the other."""
    await capture(gate)
    path, body = asked(ingress, upstream, stream, "[[sim: error=403-forbidden]]")
    status, headers, answer = await gate.post(path, body)
    assert status == 403
    told = await explained(gate, headers["x-trace-id"])
    (attempt,) = told["attempts"]
    assert attempt["status"] == 403
    assert "access to this endpoint is forbidden" in texts(attempt["frames"])
    assert texts(told["answer"]["frames"]) == answer.decode()
    assert (told["answer"]["status"], told["result"]["status"], told["result"]["outcome"]) == (
        403, 403, "failed",
    )  # fmt: skip
    assert told["result"]["errorMessage"]
    assert told["advice"]


@pytest.mark.parametrize(("ingress", "upstream", "stream"), BROKEN)
async def test_an_error_in_the_middle_of_an_answer_is_explained_on_every_way(
    gate: Gate, ingress: str, upstream: str, stream: bool
) -> None:
    """How far it came, what broke it off, and how the client's answer ended."""
    await capture(gate)
    path, body = asked(ingress, upstream, stream, "[[sim: text=one two three; chunks=9; cut_after=5]]")
    trace_id = f"cut-{ingress}-{upstream}-{stream}"
    status, headers, answer = await gate.post(path, body, {"x-trace-id": trace_id})
    told = await explained(gate, trace_id)
    assert headers["x-trace-id"] == trace_id
    assert status == (200 if stream else 502)
    (attempt,) = told["attempts"]
    assert attempt["status"] == 200
    assert attempt["problem"]
    assert texts(told["answer"]["frames"]) == answer.decode()
    assert told["result"]["outcome"] in {"cut", "failed"}
    assert told["result"]["errorCode"] == "upstream_cut"
    assert "broke off in the middle" in told["advice"]
