"""How likely tokens were: asked for in three protocols' words, answered in three, streamed and whole."""

from typing import Any

import msgspec
import pytest

from copilot_api.neutral.events import (
    Event,
    NativeEvent,
    PartEnded,
    PartStarted,
    ReplyEnded,
    ReplyStarted,
    TextDelta,
)
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.fold import fold
from copilot_api.neutral.parts import Refusal, Text, TokenLogprob
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ProtocolName, ToolNames
from copilot_api.protocols.openai.logprobs import read_logprobs, write_logprobs
from copilot_api.wire.sse import SseDecoder
from laws.hub.pairs import VOICE, asked, ingress_of, judged, read_events, target_of, upstream_of, written

HI = TokenLogprob("Hi", -0.5, (72, 105), (TokenLogprob("Hi", -0.5, (72, 105)), TokenLogprob("Yo", -1)))
HO = TokenLogprob("ho", -2)
ANSWER: list[Event] = [
    ReplyStarted("a", "m"),
    PartStarted(0, Text("")),
    TextDelta(0, "Hi", (HI,)),
    TextDelta(0, "ho", (HO,)),
    PartEnded(0),
    ReplyEnded(Finish(FinishReason.STOP, "stop")),
]


def frames(data: bytes) -> list[Any]:
    """The JSON of a stream."""
    found = [frame.data for frame in SseDecoder().feed(data)]
    return [msgspec.json.decode(one) for one in found if one != b"[DONE]"]


def whole(ingress: ProtocolName) -> Any:
    """The answer that is not streamed."""
    document, _ = ingress_of(ingress).write_reply(
        fold(ANSWER), asked(ingress, is_stream=False), VOICE, ToolNames()
    )
    return document


@pytest.mark.parametrize(
    ("ingress", "document", "upstream", "expected"),
    [
        ("chat", {"logprobs": True, "top_logprobs": 2}, "responses", (2, None, True)),
        ("chat", {"logprobs": True}, "responses", (None, None, True)),
        ("responses", {"top_logprobs": 3}, "chat", (3, True, False)),
        ("responses", {"include": ["message.output_text.logprobs"]}, "chat", (None, True, False)),
        (
            "gemini",
            {"generationConfig": {"responseLogprobs": True, "logprobs": 4}},
            "chat",
            (4, True, False),
        ),
        (
            "gemini",
            {"generationConfig": {"responseLogprobs": True, "logprobs": 4}},
            "responses",
            (4, None, True),
        ),
        ("chat", {"logprobs": False}, "responses", (None, None, False)),
    ],
)
def test_they_are_asked_for_in_the_upstreams_words(
    ingress: ProtocolName, document: JsonObject, upstream: ProtocolName, expected: tuple[Any, Any, bool]
) -> None:
    """`top_logprobs`, chat's `logprobs`, and the entry of Responses' `include`."""
    base: JsonObject = {"model": "m", "messages": [], "input": [], "contents": [{"parts": [{"text": "a"}]}]}
    keys = {"chat": "messages", "responses": "input", "gemini": "contents"}
    request = {"model": "m", keys[ingress]: base[keys[ingress]], **document}
    said = upstream_of(upstream).write_request(ingress_of(ingress).read_request(request), target_of(upstream))
    include = said.document.get("include", [])
    assert isinstance(include, list)
    got = (
        said.document.get("top_logprobs"),
        said.document.get("logprobs"),
        "message.output_text.logprobs" in include,
    )
    assert got == expected
    assert said.losses == ()


def test_chats_clients_get_them_with_their_words() -> None:
    """In the chunk of the words, and in the choice of a whole answer."""
    said = frames(written("chat", ANSWER)[0])
    weights = [chunk["choices"][0]["logprobs"] for chunk in said if chunk["choices"]]
    hi = {
        "token": "Hi", "logprob": -0.5, "bytes": [72, 105],
        "top_logprobs": [
            {"token": "Hi", "logprob": -0.5, "bytes": [72, 105]},
            {"token": "Yo", "logprob": -1, "bytes": [89, 111]},
        ],
    }  # fmt: skip
    ho = {"token": "ho", "logprob": -2, "bytes": [104, 111], "top_logprobs": []}
    assert [one for one in weights if one] == [
        {"content": [hi], "refusal": None},
        {"content": [ho], "refusal": None},
    ]
    assert whole("chat")["choices"][0]["logprobs"] == {"content": [hi, ho], "refusal": None}


def test_responses_clients_get_them_in_every_event_of_the_text() -> None:
    """Deltas and their end without bytes, the part with them."""
    data = written("responses", ANSWER)[0]
    assert judged("responses", data) == []
    said = frames(data)
    deltas = [event for event in said if event["type"] == "response.output_text.delta"]
    assert [[token["token"] for token in delta["logprobs"]] for delta in deltas] == [["Hi"], ["ho"]]
    assert deltas[0]["logprobs"][0]["top_logprobs"][1] == {"token": "Yo", "logprob": -1}
    [done] = [event for event in said if event["type"] == "response.output_text.done"]
    assert [token["logprob"] for token in done["logprobs"]] == [-0.5, -2]
    part = whole("responses")["output"][0]["content"][0]
    assert [(token["token"], token["bytes"]) for token in part["logprobs"]] == [
        ("Hi", [72, 105]),
        ("ho", [104, 111]),
    ]


def test_googles_clients_get_them_with_the_end() -> None:
    """The chosen ones, the likeliest ones, their sum and their mean."""
    result = {
        "avgLogprobs": -1.25,
        "logprobsResult": {
            "chosenCandidates": [
                {"token": "Hi", "logProbability": -0.5},
                {"token": "ho", "logProbability": -2},
            ],
            "logProbabilitySum": -2.5,
            "topCandidates": [
                {
                    "candidates": [
                        {"token": "Hi", "logProbability": -0.5},
                        {"token": "Yo", "logProbability": -1},
                    ]
                },
                {"candidates": []},
            ],
        },
    }
    last = frames(written("gemini", ANSWER)[0])[-1]["candidates"][0]
    assert {name: last[name] for name in result} == result
    told = whole("gemini")["candidates"][0]
    assert {name: told[name] for name in result} == result


def test_without_the_likeliest_ones_google_is_told_of_none() -> None:
    """Nobody asked for them."""
    plain = [TextDelta(0, "ho", (HO,)) if isinstance(event, TextDelta) else event for event in ANSWER]
    last = frames(written("gemini", plain)[0])[-1]["candidates"][0]
    assert "topCandidates" not in last["logprobsResult"]


CHUNKS = [
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "logprobs": {"content": [
        {"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": []}]}}]},
    {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [{"token": "!", "logprob": -1}]}}]},
    {"choices": [{"index": 0, "delta": {"refusal": "no"}, "logprobs": {"refusal": [{"token": "no", "logprob": -1}]}}]},
    {"choices": [{"index": 0, "delta": {}, "logprobs": {"content": [{"token": "?", "logprob": -1}]}}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
]  # fmt: skip


def test_chat_is_read() -> None:
    """Also where they come after their words; those of a refusal are known to chat alone."""
    data = b"".join(b"data: %b\n\n" % msgspec.json.encode({"id": "a", **chunk}) for chunk in CHUNKS)
    events = read_events("chat", data + b"data: [DONE]\n\n")
    said = [event for event in events if isinstance(event, TextDelta)]
    assert said == [
        TextDelta(0, "Hi", (TokenLogprob("Hi", -0.5, (72, 105)),)),
        TextDelta(0, "", (TokenLogprob("!", -1),)),
        TextDelta(1, "no"),
    ]
    assert [event.document for event in events if isinstance(event, NativeEvent)] == [
        {"logprobs": {"refusal": [{"token": "no", "logprob": -1}]}}
    ]
    assert fold(events).parts == (
        Text("Hi", logprobs=(TokenLogprob("Hi", -0.5, (72, 105)), TokenLogprob("!", -1))),
        Refusal("no"),
    )


def test_the_first_token_may_be_half_a_character() -> None:
    """Chat streams it with no text of its own; what is known of it stays."""
    half = {"token": "\\xf0\\x9f", "logprob": -0.5, "bytes": [240, 159]}
    rest = {"token": "\\x98\\x80", "logprob": -1, "bytes": [152, 128]}
    chunks: list[Any] = [
        {"delta": {"role": "assistant", "content": ""}, "logprobs": {"content": [half]}},
        {"delta": {"content": "😀"}, "logprobs": {"content": [rest]}, "finish_reason": "stop"},
    ]
    data = b"".join(
        b"data: %b\n\n" % msgspec.json.encode({"id": "a", "choices": [{"index": 0, **chunk}]})
        for chunk in chunks
    )
    assert fold(read_events("chat", data + b"data: [DONE]\n\n")).parts == (
        Text(
            "😀",
            logprobs=(
                TokenLogprob("\\xf0\\x9f", -0.5, (240, 159)),
                TokenLogprob("\\x98\\x80", -1, (152, 128)),
            ),
        ),
    )


def test_chat_is_read_while_a_call_is_still_open() -> None:
    """Words that must wait keep what belongs to them."""
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{"}}
    chunks: list[Any] = [
        {"delta": {"tool_calls": [call]}},
        {"delta": {"content": "Hi"}, "logprobs": {"content": [{"token": "Hi", "logprob": -1}]}},
        {
            "delta": {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
            "finish_reason": "tool_calls",
        },
    ]
    data = b"".join(
        b"data: %b\n\n" % msgspec.json.encode({"id": "a", "choices": [{"index": 0, **chunk}]})
        for chunk in chunks
    )
    parts = fold(read_events("chat", data + b"data: [DONE]\n\n")).parts
    assert parts[1] == Text("Hi", logprobs=(TokenLogprob("Hi", -1),))


def response_events(delta_weights: list[Any], part_weights: list[Any]) -> bytes:
    """A streamed text of Responses."""
    part = {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": part_weights}
    item = {"type": "message", "role": "assistant", "content": [part]}
    events: list[tuple[str, Any]] = [
        ("response.created", {"response": {"id": "r", "model": "m"}}),
        ("response.output_item.added", {"output_index": 0, "item": {"type": "message"}}),
        (
            "response.output_text.delta",
            {"output_index": 0, "content_index": 0, "delta": "Hi", "logprobs": delta_weights},
        ),
        ("response.output_item.done", {"output_index": 0, "item": item}),
        ("response.completed", {"response": {"id": "r", "output": [item]}}),
    ]
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (kind.encode(), msgspec.json.encode({"type": kind, **fields}))
        for kind, fields in events
    )


def test_responses_are_read() -> None:
    """From the deltas, or from the part where the deltas had none; the part has the bytes."""
    light = {"token": "Hi", "logprob": -0.5, "top_logprobs": [{"token": "Yo", "logprob": -1}]}
    full = {**light, "bytes": [72, 105]}
    top = (TokenLogprob("Yo", -1),)
    for weights in ([light], []):
        events = read_events("responses", response_events(weights, [full]))
        said = [event for event in events if isinstance(event, TextDelta)]
        expected = (
            [TokenLogprob("Hi", -0.5, None, top)] if weights else [TokenLogprob("Hi", -0.5, (72, 105), top)]
        )
        assert [token for event in said for token in event.logprobs] == expected
        assert fold(events).parts == (Text("Hi", logprobs=(TokenLogprob("Hi", -0.5, (72, 105), top),)),)


def test_odd_tokens_are_skipped() -> None:
    """A broken entry breaks no answer."""
    odd: Any = [1, {"token": 1, "logprob": 1}, {"token": "a"}, {"token": "a", "logprob": True}]
    assert read_logprobs([*odd, {"token": "b", "logprob": 0}]) == (TokenLogprob("b", 0),)
    assert read_logprobs(None) == ()
    assert write_logprobs(()) == []


def test_a_part_that_begins_with_words_brings_theirs() -> None:
    """Whatever a reader puts first."""
    events: list[Event] = [
        ReplyStarted("a", "m"),
        PartStarted(0, Text("Hi", logprobs=(HI,))),
        PartEnded(0),
        PartStarted(1, Text("")),
        PartEnded(1, Text("ho", logprobs=(HO,))),
        PartStarted(2, Refusal("")),
        TextDelta(2, "no", (HO,)),
        PartEnded(2),
        ReplyEnded(Finish(FinishReason.STOP, "stop")),
    ]
    chat = [
        chunk["choices"][0]["logprobs"] for chunk in frames(written("chat", events)[0]) if chunk["choices"]
    ]
    assert len([one for one in chat if one]) >= 2
    data = written("responses", events)[0]
    assert judged("responses", data) == []
    done = [event for event in frames(data) if event["type"] == "response.output_text.done"]
    assert [[token["token"] for token in event["logprobs"]] for event in done] == [["Hi"], ["ho"]]
    last = frames(written("gemini", events)[0])[-1]["candidates"][0]
    assert last["logprobsResult"]["chosenCandidates"][0]["token"] == "Hi"
