"""What tokens cost where Copilot does not say."""

from fractions import Fraction

import pytest

from copilot_api.copilot.catalog import Billing, Prices
from copilot_api.copilot.prices import cost_of, prices_for
from copilot_api.neutral.usage import Usage

SONNET = Prices(
    input=Fraction(300_000),
    output=Fraction(1_500_000),
    cache_read=Fraction(30_000),
    cache_write=Fraction(375_000),
    context_max_tokens=200_000,
)
LONG = Prices(input=Fraction(600_000), output=Fraction(2_250_000))


def test_a_bill_that_was_seen_comes_out_to_the_nano() -> None:
    """16 tokens in and 17 out of claude-sonnet-4.6 were billed 30,300,000 nano-AIU (contract 9.3)."""
    assert cost_of(Usage(input_tokens=16, output_tokens=17), Billing(default=SONNET)) == 30_300_000


def test_cached_tokens_are_part_of_the_input_and_have_prices_of_their_own() -> None:
    """100 plain, 1,000 read, 10 written, 1 out."""
    usage = Usage(input_tokens=1_110, cache_read_tokens=1_000, cache_write_tokens=10, output_tokens=1)
    assert cost_of(usage, Billing(default=SONNET)) == 30_000_000 + 30_000_000 + 3_750_000 + 1_500_000


def test_a_cache_without_a_price_costs_what_input_costs() -> None:
    """The catalogue of some models names two prices only."""
    two = Billing(default=Prices(input=Fraction(10), output=Fraction(20)))
    assert cost_of(Usage(input_tokens=5, cache_read_tokens=2, cache_write_tokens=1), two) == 50


@pytest.mark.parametrize(("tokens", "expected"), [(200_000, SONNET), (200_001, LONG)])
def test_a_long_prompt_is_in_the_other_tier(tokens: int, expected: Prices) -> None:
    """The default tier ends where the catalogue says."""
    assert prices_for(Billing(default=SONNET, long_context=LONG), tokens) is expected


def test_without_prices_there_is_no_cost() -> None:
    """A model of the multiplier days, and one that has half of a price."""
    usage = Usage(input_tokens=1, output_tokens=1)
    assert cost_of(usage, Billing(multiplier=Fraction(1))) is None
    assert cost_of(usage, Billing(default=Prices(output=Fraction(1)))) is None
    assert cost_of(usage, Billing(default=Prices(input=Fraction(1)))) is None
    assert cost_of(Usage(input_tokens=3), Billing(default=Prices(input=Fraction(1, 2)))) == 2


def test_a_model_with_only_a_long_tier_is_priced_by_it() -> None:
    """Nothing says that a default tier must be there."""
    assert prices_for(Billing(long_context=LONG), 5) is LONG
