"""What is said of a gap between our sums and GitHub's: only what the readings show."""

import pytest

from copilot_api.store.ledger.queries.causes import EXPLANATIONS, Hour, cause_of

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TODAY = 20_000
OCTOBER, NOVEMBER = "2026-10-01T00:00:00Z", "2026-11-01"


def hour(
    number: float, spent: float, *, since: float | None = None, left: float = 200.0, **more: object
) -> Hour:
    """A reading of a bucket of 300, so many hours after the day began; the one before it an hour earlier."""
    begin_ms = TODAY * DAY_MS
    return Hour(
        at_ms=begin_ms + int(number * HOUR_MS),
        since_ms=begin_ms + int((number - 1 if since is None else since) * HOUR_MS),
        spent=spent,
        remaining=left,
        entitlement=float(str(more.get("entitlement", 300.0))),
        resets_at=str(more.get("resets_at", OCTOBER)),
    )


@pytest.mark.parametrize(
    ("charge", "hours", "cause"),
    [
        (2.0, [], "untold"),
        (2.0, [hour(1, 2.0)], "agree"),
        (0.0, [hour(1, 0.0)], "agree"),
        (2.0, [hour(1, 1.0), hour(2, 1.0049)], "agree"),  # not visible with two decimals
        (2.0, [hour(1, 2.01)], "rounding"),
        (2.0, [hour(1, 2.3)], "rounding"),  # a tenth of a percent of 300
        (2.0, [hour(1, 1.7)], "rounding"),
        (2.0, [hour(1, 2.31)], "others"),
        (500.0, [hour(1, 504.0)], "others"),  # a percent of what was charged is no rounding
        (2.0, [hour(1, 2.04, entitlement=10.0)], "rounding"),
        (2.0, [hour(1, 2.06, entitlement=10.0)], "others"),
        (5.0, [hour(1, 1.0)], "pending"),
        (1.0, [hour(9, 8.0, since=-10)], "backlog"),  # told in the morning, of the night before too
        (1.0, [hour(9, 0.5, since=-10), hour(10, 7.5)], "others"),  # most of it was taken while we looked
        (1.0, [hour(1, 1.0), hour(9, 7.0, since=1)], "away"),
        (1.0, [hour(1, 1.0), hour(2.9, 7.0)], "others"),
        (0.0, [hour(1, 4.0)], "others"),
    ],
)
def test_a_gap_of_today_has_one_cause(charge: float, hours: list[Hour], cause: str) -> None:
    """Charge here, readings of the day, and what is said."""
    assert cause_of(TODAY, TODAY, charge, hours) == cause


def test_a_reset_hides_what_was_taken_just_before_it() -> None:
    """Within the day, or between the day before and its first reading."""
    last = hour(-2, 1.0, left=5.0)
    anew = hour(1, 1.0, left=299.0, resets_at=NOVEMBER)
    assert cause_of(TODAY, TODAY + 5, 9.0, [anew], before=last) == "reset"
    assert cause_of(TODAY, TODAY + 5, 9.0, [hour(0.5, 1.0, left=5.0), anew]) == "reset"
    assert cause_of(TODAY, TODAY + 5, 1.0, [anew], before=last) == "agree"


def test_a_date_said_in_another_way_is_no_reset() -> None:
    """GitHub writes the day alone in one place, and the moment in another."""
    hours = [hour(1, 1.0, resets_at="2026-10-01"), hour(2, 1.0)]
    assert cause_of(TODAY, TODAY + 5, 9.0, hours) == "less"


def test_a_raised_quota_hides_what_was_taken_meanwhile() -> None:
    """More was bought: what is left rises in the middle of a month."""
    hours = [hour(1, 1.0, left=100.0), hour(2, 0.0, left=250.0)]
    assert cause_of(TODAY, TODAY + 5, 9.0, hours) == "raised"


def test_what_was_not_told_on_the_day_may_be_told_by_the_next_reading() -> None:
    """The gateway stopped at noon; the next day's first reading begins there."""
    hours = [hour(11, 1.0), hour(12, 0.0)]
    assert cause_of(TODAY, TODAY + 5, 4.0, hours, after=hour(33, 3.0, since=12)) == "later"
    assert cause_of(TODAY, TODAY + 5, 4.0, hours, after=hour(33, 0.0, since=12)) == "less"
    assert cause_of(TODAY, TODAY + 5, 4.0, hours, after=hour(33, 3.0, since=30)) == "less"
    assert cause_of(TODAY, TODAY + 5, 4.0, hours) == "less"


def test_only_agreement_is_called_that() -> None:
    """Each cause has words, and none but one says that both agree."""
    assert [cause for cause, words in EXPLANATIONS.items() if "agree" in words.lower()] == ["agree"]
    for cause in ("reset", "raised", "later", "pending", "less"):
        assert EXPLANATIONS[cause].startswith("GitHub took less")
    for cause in ("backlog", "away", "others"):
        assert EXPLANATIONS[cause].startswith("GitHub took more")
