"""What tokens cost by the catalogue's prices, for answers that Copilot did not price, and for estimates.

Pure. Source: upstream contract 9.3 (read 2026-11). A discount that the catalogue announces is not taken off: the
bills that were seen are at the full price.
"""

from fractions import Fraction

from copilot_api.copilot.catalog import Billing, Prices
from copilot_api.neutral.usage import Usage


def prices_for(billing: Billing, input_tokens: int) -> Prices | None:
    """The price tier that a prompt of this length is in; None for a model without prices."""
    default, long = billing.default, billing.long_context
    if default is None:
        return long
    limit = default.context_max_tokens
    return long if long is not None and limit is not None and input_tokens > limit else default


def cost_of(usage: Usage, billing: Billing) -> int | None:
    """What an answer costs by the catalogue; None where the catalogue does not say.

    Units: nano-AIU (1e-9 AI credits), rounded to a whole one.
    """
    prices = prices_for(billing, usage.input_tokens)
    if prices is None or prices.input is None or (prices.output is None and usage.output_tokens):
        return None
    plain = max(0, usage.input_tokens - usage.cache_read_tokens - usage.cache_write_tokens)
    total = (
        plain * prices.input
        + usage.cache_read_tokens * _or(prices.cache_read, prices.input)
        + usage.cache_write_tokens * _or(prices.cache_write, prices.input)
        + usage.output_tokens * (prices.output or 0)
    )
    return round(total)


def _or(price: Fraction | None, otherwise: Fraction) -> Fraction:
    return otherwise if price is None else price
