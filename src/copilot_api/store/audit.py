"""The audit log: one line for each change an operator made, appended and never rewritten.

Owns `audit.jsonl` in the data directory. Must never hold a secret: callers say what was changed, not to what token.
A line is one write of one buffer to a file opened for appending, so lines of two processes do not mix.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from copilot_api.settings import write_instant

_log = structlog.get_logger(__name__)
FILE_NAME = "audit.jsonl"
_STEP_BYTES = 64 * 1024


class AuditEntry(msgspec.Struct, frozen=True):
    """One change.

    Shape: `action` as `accounts.switch`; `who` a session's or key's name, `bearer`, `loopback` or `command line`;
    `peer` an address, or the user of the operating system who ran the command.
    Units: `at` ISO 8601 in UTC.
    """

    at: str
    who: str
    peer: str
    action: str
    target: str = ""
    detail: str = ""


class AuditLog:
    """Appends and reads. Both block for milliseconds: call them through `asyncio.to_thread`."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock

    def append(self, *, who: str, peer: str, action: str, target: str = "", detail: str = "") -> None:
        """Write one line and make it durable. A disk that refuses is logged; what was done stays done."""
        at = write_instant(self._clock())
        line = msgspec.json.encode(AuditEntry(at, who, peer, action, target, detail)) + b"\n"
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            _log.error("audit.lost", action=action, target=target, who=who, reason=error.strerror)

    def page(self, before: int | None, limit: int) -> tuple[list[tuple[int, AuditEntry]], int | None]:
        """The newest entries first, each with its place in the file; and where the next page ends, if there is one.

        Units: `before` and places in bytes from the file's start; None begins at the end. A torn line is skipped.
        """
        try:
            with self.path.open("rb") as file:
                end = file.seek(0, os.SEEK_END) if before is None else before
                start, lines = end, b""
                while start > 0 and lines.count(b"\n") <= limit:
                    step = min(_STEP_BYTES, start)
                    start -= step
                    file.seek(start)
                    lines = file.read(step) + lines
        except FileNotFoundError:
            return [], None
        found = _entries(lines, start)
        kept = found[-limit:]
        kept.reverse()
        next_before = (
            kept[-1][0] if kept and (kept[-1][0] > 0) and (len(found) > limit or start > 0) else None
        )
        return kept, next_before


def _entries(lines: bytes, start: int) -> list[tuple[int, AuditEntry]]:
    """Every whole line with its place; the first may be cut when the bytes do not begin the file."""
    found: list[tuple[int, AuditEntry]] = []
    place = start
    for line in lines.splitlines(keepends=True):
        try:
            if line.endswith(b"\n"):
                found.append((place, msgspec.json.decode(line, type=AuditEntry)))
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        place += len(line)
    return found
