"""Answers in Gemini's words, streamed and whole."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    NativeEvent,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames
from unit.protocols.gemini.answering import (
    ENDED,
    NO_USAGE,
    STARTED,
    asked,
    parts_streamed,
    parts_whole,
    said,
    stream,
    whole,
)
from unit.protocols.gemini.asking import parts_of

BLOB = Opaque("responses:gpt-5:1", {"id": "rs_1", "encrypted_content": "gAAA"})
OTHER = Opaque("chat:gemini-3:1", {"reasoning_opaque": "b3BhcXVl"})
SEEN = asked(shows_thoughts=True)


def thought(
    index: int, *deltas: Event, opaque: Opaque | None = None, part: Reasoning | None = None
) -> list[Event]:
    """A reasoning part."""
    blob: list[Event] = [] if opaque is None else [OpaqueSet(index, opaque)]
    return [PartStarted(index, part or Reasoning()), *deltas, *blob, PartEnded(index)]


def called(index: int, arguments: str, **more: Any) -> list[Event]:
    """A call whose arguments come in two pieces."""
    half = len(arguments) // 2
    call = ToolCall(f"call_{index}", "ls", "", **more)
    pieces = [ToolInputDelta(index, arguments[:half]), ToolInputDelta(index, arguments[half:])]
    return [PartStarted(index, call), *pieces, PartEnded(index)]


def test_a_text_is_streamed_as_it_comes() -> None:
    """Each chunk is a whole answer so far as it says; the last has the reason, the usage and a part."""
    usage = Usage(100, 50, cache_read_tokens=40, reasoning_tokens=30)
    chunks, losses = stream(STARTED, *said(0, "Hel", "", "lo"), UsageSeen(usage), ENDED)
    named = {"modelVersion": "gpt-5-2026", "responseId": "resp_1"}
    assert chunks == [
        {"candidates": [{"content": {"parts": [{"text": "Hel"}], "role": "model"}, "index": 0}], **named},
        {"candidates": [{"content": {"parts": [{"text": "lo"}], "role": "model"}, "index": 0}], **named},
        {
            "candidates": [
                {"content": {"parts": [{"text": ""}], "role": "model"}, "index": 0, "finishReason": "STOP"}
            ],
            "usageMetadata": {
                "promptTokenCount": 100,
                "candidatesTokenCount": 20,
                "totalTokenCount": 150,
                "cachedContentTokenCount": 40,
                "thoughtsTokenCount": 30,
            },
            **named,
        },
    ]
    assert losses == ()


def test_a_whole_answer_says_the_same() -> None:
    """Texts that follow each other are one part; an answer without words has an empty one."""
    usage = Usage(7, 5)
    reply, losses = whole(STARTED, *said(0, "Hel"), *said(1, "lo"), UsageSeen(usage), ENDED)
    assert reply == {
        "candidates": [
            {"content": {"parts": [{"text": "Hello"}], "role": "model"}, "index": 0, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12},
        "modelVersion": "gpt-5-2026",
        "responseId": "resp_1",
    }
    assert losses == ()
    assert parts_whole() == [{"text": ""}]


def test_an_answer_without_a_name_gets_the_gateways() -> None:
    """And counts of zero where upstream counted nothing."""
    [chunk], _ = stream(ReplyStarted("", ""), ENDED)
    assert (chunk["modelVersion"], chunk["responseId"]) == ("gpt-5", "answer_1")
    assert chunk["usageMetadata"] == NO_USAGE
    reply, _ = whole(ReplyStarted("", ""), ENDED)
    assert (reply["modelVersion"], reply["responseId"]) == ("gpt-5", "answer_1")
    assert reply["usageMetadata"] == NO_USAGE


@pytest.mark.parametrize(
    ("finish", "written"),
    [
        (Finish(FinishReason.STOP, "end_turn"), {"finishReason": "STOP"}),
        (Finish(FinishReason.TOOL_CALLS, "tool_use"), {"finishReason": "STOP"}),
        (Finish(FinishReason.LENGTH, "max_tokens"), {"finishReason": "MAX_TOKENS"}),
        (Finish(FinishReason.CONTEXT, "model_context_window_exceeded"), {"finishReason": "MAX_TOKENS"}),
        (
            Finish(FinishReason.CONTENT_FILTER, "content_filter"),
            {"finishReason": "SAFETY", "finishMessage": "The model stopped with 'content_filter'."},
        ),
        (
            Finish(FinishReason.REFUSAL, "refusal"),
            {"finishReason": "SAFETY", "finishMessage": "The model stopped with 'refusal'."},
        ),
        (
            Finish(FinishReason.PAUSE, "pause_turn"),
            {"finishReason": "OTHER", "finishMessage": "The model stopped with 'pause_turn'."},
        ),
        (Finish(FinishReason.ERROR, ""), {"finishReason": "OTHER"}),
        (Finish(FinishReason.OTHER, "other"), {"finishReason": "OTHER"}),
        (Finish(FinishReason.CONTENT_FILTER, "recitation"), {"finishReason": "RECITATION"}),
        (Finish(FinishReason.OTHER, "MALFORMED_FUNCTION_CALL"), {"finishReason": "MALFORMED_FUNCTION_CALL"}),
    ],
)
def test_every_ending_has_googles_word(finish: Finish, written: dict[str, str]) -> None:
    """With upstream's own, where Google's says less."""
    [chunk], _ = stream(STARTED, ReplyEnded(finish))
    candidate = chunk["candidates"][0]
    assert {name: value for name, value in candidate.items() if name.startswith("finish")} == written


def test_a_refusal_is_said_and_ends_as_safety() -> None:
    """Whatever upstream calls the ending."""
    refused: list[Event] = [PartStarted(0, Refusal("")), TextDelta(0, "No."), PartEnded(0)]
    chunks, _ = stream(STARTED, *refused, ENDED)
    assert [chunk["candidates"][0]["content"]["parts"] for chunk in chunks] == [
        [{"text": "No."}],
        [{"text": ""}],
    ]
    assert chunks[-1]["candidates"][0]["finishReason"] == "SAFETY"
    cut, _ = stream(STARTED, *refused, ReplyEnded(Finish(FinishReason.LENGTH, "length")))
    assert cut[-1]["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_thoughts_apart_from_the_output_are_not_taken_off_it() -> None:
    """Gemini models on chat count 53 tokens of output beside 134 of reasoning, 19768 in all."""
    [chunk], _ = stream(STARTED, UsageSeen(Usage(19581, 53, 17068, 0, 134)), ENDED)
    assert chunk["usageMetadata"] == {
        "promptTokenCount": 19581,
        "candidatesTokenCount": 53,
        "totalTokenCount": 19768,
        "cachedContentTokenCount": 17068,
        "thoughtsTokenCount": 134,
    }


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
            [*thought(0, ReasoningDelta(0, "hm"), opaque=BLOB), *said(1, "Hel", "lo")],
            (Reasoning(("hm",), opaque=BLOB), Text("Hello")),
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


def test_a_call_leaves_whole() -> None:
    """With its id and its arguments as an object."""
    assert parts_streamed(*called(0, '{"a":1.0,"b":[]}'), *called(1, "  ")) == [
        {"functionCall": {"id": "call_0", "name": "ls", "args": {"a": 1.0, "b": []}}},
        {"functionCall": {"id": "call_1", "name": "ls", "args": {}}},
        {"text": ""},
    ]


@pytest.mark.parametrize(
    "arguments", ['{"a":', "[1]", "7", '{"a":1e999}', '{"a":' * 90_000, "[" * 900 + "]" * 900]
)
def test_arguments_that_are_no_object_are_said_as_they_are(arguments: str) -> None:
    """And reported; a request never fails for them."""
    chunks, losses = stream(STARTED, *called(0, arguments), ENDED)
    part = chunks[0]["candidates"][0]["content"]["parts"][0]
    assert part["functionCall"]["args"] == {"raw_arguments": arguments}
    path = "candidates[0].content.parts.functionCall.args"
    assert losses == (
        Loss(path, "upstream", "gemini", Handling.APPROXIMATED, "the arguments are no JSON object"),
    )
    assert whole(STARTED, *called(0, arguments), ENDED)[1] == losses


def test_deep_arguments_leave_as_long_as_they_can_be_written() -> None:
    """A hundred brackets are no reason."""
    arguments = '{"a":' + "[" * 150 + "]" * 150 + "}"
    chunks, losses = stream(STARTED, *called(0, arguments), ENDED)
    part = chunks[0]["candidates"][0]["content"]["parts"][0]
    assert part["functionCall"]["args"] == json.loads(arguments)
    assert losses == ()


def test_a_renamed_tool_is_called_by_the_clients_name() -> None:
    """And a freeform tool's input is given under one name."""
    names = ToolNames(back={"ls": ("list.files", None, "function")})
    chunks, _ = stream(STARTED, *called(0, "{}"), ENDED, names=names)
    part = chunks[0]["candidates"][0]["content"]["parts"][0]
    assert part["functionCall"]["name"] == "list.files"
    assert parts_streamed(*called(0, "*** patch", kind="custom"))[0] == {
        "functionCall": {"id": "call_0", "name": "ls", "args": {"input": "*** patch"}}
    }


@pytest.mark.parametrize(
    ("part", "written", "reason"),
    [
        (Image(Bytes("image/png", "AAAA")), {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, None),
        (
            File(Link("https://a.example/x", "text/csv")),
            {"fileData": {"fileUri": "https://a.example/x", "mimeType": "text/csv"}},
            None,
        ),
        (Image(Link("https://a.example/x")), {"fileData": {"fileUri": "https://a.example/x"}}, None),
        (File(Stored("responses", "file_1")), None, "the file is known to upstream only"),
        (NativePart("responses", {"type": "x"}, "It searched."), {"text": "It searched."}, None),
        (NativePart("responses", {"type": "x"}), None, "a NativePart has no place in an answer"),
        (ToolResult("call_1"), None, "a ToolResult has no place in an answer"),
    ],
)
def test_other_parts_are_said_or_reported(part: Part, written: object, reason: str | None) -> None:
    """Pictures and files in Google's words; what has none is a loss."""
    events: list[Event] = [STARTED, PartStarted(0, part), PartEnded(0), ENDED]
    chunks, losses = stream(*events)
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    assert parts == ([] if written is None else [written]) + [{"text": ""}]
    assert [loss.reason for loss in losses] == ([] if reason is None else [reason])
    reply, whole_losses = whole(*events)
    assert reply["candidates"][0]["content"]["parts"] == [written or {"text": ""}]
    assert whole_losses == losses


def test_events_of_others_are_reported() -> None:
    """Nobody else's client knows them."""
    _, losses = stream(STARTED, NativeEvent("responses", {"type": "x"}), ENDED)
    assert losses == (
        Loss(
            "responses event", "responses", "gemini", Handling.DROPPED, "only its own clients know this event"
        ),
    )


def test_a_whole_that_upstream_repeats_adds_only_what_was_missing() -> None:
    """What was said cannot be taken back."""
    more: list[Event] = [PartStarted(0, Text("H")), TextDelta(0, "el"), PartEnded(0, Text("Hello"))]
    assert parts_streamed(*more) == [{"text": "H"}, {"text": "el"}, {"text": "lo"}, {"text": ""}]
    other: list[Event] = [PartStarted(0, Text("")), TextDelta(0, "Hel"), PartEnded(0, Text("Bye"))]
    assert parts_streamed(*other) == [{"text": "Hel"}, {"text": ""}]


def test_a_citation_grounds_the_bytes_it_stands_behind() -> None:
    """Google counts bytes, over all text of the answer; a source is named once."""
    page = Citation("responses", {}, "https://a.example", "A", start=1, end=3)
    same = Citation("responses", {}, "https://a.example", "A")
    untitled = Citation("responses", {}, "https://b.example", start=2, end=99)
    book = Citation("messages", {}, title="Book", quote="so it is")
    bare = Citation("messages", {})
    events: list[Event] = [
        *said(0, "ä"),
        *said(1, "bäcd", part=Text("", (page,))),
        PartStarted(2, Text("")),
        TextDelta(2, "xy"),
        *[CitationAdded(2, citation) for citation in (same, untitled, book, bare)],
        PartEnded(2),
    ]
    xy = {"startIndex": 7, "endIndex": 9, "text": "xy"}
    expected = {
        "groundingChunks": [
            {"web": {"uri": "https://a.example", "title": "A"}},
            {"web": {"uri": "https://b.example", "title": "https://b.example"}},
            {"retrievedContext": {"title": "Book", "text": "so it is"}},
            {"retrievedContext": {}},
        ],
        "groundingSupports": [
            {"segment": {"startIndex": 3, "endIndex": 6, "text": "äc"}, "groundingChunkIndices": [0]},
            {"segment": xy, "groundingChunkIndices": [0]},
            {"segment": xy, "groundingChunkIndices": [1]},
            {"segment": xy, "groundingChunkIndices": [2]},
            {"segment": xy, "groundingChunkIndices": [3]},
        ],
    }
    chunks, _ = stream(STARTED, *events, ENDED)
    assert chunks[-1]["candidates"][0]["groundingMetadata"] == expected
    reply, _ = whole(STARTED, *events, ENDED)
    assert reply["candidates"][0]["groundingMetadata"] == expected


def test_a_failed_answer_ends_in_an_error_and_nothing_else() -> None:
    """Without a finish reason, so that clients ask again."""
    failed = ReplyFailed("error", "overloaded", "overloaded_error")
    chunks, _ = stream(STARTED, *said(0, "Hel"), failed, ENDED)
    assert len(chunks) == 2
    assert chunks[1] == {
        "error": {
            "code": 502,
            "message": "overloaded",
            "status": "UNAVAILABLE",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "overloaded_error",
                    "domain": "copilot-api",
                }
            ],
        }
    }
    [cut], _ = stream(STARTED, ReplyFailed("cut", "the stream was cut"))
    assert cut["error"]["details"][0]["reason"] == "upstream_protocol_error"


def test_words_outside_a_part_say_nothing() -> None:
    """A stray delta or end cannot hurt."""
    assert parts_streamed(TextDelta(0, "lost"), PartEnded(0)) == [{"text": ""}]


@given(st.lists(st.text(max_size=8), max_size=6), st.text(max_size=20))
def test_any_words_and_arguments_arrive(pieces: list[str], arguments: str) -> None:
    """Streamed or whole, the words are the same."""
    events = [*said(0, *pieces), *called(1, arguments)]
    streamed = parts_streamed(*events)
    words = "".join(part.get("text", "") for part in streamed)
    assert words == "".join(pieces)
    at_once = parts_whole(*events)
    assert isinstance(at_once, list)
    assert "".join(part.get("text", "") for part in at_once) == words
    assert at_once[-1]["functionCall"] == streamed[-2]["functionCall"]
