"""The judge of Gemini streams and arrays."""

import msgspec
import pytest

from copilot_api.grammars import check_array
from unit.grammars.wire_words import judge, plain

Chunk = dict[str, object]

USAGE = {"promptTokenCount": 3, "candidatesTokenCount": 4, "thoughtsTokenCount": 1, "totalTokenCount": 8}
HEAD: Chunk = {"responseId": "r", "modelVersion": "m"}


def said(*parts: Chunk, finish: str | None = None, index: int = 0) -> Chunk:
    """A chunk with one candidate."""
    candidate: Chunk = {"index": index, "content": {"role": "model", "parts": list(parts)}}
    if finish is not None:
        candidate["finishReason"] = finish
    return {**HEAD, "candidates": [candidate]}


TEXT = said({"text": "a"})
LAST = {**said(finish="STOP"), "usageMetadata": USAGE}
ERROR: Chunk = {"error": {"code": 500, "message": "no", "status": "INTERNAL"}}


def test_the_strict_form_is_legal() -> None:
    """Thoughts, a signature, a call, bytes, usage in a chunk of its own."""
    parts: tuple[Chunk, ...] = (
        {"text": "t", "thought": True},
        {"text": "", "thoughtSignature": "QUJD_-8="},
        {"functionCall": {"id": "1", "name": "f", "args": {}}},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
    )
    usage = {**HEAD, "usageMetadata": USAGE}
    chunks = (said(*parts), said({"text": "b"}, index=1), said(finish="STOP"))
    other = said(finish="MAX_TOKENS", index=1)
    assert judge("gemini", plain(*chunks, other, usage)) == []
    assert check_array(msgspec.json.encode([*chunks, other, usage])) == ()


def test_a_candidate_may_end_without_content() -> None:
    """As a filter ends it."""
    last = {**HEAD, "candidates": [{"index": 0, "finishReason": "SAFETY"}], "usageMetadata": USAGE}
    assert judge("gemini", plain(TEXT, last)) == []


def test_a_blocked_prompt_needs_no_candidate() -> None:
    """Its reason is enough; a candidate beside it is wrong."""
    blocked = {**HEAD, "promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": USAGE}
    assert judge("gemini", plain(blocked)) == []
    assert judge("gemini", plain({**LAST, **blocked})) == [
        "frame 0: has promptFeedback beside candidates",
        "frame 0: candidates[0] answers a blocked prompt",
    ]


def test_an_error_ends_a_stream() -> None:
    """With nothing after it, in both forms."""
    assert judge("gemini", plain(TEXT, ERROR)) == []
    assert judge("gemini", plain(TEXT, ERROR, LAST)) == ["frame 2: comes after the end"]
    assert check_array(msgspec.json.encode([TEXT, ERROR])) == ()
    assert check_array(msgspec.json.encode([TEXT, ERROR, LAST])) == ("chunk 2: comes after the end",)


WRONG: dict[str, tuple[tuple[object, ...], str]] = {
    "no finish": (
        (TEXT, {**HEAD, "usageMetadata": USAGE}),
        "candidate 0 has no finishReason",
    ),
    "nothing at all": (({**HEAD, "usageMetadata": USAGE},), "the stream has no candidate"),
    "usage before the end only": (
        ({**TEXT, "usageMetadata": USAGE}, said(finish="STOP")),
        "the last chunk has no usageMetadata",
    ),
    "two finishes": ((LAST, LAST), "frame 1: candidates[0] goes on after its finishReason"),
    "an unknown finish": (
        ({**said(), "candidates": [{"index": 0}], "usageMetadata": USAGE}, LAST),
        "frame 0: candidates[0] says nothing",
    ),
    "an empty chunk": ((HEAD, LAST), "frame 0: says nothing"),
    "a new id": ((TEXT, {**LAST, "responseId": "s"}), "frame 1: changes responseId or modelVersion"),
    "the role of a user": (
        ({**HEAD, "candidates": [{"content": {"role": "user", "parts": []}}]}, LAST),
        "frame 0: candidates[0].content has role 'user', not 'model'",
    ),
    "two kinds in a part": (
        (said({"text": "a", "functionCall": {"name": "f", "args": {}}}), LAST),
        "frame 0: candidates[0].content.parts[0] has 2 kinds of content",
    ),
    "no kind in a part": (
        (said({"thought": True}), LAST),
        "frame 0: candidates[0].content.parts[0] has 0 kinds of content",
    ),
    "a signature that SDKs cannot decode": (
        (said({"text": "a", "thoughtSignature": "capi1.x"}), LAST),
        "frame 0: candidates[0].content.parts[0] has a thoughtSignature that is not base64",
    ),
    "a thought that is no flag": (
        (said({"text": "a", "thought": "yes"}), LAST),
        "frame 0: candidates[0].content.parts[0] has a thought that is no flag",
    ),
    "a call in pieces": (
        (said({"functionCall": {"name": "f", "args": {}, "willContinue": True}}), LAST),
        "frame 0: candidates[0].content.parts[0].functionCall comes in pieces",
    ),
    "a call without arguments": (
        (said({"functionCall": {"name": "f"}}), LAST),
        "frame 0: candidates[0].content.parts[0].functionCall has no args",
    ),
    "a wrong total": (
        ({**LAST, "usageMetadata": {**USAGE, "totalTokenCount": 1}},),
        "frame 0: usageMetadata has a totalTokenCount that is not the sum",
    ),
    "no JSON": (("[DONE]", LAST), "frame 0: is no JSON"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_stream_is_told_what_is_wrong(name: str) -> None:
    """One fault, one sentence."""
    documents, words = WRONG[name]
    assert judge("gemini", plain(*documents)) == [words]


def test_an_event_line_is_wrong() -> None:
    """Gemini streams are data only."""
    assert judge("gemini", b"event: x\n" + plain(LAST)) == ["frame 0: has an event line 'x'"]


def test_an_array_is_one_json_array_of_chunks() -> None:
    """Whatever else is no answer."""
    assert check_array(b"[{}") == ("the array is no JSON",)
    assert check_array(b"{}") == ("the answer is no JSON array",)
    assert check_array(msgspec.json.encode([1, LAST])) == ("chunk 0: is no JSON object",)
