"""Whether a caller is the operator: on this machine until a secret is set, with the secret from then on.

Owns the throttle on wrong secrets, keyed by the socket's peer and nothing a caller can choose.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from copilot_api.errors import Forbidden, Throttled, Unauthorized
from copilot_api.settings import Settings
from copilot_api.store.admin_secret import verify_admin_secret
from copilot_api.web.admin.desk import Caller
from copilot_api.web.asgi import Scope
from copilot_api.web.guard import Guard, is_loopback

MAX_FAILURES = 5
WINDOW_S = 600.0
MAX_PEERS = 1024
"""Peers remembered at most; the one that failed longest ago is forgotten first."""


class Operators:
    """Decides who may see what only the operator may."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._proven: tuple[bytes, str] | None = None

    async def require(
        self, scope: Scope, headers: Mapping[str, str], guard: Guard, settings: Settings
    ) -> Caller:
        """Return the caller when it is the operator.

        Raises: Forbidden (not this machine, and no secret is set), Unauthorized, or Throttled after five wrong
        secrets from one peer in ten minutes.
        """
        peer = guard.peer(scope, headers)
        expected = settings.admin_secret_hash or settings.admin_secret
        if expected is None:
            if is_loopback(peer):
                return Caller("loopback", peer)
            raise Forbidden(
                "Only this machine may use the admin until a secret is set. Set ADMIN_SECRET and restart.",
                code="admin_local_only",
            )
        presented = _presented_secret(headers)
        if not presented:
            raise Unauthorized(
                "The admin asks for its secret: send it as 'Authorization: Bearer SECRET'.",
                code="secret_missing",
            )
        await self._verify(peer, presented, expected, settings)
        return Caller("bearer", peer)

    async def _verify(self, peer: str, presented: str, expected: str, settings: Settings) -> None:
        digest = hashlib.sha256(presented.encode()).digest()
        if self._proven == (digest, expected):
            return
        self._check_throttle(peer)
        if not await verify_admin_secret(presented, settings):
            self._failures.setdefault(peer, []).append(self._clock())
            self._failures.move_to_end(peer)
            while len(self._failures) > MAX_PEERS:
                self._failures.popitem(last=False)
            raise Unauthorized("The admin secret is wrong.", code="secret_wrong")
        self._failures.pop(peer, None)
        self._proven = (digest, expected)

    def _check_throttle(self, peer: str) -> None:
        now_s = self._clock()
        recent = [at_s for at_s in self._failures.get(peer, []) if now_s - at_s < WINDOW_S]
        if peer in self._failures:
            self._failures[peer] = recent
        if len(recent) >= MAX_FAILURES:
            wait_s = WINDOW_S - (now_s - recent[0])
            raise Throttled(
                f"Too many wrong admin secrets from {peer}. Try again in {wait_s:.0f} s.",
                code="admin_throttled",
                retry_after_s=wait_s,
            )


def _presented_secret(headers: Mapping[str, str]) -> str:
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return headers.get("x-admin-secret", "").strip()
