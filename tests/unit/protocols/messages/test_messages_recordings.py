"""Everything recorded, through both halves of the Messages spoke."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.fold import fold
from copilot_api.protocols.messages import PROTOCOL
from copilot_api.protocols.messages.reading.reply import read_reply
from copilot_api.protocols.messages.reading.stream import MessagesReader
from copilot_api.protocols.messages.writing.reply import write_reply
from copilot_api.wire.sse import Frame, SseDecoder
from recorded import REQUEST_NAMES, STREAM_NAMES, protocol_of, reply, request, stream
from unit.protocols.messages.talk import ASKED, NO_NAMES, VOICE, again, seen, summed, told

ASKS = [name for name in REQUEST_NAMES if name.endswith("v1_messages")]
STREAMS = [name for name in STREAM_NAMES if protocol_of(name) == "messages"]
WHOLE = [name for name in STREAMS if name not in ("messages-midstream-error", "messages-truncated")]


@pytest.mark.parametrize("name", ASKS)
def test_a_recorded_request_comes_back_as_it_was(name: str) -> None:
    """L1, JSON-deep, for Claude Code and opencode."""
    document = msgspec.json.decode(request(name))
    assert again(document) == document


@pytest.mark.parametrize("name", WHOLE)
def test_the_sdk_reads_our_stream_as_it_reads_upstreams(name: str) -> None:
    """Reader and writer in a row change nothing that the official SDK sees, counts included."""
    frames = SseDecoder().feed(stream(name))
    documents = [msgspec.json.decode(frame.data) for frame in frames if frame.data not in (b"", b"[DONE]")]
    theirs = summed([document for document in documents if document["type"] != "ping"])
    reader = MessagesReader("messages")
    events = [event for frame in frames for event in reader.feed(frame)]
    assert summed(told(*events)) == theirs


@pytest.mark.parametrize("name", ["messages-nonstream", "messages-compaction-nonstream"])
def test_a_whole_answer_comes_back_as_it_was(name: str) -> None:
    """Only Copilot's prices are kept for the ledger."""
    document = msgspec.json.decode(reply(name))
    written, losses = write_reply(read_reply(document, "messages"), ASKED, VOICE, NO_NAMES)
    document.pop("copilot_usage", None)
    assert written == document
    assert losses == ()


@pytest.mark.parametrize("name", WHOLE)
def test_streamed_and_whole_answers_are_written_alike(name: str) -> None:
    """The SDK's sum of our stream is our whole answer."""
    reader = MessagesReader("messages:m:1")
    events = [event for frame in SseDecoder().feed(stream(name)) for event in reader.feed(frame)]
    document, _ = write_reply(fold(events), ASKED, VOICE, NO_NAMES)
    assert seen(document) == summed(told(*events))


@given(st.lists(st.binary(max_size=40)))
def test_no_bytes_make_the_reader_raise(pieces: list[bytes]) -> None:
    """Whatever upstream sends, there is exactly one end."""
    reader = PROTOCOL.upstream.new_reader("o") if PROTOCOL.upstream else None
    assert reader is not None
    events = [event for piece in pieces for event in reader.feed(Frame(b"data: " + piece + b"\n\n"))]
    events += reader.finish()
    assert [type(event).__name__ for event in events].count("ReplyFailed") == 1


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "text", "tool_use", "messages"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "index", "delta", "content_block", "text", "id", "name", "input", "usage"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_DOCUMENTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            [
                "message_start",
                "content_block_start",
                "content_block_delta",
                "content_block_stop",
                "message_delta",
                "error",
            ]
        )
    },
    optional={
        name: _VALUES
        for name in ("message", "index", "delta", "content_block", "usage", "error", "copilot_usage")
    },
)


@given(st.lists(_DOCUMENTS, max_size=8))
def test_no_document_makes_the_reader_raise(documents: list[dict[str, object]]) -> None:
    """Known events of wrong shapes: parts stay in order and are closed before the one end."""
    reader = MessagesReader("o")
    events = [
        event
        for document in documents
        for event in reader.feed(Frame(b"data: " + msgspec.json.encode(document) + b"\n\n"))
    ]
    events += reader.finish()
    names = [type(event).__name__ for event in events]
    assert names[0] == "ReplyStarted"
    assert names[-1] == "ReplyFailed"
    assert names.count("PartStarted") == names.count("PartEnded")
