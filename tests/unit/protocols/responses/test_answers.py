"""The answer around its items: identity, endings, what it repeats of its request; and the official SDK's opinion."""

from collections.abc import Iterable
from typing import Any

import httpx2
import msgspec
import openai
import pytest

from copilot_api.neutral.events import (
    Event,
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
from copilot_api.neutral.fold import fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.responses import PROTOCOL
from copilot_api.protocols.responses.writing.stream import ResponsesWriter, write_reply
from unit.protocols.responses.asking import VOICE, read, said

START = ReplyStarted("chatcmpl-1", "claude", 5)
STOP = ReplyEnded(Finish(FinishReason.STOP, "stop"))
REQUEST = read({"input": "hi"})
BLOB = Opaque("messages:claude:1", {"signature": "EvAB"})
ANSWER: list[Event] = [
    START,
    PartStarted(0, Reasoning()),
    ReasoningDelta(0, "I think."),
    OpaqueSet(0, BLOB),
    PartEnded(0),
    PartStarted(1, Text("")),
    TextDelta(1, "Hell"),
    TextDelta(1, "o"),
    PartEnded(1),
    PartStarted(2, ToolCall("c1", "f", "")),
    ToolInputDelta(2, '{"a":'),
    ToolInputDelta(2, "1}"),
    PartEnded(2),
    PartStarted(3, ToolCall("c2", "p", "", "custom")),
    ToolInputDelta(3, "x"),
    PartEnded(3),
    UsageSeen(Usage(input_tokens=3, output_tokens=2)),
    ReplyEnded(Finish(FinishReason.TOOL_CALLS, "tool_use")),
]


def test_an_answer_repeats_its_request() -> None:
    """Every field of a response is there, with what this API has by default where nothing is known."""
    request = read(
        {
            "input": "hi",
            "instructions": "Be brief.",
            "tools": [{"type": "web_search"}, {"type": "function", "name": "f"}],
            "tool_choice": "required",
            "temperature": 0.5,
            "reasoning": {"effort": "low"},
            "text": {"verbosity": "low"},
            "metadata": {"a": "b"},
            "store": True,
            "client_metadata": {"x": "y"},
            "unheard_of": 1,
        }
    )
    created = said(START, STOP, request=request)[0]["response"]
    assert created == {
        "id": "resp_1",
        "object": "response",
        "created_at": 5,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None,
        "instructions": "Be brief.",
        "max_output_tokens": None,
        "max_tool_calls": None,
        "metadata": {"a": "b"},
        "model": "claude",
        "output": [],
        "parallel_tool_calls": True,
        "presence_penalty": 0.0,
        "previous_response_id": None,
        "prompt_cache_key": None,
        "reasoning": {"effort": "low", "summary": None},
        "safety_identifier": None,
        "service_tier": "default",
        "store": False,
        "temperature": 0.5,
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "tool_choice": "required",
        "tools": [
            {"type": "web_search"},
            {"type": "function", "name": "f", "description": None, "parameters": None, "strict": None},
        ],
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }


@pytest.mark.parametrize(
    ("given", "voice", "shown"),
    [
        ("resp_abc-1", VOICE, "resp_abc-1"),
        ("chatcmpl-1", VOICE, "resp_1"),
        ("resp_" + "x" * 60, VOICE, "resp_1"),
        ("", VOICE, "resp_1"),
        ("msg_1", Voice("", 1, "m"), "resp_116b88f173007be5e05df2a87105f095"),
    ],
)
def test_an_answers_id_has_the_form_of_this_api(given: str, voice: Voice, shown: str) -> None:
    """Upstream's own where it fits."""
    document, _ = write_reply(fold([ReplyStarted(given, ""), STOP]), REQUEST, voice, ToolNames())
    assert document["id"] == shown
    assert document["model"] == voice.model
    assert document["created_at"] == voice.created_unix_s


ENDINGS: list[tuple[list[Event], str, str | None]] = [
    ([STOP], "completed", None),
    ([ReplyEnded(Finish(FinishReason.OTHER, "?"))], "completed", None),
    ([ReplyEnded(Finish(FinishReason.PAUSE, "pause_turn"))], "completed", None),
    ([ReplyEnded(Finish(FinishReason.LENGTH, "max_tokens"))], "incomplete", "max_output_tokens"),
    ([ReplyEnded(Finish(FinishReason.CONTEXT, "x"))], "incomplete", "max_output_tokens"),
    ([ReplyEnded(Finish(FinishReason.CONTENT_FILTER, "x"))], "incomplete", "content_filter"),
    ([ReplyEnded(Finish(FinishReason.REFUSAL, "refusal"))], "incomplete", "content_filter"),
    (
        [PartStarted(0, Refusal("no")), PartEnded(0), ReplyEnded(Finish(FinishReason.REFUSAL, "refusal"))],
        "completed",
        None,
    ),
]


@pytest.mark.parametrize(("events", "status", "reason"), ENDINGS)
def test_every_ending_has_its_status(events: list[Event], status: str, reason: str | None) -> None:
    """A refusal in words is a whole answer; one without is not."""
    last = said(START, *events)[-1]
    assert (last["type"], last["response"]["status"]) == (f"response.{status}", status)
    assert last["response"]["incomplete_details"] == (None if reason is None else {"reason": reason})


FAILURES: list[tuple[Event, dict[str, str]]] = [
    (ReplyFailed("error", "Boom.", "slow"), {"code": "slow", "message": "Boom."}),
    (ReplyFailed("error", ""), {"code": "server_error", "message": "The upstream failed without a word."}),
    (ReplyFailed("cut", "Cut."), {"code": "upstream_protocol_error", "message": "Cut."}),
    (
        ReplyEnded(Finish(FinishReason.ERROR, "error")),
        {"code": "server_error", "message": "The model ended its answer with an error."},
    ),
]


@pytest.mark.parametrize(("event", "error"), FAILURES)
def test_a_failure_ends_the_stream_with_its_words(event: Event, error: dict[str, str]) -> None:
    """As the only ending, with what was finished before."""
    frames = said(START, PartStarted(0, Text("a")), PartEnded(0), event)
    last = frames[-1]
    assert (last["type"], last["sequence_number"]) == ("response.failed", len(frames) - 1)
    assert (last["response"]["status"], last["response"]["error"]) == ("failed", error)
    assert len(last["response"]["output"]) == 1


def test_a_whole_answer_is_the_end_of_the_streamed_one() -> None:
    """One form cannot drift from the other."""
    document, losses = write_reply(fold(ANSWER), REQUEST, VOICE, ToolNames())
    assert document == said(*ANSWER)[-1]["response"]
    assert losses == ()


def test_a_whole_answer_is_restored_too() -> None:
    """Names and kinds as the client knows them."""
    names = ToolNames(back={"n__p": ("p", "n", "custom")})
    events = [START, PartStarted(0, ToolCall("c", "n__p", '{"input":"x"}')), PartEnded(0), STOP]
    document: Any = write_reply(fold(events), REQUEST, VOICE, names)[0]
    (call,) = document["output"]
    assert (call["type"], call["name"], call["namespace"], call["input"]) == (
        "custom_tool_call",
        "p",
        "n",
        "x",
    )


def client(body: bytes, content_type: str) -> openai.OpenAI:
    """The official client, answered with these bytes."""
    answer = httpx2.Response(200, headers={"content-type": content_type}, content=body)
    http = httpx2.Client(transport=httpx2.MockTransport(lambda request: answer))
    return openai.OpenAI(api_key="k", base_url="http://127.0.0.1/v1", http_client=http, max_retries=0)


def streamed(events: Iterable[Event]) -> bytes:
    """The bytes that a client gets."""
    writer = ResponsesWriter(REQUEST, VOICE, ToolNames())
    return b"".join(writer.feed(event) for event in events)


def judge(response: Any) -> None:
    """What the SDK makes of ANSWER."""
    thought, message, call, custom = response.output
    assert thought.summary[0].text == "I think."
    assert thought.encrypted_content.startswith("capi1.")
    assert (response.output_text, message.id) == ("Hello", response.output[1].id)
    assert (call.name, call.arguments, call.call_id) == ("f", '{"a":1}', "c1")
    assert (custom.type, custom.input) == ("custom_tool_call", "x")
    assert response.usage.total_tokens == 5


def test_the_official_sdk_accumulates_the_stream() -> None:
    """Its strict accumulator: ids, order and the final answer."""
    api = client(streamed(ANSWER), "text/event-stream")
    with api.responses.stream(model="m", input="hi") as stream:
        kinds = [event.type for event in stream]
        response = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    judge(response)


def test_the_official_sdk_reads_the_whole_answer() -> None:
    """The same answer."""
    document, _ = write_reply(fold(ANSWER), REQUEST, VOICE, ToolNames())
    judge(client(msgspec.json.encode(document), "application/json").responses.create(model="m", input="hi"))


def test_an_answer_goes_back_as_input() -> None:
    """What we gave is what we read: the blob, the calls, their ids."""
    document: Any = write_reply(fold(ANSWER), REQUEST, VOICE, ToolNames())[0]
    turns = PROTOCOL.ingress.read_request({"model": "m", "input": document["output"]}).turns
    thought, text, call, custom = (turn.parts[0] for turn in turns)
    assert isinstance(thought, Reasoning)
    assert (thought.summary, thought.opaque) == (("I think.",), BLOB)
    assert isinstance(text, Text)
    assert text.text == "Hello"
    assert isinstance(call, ToolCall)
    assert isinstance(custom, ToolCall)
    assert (call.id, call.arguments, custom.id, custom.arguments) == ("c1", '{"a":1}', "c2", "x")
