"""Ids out of a stock of random bytes."""

import re
import uuid

from copilot_api.gateway.request.ids import STOCK_BYTES, Chance, new_trace_id, new_uuid


def test_no_byte_is_given_twice() -> None:
    """Across the end of a stock, too, which the count does not divide."""
    chance = Chance()
    given = [chance.hexadecimal(7) for _ in range(3 * STOCK_BYTES // 7)]
    assert {len(text) for text in given} == {14}
    assert len(set(given)) == len(given)


def test_a_uuid_is_one_of_version_4() -> None:
    """As its readers check it."""
    found = [uuid.UUID(new_uuid()) for _ in range(300)]
    assert {one.version for one in found} == {4}
    assert {one.variant for one in found} == {uuid.RFC_4122}
    assert len(set(found)) == 300


def test_a_trace_id_is_safe_to_log_and_to_echo() -> None:
    """Sixteen hexadecimal digits."""
    assert all(re.fullmatch(r"[0-9a-f]{16}", new_trace_id()) for _ in range(100))
