"""Answers in Gemini's words, streamed and whole."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    NativeEvent,
    PartEnded,
    PartStarted,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    UsageSeen,
)
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.parts import (
    Bytes,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Refusal,
    Stored,
    Text,
    ToolResult,
)
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames
from unit.protocols.gemini.writing.answering import (
    ENDED,
    NO_USAGE,
    STARTED,
    called,
    parts_streamed,
    parts_whole,
    said,
    stream,
    whole,
)


def test_a_text_is_streamed_as_it_comes() -> None:
    """Each chunk is a whole answer so far as it says; the last has the reason, the usage and a part."""
    usage = Usage(100, 50, cache_read_tokens=40, reasoning_tokens=30)
    chunks, losses = stream(STARTED, *said(0, "Good", "", "bye"), UsageSeen(usage), ENDED)
    named = {"modelVersion": "gpt-5-2026", "responseId": "resp_1"}
    assert chunks == [
        {"candidates": [{"content": {"parts": [{"text": "Good"}], "role": "model"}, "index": 0}], **named},
        {"candidates": [{"content": {"parts": [{"text": "bye"}], "role": "model"}, "index": 0}], **named},
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
    reply, losses = whole(STARTED, *said(0, "Good"), *said(1, "bye"), UsageSeen(usage), ENDED)
    assert reply == {
        "candidates": [
            {"content": {"parts": [{"text": "Goodbye"}], "role": "model"}, "index": 0, "finishReason": "STOP"}
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
    more: list[Event] = [PartStarted(0, Text("G")), TextDelta(0, "ood"), PartEnded(0, Text("Goodbye"))]
    assert parts_streamed(*more) == [{"text": "G"}, {"text": "ood"}, {"text": "bye"}, {"text": ""}]
    other: list[Event] = [PartStarted(0, Text("")), TextDelta(0, "Good"), PartEnded(0, Text("Bye"))]
    assert parts_streamed(*other) == [{"text": "Good"}, {"text": ""}]


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
    chunks, _ = stream(STARTED, *said(0, "Good"), failed, ENDED)
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
