"""L3, L4, L5 and L8 over every pair: recorded streams and generated ones, read, written and judged."""

import msgspec
import pytest
from hypothesis import given, settings

from copilot_api.grammars import checker_for
from copilot_api.neutral.events import Event, ReplyFailed
from copilot_api.neutral.fold import Completion, fold, unfold
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import Reasoning, Refusal, Text, ToolCall
from copilot_api.protocols.base import ToolNames
from copilot_api.wire.sse import SseDecoder
from laws.hub.pairs import (
    INGRESSES,
    STREAMS,
    UPSTREAMS,
    VOICE,
    asked,
    decoded,
    ingress_of,
    judged,
    read_events,
    read_recording,
    upstream_of,
    written,
)
from laws.hub.replies import COMPLETIONS, replies
from laws.legal import faults_of
from recorded import STREAM_NAMES, protocol_of, reply, stream

REPLIES = [
    "chat-azure",
    "chat-claude-split",
    "messages-compaction-nonstream",
    "messages-nonstream",
    "responses-compaction",
    "responses-nonstream",
]
BOTH_WAYS = [name for name in INGRESSES if name in UPSTREAMS]


@pytest.mark.parametrize("name", [name for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS])
def test_a_reader_makes_legal_events_of_every_recording(name: str) -> None:
    """However odd the upstream."""
    assert faults_of(read_recording(name)) == []


@pytest.mark.parametrize(("ingress", "name"), STREAMS)
def test_every_client_gets_a_legal_stream_of_every_recording(ingress: str, name: str) -> None:
    """L4: the whole product of ingress and upstream."""
    data, _ = written(ingress, read_recording(name))
    assert judged(ingress, data) == []


@pytest.mark.parametrize("ingress", INGRESSES)
@given(events=replies())
@settings(max_examples=80)
def test_every_legal_reply_can_be_written_legally(ingress: str, events: list[Event]) -> None:
    """L4 and L5: no exception, no illegal frame, and losses that say what they are about."""
    data, losses = written(ingress, events)
    assert judged(ingress, data) == []
    assert all(isinstance(loss, Loss) and loss.path and loss.reason for loss in losses)


@pytest.mark.parametrize("ingress", INGRESSES)
def test_a_writer_gives_whole_frames_for_each_event(ingress: str) -> None:
    """Nothing is held back that a client is waiting for: 2000 deltas, each written as it comes."""
    name = next(name for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS)
    writer = ingress_of(ingress).new_writer(asked(ingress), VOICE, ToolNames())
    checker = checker_for(ingress)  # type: ignore[arg-type]  # a protocol's name, from the registry
    for event in read_recording(name):
        decoder = SseDecoder()
        for frame in decoder.feed(writer.feed(event)):
            assert checker.feed(frame) == ()
        assert decoder.finish() == b""


@pytest.mark.parametrize("ingress", INGRESSES)
@given(completion=COMPLETIONS)
@settings(max_examples=40)
def test_every_legal_completion_can_be_written_as_json(ingress: str, completion: Completion) -> None:
    """L5 for answers that are not streamed."""
    document, losses = ingress_of(ingress).write_reply(
        completion, asked(ingress, is_stream=False), VOICE, ToolNames()
    )
    assert msgspec.json.decode(msgspec.json.encode(document)) == document
    assert all(isinstance(loss, Loss) and loss.path and loss.reason for loss in losses)


@pytest.mark.parametrize("protocol", BOTH_WAYS)
@given(completion=COMPLETIONS)
@settings(max_examples=40)
def test_streamed_or_whole_an_answer_says_the_same(protocol: str, completion: Completion) -> None:
    """L3, twice over: written both ways and read back both ways, one completion."""
    request = asked(protocol)
    data, _ = written(protocol, unfold(completion))
    streamed = fold(read_events(protocol, data))
    document, _ = ingress_of(protocol).write_reply(completion, request, VOICE, ToolNames())
    whole = upstream_of(protocol).read_reply(decoded(msgspec.json.encode(document)), f"{protocol}:m:1")
    shape = as_message if protocol == "chat" else bare
    assert shape(streamed) == shape(whole)


def as_message(completion: Completion) -> tuple[object, ...]:
    """A chat message has no order: all thoughts, all words, all refusals and all calls, and how it ended."""
    parts = completion.parts
    thoughts = [part for part in parts if isinstance(part, Reasoning)]
    calls = [part for part in bare(completion).parts if isinstance(part, ToolCall)]
    return (
        "".join(text for part in thoughts for text in (*part.summary, part.text or "")),
        [part.opaque for part in thoughts if part.opaque is not None][-1:],
        "".join(part.text for part in parts if isinstance(part, Text)),
        [token for part in parts if isinstance(part, Text) for token in part.logprobs],
        "".join(part.text for part in parts if isinstance(part, Refusal)),
        calls,
        # A stream brings sources at its end: after calls, nobody can tell whose they were.
        []
        if calls
        else [citation for part in parts if isinstance(part, Text) for citation in part.citations],
        (completion.id, completion.model, completion.usage, completion.finish),
    )


def bare(completion: Completion) -> Completion:
    """A completion without what only one of both forms has: native events, extras of the frame.

    Arguments are compared as JSON: a protocol whose whole answers hold an object spells it anew.
    """
    parts = tuple(
        msgspec.structs.replace(part, extras=None) if hasattr(part, "extras") else part
        for part in completion.parts
    )
    parts = tuple(
        msgspec.structs.replace(part, arguments=spelled_anew(part.arguments))
        if isinstance(part, ToolCall)
        else part
        for part in parts
    )
    return msgspec.structs.replace(completion, parts=parts, natives=(), extras=None, end_extras=None)


def spelled_anew(arguments: str) -> str:
    """Arguments without needless space; broken ones without the object that a whole answer needs around them."""
    try:
        value = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        return arguments
    if isinstance(value, dict) and list(value) == ["raw_arguments"]:
        return spelled_anew(str(value["raw_arguments"]))
    return msgspec.json.encode(value).decode()


@pytest.mark.parametrize("name", [name for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS])
def test_a_reader_counts_what_the_tap_counts(name: str) -> None:
    """L8: one bill, whichever way the answer went."""
    upstream = upstream_of(protocol_of(name))
    tap = upstream.new_tap()
    for frame in SseDecoder().feed(stream(name)):
        tap.feed(frame)
    completion = fold(read_recording(name))
    assert completion.usage == tap.usage
    assert (completion.failure is None) == (tap.is_complete and tap.failure is None)


@pytest.mark.parametrize("name", [name for name in REPLIES if protocol_of(name) in UPSTREAMS])
def test_a_whole_reply_is_counted_as_the_tap_counts_it(name: str) -> None:
    """L8 for answers that are not streamed."""
    upstream = upstream_of(protocol_of(name))
    tap = upstream.new_tap()
    tap.read_reply(reply(name))
    completion = upstream.read_reply(decoded(reply(name)), "o")
    assert completion.usage == tap.usage
    assert (completion.id, completion.finish) == (tap.answer_id, tap.finish)


@pytest.mark.parametrize("upstream", UPSTREAMS)
def test_nothing_at_all_is_a_cut_reply(upstream: str) -> None:
    """No frame, one failure."""
    events = read_events(upstream, b"")
    assert faults_of(events) == []
    assert isinstance(events[-1], ReplyFailed)
    assert events[-1].kind == "cut"
