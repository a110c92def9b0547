"""What a request will cost, told before it has: our own count of its input by the catalogue's prices.

Made beside the request, never in front of it and never at Copilot's: the answer's head waits for it a moment at
most, and goes without it after that.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.flight import Spawn
from copilot_api.copilot.prices import cost_of, prices_for
from copilot_api.errors import GatewayError
from copilot_api.gateway.count.local import LocalCounter
from copilot_api.gateway.count.reading import read_counted
from copilot_api.gateway.request.call import Call
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Usage

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

HEADER: Final = b"x-copilot-api-estimate"
PATIENCE_S: Final = 0.5
UNKNOWN: Final = "unknown"
_NANO: Final = 1e9


class Estimate:
    """One estimate on its way."""

    __slots__ = ("_patience_s", "_told")

    def __init__(self, told: "asyncio.Future[str]", patience_s: float) -> None:
        self._told = told
        self._patience_s = patience_s

    async def header(self) -> tuple[bytes, bytes]:
        """The header, once the count is there; `unknown` where it takes too long.

        Shape: credits=0.0123; input_tokens=41; at_most=0.9723
        """
        try:
            async with asyncio.timeout(self._patience_s):
                told = await asyncio.shield(self._told)
        except TimeoutError:
            told = f"{UNKNOWN}; reason=not counted in time"
        return HEADER, told.encode()


class Estimator:
    """Makes estimates. Units: `patience_s` is the longest that an answer's head waits."""

    def __init__(self, counter: LocalCounter, *, spawn: Spawn, patience_s: float = PATIENCE_S) -> None:
        self._counter = counter
        self._spawn = spawn
        self._patience_s = patience_s

    def begin(self, call: Call, model: Model, extra_prompt: str | None) -> Estimate:
        """Begin to count; nobody waits for it here."""
        told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        read = partial(read_counted, call, extra_prompt)
        self._spawn(self._tell(told, read, model))
        return Estimate(told, self._patience_s)

    async def _tell(
        self, told: "asyncio.Future[str]", read: Callable[[], ModelRequest], model: Model
    ) -> None:
        asked: list[int | None] = []

        def read_once() -> ModelRequest:
            request = read()
            asked.append(request.max_output_tokens)
            return request

        try:
            if prices_for(model.billing, 0) is None:
                told.set_result(f"{UNKNOWN}; reason=the catalogue names no price")
                return
            counted = await self._counter.count(read_once, model)
            told.set_result(written(counted.tokens, asked[0] or model.limits.output_tokens, model))
        except GatewayError as error:
            told.set_result(f"{UNKNOWN}; reason={error.code}")
        finally:
            if not told.done():  # a bug, which the background logs; the head need not wait for it
                told.set_result(UNKNOWN)


def written(input_tokens: int, most_output_tokens: int | None, model: Model) -> str:
    """The header's value: credits of the input, and the most that the whole may come to."""
    least = cost_of(Usage(input_tokens=input_tokens), model.billing)
    if least is None:
        return f"{UNKNOWN}; reason=the catalogue names no price"
    facts = [f"credits={least / _NANO:.4f}", f"input_tokens={input_tokens}"]
    if most_output_tokens is not None:
        most = cost_of(Usage(input_tokens=input_tokens, output_tokens=most_output_tokens), model.billing)
        if most is not None:
            facts.append(f"at_most={most / _NANO:.4f}")
    return "; ".join(facts)
