"""The server that several gateways count in, and what is done while it does not answer.

A server that is away makes each gateway count for itself until it is back: no request fails for the lack of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from limits.errors import StorageError
from valkey.asyncio import ConnectionPool
from valkey.exceptions import ValkeyError

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

T = TypeVar("T")
PATIENCE_S = 1.0
"""A limit must not become the slowest part of a request."""
AGAIN_S = 10.0
"""After a failure the server is left alone for this long."""


class Server:
    """One server at `url`, with its connections. `problem` says why this gateway counts for itself; None if not.

    Shape: `url` as redis://, rediss://, valkey:// or valkeys://; the client knows the latter names only.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  # its options are untyped
            url.replace("redis", "valkey", 1) if url.startswith("redis") else url,
            socket_timeout=PATIENCE_S,
            socket_connect_timeout=PATIENCE_S,
        )
        self.clock = clock
        self.again_at_s = float("-inf")
        self.problem: str | None = None

    async def together(self, ask: Callable[[], Awaitable[T]], alone: Callable[[], Awaitable[T]]) -> T:
        """Ask the server; while it does not answer, do it alone."""
        if self.clock() < self.again_at_s:
            return await alone()
        try:
            async with asyncio.timeout(PATIENCE_S):
                answer = await ask()
        except (StorageError, ValkeyError, OSError, TimeoutError) as error:
            self.again_at_s = self.clock() + AGAIN_S
            if self.problem is None:
                _log.warning("limits.counted_alone", problem=repr(error), again_in_s=AGAIN_S)
            self.problem = f"The server of COPILOT_API_LIMITS_URL does not answer ({type(error).__name__})."
            return await alone()
        if self.problem is not None:
            _log.info("limits.counted_together")
            self.problem = None
        return answer

    async def aclose(self) -> None:
        """Close the connections; who asks from now on is alone."""
        self.again_at_s = float("inf")
        await self.pool.aclose()
