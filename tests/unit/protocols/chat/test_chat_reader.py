"""Chat answers, streamed and whole, read into the hub."""

import json
from typing import Any

import msgspec
import pytest

from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.events import (
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
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage
from copilot_api.protocols.chat.answers import ChatReader, read_reply
from copilot_api.wire.sse import Frame, SseDecoder, encode_frame
from laws.legal import faults_of
from recorded import STREAM_NAMES, reply, stream

ORIGIN = "chat:m:1"


def chunk(delta: Any, finish: str | None = None, index: int = 0, **fields: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return encode_frame(json.dumps({"id": "a", "model": "m", "choices": [choice], **fields}).encode())


def call(index: int | None, arguments: str = "", **fields: Any) -> dict[str, Any]:
    document = {"function": {"arguments": arguments, **({"name": "f"} if "id" in fields else {})}, **fields}
    return document if index is None else {"index": index, **document}


def calls(*documents: Any) -> dict[str, Any]:
    return {"tool_calls": [*documents]}


DONE = b"data: [DONE]\n\n"


def events_of(*frames: bytes) -> list[Event]:
    reader = ChatReader(ORIGIN)
    events = [event for raw in frames for event in reader.feed(Frame(raw))]
    events += reader.finish()
    assert faults_of(events) == []
    return events


def read(*frames: bytes) -> Completion:
    return fold(events_of(*frames))


def recorded(name: str) -> Completion:
    return read(*(frame.raw for frame in SseDecoder().feed(stream(name))))


def blob(text: str) -> Opaque:
    return Opaque(ORIGIN, {"reasoning_opaque": text})


class TestRecordings:
    """Copilot's ways, one by one."""

    @pytest.mark.parametrize("name", [name for name in STREAM_NAMES if name.startswith("chat-")])
    def test_every_recording_is_read_by_the_grammar(self, name: str) -> None:
        """Whatever upstream's habits, the events are legal."""
        assert recorded(name).id != ""

    def test_azure_s_first_chunk_says_nothing(self) -> None:
        """The answer begins with the chunk that has an id; usage comes last and is priced."""
        completion = recorded("chat-azure-text")
        assert (completion.id, completion.model) == ("chatcmpl-Cexample01", "gpt-4.1-2025-04-14")
        assert completion.created_unix_s == 1788300000
        assert completion.extras == Extras("chat", {"system_fingerprint": "fp_example"})
        assert completion.parts == (Text("Hello, world."),)
        assert completion.usage == Usage(
            21,
            4,
            total_nano_aiu=7400000,
            costs=(
                TokenCost("input", 21, 4200000),
                TokenCost("cache_read", 0, 0),
                TokenCost("cache_write", 0, 0),
                TokenCost("output", 4, 3200000),
            ),
        )

    def test_one_answer_in_several_choices_is_one(self) -> None:
        """Claude's text is choice 0, its calls are choice 1."""
        completion = recorded("chat-claude-split-choices")
        assert completion.parts == (
            Text("I'll look that up."),
            ToolCall("toolu_vrtx_01ExampleTool", "get_weather", '{"city":"Paris"}'),
        )
        assert completion.finish == Finish(FinishReason.TOOL_CALLS, "tool_calls")

    def test_parallel_calls_of_gemini_keep_each_their_proof(self) -> None:
        """Thinking that was over when its proof came is thinking without words; joined they are what upstream sent."""
        parts = recorded("chat-gemini-parallel-tools").parts
        assert [type(part) for part in parts] == [Reasoning, ToolCall, Reasoning, ToolCall]
        assert isinstance(parts[0], Reasoning)
        assert parts[0].summary == ("**Reading files**\n\nBoth.\n\n",)
        assert parts[0].opaque is not None
        assert isinstance(parts[2], Reasoning)
        assert parts[2].is_redacted
        assert parts[2].opaque is not None
        assert parts[2].opaque.payload["reasoning_opaque"].startswith("FcSraUZJ")

    def test_a_proof_with_the_last_text_does_not_tear_it(self) -> None:
        """The text goes on, the proof stands after it."""
        parts = recorded("chat-gemini-text").parts
        assert parts[1] == Text("First part. Second part.")
        assert isinstance(parts[2], Reasoning)
        assert recorded("chat-gemini-text").usage == Usage(19581, 53, 17068, reasoning_tokens=134)

    def test_stop_with_calls_means_the_calls(self) -> None:
        """Upstream's own word is kept beside."""
        assert recorded("chat-stop-with-tools").finish == Finish(FinishReason.TOOL_CALLS, "stop")

    def test_code_citations_are_citations(self) -> None:
        """Copilot's own form, with the place in the text."""
        part = recorded("chat-annotations").parts[0]
        assert isinstance(part, Text)
        citation = part.citations[0]
        assert (citation.url, citation.title, citation.quote, citation.start, citation.end) == (
            "https://github.com/example/repo/blob/main/a.py",
            "MIT",
            "def f(): pass",
            0,
            14,
        )

    def test_an_error_ends_the_answer(self) -> None:
        """With upstream's words, in the middle of a part: it is not whole, and nobody may take it for that."""
        events = events_of(*(frame.raw for frame in SseDecoder().feed(stream("chat-inline-error"))))
        assert events[-1] == ReplyFailed("error", "The model is overloaded.", "model_overloaded")
        assert isinstance(events[-2], TextDelta)

    def test_a_missing_end_is_a_cut(self) -> None:
        """Nobody may take it for complete."""
        failure = recorded("chat-truncated-no-done").failure
        assert failure is not None
        assert failure.kind == "cut"

    def test_a_whole_answer_is_the_fold_of_a_streamed_one(self) -> None:
        """L3, where both were recorded."""
        whole = read_reply(msgspec.json.decode(reply("chat-azure")), ORIGIN)
        streamed = recorded("chat-azure-text")
        assert (whole.parts, whole.usage, whole.finish) == (streamed.parts, streamed.usage, streamed.finish)

    def test_a_whole_answer_in_several_choices_is_one(self) -> None:
        """The proof stands with the thinking."""
        parts = read_reply(msgspec.json.decode(reply("chat-claude-split")), ORIGIN).parts
        assert [type(part) for part in parts] == [Reasoning, Text, ToolCall]
        assert isinstance(parts[0], Reasoning)
        assert parts[0].summary == ("Need weather.",)
        assert parts[0].opaque is not None


class TestGrammar:
    """One part at a time."""

    def test_words_are_passed_on_as_they_come(self) -> None:
        """Every delta an event; the end is held until nothing more can come."""
        assert events_of(
            chunk({"role": "assistant", "content": "a"}), chunk({"content": "b"}), chunk({}, "stop"), DONE
        ) == [
            ReplyStarted("a", "m"),
            PartStarted(0, Text("")),
            TextDelta(0, "a"),
            TextDelta(0, "b"),
            PartEnded(0),
            ReplyEnded(Finish(FinishReason.STOP, "stop")),
        ]

    def test_thinking_words_refusals_and_calls_follow_each_other(self) -> None:
        """Text after a call whose arguments are whole begins a new part at once."""
        assert events_of(
            chunk({"reasoning_content": "w"}),
            chunk({"reasoning_opaque": "x"}),
            chunk({"reasoning_opaque": "y"}),
            chunk({"content": "a"}),
            chunk({"refusal": "no"}),
            chunk(calls(call(0, "{}", id="1"))),
            chunk({"content": "b"}),
            chunk({}, "stop"),
        ) == [
            ReplyStarted("a", "m"),
            PartStarted(0, Reasoning()),
            ReasoningDelta(0, "w"),
            OpaqueSet(0, blob("x")),
            OpaqueSet(0, blob("xy")),
            PartEnded(0),
            PartStarted(1, Text("")),
            TextDelta(1, "a"),
            PartEnded(1),
            PartStarted(2, Refusal("")),
            TextDelta(2, "no"),
            PartEnded(2),
            PartStarted(3, ToolCall("1", "f", "")),
            ToolInputDelta(3, "{}"),
            PartEnded(3),
            PartStarted(4, Text("")),
            TextDelta(4, "b"),
            PartEnded(4),
            ReplyEnded(Finish(FinishReason.TOOL_CALLS, "stop")),
        ]

    def test_interleaved_calls_wait_for_each_other(self) -> None:
        """The second is held back until the first one's arguments are whole."""
        reader = ChatReader(ORIGIN)
        feed = [
            chunk(calls(call(0, '{"a"', id="1"), call(1, '{"b"', id="2"))),
            chunk(calls(call(1, ":2"))),
            chunk(calls(call(0, ":1"))),
            chunk(calls(call(0, "}"))),
            chunk(calls(call(1, "}"))),
        ]
        said = [reader.feed(Frame(raw)) for raw in feed]
        assert said == [
            (ReplyStarted("a", "m"), PartStarted(0, ToolCall("1", "f", "")), ToolInputDelta(0, '{"a"')),
            (),
            (ToolInputDelta(0, ":1"),),
            (ToolInputDelta(0, "}"),),
            (
                PartEnded(0),
                PartStarted(1, ToolCall("2", "f", "")),
                ToolInputDelta(1, '{"b"'),
                ToolInputDelta(1, ":2"),
                ToolInputDelta(1, "}"),
            ),
        ]

    def test_calls_that_are_never_whole_speak_at_the_end(self) -> None:
        """Broken arguments hold the others back no longer than that; text waits its turn as well."""
        assert read(
            chunk(calls(call(0, "{broken", id="1"))),
            chunk({"content": "a"}),
            chunk({"content": "b"}),
            chunk(calls(call(1, "{}", id="2"))),
            DONE,
        ).parts == (ToolCall("1", "f", "{broken"), Text("ab"), ToolCall("2", "f", "{}"))

    def test_what_comes_after_a_call_was_over_is_not_said(self) -> None:
        """Its arguments were whole JSON: more can only be white space."""
        assert read(
            chunk(calls(call(0, "{}", id="1"))), chunk({"content": "a"}), chunk(calls(call(0, "\n"))), DONE
        ).parts == (ToolCall("1", "f", "{}"), Text("a"))

    def test_calls_without_an_index_are_told_apart(self) -> None:
        """By their ids; a delta without either goes on with the last one."""
        assert read(
            chunk(calls(call(None, '{"a"', id="1"))),
            chunk(calls(call(None, ":1}"))),
            chunk(calls(call(None, "{}", id="2"), call(None, "[]", id="3"))),
            DONE,
        ).parts == (ToolCall("1", "f", '{"a":1}'), ToolCall("2", "f", "{}"), ToolCall("3", "f", "[]"))

    def test_calls_under_one_index_are_told_apart(self) -> None:
        """A new id is a new call, whatever the index says."""
        assert read(chunk(calls(call(0, "{}", id="1"))), chunk(calls(call(0, "[]", id="2"))), DONE).parts == (
            ToolCall("1", "f", "{}"),
            ToolCall("2", "f", "[]"),
        )

    def test_a_call_without_an_id_gets_one_made_of_the_answer_s(self) -> None:
        """The same answer, the same id; a call may be freeform, or lack its arguments."""
        parts = read(
            chunk(calls({"function": {"name": "f", "arguments": "{}"}})),
            chunk(
                calls(
                    {"index": 7, "id": "2", "custom": {"name": "c", "input": "free"}},
                    {"index": 8, "function": {"name": "g"}},
                    "odd",
                )
            ),
            DONE,
        ).parts
        assert parts == (
            ToolCall("call_b0e8de8d4e6b1207f3869a7d", "f", "{}"),
            ToolCall("2", "c", "free", "custom"),
            ToolCall("call_ab111f21ecf8211a3f5696b6", "g", ""),
        )

    @pytest.mark.parametrize("function", [{"arguments": "{}"}, {"name": ""}, {"name": 1}])
    def test_a_call_that_nobody_named_fails_the_answer(self, function: dict[str, object]) -> None:
        """No client could run it; nothing that stands behind it is told any more."""
        completion = read(
            chunk({"content": "a"}),
            chunk(calls({"index": 0, "id": "1", "function": function}, call(1, "{}", id="2"))),
            DONE,
        )
        assert completion.failure == ReplyFailed(
            "error", "The upstream called a tool without naming it.", "invalid_event"
        )
        assert [type(part) for part in completion.parts] == [Text]

    def test_proofs_are_kept_wherever_they_come(self) -> None:
        """Before anything, with the first call, and after everything."""
        parts = read(
            chunk({"reasoning_opaque": "a", **calls(call(0, "{}", id="1"))}),
            chunk({"reasoning_opaque": "b"}),
            chunk({"reasoning_text": "later"}),
            chunk({}, "tool_calls"),
        ).parts
        assert parts == (
            Reasoning(is_redacted=True, opaque=blob("a")),
            ToolCall("1", "f", "{}"),
            Reasoning(("later",)),
            Reasoning(is_redacted=True, opaque=blob("b")),
        )

    def test_citations_without_a_text_are_carried_whole(self) -> None:
        """OpenAI's form and Copilot's; one that fits nowhere belongs to the answer."""
        note: Any = {
            "type": "url_citation",
            "url_citation": {"url": "u", "title": "t", "start_index": 1, "end_index": 2},
        }
        completion = read(
            chunk({"annotations": [note, 1]}),
            chunk({"content": "abc", "annotations": [note, {"type": "odd"}]}),
            chunk({"copilot_annotations": {"IPCodeCitations": None}}, "stop"),
        )
        assert completion.natives == (NativeEvent("chat", note),)
        assert completion.parts == (
            Text("abc", (Citation("chat", note, "u", "t", None, 1, 2), Citation("chat", {"type": "odd"}))),
        )

    def test_what_only_copilot_says_is_carried_whole(self) -> None:
        """References, confirmations, and errors that are not the end."""
        completion = read(encode_frame(b'{"copilot_references":[{"id":1}]}'), chunk({"content": "a"}, "stop"))
        assert completion.natives == (NativeEvent("chat", {"copilot_references": [{"id": 1}]}),)


class TestEnds:
    """How an answer ends."""

    @pytest.mark.parametrize(
        ("word", "reason"),
        [
            ("stop", FinishReason.STOP),
            ("length", FinishReason.LENGTH),
            ("content_filter", FinishReason.CONTENT_FILTER),
            ("tool_calls", FinishReason.STOP),
            ("error", FinishReason.ERROR),
            ("new", FinishReason.OTHER),
        ],
    )
    def test_reasons_are_translated_and_kept(self, word: str, reason: FinishReason) -> None:
        """`[DONE]` may be missing; without a call there are none to make."""
        assert read(chunk({"content": "a"}, word)).finish == Finish(reason, word)

    def test_usage_follows_the_finish_reason(self) -> None:
        """And zeros are no usage."""
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 1}}
        events = events_of(
            chunk({"content": "a"}, usage={"prompt_tokens": 0, "completion_tokens": 0}),
            chunk({}, "stop"),
            encode_frame(json.dumps({"choices": [], "usage": usage}).encode()),
            DONE,
            chunk({"content": "never"}),
        )
        assert events[-2:] == [UsageSeen(Usage(3, 2, 1)), ReplyEnded(Finish(FinishReason.STOP, "stop"))]

    def test_done_without_a_reason_is_an_end(self) -> None:
        """Claude's finish reason goes missing after tool results (copilot-sdk#1081)."""
        assert read(chunk({"content": "a"}), DONE).finish == Finish(FinishReason.STOP, "")
        assert read(DONE).finish == Finish(FinishReason.STOP, "")

    def test_one_unfinished_choice_is_a_cut(self) -> None:
        """Each of a split answer's choices must have ended."""
        failure = read(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, index=1)).failure
        assert failure is not None
        assert failure.kind == "cut"

    @pytest.mark.parametrize(
        "frame",
        [
            b": keepalive\n\n",
            b"data: {broken\n\n",
            b"data: \xff\n\n",
            b"data: [1]\n\n",
            b'data: {"choices":null}\n\n',
            b'data: {"choices":[1]}\n\n',
            b'data: {"choices":[],"id":"x","model":1,"created":"y"}\n\n',
            b'data: {"choices":[{"delta":1}]}\n\n',
            b'data: {"choices":[{"delta":{"content":1,"refusal":1,"reasoning_text":1,"tool_calls":1}}]}\n\n',
            b'data: {"choices":[{"delta":{"annotations":1,"copilot_annotations":1}}]}\n\n',
            b'data: {"choices":[{"delta":{"tool_calls":[1]}}]}\n\n',
            b"data: " + b"[" * 5000 + b"\n\n",
        ],
    )
    def test_what_cannot_be_read_breaks_nothing(self, frame: bytes) -> None:
        """The answer around it goes on."""
        completion = read(frame, chunk({"content": "a"}, "stop"), DONE)
        assert [part.text for part in completion.parts if isinstance(part, Text)] == ["a"]
        assert completion.finish is not None

    def test_an_error_without_words_is_still_one(self) -> None:
        """As the only frame, too."""
        assert read(b'data: {"error":"boom"}\n\n').failure == ReplyFailed("error", "boom")

    def test_a_whole_answer_may_be_an_error_or_nothing(self) -> None:
        """The one is a failure, the other no answer."""
        failed = read_reply({"error": {"message": "boom", "code": "x"}}, ORIGIN)
        assert failed.failure == ReplyFailed("error", "boom", "x")
        with pytest.raises(UpstreamProtocolError, match="no chat completion"):
            read_reply({"object": "list"}, ORIGIN)
