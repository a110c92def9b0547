"""L9 through readers and writers: a stream cut after any frame ends in exactly one failure, and legally."""

import pytest

from copilot_api.neutral.events import (
    Event,
    PartStarted,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
)
from copilot_api.neutral.parts import Text, ToolCall
from copilot_api.wire.sse import Frame, SseDecoder
from laws.hub.pairs import INGRESSES, UPSTREAMS, judged, upstream_of, written
from laws.legal import faults_of
from recorded import STREAM_NAMES, protocol_of, stream

NAMES = [name for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS]


def cut_after(name: str, count: int) -> tuple[list[Event], bool]:
    """The events of a recording's first frames, and whether its tap calls them whole."""
    upstream = upstream_of(protocol_of(name))
    reader, tap = upstream.new_reader("o"), upstream.new_tap()
    events: list[Event] = []
    for frame in frames_of(name)[:count]:
        tap.feed(frame)
        events += reader.feed(frame)
    is_whole = tap.is_complete and tap.failure is None
    return [*events, *reader.finish()], is_whole


def frames_of(name: str) -> list[Frame]:
    """A recording, frame by frame."""
    return SseDecoder().feed(stream(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_stream_ends_in_one_failure(name: str) -> None:
    """Only what the tap calls whole ends well."""
    for count in range(len(frames_of(name)) + 1):
        events, is_whole = cut_after(name, count)
        assert faults_of(events) == []
        ends = [event for event in events if isinstance(event, ReplyEnded | ReplyFailed)]
        assert len(ends) == 1
        assert isinstance(ends[0], ReplyEnded) == is_whole


CLAIMS = {
    "messages": b"content_block_stop",
    "responses": b".done",
    "chat": b'finish_reason":"',
    "gemini": b"functionCall",
}
"""What says in each protocol that a text or a call is whole."""


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize(
    "half",
    [
        [PartStarted(0, Text("")), TextDelta(0, "Half of an answ")],
        [PartStarted(0, ToolCall("call_1", "rm", "")), ToolInputDelta(0, '{"path":"/a')],
        [PartStarted(0, ToolCall("call_1", "rm", "")), ToolInputDelta(0, '{"path":"/a"}')],
    ],
)
def test_what_was_interrupted_is_never_said_to_be_whole(ingress: str, half: list[Event]) -> None:
    """Clients keep what has ended: half a text as the answer, half a call as one to run."""
    data, _ = written(ingress, [ReplyStarted("", "m"), *half, ReplyFailed("cut", "")])
    assert CLAIMS[ingress] not in data
    assert judged(ingress, data) == []


@pytest.mark.parametrize("ingress", INGRESSES)
@pytest.mark.parametrize("name", NAMES)
def test_a_client_is_told_of_a_cut_in_a_legal_way(ingress: str, name: str) -> None:
    """Never a silent success: the stream ends with the protocol's own error."""
    for count in range(len(frames_of(name)) + 1):
        events, is_whole = cut_after(name, count)
        data, _ = written(ingress, events)
        assert judged(ingress, data) == []
        last = SseDecoder().feed(data)[-1].data
        assert (b'"error"' in last and b'"error":null' not in last) == (not is_whole)
