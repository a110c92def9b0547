"""Decompression: every encoding, every split, no bombs."""

import gzip
import sys
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.errors import BodyTooLarge, MalformedRequest, UnsupportedEncoding
from copilot_api.wire.inflate import STEP_BYTES, Inflater

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PLAIN = b'{"model":"gpt-5","input":"' + b"lorem ipsum " * 20_000 + b'"}'


def raw_deflate(data: bytes) -> bytes:
    """Deflate without the zlib header, as many senders do."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


ENCODED = {
    "gzip": gzip.compress(PLAIN, mtime=0),
    "x-gzip": gzip.compress(PLAIN, mtime=0),
    "GZip": gzip.compress(PLAIN[:7], mtime=0) + gzip.compress(PLAIN[7:], mtime=0),
    "deflate": zlib.compress(PLAIN),
    "deflate ": raw_deflate(PLAIN),
    "br": brotli.compress(PLAIN),
    "zstd": zstd.compress(PLAIN),
    " zstd": zstd.compress(PLAIN[:7]) + zstd.compress(PLAIN[7:]),
    "identity": PLAIN,
    "": PLAIN,
    "gzip, br": brotli.compress(gzip.compress(PLAIN, mtime=0)),
    "zstd, identity, deflate, gzip": gzip.compress(zlib.compress(zstd.compress(PLAIN))),
}


@pytest.mark.parametrize("encoding", ENCODED)
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_every_encoding_is_undone_whatever_the_splits(encoding: str, size: int) -> None:
    """Also stacked ones, several gzip members or zstd frames, and deflate without its header."""
    data = ENCODED[encoding] if size > 1 else ENCODED[encoding][:4000]
    inflater = Inflater(encoding, max_bytes=len(PLAIN))
    plain = b"".join(inflater.feed(data[at : at + size]) for at in range(0, len(data), size))
    if data is ENCODED[encoding]:
        plain += inflater.finish()
        assert plain == PLAIN
    assert PLAIN.startswith(plain)


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_body_over_the_limit_is_refused(encoding: str) -> None:
    """The limit counts what comes out, for identity too when it is stacked; alone it is the caller's to count."""
    inflater = Inflater(encoding, max_bytes=len(PLAIN) - 1)
    if encoding.strip() in {"", "identity"}:
        assert inflater.feed(ENCODED[encoding]) == PLAIN
        return
    with pytest.raises(BodyTooLarge, match="inflates to more than 240027 bytes"):
        inflater.feed(ENCODED[encoding])


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(50_000_000))),
        ("deflate", raw_deflate(bytes(50_000_000))),
        ("br", brotli.compress(bytes(50_000_000), quality=5)),
        ("zstd", zstd.compress(bytes(50_000_000))),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(50_000_000)))),
    ],
)
def test_a_bomb_stops_at_the_limit(encoding: str, bomb: bytes) -> None:
    """Fifty megabytes of zeros in one chunk are given up one step after the limit."""
    assert len(bomb) < STEP_BYTES
    with pytest.raises(BodyTooLarge):
        Inflater(encoding, max_bytes=1000).feed(bomb)


@pytest.mark.parametrize("encoding", [name for name in ENCODED if name.strip() not in {"", "identity"}])
def test_a_cut_body_is_refused_at_its_end(encoding: str) -> None:
    """Half a body is not a smaller body."""
    inflater = Inflater(encoding, max_bytes=len(PLAIN))
    inflater.feed(ENCODED[encoding][:-1])
    with pytest.raises(MalformedRequest, match="was cut before its end"):
        inflater.finish()


def test_output_that_waits_inside_zlib_comes_at_once() -> None:
    """When a step ends with the input, zlib still holds bytes; they must not wait for the next chunk."""
    cut = gzip.compress(bytes(STEP_BYTES + 1))[:-8]
    assert len(Inflater("gzip", max_bytes=100_000).feed(cut)) == 65_537


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_whole(encoding: str) -> None:
    """Some clients name an encoding and send nothing."""
    inflater = Inflater(encoding, max_bytes=10)
    assert inflater.feed(b"") == b""
    assert inflater.finish() == b""


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", b"not gzip at all"),
        ("deflate", b"\x78\x9cgarbage"),
        ("deflate", zlib.compress(b"x") + b"after the end"),
        ("deflate", raw_deflate(b"x") + b"after the end"),
        ("br", b"\xff\xff\xff\xff\xff"),
        ("br", brotli.compress(b"x") + b"after the end"),
        ("zstd", b"not zstd at all"),
        ("gzip", gzip.compress(b"x", mtime=0) + b"after the end"),
        ("zstd", zstd.compress(b"x") + b"after the end"),
    ],
)
def test_data_that_is_not_what_the_header_says_is_refused(encoding: str, data: bytes) -> None:
    """The message points at the header."""
    with pytest.raises(MalformedRequest, match="Check the Content-Encoding header"):
        Inflater(encoding, max_bytes=1000).feed(data)


@pytest.mark.parametrize("encoding", ["compress", "gzip, lz4", "aws-chunked", "gzip,gzip,gzip,gzip"])
def test_an_encoding_that_cannot_be_undone_is_refused_by_name(encoding: str) -> None:
    """The message quotes the header and lists what is accepted."""
    with pytest.raises(UnsupportedEncoding, match="cannot be undone") as caught:
        Inflater(encoding, max_bytes=10)
    assert repr(encoding) in caught.value.message
    assert caught.value.status == 415


@given(
    encoding=st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip"]),
    pieces=st.lists(st.binary(), max_size=5),
)
def test_arbitrary_bytes_raise_nothing_but_what_is_documented(encoding: str, pieces: list[bytes]) -> None:
    """Whatever comes, it is inflated or refused."""
    inflater = Inflater(encoding, max_bytes=10_000)
    try:
        for piece in pieces:
            assert len(inflater.feed(piece)) <= 10_000
        inflater.finish()
    except (MalformedRequest, BodyTooLarge):
        pass
