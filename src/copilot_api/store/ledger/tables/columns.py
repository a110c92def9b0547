"""The names of what is added up, in the order in which it is kept everywhere: tables, statements, answers."""

SUMS = (
    "requests",
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "nano_aiu",
    "charge_nano",
    "premium",
)
"""By hour, by day and by conversation. Units as in `entry.py`."""

LATENCY = ("first_byte_ms", "first_bytes", "total_ms")
"""Likewise of the times: ms to the first byte, answers that had one, ms in all."""
