"""L2: chunk borders and the kind of line end change nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.wire.sse import Frame, SseDecoder
from recorded import STREAM_NAMES, stream

LINE_ENDS = {"lf": b"\n", "cr": b"\r", "crlf": b"\r\n"}


def said(frames: list[Frame]) -> list[tuple[str, bytes]]:
    """What the frames say, without those that say nothing."""
    return [(frame.event, frame.data) for frame in frames if frame.data or frame.event]


def decoded(chunks: list[bytes]) -> list[tuple[str, bytes]]:
    """What a stream says in these chunks; every byte must come out again."""
    decoder = SseDecoder()
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    assert b"".join(frame.raw for frame in frames) + decoder.finish() == b"".join(chunks)
    return said(frames)


def pieces(data: bytes, size: int) -> list[bytes]:
    """Equal pieces."""
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("end", LINE_ENDS)
@pytest.mark.parametrize("name", STREAM_NAMES)
def test_a_stream_says_the_same_in_any_pieces_with_any_line_end(name: str, end: str) -> None:
    """Byte by byte, in small pieces and whole; CR and CRLF for LF."""
    rewritten = stream(name).replace(b"\n", LINE_ENDS[end])
    whole = decoded([stream(name)])
    assert len(whole) > 0
    for size in (1, 2, 3, 7, 64, 1000, len(rewritten)):
        assert decoded(pieces(rewritten, size)) == whole


@given(data=st.data(), name=st.sampled_from(STREAM_NAMES), end=st.sampled_from(sorted(LINE_ENDS)))
def test_a_stream_says_the_same_wherever_it_is_split(data: st.DataObject, name: str, end: str) -> None:
    """At arbitrary borders, empty chunks among them."""
    rewritten = stream(name).replace(b"\n", LINE_ENDS[end])
    borders = sorted(data.draw(st.lists(st.integers(0, len(rewritten)), max_size=12)))
    chunks = [rewritten[a:b] for a, b in zip([0, *borders], [*borders, len(rewritten)], strict=True)]
    assert decoded(chunks) == decoded([stream(name)])


SMALL = st.lists(
    st.sampled_from(
        [b"\n", b"\r", b"\r\n", b"data: x", b"data:", b"event: e", b":", b"a", b"\xef\xbb\xbf", b"\xef"]
    ),
    max_size=30,
).map(b"".join)


@given(stream_bytes=SMALL | st.binary(max_size=60), size=st.integers(1, 7))
def test_arbitrary_bytes_say_the_same_in_any_pieces(stream_bytes: bytes, size: int) -> None:
    """No input raises, and none depends on its chunks."""
    assert decoded(pieces(stream_bytes, size)) == decoded([stream_bytes])


@given(lines=st.lists(st.sampled_from([b"data: a", b"data: b", b"event: e", b"", b"", b": c"]), max_size=20))
def test_small_streams_say_the_same_with_any_line_end(lines: list[bytes]) -> None:
    """Also with several blank lines in a row."""
    results = [decoded([end.join(lines) + end]) for end in LINE_ENDS.values()]
    assert results[0] == results[1] == results[2]
