"""Ids for calls and results whose client gives none: Gemini matches them by name, in order.

Owns the ids of one request. They are made from content, so that a longer history spells the same ones and the
prompt's cached prefix stays.
"""

import hashlib
from collections import defaultdict, deque
from typing import Final

_MARK_CHARS: Final = 24


class Calls:
    """The calls of a history, in order, and which of them still wait for a result."""

    __slots__ = ("_known", "_orphans", "_seen", "_unanswered", "_waiting")

    def __init__(self) -> None:
        self._seen: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._orphans: defaultdict[str, int] = defaultdict(int)
        self._waiting: defaultdict[str, deque[str]] = defaultdict(deque)
        self._known: set[str] = set()
        self._unanswered: set[str] = set()

    def add_call(self, given: str | None, name: str, arguments: str) -> str:
        """The id of a call: the client's, else one made from its name, its arguments and how often it came."""
        call_id = given
        if not call_id:
            count = self._seen[name, arguments]
            self._seen[name, arguments] = count + 1
            call_id = _mark("call", name, arguments, count)
        self._known.add(call_id)
        self._waiting[name].append(call_id)
        self._unanswered.add(call_id)
        return call_id

    def answer(self, given: str | None, name: str) -> str:
        """The id of the call that a result answers: the client's, else the oldest open call of that name."""
        if given and given in self._known:
            self._unanswered.discard(given)
            return given
        waiting = self._waiting[name]
        while waiting:
            call_id = waiting.popleft()
            if call_id in self._unanswered:
                self._unanswered.discard(call_id)
                return call_id
        if given:
            return given
        count = self._orphans[name]
        self._orphans[name] = count + 1
        return _mark("orphan", name, "", count)


def _mark(kind: str, name: str, arguments: str, count: int) -> str:
    content = "\0".join((kind, name, arguments, str(count)))
    digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return f"call_{digest[:_MARK_CHARS]}"
