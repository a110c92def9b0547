"""The one-time link that sets the first admin secret where nobody is local: in a container, or on a wide bind.

Owns the token, of which only the digest is kept, in memory: a restart makes a new one and ends the old.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

LIFE_S = 3600.0


class Setup:
    """At most one token is good at any time: not used, not expired, not withdrawn."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._digest: bytes | None = None
        self._until_s = 0.0

    def offer(self) -> str:
        """Make a token. It is told now and never again; an older one ends."""
        token = secrets.token_urlsafe(32)
        self._digest = _digest(token)
        self._until_s = self._clock() + LIFE_S
        return token

    @property
    def is_offered(self) -> bool:
        """Whether there is a token that would be taken."""
        return self._digest is not None and self._clock() < self._until_s

    def matches(self, token: str) -> bool:
        """Compare, in constant time; the token stays good until it is withdrawn."""
        return self.is_offered and hmac.compare_digest(self._digest or b"", _digest(token))

    def withdraw(self) -> None:
        """End it: it was used, or a secret exists by other means."""
        self._digest = None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
