"""What Copilot says an answer cost: `copilot_usage`, the same on all three upstream protocols.

Owns the arithmetic of AI credits on the wire. Must never know which frame carried it.
Shape: {"token_details": [{"batch_size", "cost_per_batch", "token_count", "token_type"}], "total_nano_aiu"}
Units: nano-AIU; 1e9 of them are one AI credit. Source: upstream contract 9.3 (read 2026-11).
"""

from typing import Final, cast

import msgspec

from copilot_api.neutral.usage import TokenCost, Usage

_MAX_COUNT: Final = 2**53 - 1
"""The greatest whole number that every JSON reader keeps; databases take no more than 64 bits."""


def as_count(value: object) -> int:
    """Take a whole number; 0 for everything that is no count: other types, less than nothing, more than JSON knows."""
    if type(value) is int:  # nearly always; a bool is none
        return value if 0 <= value <= _MAX_COUNT else 0
    if isinstance(value, float) and value.is_integer() and 0 <= value <= _MAX_COUNT:
        return int(value)
    return 0


def as_fields(value: object) -> dict[str, object]:
    """Take a JSON object; empty for everything that is none."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def read_price(document: object) -> tuple[int | None, tuple[TokenCost, ...]]:
    """Read total and priced lines of a `copilot_usage` object; (None, ()) where it says nothing."""
    fields = as_fields(document)
    details = fields.get("token_details")
    costs: list[TokenCost] = []
    for line in cast("list[object]", details) if isinstance(details, list) else ():
        entry = as_fields(line)
        count = as_count(entry.get("token_count"))
        batch = as_count(entry.get("batch_size"))
        price = count * as_count(entry.get("cost_per_batch")) // batch if batch > 0 else 0
        costs.append(TokenCost(str(entry.get("token_type", "")), count, price))
    total = fields.get("total_nano_aiu")
    if isinstance(total, int | float):
        return as_count(total), tuple(costs)
    return (sum(cost.nano_aiu for cost in costs) if costs else None), tuple(costs)


def add_price(usage: Usage | None, document: object) -> Usage | None:
    """Complete `usage` with what `copilot_usage` says, its counts too where upstream gave none itself."""
    total, costs = read_price(document)
    if total is None and not costs:
        return usage
    if usage is None:
        counts = {cost.token_type: cost.token_count for cost in costs}
        read, written = counts.get("cache_read", 0), counts.get("cache_write", 0)
        usage = Usage(
            input_tokens=counts.get("input", 0) + read + written,
            output_tokens=counts.get("output", 0),
            cache_read_tokens=read,
            cache_write_tokens=written,
        )
    return msgspec.structs.replace(usage, total_nano_aiu=total, costs=costs)
