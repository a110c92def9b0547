"""Slots that several gateways share: a lease in the server for each exchange, which expires unless it is renewed.

A gateway that is killed gives its slots back by not renewing them. Times are the server's own, so clocks that differ
do no harm. Within one gateway who waited longest is next; between gateways, who asks first after a slot is free.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Final, cast

from valkey.asyncio import Valkey

from copilot_api.copilot.flight import Spawn
from copilot_api.gateway.admission.shared.server import Server
from copilot_api.gateway.admission.slots import MemorySlots, refusal

LEASE_S: Final = 30.0
"""How long a slot stays taken after the gateway that took it has died."""
POLL_S: Final = 0.25
"""How often the first in line asks; a slot that this gateway gives back is noticed at once."""
_PREFIX: Final = "copilot-api/slots/"

_TAKE: Final = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
return 1
"""
_RENEW: Final = """
local t = redis.call('TIME')
local ends = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], ends, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 2)
return #ARGV - 1
"""
_COUNT: Final = """
local t = redis.call('TIME')
return redis.call('ZCOUNT', KEYS[1], '(' .. (t[1] * 1000 + math.floor(t[2] / 1000)), '+inf')
"""


class _Line:
    """Who waits here for one name: the lock is the line, the event tells its first that a slot may be free."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.given = asyncio.Event()
        self.waiting = 0


class SharedSlots:
    """Slots in the server; while it does not answer, this process's own.

    Units: `lease_s` until a slot of a dead gateway is free.
    """

    def __init__(self, server: Server, *, spawn: Spawn, lease_s: float = LEASE_S) -> None:
        self._server = server
        self._client = Valkey(connection_pool=server.pool)
        self._spawn = spawn
        self._lease_ms = int(lease_s * 1000)
        self._alone = MemorySlots()
        self._held: dict[str, str] = {}
        """Names by lease."""
        self._lines: dict[str, _Line] = {}

    @property
    def waiting(self) -> int:
        """How many stand in line here."""
        return sum(line.waiting for line in self._lines.values()) + self._alone.waiting

    async def check(self, name: str, limit: int, whose: str, remedy: str) -> None:
        """Look whether there is a slot; none is taken.

        Raises: Throttled.
        """

        async def ask() -> bool:
            return await self._run(_COUNT, name) < limit

        async def alone() -> bool:
            await self._alone.check(name, limit, whose, remedy)
            return True

        if not await self._server.together(ask, alone):
            raise refusal(limit, whose, remedy)

    async def take(self, name: str, limit: int, whose: str, remedy: str, patience_s: float) -> str:
        """Take a slot and return what gives it back; wait up to `patience_s` for one.

        Raises: Throttled when there is none in that time.
        """
        line = self._lines.setdefault(name, _Line())
        if not line.waiting:
            lease = await self._try(name, limit, whose, remedy)
            if lease:
                return lease
        if patience_s <= 0:
            raise refusal(limit, whose, remedy)
        line.waiting += 1
        try:
            async with asyncio.timeout(patience_s), line.lock:
                while True:
                    line.given.clear()
                    lease = await self._try(name, limit, whose, remedy)
                    if lease:
                        return lease
                    await _either(line.given, POLL_S)
        except TimeoutError:
            raise refusal(limit, whose, remedy) from None
        finally:
            line.waiting -= 1

    def give(self, lease: str) -> None:
        """Give back what `take` returned."""
        name = self._held.pop(lease, None)
        if name is None:
            self._alone.give(lease)
            return
        self._spawn(self._drop(name, lease))

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Renew what is held, for ever."""
        while True:
            await sleep(self._lease_ms / 1000 / 3)
            await self.renew()

    async def renew(self) -> None:
        """Make every lease last for a whole one from now; one that was lost is there again."""
        by_name: dict[str, list[str]] = {}
        for lease, name in self._held.items():
            by_name.setdefault(name, []).append(lease)

        async def ask() -> None:
            for name, leases in by_name.items():
                await self._run(_RENEW, name, self._lease_ms, *leases)

        if by_name:
            await self._server.together(ask, _nothing)

    async def aclose(self) -> None:
        """Give back what is still held."""
        for lease, name in tuple(self._held.items()):
            del self._held[lease]
            await self._drop(name, lease)

    async def _try(self, name: str, limit: int, whose: str, remedy: str) -> str:
        """One attempt: the lease, or nothing. What was granted to somebody who has gone meanwhile is given back."""
        lease = secrets.token_hex(8)

        async def ask() -> str:
            return lease if await self._run(_TAKE, name, limit, self._lease_ms, lease) else ""

        async def alone() -> str:
            return name if self._alone.take_now(name, limit) else ""

        try:
            found = await self._server.together(ask, alone)
        except BaseException:
            self._spawn(self._drop(name, lease))
            raise
        if found == lease:
            self._held[lease] = name
        elif found == name:
            self._spawn(self._drop(name, lease))  # the server may have granted it and not said so in time
        return found

    async def _drop(self, name: str, lease: str) -> None:
        async def ask() -> None:
            await cast("Awaitable[int]", self._client.zrem(_PREFIX + name, lease))

        await self._server.together(ask, _nothing)
        line = self._lines.get(name)
        if line is not None:
            line.given.set()

    async def _run(self, script: str, name: str, *arguments: object) -> int:
        """Run a script on the key of a name; the server runs each as one step."""
        numbers = (str(argument) for argument in arguments)
        return int(await cast("Awaitable[int]", self._client.eval(script, 1, _PREFIX + name, *numbers)))


async def _nothing() -> None:
    """What is not told to a server that is away: leases there end by themselves."""


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait until it is set, or for so long."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass
