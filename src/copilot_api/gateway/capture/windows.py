"""Which requests are captured: the open windows, and what captures may hold in memory together.

A window lives in the memory of the running gateway alone and ends by itself: after a restart nothing is captured.
"""

import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from copilot_api.gateway.capture.seen import Allowance, CapturedClient, Seen
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.request.call import Call
from copilot_api.settings import ClientKeyEntry

MAX_MINUTES: Final = 60
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
"""Of all captures that are not written yet, together; beyond, parts are cut short and say so."""


class Window(msgspec.Struct, frozen=True):
    """The requests of one key (`key_id` None: every request, also without a key) are captured until it ends."""

    key_id: str | None
    key_name: str
    since_unix_s: float
    until_unix_s: float


class Captures:
    """The register. While it is empty, an exchange looks at `register` and at nothing else.

    `keep` takes what was seen of an exchange that is over; `tell` hears of every change. The composition sets both.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.time, max_held_bytes: int = MAX_HELD_BYTES
    ) -> None:
        self.register: dict[str | None, Window] = {}
        self.keep: Callable[[Seen], None] = Seen.let_go
        self.tell: Callable[[], None] = _nobody
        self._clock = clock
        self._allowance = Allowance(max_held_bytes)

    def open(self, key_id: str | None, key_name: str, minutes: float) -> Window:
        """Begin to capture; a window that is open for the same key is replaced. Units: at most `MAX_MINUTES`."""
        now_s = self._clock()
        window = Window(key_id, key_name, now_s, now_s + 60.0 * min(minutes, MAX_MINUTES))
        self.register[key_id] = window
        self.tell()
        return window

    def close(self, key_id: str | None) -> bool:
        """End a window before its time; whether it was open."""
        was_open = self.register.pop(key_id, None) is not None
        if was_open:
            self.tell()
        return was_open

    def close_ended(self) -> float | None:
        """Drop the windows whose time is over; the seconds until the next one ends, None where none is open."""
        now_s = self._clock()
        ended = [key_id for key_id, window in self.register.items() if window.until_unix_s <= now_s]
        for key_id in ended:
            del self.register[key_id]
        if ended:
            self.tell()
        return min((window.until_unix_s - now_s for window in self.register.values()), default=None)

    def begin(self, call: Call) -> Seen | None:
        """Watch one request, where a window is open for it: from here on its client's end is seen, too."""
        if not self._is_open_for(call.key):
            return None
        seen = Seen(self._allowance, call.trace_id, call.started_s, call.started_unix_s)
        seen.ask(_address(call.path, call.query), call.headers, call.body, call.key)
        call.client = CapturedClient(call.client, seen)
        return seen

    def refused(self, record: UsageRecord, headers: Mapping[str, str], query: bytes = b"") -> None:
        """Keep what is known of a request that was refused at the door, where every request is captured."""
        if not self._is_open_for(None):
            return
        seen = Seen(self._allowance, record.trace_id, time.perf_counter(), record.started_unix_s)
        seen.ask(_address(record.path, query), headers, b"", None)
        seen.record = record
        self.keep(seen)

    def _is_open_for(self, key: ClientKeyEntry | None) -> bool:
        now_s = self._clock()
        mine = None if key is None else self.register.get(key.id)
        every = self.register.get(None)
        return any(window is not None and window.until_unix_s > now_s for window in (mine, every))


def _address(path: str, query: bytes) -> str:
    return f"{path}?{query.decode('latin-1')}" if query else path


def _nobody() -> None:
    """Nobody listens yet."""
