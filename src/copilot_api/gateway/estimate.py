"""What a request will cost, told before it has: our own count of its input by the catalogue's prices.

Made beside the request, never in front of it and never at Copilot's: the answer's head waits for it a moment at
most, and goes without it after that. A person who is asked for a yes is told the same.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
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
LATE: Final = "late"
UNPRICED: Final = "no_price"
NOT_COUNTED: Final = "not_counted"
_WORDS: Final = {
    LATE: "not counted in time",
    UNPRICED: "the catalogue names no price",
    NOT_COUNTED: "only what chat models are asked is counted",
}
_NANO: Final = 1e9


class Price(msgspec.Struct, frozen=True):
    """What a request comes to, as far as it is known before the answer; `problem` says why something is not.

    Units: nano-AIU of the input alone, none of it from a cache; the most is with the longest answer that may come.
    Shape: `problem` is "late", "no_price", "not_counted" or an error's code.
    """

    input_tokens: int | None = None
    nano_aiu: int | None = None
    most_nano_aiu: int | None = None
    problem: str = ""

    @property
    def credits(self) -> float | None:
        """What the input costs."""
        return None if self.nano_aiu is None else self.nano_aiu / _NANO

    @property
    def most_credits(self) -> float | None:
        """What the whole may cost."""
        return None if self.most_nano_aiu is None else self.most_nano_aiu / _NANO

    @property
    def reason(self) -> str:
        """Why it is not known, in words where there are any."""
        return _WORDS.get(self.problem, self.problem)


class Estimate:
    """One estimate on its way."""

    __slots__ = ("_patience_s", "_price")

    def __init__(self, price: "asyncio.Future[Price]", patience_s: float) -> None:
        self._price = price
        self._patience_s = patience_s

    async def price(self) -> Price:
        """The price, however long the count takes."""
        return await asyncio.shield(self._price)

    async def header(self) -> tuple[bytes, bytes]:
        """The header, once the count is there; `unknown` where it takes too long.

        Shape: credits=0.0123; input_tokens=41; at_most=0.9723
        """
        try:
            async with asyncio.timeout(self._patience_s):
                price = await self.price()
        except TimeoutError:
            price = Price(problem=LATE)
        return HEADER, written(price).encode()


class Estimator:
    """Makes estimates. Units: `patience_s` is the longest that an answer's head waits."""

    def __init__(self, counter: LocalCounter, *, spawn: Spawn, patience_s: float = PATIENCE_S) -> None:
        self._counter = counter
        self._spawn = spawn
        self._patience_s = patience_s

    def begin(
        self, call: Call, model: Model, extra_prompt: str | None, *, counts_unpriced: bool = False
    ) -> Estimate:
        """Begin to count; nobody waits for it here. What has no price is counted only for somebody who wants that."""
        price: asyncio.Future[Price] = asyncio.get_running_loop().create_future()
        if counts_unpriced or prices_for(model.billing, 0) is not None:
            self._spawn(self._count(price, partial(read_counted, call, extra_prompt), model))
        else:
            price.set_result(Price(problem=UNPRICED))
        return Estimate(price, self._patience_s)

    async def _count(
        self, price: "asyncio.Future[Price]", read: Callable[[], ModelRequest], model: Model
    ) -> None:
        asked: list[int | None] = []

        def read_once() -> ModelRequest:
            request = read()
            asked.append(request.max_output_tokens)
            return request

        try:
            counted = await self._counter.count(read_once, model)
            price.set_result(price_of(counted.tokens, asked[0] or model.limits.output_tokens, model))
        except GatewayError as error:
            price.set_result(Price(problem=error.code))
        finally:
            if not price.done():  # a bug, which the background logs; nobody need wait for it
                price.set_result(Price(problem=GatewayError.code))


def price_of(input_tokens: int, most_output_tokens: int | None, model: Model) -> Price:
    """What so many tokens cost, and the most that the whole may come to."""
    least = cost_of(Usage(input_tokens=input_tokens), model.billing)
    if least is None:
        return Price(input_tokens, problem=UNPRICED)
    most = None
    if most_output_tokens is not None:
        most = cost_of(Usage(input_tokens=input_tokens, output_tokens=most_output_tokens), model.billing)
    return Price(input_tokens, least, most)


def written(price: Price) -> str:
    """The header's value."""
    if price.credits is None:
        return f"unknown; reason={price.reason}"
    facts = [f"credits={price.credits:.4f}", f"input_tokens={price.input_tokens}"]
    if price.most_credits is not None:
        facts.append(f"at_most={price.most_credits:.4f}")
    return "; ".join(facts)
