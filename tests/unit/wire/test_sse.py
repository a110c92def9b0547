"""Frames: where they begin and end, and what they say."""

import pytest

from copilot_api.errors import UpstreamProtocolError
from copilot_api.wire.sse import Frame, SseDecoder, encode_frame


def said(frames: list[Frame]) -> list[tuple[str, bytes]]:
    """What the frames say, without those that say nothing."""
    return [(frame.event, frame.data) for frame in frames if frame.data or frame.event]


@pytest.mark.parametrize(
    ("raw", "event", "data"),
    [
        (b"data: x\n\n", "", b"x"),
        (b"data:x\n\n", "", b"x"),
        (b"data:  x\n\n", "", b" x"),
        (b"event: ping\ndata: {}\n\n", "ping", b"{}"),
        (b"data: {}\nevent: ping\n\n", "ping", b"{}"),
        (b"event:ping\r\ndata:{}\r\n\r\n", "ping", b"{}"),
        (b"event: ping\rdata: {}\r\r", "ping", b"{}"),
        (b"event: first\nevent: second\ndata: x\n\n", "second", b"x"),
        (b"data: a\ndata: b\ndata:\n\n", "", b"a\nb\n"),
        (b"data: a\r\ndata: b\r\n\r\n", "", b"a\nb"),
        (b"data\n\n", "", b""),
        (b"data\ndata\n\n", "", b"\n"),
        (b": comment\n\n", "", b""),
        (b": comment\ndata: x\n\n", "", b"x"),
        (b"id: 7\nretry: 10\ndata: x\n\n", "", b"x"),
        (b"database: x\n\n", "", b""),
        (b"events: x\n\n", "", b""),
        (b'data: {"event":1}\n\n', "", b'{"event":1}'),
        (b"event: a\nid: 1\ndata: x\n\n", "a", b"x"),
        ("data: a\u2028b\n\n".encode(), "", "a\u2028b".encode()),
        (b"data: a\x0bb\x85c\n\n", "", b"a\x0bb\x85c"),
        (b"event: \xff\n\n", "\ufffd", b""),
        (b"event: x", "x", b""),
        (b"\n\n", "", b""),
        (b"", "", b""),
    ],
)
def test_a_frame_says_its_event_and_its_joined_data(raw: bytes, event: str, data: bytes) -> None:
    """Fields follow the standard: one space after the colon goes, data lines join, other fields are skipped."""
    assert (Frame(raw).event, Frame(raw).data) == (event, data)


def test_a_chunk_that_is_one_frame_is_that_frame() -> None:
    """The common case keeps the very bytes object: nothing is copied."""
    decoder = SseDecoder()
    decoder.feed(b": start\n\n")
    chunk = b"data: x\n\n"
    assert decoder.feed(chunk)[0].raw is chunk
    named = b"event: e\ndata: x\n\n"
    assert decoder.feed(named)[0].raw is named
    assert decoder.finish() == b""


def test_one_chunk_may_hold_many_frames_and_the_start_of_another() -> None:
    """What is left over waits for the next chunk."""
    decoder = SseDecoder()
    decoder.feed(b": start\n\n")
    assert [frame.raw for frame in decoder.feed(b"data: 1\n\ndata: 2\n\nda")] == [
        b"data: 1\n\n",
        b"data: 2\n\n",
    ]
    assert decoder.finish() == b"da"
    assert [frame.raw for frame in decoder.feed(b"ta: 3\n\n")] == [b"data: 3\n\n"]
    assert [frame.raw for frame in decoder.feed(b"data: 4\n\n")] == [b"data: 4\n\n"]
    assert said(decoder.feed(b"data: 5\n\ndata: 6\n\n")) == [("", b"5"), ("", b"6")]
    assert decoder.finish() == b""


def test_extra_blank_lines_are_kept_but_say_nothing() -> None:
    """Three newlines are a frame and the beginning of the next."""
    decoder = SseDecoder()
    decoder.feed(b": start\n\n")
    frames = decoder.feed(b"data: 1\n\n\n")
    assert said(frames) == [("", b"1")]
    assert decoder.finish() == b"\n"
    assert said(decoder.feed(b"data: 2\n\n")) == [("", b"2")]
    assert decoder.finish() == b""


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_any_of_the_three_line_ends_ends_a_line(end: bytes) -> None:
    """LF, CR and CRLF are equal, and a frame is handed out as soon as its blank line is seen."""
    decoder = SseDecoder()
    frames = decoder.feed(b"event: e" + end + b"data: x" + end + end)
    assert said(frames) == [("e", b"x")]
    assert decoder.finish() == b""


def test_a_cr_at_the_end_of_a_chunk_may_be_half_a_crlf() -> None:
    """The LF that completes it belongs to the frame before, begins no new one and is not lost."""
    decoder = SseDecoder()
    first = decoder.feed(b"data: 1\r\n\r")
    rest = decoder.feed(b"\ndata: 2\r\n\r\n")
    assert said(first) == [("", b"1")]
    assert said(rest) == [("", b"2")]
    assert b"".join(frame.raw for frame in first + rest) == b"data: 1\r\n\r\ndata: 2\r\n\r\n"
    decoder.feed(b"data: 3\r\n\r")
    assert said(decoder.feed(b"")) == []
    assert [frame.raw for frame in decoder.feed(b"\n")] == [b"\n"]
    assert decoder.finish() == b""
    decoder.feed(b"data: 4\r\r")
    assert said(decoder.feed(b"data: 5\r\r")) == [("", b"5")]


def test_a_crlf_after_a_line_is_not_a_blank_line() -> None:
    """One CRLF is one line end, also when a CR came before it."""
    decoder = SseDecoder()
    assert decoder.feed(b"data: 1\r\ndata: 2\r\n") == []
    assert said(decoder.feed(b"\r\n")) == [("", b"1\n2")]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_byte_order_mark_is_set_apart(size: int) -> None:
    """It may come in pieces, hides nothing and is kept among the bytes."""
    stream = b"\xef\xbb\xbfdata: x\n\n"
    decoder = SseDecoder()
    frames = [frame for at in range(0, len(stream), size) for frame in decoder.feed(stream[at : at + size])]
    assert said(frames) == [("", b"x")]
    assert b"".join(frame.raw for frame in frames) == stream


def test_half_a_byte_order_mark_is_left_over_at_the_end() -> None:
    """An empty chunk changes nothing and no byte is lost."""
    decoder = SseDecoder()
    assert decoder.feed(b"") == []
    assert decoder.feed(b"\xef") == []
    assert decoder.finish() == b"\xef"


@pytest.mark.parametrize("warm", [b"", b": start\n\n"])
def test_a_frame_without_end_is_refused_at_the_limit(warm: bytes) -> None:
    """Upstream cannot make us hold endless bytes."""
    decoder = SseDecoder(max_frame_bytes=16)
    decoder.feed(warm)
    assert decoder.feed(b"x" * 16) == []
    with pytest.raises(UpstreamProtocolError, match="more than 16 bytes without ending it"):
        decoder.feed(b"x")
    fresh = SseDecoder(max_frame_bytes=16)
    fresh.feed(b": start\n\n")
    with pytest.raises(UpstreamProtocolError):
        fresh.feed(b"x" * 17)


@pytest.mark.parametrize(
    ("data", "event", "raw"),
    [
        (b"x", "", b"data: x\n\n"),
        (b"{}", "ping", b"event: ping\ndata: {}\n\n"),
        (b"a\nb", "", b"data: a\ndata: b\n\n"),
        (b"a\rb", "", b"data: a\ndata: b\n\n"),
        (b"a\nb\r\nc\rd", "", b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (b"", "", b"data: \n\n"),
    ],
)
def test_an_encoded_frame_has_one_data_line_per_line(data: bytes, event: str, raw: bytes) -> None:
    """What is written reads back, line ends as LF."""
    assert encode_frame(data, event) == raw
