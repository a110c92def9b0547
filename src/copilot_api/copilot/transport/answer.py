"""One small request and its whole answer, as GitHub's REST side needs it; nothing streams here."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """A whole HTTP answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Fetch(Protocol):
    """Sends one request and reads the whole answer, whatever its status."""

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:
        """Send.

        Raises: UpstreamUnavailable or UpstreamTimeout when there is no answer.
        """
        ...
