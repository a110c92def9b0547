"""Accounts that were just removed, and may come back for a moment.

Owns the tokens of that moment, in memory and nowhere else: when the time is over they are gone.
"""

import asyncio
import secrets
from collections.abc import Callable

import msgspec

from copilot_api.store.edits.accounts import Forgotten
from copilot_api.web.admin.desk.instants import iso

UNDO_S = 30.0
"""Long enough to see what was done and press a button, short enough for a token to lie about."""


class UndoView(msgspec.Struct, frozen=True, rename="camel"):
    """The way back, and until when it is open."""

    id: str
    expires_at: str | None


class Removed(msgspec.Struct, frozen=True):
    """One account that may come back."""

    account: Forgotten
    token: str
    login: str

    def __repr__(self) -> str:
        """Never the token."""
        return f"Removed(account={self.account!r})"


class Undo:
    """Every account that may come back now. Units: `clock` gives Unix seconds."""

    def __init__(self, clock: Callable[[], float], *, undo_s: float = UNDO_S) -> None:
        self._clock = clock
        self._undo_s = undo_s
        self._kept: dict[str, tuple[Removed, asyncio.TimerHandle]] = {}

    def keep(self, removed: Removed) -> UndoView:
        """Keep an account for the time that its removal may be undone."""
        undo_id = secrets.token_urlsafe(12)
        timer = asyncio.get_running_loop().call_later(self._undo_s, self._kept.pop, undo_id, None)
        self._kept[undo_id] = removed, timer
        return UndoView(undo_id, iso(self._clock() + self._undo_s))

    def find(self, undo_id: str) -> Removed | None:
        """The account that a removal's id stands for; None when its time is over."""
        kept = self._kept.get(undo_id)
        return None if kept is None else kept[0]

    def drop(self, undo_id: str) -> None:
        """Forget an account that came back."""
        kept = self._kept.pop(undo_id, None)
        if kept is not None:
            kept[1].cancel()
