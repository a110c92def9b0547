"""An estimate is a header: numbers where they are known, the reason where not, and never a wait."""

import asyncio
from fractions import Fraction

import pytest

from copilot_api.copilot.catalog import Billing, Limits, Model, Prices
from copilot_api.gateway.estimate import Estimate, Price, price_of, written

PRICED = Model(
    id="m",
    billing=Billing(default=Prices(input=Fraction(100_000), output=Fraction(500_000))),
    limits=Limits(output_tokens=2_000),
)


def test_the_input_is_told_and_the_most_it_may_come_to() -> None:
    """1,000 tokens in are a tenth of a credit; 2,000 out a whole one more."""
    price = price_of(1_000, 2_000, PRICED)
    assert price == Price(1_000, 100_000_000, 1_100_000_000)
    assert (price.credits, price.most_credits) == (0.1, 1.1)
    assert written(price) == "credits=0.1000; input_tokens=1000; at_most=1.1000"
    assert written(price_of(1_000, None, PRICED)) == "credits=0.1000; input_tokens=1000"


def test_without_prices_it_is_unknown() -> None:
    """A model of the multiplier days. What was counted is known all the same."""
    price = price_of(1_000, 2_000, Model(id="m"))
    assert (price.input_tokens, price.credits, price.most_credits) == (1_000, None, None)
    assert written(price) == "unknown; reason=the catalogue names no price"


@pytest.mark.parametrize(
    ("problem", "reason"),
    [("late", "not counted in time"), ("count_unavailable", "count_unavailable"), ("", "")],
)
def test_what_is_not_known_has_a_reason(problem: str, reason: str) -> None:
    """In words where it is ours, else the code of the error."""
    assert Price(problem=problem).reason == reason


async def test_a_count_that_does_not_come_is_not_waited_for() -> None:
    """The answer is more important than its price."""
    price: asyncio.Future[Price] = asyncio.get_running_loop().create_future()
    late = Estimate(price, patience_s=0.01)
    assert await late.header() == (b"x-copilot-api-estimate", b"unknown; reason=not counted in time")
    price.set_result(Price(41, 1_000_000_000))
    assert await late.header() == (b"x-copilot-api-estimate", b"credits=1.0000; input_tokens=41")
    assert await late.price() == Price(41, 1_000_000_000)
