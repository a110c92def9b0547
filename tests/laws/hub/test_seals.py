"""L6 in every slot: blobs go through any client and come back byte for byte, to their origin and nobody else."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import ToolCall
from copilot_api.protocols.base import Target, ToolNames
from copilot_api.wire.sse import SseDecoder
from laws.hub.pairs import (
    INGRESSES,
    UPSTREAMS,
    VOICE,
    asked,
    ingress_of,
    read_recording,
    target_of,
    upstream_of,
    written,
)
from recorded import STREAM_NAMES, protocol_of

SEALED: Final = [
    "chat-claude-thinking",
    "chat-gemini-opaque-no-text",
    "chat-gemini-opaque-with-first-text",
    "chat-gemini-parallel-tools",
    "chat-gemini-text",
    "messages-omitted-thinking",
    "messages-thinking-tool",
    "responses-reasoning-tool",
    "responses-summary-only-in-done",
    "responses-text",
]
"""The recordings with blobs in them."""
HIDING: Final = [("messages", "chat-gemini-text")]
"""A proof behind the last text: Messages has no place for it that would not hide that text, so it is a loss."""
CASES = [
    (ingress, name)
    for ingress in INGRESSES
    for name in SEALED
    if protocol_of(name) in UPSTREAMS and (ingress, name) not in HIDING
]
USER: Final = {"role": "user", "content": "again"}


def _chat(answer: Any, calls: list[str]) -> JsonObject:
    said = [choice["message"] for choice in answer["choices"]]
    results = [{"role": "tool", "tool_call_id": call, "content": "r"} for call in calls]
    return {"model": "m", "messages": [USER, *said, *results, USER]}


def _messages(answer: Any, calls: list[str]) -> JsonObject:
    results = [{"type": "tool_result", "tool_use_id": call, "content": "r"} for call in calls]
    next_turn = {"role": "user", "content": [*results, {"type": "text", "text": "again"}]}
    said = {"role": "assistant", "content": answer["content"]}
    return {"model": "m", "max_tokens": 9000, "messages": [USER, said, next_turn]}


def _responses(answer: Any, calls: list[str]) -> JsonObject:
    results = [{"type": "function_call_output", "call_id": call, "output": "r"} for call in calls]
    return {"model": "m", "input": [USER, *answer["output"], *results, USER]}


def _gemini(answer: Any, calls: list[str]) -> JsonObject:
    names = [
        part["functionCall"]["name"]
        for part in answer["candidates"][0]["content"]["parts"]
        if "functionCall" in part
    ]
    results = [
        {"functionResponse": {"id": call, "name": name, "response": {"output": "r"}}}
        for call, name in zip(calls, names, strict=True)
    ]
    user = {"role": "user", "parts": [{"text": "again"}]}
    said = answer["candidates"][0]["content"]
    return {"model": "m", "contents": [user, said, {"role": "user", "parts": [*results, {"text": "again"}]}]}


ECHO: Final[dict[str, Callable[[Any, list[str]], JsonObject]]] = {
    "chat": _chat,
    "messages": _messages,
    "responses": _responses,
    "gemini": _gemini,
}
"""How a client of each protocol replays an answer: its own words, then the tools' results, then a new question."""


def blobs_of(completion: Completion) -> list[Opaque]:
    """The blobs of an answer."""
    return [part.opaque for part in completion.parts if getattr(part, "opaque", None) is not None]  # type: ignore[union-attr, misc]  # asked in the same line


def replayed(ingress: str, answer: Any, completion: Completion, target: Target) -> tuple[str, int]:
    """The next request's document as text, and how many losses it has."""
    calls = [part.id for part in completion.parts if isinstance(part, ToolCall)]
    request = ingress_of(ingress).read_request(ECHO[ingress](answer, calls))
    said = upstream_of(target.protocol).write_request(request, target)
    return msgspec.json.encode(said.document).decode(), len(said.losses)


def whole_answer(ingress: str, completion: Completion) -> Any:
    """The answer as JSON."""
    return ingress_of(ingress).write_reply(completion, asked(ingress), VOICE, ToolNames())[0]


def is_in(value: str, text: str) -> bool:
    """Whether a string stands in a JSON text, byte for byte."""
    return msgspec.json.encode(value).decode()[1:-1] in text


@pytest.mark.parametrize("name", [name for name in SEALED if protocol_of(name) in UPSTREAMS])
def test_the_recordings_have_blobs(name: str) -> None:
    """Of their own origin: protocol, model and account."""
    blobs = blobs_of(fold(read_recording(name)))
    assert blobs
    assert {blob.origin for blob in blobs} == {f"{protocol_of(name)}:m:1"}


@pytest.mark.parametrize(("ingress", "name"), CASES)
def test_a_blob_comes_back_to_its_origin_byte_for_byte(ingress: str, name: str) -> None:
    """Through the client's own slot, which takes any text."""
    completion = fold(read_recording(name))
    text, _ = replayed(ingress, whole_answer(ingress, completion), completion, target_of(protocol_of(name)))
    for blob in blobs_of(completion):
        assert [key for key, value in blob.payload.items() if not is_in(value, text)] == []


@pytest.mark.parametrize("other", ["another account", "another protocol"])
@pytest.mark.parametrize(("ingress", "name"), CASES)
def test_a_blob_goes_to_nobody_else(ingress: str, name: str, other: str) -> None:
    """Neither as it is nor sealed: it is left out, and that is said."""
    completion = fold(read_recording(name))
    home = protocol_of(name)
    foreign = [upstream for upstream in UPSTREAMS if upstream != home] if "protocol" in other else [home]
    for upstream in foreign:
        target = msgspec.structs.replace(target_of(upstream), origin=f"{upstream}:m:2")
        text, losses = replayed(ingress, whole_answer(ingress, completion), completion, target)
        assert "capi1." not in text
        for blob in blobs_of(completion):
            secrets = [value for key, value in blob.payload.items() if key != "id"]
            assert [value for value in secrets if is_in(value, text)] == []
        assert losses > 0


@pytest.mark.parametrize("name", [name for name in SEALED if protocol_of(name) in UPSTREAMS])
def test_a_streamed_gemini_answer_has_the_same_blobs(name: str) -> None:
    """The other protocols' streams are read back by their own readers (L3); Gemini has none."""
    events = read_recording(name)
    completion = fold(events)
    data, _ = written("gemini", events)
    parts: list[Any] = []
    for frame in SseDecoder().feed(data):
        for candidate in msgspec.json.decode(frame.data).get("candidates", []):
            parts += candidate.get("content", {}).get("parts", [])
    answer = {"candidates": [{"content": {"role": "model", "parts": parts}}]}
    text, _ = replayed("gemini", answer, completion, target_of(protocol_of(name)))
    for blob in blobs_of(completion):
        assert [key for key, value in blob.payload.items() if not is_in(value, text)] == []


def test_no_recording_with_a_blob_is_forgotten() -> None:
    """Whoever adds one adds it here."""
    names = [name for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS]
    sealed = [name for name in names if blobs_of(fold(read_recording(name)))]
    assert sealed == [name for name in SEALED if protocol_of(name) in UPSTREAMS]
