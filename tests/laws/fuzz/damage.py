"""Strategies: recorded answers, hurt the way networks and odd upstreams hurt them, and bytes that never were one."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from copilot_api.wire.sse import Frame, SseDecoder
from recorded import STREAM_NAMES, protocol_of, stream

FRAMES: Final = {name: [frame.raw for frame in SseDecoder().feed(stream(name))] for name in STREAM_NAMES}
NOISE = st.binary(max_size=24)
ODD_JSON: Final[SearchStrategy[Any]] = st.sampled_from([
    None, True, False, 0, -1, 7, 2**63, -(2**70), 1e308, 0.5, "", "x", "stop", "tool_calls", "\x00", "\n" * 120,
    "data: [DONE]\n\n", "capi1.e30", [], [None], [[]], [{}], {}, {"a": None}, {"type": "text"}, {"index": -1},
])  # fmt: skip
ODD_TEXT: Final = st.sampled_from([
    b'data: {"a":"\\ud800"}\n\n', b"data: [DONE]\n\n", b"data: [DONE]\r\n\r\n", b"data:\n\n", b"data\n\n", b"\n\n",
    b": ping\n\n", b"event: error\n\n", b"event: message_stop\ndata: null\n\n", b"id: 1\nretry: 5\n\n",
    b"data: {\ndata: }\n\n", b'data: {"type":"error"}\n\n', b'data: {"error":1}\n\n', b"data: 1e999\n\n",
    b'data: {"choices":[{"index":1e999}]}\n\n', b'data: {"a":1,"a":2}\n\n', b"data: " + b"[" * 3000 + b"\n\n",
    b'data: {"choices":' + b'[{"a":' * 400 + b"1" + b"}]" * 400 + b"}\n\n",
])  # fmt: skip


def recordings(protocol: str) -> list[str]:
    """The recorded streams of a protocol."""
    return [name for name in STREAM_NAMES if protocol_of(name) == protocol]


@st.composite
def damaged_frames(draw: st.DrawFn, protocol: str) -> list[Frame]:
    """A recorded stream of a protocol with a few things done to it; each frame ends as a frame does."""
    frames = list(FRAMES[draw(st.sampled_from(recordings(protocol)))])
    for hurt in draw(st.lists(st.sampled_from(_HURTS), min_size=1, max_size=6)):
        if frames:
            hurt(draw, frames)
    return [Frame(raw) for raw in frames]


def damaged_bytes(protocol: str) -> SearchStrategy[bytes]:
    """The same as one stream, maybe cut off in the middle of a frame."""
    return st.tuples(damaged_frames(protocol), st.integers(0, 30)).map(
        lambda drawn: b"".join(frame.raw for frame in drawn[0])[: -drawn[1] or None]
    )


def _at(draw: st.DrawFn, things: list[Any]) -> int:
    return draw(st.integers(0, len(things) - 1))


def _drop(draw: st.DrawFn, frames: list[bytes]) -> None:
    del frames[_at(draw, frames)]


def _repeat(draw: st.DrawFn, frames: list[bytes]) -> None:
    frames.insert(_at(draw, frames), frames[_at(draw, frames)])


def _swap(draw: st.DrawFn, frames: list[bytes]) -> None:
    one, other = _at(draw, frames), _at(draw, frames)
    frames[one], frames[other] = frames[other], frames[one]


def _insert(draw: st.DrawFn, frames: list[bytes]) -> None:
    noise = NOISE.map(lambda data: b"data: " + data.replace(b"\n", b"").replace(b"\r", b"") + b"\n\n")
    frames.insert(_at(draw, frames), draw(ODD_TEXT | noise))


def _overwrite(draw: st.DrawFn, frames: list[bytes]) -> None:
    index = _at(draw, frames)
    raw = frames[index].rstrip(b"\r\n")
    start = draw(st.integers(0, len(raw)))
    noise = draw(NOISE).replace(b"\n", b" ").replace(b"\r", b" ")
    frames[index] = raw[:start] + noise + raw[start + draw(st.integers(0, 9)) :] + b"\n\n"


def _replace(draw: st.DrawFn, frames: list[bytes]) -> None:
    index = _at(draw, frames)
    frame = Frame(frames[index])
    try:
        document: Any = msgspec.json.decode(frame.data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    places = list(_places(document))
    if places:
        inside, key = places[_at(draw, places)]
        inside[key] = draw(ODD_JSON)
    head = b"event: " + frame.event.encode() + b"\n" if frame.event else b""
    frames[index] = head + b"data: " + json.dumps(document, separators=(",", ":")).encode() + b"\n\n"


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Every container in a JSON value with each of its keys."""
    if not isinstance(document, dict | list):
        return []
    keys = list(document) if isinstance(document, dict) else range(len(document))
    here = [(document, key) for key in keys]
    return here + [place for key in keys for place in _places(document[key])]


_HURTS: Final[list[Callable[[st.DrawFn, list[bytes]], None]]] = [
    _drop, _repeat, _swap, _insert, _overwrite, _replace, _replace, _replace,
]  # fmt: skip
