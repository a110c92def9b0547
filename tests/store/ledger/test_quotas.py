"""Quota readings: what was spent, how long it lasts, and whether GitHub's numbers are ours."""

import pytest

from copilot_api.store.ledger import Book, Questions, Reading
from copilot_api.store.ledger.writing.readings import step
from store.ledger.made import BEGIN_MS, entry

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIDNIGHT_MS = BEGIN_MS - BEGIN_MS % DAY_MS


def reading(
    at_ms: int, remaining: float, *, resets_at: str = "2026-10-01T00:00:00Z", bucket: str = "chat"
) -> Reading:
    """A reading of a bucket of 300."""
    return Reading("1", bucket, at_ms, remaining, 300.0, resets_at, is_token_billed=True)


@pytest.mark.parametrize(
    ("remaining", "resets_at", "new", "expected"),
    [
        (200.0, "2026-10-01", reading(0, 197.5), (2.5, 197.5)),
        (200.0, "2026-10-01", reading(0, 200.0), (0.0, 200.0)),
        (200.0, "2026-10-01", reading(0, 201.0), (0.0, 200.0)),  # an answer that was overtaken
        (200.0, "2026-10-01", reading(0, 250.0), (0.0, 250.0)),  # more was bought
        (5.0, "2026-09-01", reading(0, 290.0), (10.0, 290.0)),  # a new month, 10 of it already gone
        (
            5.0,
            "2026-10-01T00:00:00Z",
            reading(0, 6.0, resets_at="2026-10-01"),
            (0.0, 5.0),
        ),  # said in another way
        (290.0, "2026-09-01", reading(0, 280.0), (20.0, 280.0)),  # a new month: it began with 300
        (200.0, "2026-11-01", reading(0, 197.5), (2.5, 197.5)),  # an older word of the month before
        (5.0, "", reading(0, 290.0), (0.0, 290.0)),
        (-3.0, "2026-10-01", reading(0, -4.0), (1.0, -4.0)),  # overdrawn
    ],
)
def test_a_step_from_one_reading_to_the_next(
    remaining: float, resets_at: str, new: Reading, expected: tuple[float, float]
) -> None:
    """Falls are spent; small rises are noise, big ones and new periods are resets."""
    assert step(remaining, resets_at, new) == expected


async def test_what_is_left_becomes_a_course_and_a_forecast(book: Book) -> None:
    """Ten a day for three days, 270 left: it lasts for 27 days more."""
    await book.write(
        (), [reading(MIDNIGHT_MS + hour * HOUR_MS, 300.0 - hour * 10 / 24) for hour in range(0, 73, 6)]
    )
    (pace,) = await Questions(book).pace("1", MIDNIGHT_MS + 3 * DAY_MS)
    assert (pace.bucket, pace.entitlement, pace.is_token_billed) == ("chat", 300.0, True)
    assert pace.points[0] == (MIDNIGHT_MS, 300.0)
    assert pace.points[-1] == (MIDNIGHT_MS + 3 * DAY_MS, 270.0)
    assert len(pace.points) == 13
    assert pace.per_day == pytest.approx(10.0)
    assert pace.lasts_until_ms == pytest.approx(MIDNIGHT_MS + 30 * DAY_MS, abs=1000)


async def test_a_period_begins_anew_and_an_idle_bucket_lasts_for_ever(book: Book) -> None:
    """Points of the former month are not of this one."""
    await book.write(
        (),
        [
            reading(MIDNIGHT_MS, 20.0, resets_at="2026-09-22"),
            reading(MIDNIGHT_MS + DAY_MS, 299.0),
            reading(MIDNIGHT_MS + 2 * DAY_MS, 299.0),
        ],
    )
    (pace,) = await Questions(book).pace("1", MIDNIGHT_MS + 3 * DAY_MS)
    assert pace.points == ((MIDNIGHT_MS + DAY_MS, 299.0), (MIDNIGHT_MS + 2 * DAY_MS, 299.0))
    assert (pace.per_day, pace.lasts_until_ms) == (0.0, None)


async def test_readings_of_one_hour_are_one_row_and_older_ones_are_ignored(book: Book) -> None:
    """The hour's last value, and all that was spent within it."""
    for minute, left in ((0, 300.0), (10, 290.0), (5, 500.0), (50, 280.0)):
        await book.write((), [reading(MIDNIGHT_MS + minute * 60_000, left)])
    _, days = await Questions(book).reconciliation("1", 1, MIDNIGHT_MS + HOUR_MS)
    assert [day.github_delta for day in days] == [20.0]


async def test_our_sums_stand_beside_githubs_numbers(book: Book) -> None:
    """Day one agrees, on day two somebody else used the account, on day three nothing was read."""
    day = MIDNIGHT_MS // DAY_MS
    await book.write(
        [
            entry(1, at_ms=MIDNIGHT_MS, charge_nano=2_000_000_000, nano_aiu=2_000_000_000, premium=1.0),
            entry(2, at_ms=MIDNIGHT_MS + DAY_MS, charge_nano=1_000_000_000),
            entry(3, at_ms=MIDNIGHT_MS + 2 * DAY_MS, charge_nano=3_000_000_000, account="1"),
            entry(4, at_ms=MIDNIGHT_MS + 2 * DAY_MS, charge_nano=9_000_000_000, account="2"),
        ],
        [
            reading(MIDNIGHT_MS - HOUR_MS, 300.0),
            reading(MIDNIGHT_MS + HOUR_MS, 298.0),
            reading(MIDNIGHT_MS + 23 * HOUR_MS, 298.0),
            reading(MIDNIGHT_MS + DAY_MS + HOUR_MS, 297.0),
            reading(MIDNIGHT_MS + DAY_MS + 2 * HOUR_MS, 290.0),
        ],
    )
    bucket, days = await Questions(book).reconciliation("1", 3, MIDNIGHT_MS + 2 * DAY_MS + HOUR_MS)
    assert bucket == "chat"
    assert [(d.day, d.requests, d.local_charge, d.github_delta, d.gap) for d in days] == [
        (day + 2, 1, 3.0, None, None),
        (day + 1, 1, 1.0, 8.0, 7.0),
        (day, 1, 2.0, 2.0, 0.0),
    ]
    assert (days[2].credits, days[2].premium) == (2.0, 1.0)
    assert [d.explanation.partition(":")[0].partition(",")[0] for d in days] == [
        "GitHub told nothing of the quota on this day.",
        "GitHub took more than went through here",
        "Both agree.",
    ]
    assert [d.cause for d in days] == ["untold", "others", "agree"]


async def test_a_gap_is_explained_where_it_can_be(book: Book) -> None:
    """Less than we counted; more than went through here, all of it seen within the day."""
    await book.write(
        [entry(1, at_ms=MIDNIGHT_MS, charge_nano=5_000_000_000)],
        [reading(MIDNIGHT_MS + HOUR_MS, 300.0), reading(MIDNIGHT_MS + 2 * HOUR_MS, 299.0)],
    )
    questions = Questions(book)
    _, (less,) = await questions.reconciliation("1", 1, MIDNIGHT_MS + 3 * HOUR_MS)
    assert less.gap == -4.0
    assert less.explanation.startswith("GitHub took less than we counted so far")
    await book.write((), [reading(MIDNIGHT_MS + 4 * HOUR_MS, 200.0)])
    _, (more,) = await questions.reconciliation("1", 1, MIDNIGHT_MS + 5 * HOUR_MS)
    assert more.gap == 95.0
    assert "nothing was read here for hours" in more.explanation
    assert (less.cause, more.cause) == ("pending", "away")


async def test_a_gap_is_never_called_agreement(book: Book) -> None:
    """GitHub rounds to a tenth of a percent, here 0.3 of 300: less than that is rounding, and said to be a gap."""
    await book.write(
        [entry(1, at_ms=MIDNIGHT_MS, charge_nano=800_000_000)],
        [reading(MIDNIGHT_MS + HOUR_MS, 300.0), reading(MIDNIGHT_MS + 2 * HOUR_MS, 299.0)],
    )
    _, (day,) = await Questions(book).reconciliation("1", 1, MIDNIGHT_MS + 3 * HOUR_MS)
    assert day.gap == pytest.approx(0.2)
    assert day.cause == "rounding"
    assert day.explanation.startswith("The gap is within rounding")


async def test_the_bucket_a_person_watches_is_reconciled(book: Book) -> None:
    """Premium requests where the plan has them, else chat."""
    await book.write(
        (), [reading(MIDNIGHT_MS, 1.0), reading(MIDNIGHT_MS, 9.0, bucket="premium_interactions")]
    )
    bucket, _ = await Questions(book).reconciliation("1", 1, MIDNIGHT_MS)
    assert bucket == "premium_interactions"
