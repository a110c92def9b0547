"""An estimate is a header: numbers where they are known, the reason where not, and never a wait."""

import asyncio
from fractions import Fraction

from copilot_api.copilot.catalog import Billing, Limits, Model, Prices
from copilot_api.gateway.estimate import Estimate, written

PRICED = Model(
    id="m",
    billing=Billing(default=Prices(input=Fraction(100_000), output=Fraction(500_000))),
    limits=Limits(output_tokens=2_000),
)


def test_the_input_is_told_and_the_most_it_may_come_to() -> None:
    """1,000 tokens in are a tenth of a credit; 2,000 out a whole one more."""
    assert written(1_000, 2_000, PRICED) == "credits=0.1000; input_tokens=1000; at_most=1.1000"
    assert written(1_000, None, PRICED) == "credits=0.1000; input_tokens=1000"


def test_without_prices_it_is_unknown() -> None:
    """A model of the multiplier days."""
    assert written(1_000, 2_000, Model(id="m")) == "unknown; reason=the catalogue names no price"


async def test_a_count_that_does_not_come_is_not_waited_for() -> None:
    """The answer is more important than its price."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    late = Estimate(told, patience_s=0.01)
    assert await late.header() == (b"x-copilot-api-estimate", b"unknown; reason=not counted in time")
    told.set_result("credits=1.0000")
    assert await late.header() == (b"x-copilot-api-estimate", b"credits=1.0000")
