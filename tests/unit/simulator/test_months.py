"""Quotas begin anew in the future, whenever the simulator runs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from copilot_api.simulator.world.months import next_month


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        ("2026-09-01T12:00:00", "2026-10-01T00:00:00"),
        ("2026-11-30T23:59:59", "2026-12-01T00:00:00"),
        ("2026-12-01T00:00:00", "2027-01-01T00:00:00"),
        ("2027-12-31T23:59:59", "2028-01-01T00:00:00"),
        ("2028-01-31T00:00:00", "2028-02-01T00:00:00"),
    ],
)
def test_a_month_ends_on_the_first_of_the_next(now: str, begins: str) -> None:
    """UTC; a year ends too."""
    unix_s = datetime.fromisoformat(now).replace(tzinfo=UTC).timestamp()
    assert next_month(unix_s).isoformat() == f"{begins}+00:00"


@pytest.mark.parametrize("plan", ["individual", "business", "enterprise", "free", "free-legacy"])
async def test_every_date_that_a_plan_tells_is_to_come(world: Any, plan: str) -> None:
    """The seat, the token and the headers of an answer, years after they were recorded."""
    world.clock.now_s = datetime(2031, 5, 20, tzinfo=UTC).timestamp()
    world.plan = plan
    seat = (await world.github("GET", "/copilot_internal/user")).json
    assert seat["quota_reset_date"] == "2031-06-01"
    assert seat["quota_reset_date_utc"] == "2031-06-01T00:00:00.000Z"
    for bucket in (seat.get("quota_snapshots") or {}).values():
        assert bucket["quota_reset_at"] == 1_938_117_600  # 2031-06-01T22:00:00Z
        assert bucket["timestamp_utc"] == "2031-05-20T00:00:00.000Z"
    assert seat.get("limited_user_reset_date") in (None, "2031-06-18")
    token = (await world.github("GET", "/copilot_internal/v2/token")).json
    assert token["limited_user_reset_date"] in (None, 1_939_507_200)  # 2031-06-18
    answer = await world.chat("hi")
    assert "&rst=2031-06-01T00%3A00%3A00Z&" in answer.headers["x-quota-snapshot-chat"]


async def test_a_new_month_begins_with_full_balances(world: Any) -> None:
    """Also for a seat that was overdrawn; the first month goes on where the plan document stands."""
    world.plan = "business"
    before = (await world.github("GET", "/copilot_internal/user")).json["quota_snapshots"]
    assert before["premium_interactions"]["quota_remaining"] == -1.0
    world.clock.now_s += 31 * 86_400
    after = (await world.github("GET", "/copilot_internal/user")).json
    assert after["quota_snapshots"]["premium_interactions"]["quota_remaining"] == 300.0
    assert after["quota_reset_date"] == "2026-11-01"
