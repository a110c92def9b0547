"""Work on long bodies, done where it holds nobody up.

Owns the size from which a body is long. What is done must be pure: it runs in a thread then (decision 0018).
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

LONG_BODY_BYTES: Final = 128 * 1024
"""A longer body is read and changed in a thread: 1 MB takes tens of milliseconds, which nobody else should wait."""


async def apart(body: bytes, work: Callable[[], T]) -> T:
    """Do it here where `body` is short, else in a thread.

    Raises: whatever `work` raises.
    """
    if len(body) <= LONG_BODY_BYTES:
        return work()
    return await asyncio.to_thread(work)
