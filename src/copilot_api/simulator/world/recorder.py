"""What the simulator received, bounded: tests ask it what reached "Copilot" and who hung up.

Owns: the ring of request heads and the shorter ring of bodies.
Must never know: what the requests mean.
"""

import base64
from collections import deque
from dataclasses import dataclass

from copilot_api.simulator.shapes import Json

MAX_HEADS = 10_000
MAX_BODIES = 200


@dataclass(slots=True)
class Entry:
    """One request as received; `body` is dropped when the entry is no longer among the newest."""

    number: int
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    started_at_s: float
    body: bytes | None = None
    status: int | None = None
    has_hung_up: bool = False
    finished_after_s: float | None = None
    events_sent: int = 0

    def to_json(self) -> Json:
        """Show the entry as `GET /_sim/requests` answers it."""
        path, _, query = self.target.partition("?")
        shown: Json = {
            "number": self.number,
            "method": self.method,
            "path": path,
            "query": query,
            "headers": {
                key.decode("latin-1").lower(): value.decode("latin-1") for key, value in self.headers
            },
            "header_list": [[key.decode("latin-1"), value.decode("latin-1")] for key, value in self.headers],
            "status": self.status,
            "hung_up": self.has_hung_up,
            "finished_after_s": self.finished_after_s,
            "events_sent": self.events_sent,
        }
        if self.body is not None:
            try:
                shown["body"] = self.body.decode()
            except UnicodeDecodeError:
                shown["body_base64"] = base64.b64encode(self.body).decode()
        return shown


class Recorder:
    """The rings; `is_on = False` makes recording free."""

    def __init__(self, is_on: bool = True) -> None:
        self.is_on = is_on
        self.count = 0
        self.entries: deque[Entry] = deque(maxlen=MAX_HEADS)
        self._with_body: deque[Entry] = deque()

    def reset(self) -> None:
        """Forget everything received."""
        self.count = 0
        self.entries.clear()
        self._with_body.clear()

    def open(self, method: str, target: str, headers: tuple[tuple[bytes, bytes], ...], now_s: float) -> Entry:
        """Note a request's head."""
        self.count += 1
        entry = Entry(self.count, method, target, headers, now_s)
        if self.is_on:
            self.entries.append(entry)
        return entry

    def keep_body(self, entry: Entry, body: bytes) -> None:
        """Note a request's body, letting go of the oldest kept one."""
        if not self.is_on:
            return
        entry.body = body
        self._with_body.append(entry)
        if len(self._with_body) > MAX_BODIES:
            self._with_body.popleft().body = None
