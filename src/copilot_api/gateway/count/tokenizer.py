"""The gateway's end of the tokenizer's process: started at the first count, started again when it has ended.

Owns the process. One question at a time; whoever stops waiting for an answer ends the process with it.
"""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Sequence

import msgspec

from copilot_api.errors import CountUnavailable
from copilot_api.gateway.count.worker import Question, Reply, read_frame, write_frame

COMMAND = (sys.executable, "-m", "copilot_api.gateway.count.worker")
MAX_TEXT_CHARS = 16_000_000
"""Four times what the largest window of any model takes; such a prompt is refused by every model."""


class Tokenizer:
    """Counts the tokens of texts. `close` ends the process."""

    def __init__(self, command: Sequence[str] = COMMAND, max_text_chars: int = MAX_TEXT_CHARS) -> None:
        self._command = tuple(command)
        self._max_text_chars = max_text_chars
        self._turn = asyncio.Lock()
        self._speaking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether there is a process now."""
        return self._process is not None

    async def count(self, encoding: str, texts: list[str]) -> int:
        """The tokens of all texts together.

        Raises: CountUnavailable when there is too much text, or the tokenizer cannot answer.
        """
        total = sum(map(len, texts))
        if total > self._max_text_chars:
            raise CountUnavailable(
                f"{total} characters are more than the {self._max_text_chars} that are counted here; no model "
                "takes that many. Send less.",
                status=413,
            )
        async with self._turn:
            try:
                reply = await asyncio.to_thread(self._ask, encoding, texts)
            except asyncio.CancelledError:
                self._abandon()
                raise
        if reply.problem:
            raise CountUnavailable(f"The tokens could not be counted here: {reply.problem}")
        return reply.tokens

    async def close(self) -> None:
        """End the process, if there is one; nothing is counted afterwards."""
        self._is_closed = True
        process, self._process = self._process, None
        if process is not None:
            await asyncio.to_thread(_end, process)

    def _abandon(self) -> None:
        """End the process that nobody waits for; the thread that speaks to it sees the end and clears up."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()

    def _ask(self, encoding: str, texts: list[str]) -> Reply:
        """In a thread. A process that ended since the last question is replaced once."""
        question = msgspec.msgpack.encode(Question(encoding, [_sound(text) for text in texts]))
        problem = ""
        with self._speaking:
            for _ in range(2):
                process = self._process
                try:
                    process = self._process = process or self._start()
                    answer = _exchange(process, question)
                except OSError as error:
                    answer, problem = None, f": {error}"
                if answer is not None:
                    return msgspec.msgpack.decode(answer, type=Reply)
                if process is not None:
                    _end(process)
                if process is not self._process:
                    break  # nobody waits any more
                self._process = None
        return Reply(0, f"the tokenizer's process ended without an answer{problem}")

    def _start(self) -> subprocess.Popen[bytes]:
        if self._is_closed:
            raise OSError("the gateway is shutting down")
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own


def _exchange(process: subprocess.Popen[bytes], question: bytes) -> bytes | None:
    assert process.stdin is not None  # noqa: S101 - opened as pipes
    assert process.stdout is not None  # noqa: S101
    write_frame(process.stdin, question)  # type: ignore[arg-type]  # IO[bytes] is what Popen is typed with
    return read_frame(process.stdout)  # type: ignore[arg-type]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    with contextlib.suppress(OSError):
        process.communicate()
    process.wait()


def _sound(text: str) -> str:
    """Half surrogate pairs, which JSON can spell, are no text that can be sent on."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
