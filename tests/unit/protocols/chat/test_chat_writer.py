"""Answers for chat clients: the strict form, judged by the grammar and by the official SDK's accumulator."""

import json
from typing import Any

import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from copilot_api.grammars import checker_for
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
from copilot_api.neutral.fold import Completion, fold, unfold
from copilot_api.neutral.opaque import Opaque, open_sealed, seal
from copilot_api.neutral.parts import (
    Bytes,
    Citation,
    Image,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
)
from copilot_api.neutral.request import CustomTool, ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.chat.answers import ChatReader, ChatWriter, write_reply
from copilot_api.protocols.chat.reading import read_request
from copilot_api.wire.sse import SseDecoder
from recorded import STREAM_NAMES, stream

VOICE = Voice("chatcmpl-1", 1788300000, "gpt-x")
ASKED = ModelRequest("chat", "gpt-x", ())
STOP = Finish(FinishReason.STOP, "end_turn")
CALLS = Finish(FinishReason.TOOL_CALLS, "tool_use")
SIGNED = Opaque("messages:c:1", {"signature": "s"})
PNG = Image(Bytes("image/png", "AA"))


def answer(*parts: Part, finish: Finish = STOP, usage: Usage | None = None) -> Completion:
    return Completion("", "", parts, usage, finish)


def stream_of(
    events: list[Event], request: ModelRequest = ASKED, names: ToolNames | None = None
) -> tuple[list[dict[str, Any]], ChatWriter]:
    """The chunks of a stream, which the grammar finds faultless."""
    writer = ChatWriter(request, VOICE, names or ToolNames())
    data = b"".join(writer.feed(event) for event in events)
    checker = checker_for("chat")
    frames = SseDecoder().feed(data)
    faults = [fault for frame in frames for fault in checker.feed(frame)]
    has_freeform = any(isinstance(tool, CustomTool) for tool in request.tools)
    assert has_freeform or [*faults, *checker.finish()] == []
    return [json.loads(frame.data) for frame in frames if frame.data != b"[DONE]"], writer


def deltas(events: list[Event], request: ModelRequest = ASKED) -> list[dict[str, Any]]:
    """What the chunks between the first and the last say."""
    return [chunk["choices"][0]["delta"] for chunk in stream_of(events, request)[0][1:-1]]


def whole(completion: Completion, request: ModelRequest = ASKED) -> dict[str, Any]:
    document, _ = write_reply(completion, request, VOICE, ToolNames())
    ChatCompletion.model_validate(document, strict=True)
    message: dict[str, Any] = document["choices"][0]["message"]  # type: ignore[index, call-overload, assignment]
    return message


def added_up(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """What the SDK makes of the chunks."""
    state: Any = ChatCompletionStreamState()
    for chunk in chunks:
        state.handle_chunk(ChatCompletionChunk.model_validate(chunk))
    made: dict[str, Any] = state.current_completion_snapshot.model_dump(exclude_none=True)
    return made


def test_a_stream_in_full() -> None:
    """Role first, deltas, the finish reason, usage where it was asked for, and the last word."""
    asked = ModelRequest("chat", "gpt-x", (), wants_stream_usage=True)
    writer = ChatWriter(asked, VOICE, ToolNames())
    events = unfold(answer(Text("hi"), usage=Usage(5, 2, 3, 1, 1)))
    head = (
        '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1788300000,"model":"gpt-x","choices":['
    )
    tail = '"logprobs":null,"finish_reason":null}],"usage":null}'
    assert b"".join(writer.feed(event) for event in events).decode() == (
        f'data: {head}{{"index":0,"delta":{{"role":"assistant","content":""}},{tail}\n\n'
        f'data: {head}{{"index":0,"delta":{{"content":"hi"}},{tail}\n\n'
        f'data: {head}{{"index":0,"delta":{{}},"logprobs":null,"finish_reason":"stop"}}],"usage":null}}\n\n'
        f'data: {head}],"usage":{{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,'
        '"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":1},'
        '"completion_tokens_details":{"reasoning_tokens":1}}}\n\n'
        "data: [DONE]\n\n"
    )
    assert writer.feed(TextDelta(0, "never")) == b""


def test_usage_that_upstream_did_not_say_is_none() -> None:
    """A client that asked for it gets a chunk all the same."""
    asked = ModelRequest("chat", "gpt-x", (), wants_stream_usage=True)
    chunks, _ = stream_of([*unfold(answer(Text("hi")))], asked)
    assert chunks[-1]["usage"]["total_tokens"] == 0


def test_upstream_s_own_identity_is_kept() -> None:
    """The id, the model and the time of the answer, where upstream gave them."""
    chunks, _ = stream_of([ReplyStarted("msg_1", "claude", 7), ReplyEnded(STOP)])
    assert {(chunk["id"], chunk["model"], chunk["created"]) for chunk in chunks} == {("msg_1", "claude", 7)}
    document, _ = write_reply(
        Completion("msg_1", "claude", (), None, STOP, None, 7), ASKED, VOICE, ToolNames()
    )
    assert (document["id"], document["model"], document["created"]) == ("msg_1", "claude", 7)


def test_calls_are_numbered_and_named_once() -> None:
    """A call without arguments has the empty object, which clients parse."""
    completion = answer(ToolCall("1", "f", '{"a":1}'), ToolCall("2", "g", ""), finish=CALLS)
    said = deltas([*unfold(completion)])
    assert said == [
        {
            "tool_calls": [
                {"index": 0, "id": "1", "type": "function", "function": {"name": "f", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"a":1}'}}]},
        {
            "tool_calls": [
                {"index": 1, "id": "2", "type": "function", "function": {"name": "g", "arguments": ""}}
            ]
        },
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
    ]
    assert whole(completion) == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
            {"id": "2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ],
    }


def test_a_call_without_an_id_gets_one() -> None:
    """The same in both forms."""
    completion = answer(ToolCall("", "f", "{}"), finish=CALLS)
    assert deltas([*unfold(completion)])[0]["tool_calls"][0]["id"] == "call_chatcmpl-1_0"
    assert whole(completion)["tool_calls"][0]["id"] == "call_chatcmpl-1_0"


class TestFreeform:
    """Freeform calls: as they are to who declared the tool, as functions to everybody else."""

    COMPLETION = answer(ToolCall("1", "patch", 'a"b', "custom"), finish=CALLS)

    def test_a_client_that_declared_the_tool_gets_its_input(self) -> None:
        """In the shape that the API has for them."""
        asked = ModelRequest("chat", "m", (), tools=(CustomTool("patch"),))
        assert deltas([*unfold(self.COMPLETION)], asked) == [
            {
                "tool_calls": [
                    {"index": 0, "id": "1", "type": "custom", "custom": {"name": "patch", "input": ""}}
                ]
            },
            {"tool_calls": [{"index": 0, "custom": {"input": 'a"b'}}]},
        ]
        assert whole(self.COMPLETION, asked)["tool_calls"] == [
            {"id": "1", "type": "custom", "custom": {"name": "patch", "input": 'a"b'}}
        ]
        empty = answer(ToolCall("1", "patch", "", "custom"), finish=CALLS)
        assert len(deltas([*unfold(empty)], asked)) == 1

    def test_others_get_a_function_with_the_input_in_it(self) -> None:
        """Their arguments are JSON, piece by piece as well."""
        said = deltas([*unfold(self.COMPLETION)])
        assert [delta["tool_calls"][0]["function"]["arguments"] for delta in said] == [
            '{"input":"',
            'a\\"b',
            '"}',
        ]
        assert whole(self.COMPLETION)["tool_calls"][0]["function"] == {
            "name": "patch",
            "arguments": '{"input":"a\\"b"}',
        }


class TestThinking:
    """Thoughts are readable under two names, and proved once, at the end."""

    def test_one_thought_and_its_proof(self) -> None:
        """The blob is sealed by itself."""
        completion = answer(Reasoning(("a", "b"), opaque=SIGNED), Text("said"))
        assert deltas([*unfold(completion)]) == [
            {"reasoning_text": "a", "reasoning_content": "a"},
            {"reasoning_text": "\n\nb", "reasoning_content": "\n\nb"},
            {"content": "said"},
            {"reasoning_opaque": seal(SIGNED)},
        ]
        assert whole(completion) == {
            "role": "assistant",
            "content": "said",
            "refusal": None,
            "reasoning_text": "a\n\nb",
            "reasoning_content": "a\n\nb",
            "reasoning_opaque": seal(SIGNED),
        }

    def test_raw_thoughts_are_thoughts(self) -> None:
        """Given at once, in pieces, or only at the end."""
        events: list[Event] = [
            ReplyStarted("", ""),
            PartStarted(0, Reasoning(("x",), text="y")),
            ReasoningDelta(0, "", 0),
            ReasoningDelta(0, "z", is_raw=True),
            PartEnded(0),
            PartStarted(1, Reasoning()),
            PartEnded(1, Reasoning(("late",), opaque=SIGNED)),
            ReplyEnded(STOP),
        ]
        assert [delta.get("reasoning_text") for delta in deltas(events)] == [
            "x",
            "\n\ny",
            "z",
            "\n\nlate",
            None,
        ]

    def test_several_thoughts_come_back_in_their_places(self) -> None:
        """Between words and calls, each with its own proof, though a message has one slot."""
        parts = (
            Reasoning(("one",), opaque=SIGNED),
            Text("first "),
            Reasoning(is_redacted=True, opaque=Opaque("messages:c:1", {"data": "d"})),
            Text("second"),
            Reasoning(("three",), text="raw"),
            ToolCall("1", "f", "{}"),
            Reasoning(("four",), opaque=Opaque("x", {})),
            ToolCall("2", "f", "{}", opaque=Opaque("gemini", {"s": "t"})),
            Reasoning(("five",)),
        )
        completion = answer(*parts, finish=CALLS)
        message = whole(completion)
        (slot,) = [
            delta["reasoning_opaque"]
            for delta in deltas([*unfold(completion)])
            if "reasoning_opaque" in delta
        ]
        assert message["reasoning_opaque"] == slot
        back = read_request({"model": "m", "messages": [message]}).turns[0].parts
        assert back == (
            Reasoning(("one",), opaque=SIGNED),
            Text("first "),
            Reasoning(is_redacted=True, opaque=Opaque("messages:c:1", {"data": "d"})),
            Text("second"),
            Reasoning(("three",), text="raw"),
            ToolCall("1", "f", "{}"),
            Reasoning(("four",), opaque=Opaque("x", {})),
            Reasoning(is_redacted=True, opaque=Opaque("gemini", {"s": "t"})),
            ToolCall("2", "f", "{}"),
            Reasoning(("five",)),
        )

    def test_a_proof_on_a_text_is_a_thought_before_it(self) -> None:
        """Gemini hangs them there."""
        message = whole(answer(Text("a", opaque=SIGNED), PNG))
        back = read_request({"model": "m", "messages": [message]}).turns[0].parts
        assert back == (Reasoning(is_redacted=True, opaque=SIGNED), Text("a"))

    def test_what_is_said_as_text_counts_as_text(self) -> None:
        """The thought stands after it in both forms."""
        completion = answer(NativePart("messages", {"type": "x"}, "said"), Reasoning(("b",), opaque=SIGNED))
        message = whole(completion)
        assert deltas([*unfold(completion)])[-1] == {"reasoning_opaque": message["reasoning_opaque"]}
        assert read_request({"model": "m", "messages": [message]}).turns[0].parts == (
            Text("said"),
            Reasoning(("b",), opaque=SIGNED),
        )

    def test_thoughts_without_a_proof_need_no_slot(self) -> None:
        """Only what must come back is carried."""
        assert "reasoning_opaque" not in whole(answer(Reasoning(("a",)), Reasoning(("b",))))

    def test_a_forged_slot_opens_to_nothing(self) -> None:
        """Anybody can write one; nothing breaks."""
        forged = seal(Opaque("chat.thoughts", {"x": "no", "0": '["capi1.no",[],null,false,-3,99]'}))
        message: Any = {"role": "assistant", "content": "abc", "reasoning_opaque": forged}
        assert read_request({"model": "m", "messages": [message]}).turns[0].parts == (
            Text("abc"),
            Reasoning(),
            Reasoning(is_redacted=True),
        )
        assert open_sealed(forged) is not None


class TestOtherParts:
    """Refusals, citations, and what chat cannot say."""

    def test_refusals_have_a_field_of_their_own(self) -> None:
        """And end in "stop", as OpenAI ends them."""
        completion = answer(Refusal("no"), finish=Finish(FinishReason.REFUSAL, "refusal"))
        chunks, _ = stream_of([*unfold(completion)])
        assert chunks[1]["choices"][0]["delta"] == {"refusal": "no"}
        assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
        assert whole(completion)["refusal"] == "no"

    def test_citations_of_addresses_are_annotations(self) -> None:
        """Numbered in a stream, since the SDK cannot add up lists without an index; others are reported."""
        own: Any = {
            "type": "url_citation",
            "url_citation": {"url": "o", "title": "", "start_index": 0, "end_index": 1},
        }
        cited = (
            Citation("messages", {}, "u", "t"),
            Citation("messages", {}, "v", None, None, 0, 2),
            Citation("messages", {}),
            Citation("chat", own),
        )
        completion = answer(Text("ab"), Text("cd", cited), Text("", cited[:1]))
        chunks, writer = stream_of([*unfold(completion)])
        expected = [
            {
                "type": "url_citation",
                "url_citation": {"url": "u", "title": "t", "start_index": 2, "end_index": 4},
            },
            {
                "type": "url_citation",
                "url_citation": {"url": "v", "title": "", "start_index": 2, "end_index": 4},
            },
            own,
        ]
        assert chunks[-2]["choices"][0]["delta"] == {
            "annotations": [{"index": at, **note} for at, note in enumerate(expected)]
        }
        assert whole(completion)["annotations"] == expected
        assert [(loss.path, loss.origin, loss.reason) for loss in writer.losses] == [
            ("choices[0].message.annotations", "messages", "chat cites addresses, for words")
        ]
        assert added_up(chunks)["choices"][0]["message"]["content"] == "abcd"

    def test_what_chat_cannot_say_is_said_as_text_or_reported(self) -> None:
        """Once each."""
        parts = (
            NativePart("messages", {"type": "a"}, "in words"),
            NativePart("messages", {"type": "b"}),
            NativePart("messages", {"type": "b"}),
            PNG,
        )
        chunks, writer = stream_of(
            [ReplyStarted("", ""), NativeEvent("messages", {}), *unfold(answer(*parts))[1:]]
        )
        reasons = [
            "said as text",
            "only messages has a part 'b'",
            "chat answers with text and calls only",
        ]
        assert [loss.reason for loss in writer.losses] == ["only messages says this", *reasons]
        assert chunks[1]["choices"][0]["delta"] == {"content": "in words"}
        document, losses = write_reply(answer(*parts), ASKED, VOICE, ToolNames())
        assert document["choices"][0]["message"]["content"] == "in words"  # type: ignore[index, call-overload]
        assert [loss.reason for loss in losses] == reasons

    def test_parts_that_begin_or_end_with_words_lose_none(self) -> None:
        """Some upstreams give the whole at the start, some only at the end."""
        note = Citation("messages", {}, "u")
        events: list[Event] = [
            ReplyStarted("", ""),
            PartStarted(0, Text("a", (note,))),
            TextDelta(0, "b"),
            PartEnded(0, Text("ab")),
            PartStarted(1, Text("")),
            PartEnded(1, Text("late")),
            PartStarted(2, Refusal("no")),
            PartEnded(2),
            PartStarted(3, ToolCall("1", "f", '{"a"')),
            ToolInputDelta(3, ":1}"),
            PartEnded(3),
            PartStarted(4, ToolCall("2", "f", "")),
            PartEnded(4, ToolCall("2", "f", "[]")),
            ReplyEnded(CALLS),
        ]
        message = added_up(stream_of(events)[0])["choices"][0]["message"]
        assert message["content"] == "ablate"
        assert message["refusal"] == "no"
        assert [call["function"]["arguments"] for call in message["tool_calls"]] == ['{"a":1}', "[]"]

    def test_renamed_tools_get_their_names_back(self) -> None:
        """In both forms."""
        names = ToolNames({"a_1": ("a.b", None, "function")})
        completion = answer(ToolCall("1", "a_1", "{}"), finish=CALLS)
        chunks, _ = stream_of([*unfold(completion)], names=names)
        assert chunks[1]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] == "a.b"
        document, _ = write_reply(completion, ASKED, VOICE, names)
        assert '"name": "a.b"' in json.dumps(document)


class TestEnds:
    """Finish reasons and failures."""

    @pytest.mark.parametrize(
        ("reason", "bare", "with_calls"),
        [
            (FinishReason.STOP, "stop", "tool_calls"),
            (FinishReason.TOOL_CALLS, "stop", "tool_calls"),
            (FinishReason.LENGTH, "length", "length"),
            (FinishReason.CONTEXT, "length", "length"),
            (FinishReason.CONTENT_FILTER, "content_filter", "content_filter"),
            (FinishReason.REFUSAL, "content_filter", "content_filter"),
            (FinishReason.ERROR, "content_filter", "content_filter"),
            (FinishReason.PAUSE, "stop", "tool_calls"),
            (FinishReason.OTHER, "stop", "tool_calls"),
        ],
    )
    def test_every_end_has_a_word_that_clients_know(
        self, reason: FinishReason, bare: str, with_calls: str
    ) -> None:
        """An unknown one makes some of them ask again for ever; one that fits the calls, always."""
        finish = Finish(reason, "x")
        for parts, word in (((), bare), ((ToolCall("1", "f", "{}"),), with_calls)):
            chunks, _ = stream_of([*unfold(answer(*parts, finish=finish))])
            assert chunks[-1]["choices"][0]["finish_reason"] == word
            document, _ = write_reply(answer(*parts, finish=finish), ASKED, VOICE, ToolNames())
            assert document["choices"][0]["finish_reason"] == word  # type: ignore[index, call-overload]

    def test_a_whole_answer_without_an_end_stopped(self) -> None:
        """With usage where there is one."""
        document, _ = write_reply(Completion("", "", (), Usage(1, 2)), ASKED, VOICE, ToolNames())
        assert document["choices"][0]["finish_reason"] == "stop"  # type: ignore[index, call-overload]
        assert document["usage"]["total_tokens"] == 3  # type: ignore[index, call-overload]

    def test_a_failure_is_one_error_and_nothing_after_it(self) -> None:
        """No `[DONE]`: nobody may take the answer for complete."""
        writer = ChatWriter(ASKED, VOICE, ToolNames())
        writer.feed(ReplyStarted("a", "m"))
        assert json.loads(writer.feed(ReplyFailed("error", "boom", "overloaded"))[6:]) == {
            "error": {"message": "boom", "type": "server_error", "param": None, "code": "overloaded"}
        }
        assert writer.feed(ReplyEnded(STOP)) == b""
        cut = ChatWriter(ASKED, VOICE, ToolNames()).feed(ReplyFailed("cut", ""))
        assert b"was cut off upstream" in cut


@pytest.mark.parametrize("name", [name for name in STREAM_NAMES if name.startswith("chat-")])
def test_the_sdk_adds_up_a_stream_to_the_whole_answer(name: str) -> None:
    """Every recording, read and written both ways: the official accumulator finds what the JSON form says."""
    reader = ChatReader("chat:m:1")
    events = [event for frame in SseDecoder().feed(stream(name)) for event in reader.feed(frame)]
    events += reader.finish()
    if isinstance(events[-1], ReplyFailed):
        return
    chunks, _ = stream_of(events)
    message = added_up(chunks)["choices"][0]["message"]
    for call in message.get("tool_calls") or []:
        call.pop("index", None)
    expected = {key: value for key, value in whole(fold(events)).items() if value is not None}
    expected.setdefault("content", "")
    assert {key: message.get(key) for key in expected if key != "annotations"} == {
        key: value for key, value in expected.items() if key != "annotations"
    }


def test_deltas_of_every_kind_are_legal_without_their_part() -> None:
    """L5: events that say nothing of the open part change nothing."""
    events: list[Event] = [
        ReplyStarted("", ""),
        PartStarted(0, PNG),
        PartEnded(0),
        PartStarted(1, Text("a")),
        OpaqueSet(1, SIGNED),
        CitationAdded(1, Citation("messages", {}, "u")),
        PartEnded(1),
        UsageSeen(Usage(1, 1)),
        ReplyEnded(STOP),
    ]
    assert deltas(events)[0] == {"content": "a"}
