"""Requests that wait for a person's yes. Whoever answers first, at the terminal or on the page, decides.

Shows what a request is, never what it says. Nothing here is written down: a restart forgets who waited.
"""

import asyncio
from collections.abc import Callable
from typing import Literal

import msgspec

from copilot_api.errors import Forbidden
from copilot_api.gateway.estimate import Price

Outcome = Literal["waiting", "approved", "denied", "expired", "gone"]


class Approval(msgspec.Struct, frozen=True):
    """One request that waits.

    Units: times in Unix seconds; `request_bytes` of its body. Empty strings where there is nothing to say. `price` is
    None while it is being counted.
    """

    id: str
    asked_at_unix_s: float
    expires_at_unix_s: float
    trace_id: str
    key: str
    account: str
    model: str
    requested_model: str
    path: str
    client: str
    is_stream: bool
    request_bytes: int
    price: Price | None = None


Listener = Callable[[Approval, Outcome], None]


class Approvals:
    """The register. `listeners` hear of every request that begins or ceases to wait, and again once it has a price."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[Approval, asyncio.Future[bool]]] = {}
        self.listeners: list[Listener] = []

    @property
    def waiting(self) -> tuple[Approval, ...]:
        """Who waits, the oldest first."""
        return tuple(approval for approval, _ in self._waiting.values())

    def decide(self, approval_id: str, *, is_approved: bool) -> Approval | None:
        """Let a request go or refuse it; None when it does not wait any more."""
        found = self._waiting.pop(approval_id, None)
        if found is None or found[1].done():
            return None
        approval, answer = found
        answer.set_result(is_approved)
        self._tell(approval, "approved" if is_approved else "denied")
        return approval

    def price(self, approval_id: str, price: Price) -> None:
        """Note what a request comes to; nothing happens when it does not wait any more."""
        found = self._waiting.get(approval_id)
        if found is not None:
            priced = msgspec.structs.replace(found[0], price=price)
            self._waiting[approval_id] = priced, found[1]
            self._tell(priced, "waiting")

    async def ask(self, approval: Approval, patience_s: float) -> None:
        """Return when a person has said yes.

        Raises: Forbidden when they said no, or nothing for `patience_s`. Both are 403: clients send a 408 or a
        503 again by themselves, and so would ask again and again.
        """
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting[approval.id] = approval, answer
        self._tell(approval, "waiting")
        try:
            async with asyncio.timeout(patience_s):
                is_approved = await answer
        except TimeoutError:
            self._tell(self._priced(approval), "expired")
            raise Forbidden(
                f"Nobody approved this request within {patience_s:g} s. Ask the operator of this gateway, then send "
                "it again.",
                code="approval_timeout",
            ) from None
        except asyncio.CancelledError:
            self._tell(self._priced(approval), "gone")
            raise
        finally:
            self._waiting.pop(approval.id, None)
        if not is_approved:
            raise Forbidden("The operator of this gateway refused this request.", code="approval_denied")

    def _priced(self, approval: Approval) -> Approval:
        return self._waiting[approval.id][0] if approval.id in self._waiting else approval

    def _tell(self, approval: Approval, outcome: Outcome) -> None:
        for listener in self.listeners:
            listener(approval, outcome)
