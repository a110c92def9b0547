"""Thoughts in Gemini's words, and the blobs that travel with them."""

import pytest

from copilot_api.neutral.events import (
    Event,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    TextDelta,
)
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Part,
    Reasoning,
    Text,
    ToolCall,
)
from copilot_api.neutral.request import ModelRequest
from unit.protocols.gemini.reading.asking import parts_of
from unit.protocols.gemini.writing.answering import (
    asked,
    called,
    parts_streamed,
    parts_whole,
    said,
)

BLOB = Opaque("responses:gpt-5:1", {"id": "rs_1", "encrypted_content": "gAAA"})
OTHER = Opaque("chat:gemini-3:1", {"reasoning_opaque": "b3BhcXVl"})
SEEN = asked(shows_thoughts=True)


def thought(
    index: int, *deltas: Event, opaque: Opaque | None = None, part: Reasoning | None = None
) -> list[Event]:
    """A reasoning part."""
    blob: list[Event] = [] if opaque is None else [OpaqueSet(index, opaque)]
    return [PartStarted(index, part or Reasoning()), *deltas, *blob, PartEnded(index)]


def test_thoughts_are_shown_to_who_asked() -> None:
    """Pieces of a summary are apart; raw reasoning too."""
    deltas = [ReasoningDelta(0, "one"), ReasoningDelta(0, "!"), ReasoningDelta(0, "two", 1)]
    raw = ReasoningDelta(0, "raw", is_raw=True)
    assert parts_streamed(*thought(0, *deltas, raw), request=SEEN) == [
        {"text": "one", "thought": True},
        {"text": "!", "thought": True},
        {"text": "\n\ntwo", "thought": True},
        {"text": "\n\nraw", "thought": True},
        {"text": ""},
    ]
    assert parts_whole(*thought(0, *deltas, raw), request=SEEN) == [
        {"text": "one!\n\ntwo\n\nraw", "thought": True}
    ]
    assert parts_streamed(*thought(0, *deltas)) == [{"text": ""}]


def test_thoughts_known_at_their_start_or_only_at_their_end_are_shown_once() -> None:
    """Both are allowed to upstream."""
    early = thought(0, part=Reasoning(("one",), "raw"))
    late: list[Event] = [PartStarted(0, Reasoning()), PartEnded(0, Reasoning(("one",), "raw"))]
    both = [*thought(0, ReasoningDelta(0, "one"))[:-1], PartEnded(0, Reasoning(("one",)))]
    shown = [{"text": "one", "thought": True}, {"text": "\n\nraw", "thought": True}, {"text": ""}]
    assert parts_streamed(*early, request=SEEN) == shown
    assert parts_streamed(*late, request=SEEN) == shown
    assert parts_streamed(*both, request=SEEN) == [shown[0], shown[2]]


@pytest.mark.parametrize("request_", [asked(), SEEN])
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (
            [*thought(0, ReasoningDelta(0, "hm"), opaque=BLOB), *said(1, "Good", "bye")],
            (Reasoning(("hm",), opaque=BLOB), Text("Goodbye")),
        ),
        (
            [*thought(0, ReasoningDelta(0, "hm"), opaque=BLOB), *called(1, '{"a":1}')],
            (Reasoning(("hm",), opaque=BLOB), ToolCall("call_1", "ls", '{"a":1}')),
        ),
        (
            [
                *thought(0, ReasoningDelta(0, "hm"), opaque=BLOB),
                *called(1, "{}", opaque=OTHER),
                *called(2, "{}"),
            ],
            (
                Reasoning(("hm",), opaque=BLOB),
                ToolCall("call_1", "ls", "{}", opaque=OTHER),
                ToolCall("call_2", "ls", "{}"),
            ),
        ),
        (
            [
                *thought(0, opaque=BLOB),
                *thought(1, opaque=OTHER, part=Reasoning(is_redacted=True)),
                *said(2, "a"),
            ],
            (Reasoning(opaque=BLOB), Reasoning(opaque=OTHER, is_redacted=True), Text("a")),
        ),
        (
            [*said(0, "a"), *thought(1, ReasoningDelta(1, "hm"), opaque=BLOB)],
            (Text("a"), Reasoning(("hm",), opaque=BLOB)),
        ),
        (
            [*said(0, "a"), *thought(1, opaque=BLOB), *said(2, "b")],
            (Text("a"), Reasoning(opaque=BLOB), Text("b")),
        ),
        (
            [PartStarted(0, Text("")), TextDelta(0, "a"), OpaqueSet(0, OTHER), PartEnded(0)],
            (Text("a", opaque=OTHER),),
        ),
        (
            [*thought(0, opaque=BLOB), *said(1), *called(2, "{}")],
            (Reasoning(opaque=BLOB), ToolCall("call_2", "ls", "{}")),
        ),
    ],
)
def test_blobs_come_back_from_a_client_that_keeps_signatures(
    request_: ModelRequest, events: list[Event], expected: tuple[Part, ...]
) -> None:
    """Byte for byte, streamed or whole, with the thought in words, whether thoughts were shown or not."""
    streamed = parts_streamed(*events, request=request_)
    at_once = parts_whole(*events, request=request_)
    assert parts_of(*streamed, role="model") == expected
    assert isinstance(at_once, list)
    assert parts_of(*at_once, role="model") == expected
    kept = [part for part in at_once if "thought" not in part]
    assert parts_of(*kept, role="model") == expected
