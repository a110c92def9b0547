"""The tokenizer's own process: `python -m copilot_api.gateway.count.worker` counts what it is sent.

A process of its own keeps the vocabularies out of the gateway's memory, counting out of its event loop, and any
crash of native code away from the answers that are streaming. It ends by itself when its parent has gone, or when
nobody asked for a while. Speaks frames: four bytes of length, little-endian, then MessagePack.
"""

import os
import select
import sys
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from copilot_api.gateway.count.vocabulary import Count, count, load

IDLE_S = 600.0
"""A vocabulary in memory costs 90 MB; loading it again costs a second."""
LENGTH_BYTES = 4
_NICENESS = 5


class Question(msgspec.Struct, array_like=True, frozen=True):
    """Texts to count with one vocabulary."""

    encoding: str
    texts: list[str]


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """Their tokens together, or what went wrong."""

    tokens: int
    problem: str = ""


def serve(
    reader: BinaryIO,
    writer: BinaryIO,
    *,
    has_more: Callable[[], bool],
    load_encoding: Callable[[str], Count] = load,
) -> None:
    """Answer questions until there are no more, or the other end is closed."""
    while has_more():
        frame = read_frame(reader)
        if frame is None:
            return
        write_frame(writer, msgspec.msgpack.encode(_answer(frame, load_encoding)))


def read_frame(reader: BinaryIO) -> bytes | None:
    """One whole frame; None at the end of the input."""
    head = reader.read(LENGTH_BYTES)
    length = int.from_bytes(head, "little")
    body = reader.read(length)
    return body if len(head) == LENGTH_BYTES and len(body) == length else None


def write_frame(writer: BinaryIO, body: bytes) -> None:
    """Send one frame."""
    writer.write(len(body).to_bytes(LENGTH_BYTES, "little") + body)
    writer.flush()


def _answer(frame: bytes, load_encoding: Callable[[str], Count]) -> Reply:
    try:
        question = msgspec.msgpack.decode(frame, type=Question)
        count_piece = load_encoding(question.encoding)
        return Reply(sum(count(text, count_piece) for text in question.texts))
    except Exception as error:  # the parent says it to the client; this process stays of use
        return Reply(0, f"{type(error).__name__}: {error}")


def _has_more() -> bool:
    if sys.platform == "win32":  # pragma: no cover - select takes no pipes there
        return True
    return bool(select.select([sys.stdin.buffer], [], [], IDLE_S)[0])


def main() -> None:
    """Serve standard input and output, behind everything else that wants the processor."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    serve(sys.stdin.buffer, sys.stdout.buffer, has_more=_has_more)


if __name__ == "__main__":
    main()
