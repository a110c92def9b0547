"""What is left of a plan, by the reading rules of contract 1.6 and 9.1."""

import msgspec
import pytest

from copilot_api.copilot.quota import Quota, QuotaSnapshot, merged, read_header_quota, read_user_quota
from recorded import reply


def headers_of(name: str) -> list[tuple[str, str]]:
    """The recorded headers of a reply."""
    return list(msgspec.json.decode(reply(name), type=dict[str, str]).items())


def test_the_headers_of_a_paid_plan_are_read() -> None:
    """-1 is unlimited; counts and percentages are what is left; limiters are apart."""
    snapshot = read_header_quota(headers_of("headers-success-stream"))
    assert snapshot is not None
    assert snapshot.buckets["chat"].is_unlimited
    assert (snapshot.buckets["chat"].entitlement, snapshot.buckets["chat"].used) == (None, None)
    premium = snapshot.buckets["premium_interactions"]
    assert premium == Quota(
        name="premium_interactions",
        entitlement=1500.0,
        remaining=1279.5,
        percent_remaining=85.3,
        is_overage_permitted=True,
        resets_at="2026-10-01T00:00:00Z",
    )
    assert premium.used == 220.5
    assert snapshot.principal is premium
    assert snapshot.limiters["weekly"].percent_remaining == 18.5
    assert snapshot.limiters["session"].remaining == 62.0


def test_the_headers_of_a_free_seat_are_read() -> None:
    """An entitlement of nothing is "not part of this plan"; chat is what a free seat watches."""
    snapshot = read_header_quota(headers_of("headers-success-free"))
    assert snapshot is not None
    assert not snapshot.buckets["premium_models"].is_applicable
    assert snapshot.principal == snapshot.buckets["chat"]
    assert snapshot.buckets["chat"].remaining == 163.0


@pytest.mark.parametrize(
    ("value", "used"),
    [("ent=300&rem=50", 150.0), ("ent=300&rem=-1", 303.0), ("ent=300", None), ("rem=50", None)],
)
def test_usage_without_an_absolute_count_comes_from_the_percentage(value: str, used: float | None) -> None:
    """Used = entitlement x (1 - percent/100), overdrawn included."""
    snapshot = read_header_quota([("X-Quota-Snapshot-Chat", value)])
    assert snapshot is not None
    assert snapshot.buckets["chat"].used == used


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("content-type", "text/plain")],
        [("x-quota-snapshot-chat", "")],
        [("x-quota-snapshot-chat", "ent=x&rem=nan")],
        [("x-quota-snapshot-", "ent=1&rem=1")],
        [("x-quota-snapshot-chat", "ent=inf")],
    ],
)
def test_headers_that_say_nothing_are_no_snapshot(headers: list[tuple[str, str]]) -> None:
    """A reply without usable quota headers must not wipe what is known."""
    assert read_header_quota(headers) is None


def test_the_user_documents_are_read() -> None:
    """Unlimited beats entitlement 0; a remainder may be negative; a free seat has no premium bucket."""
    business = read_user_quota(msgspec.json.decode(reply("user-business")))
    assert business.buckets["chat"].is_unlimited
    assert business.buckets["premium_interactions"].remaining == -1.0
    assert business.buckets["premium_interactions"].used == 301.0
    assert business.resets_at == "2026-10-01T00:00:00.000Z"
    free = read_user_quota(msgspec.json.decode(reply("user-free")))
    assert not free.buckets["premium_interactions"].is_applicable
    assert free.principal == free.buckets["chat"]
    enterprise = read_user_quota(msgspec.json.decode(reply("user-enterprise-tbb")))
    assert enterprise.is_token_billed
    assert enterprise.buckets["premium_interactions"].remaining == 5210.25


def test_the_older_shape_of_free_seats_is_read() -> None:
    """`limited_user_quotas` is what remains, `monthly_quotas` the entitlement."""
    legacy = read_user_quota(msgspec.json.decode(reply("user-free-legacy")))
    assert legacy.buckets["chat"] == Quota("chat", entitlement=50.0, remaining=37.0, percent_remaining=74.0)
    assert legacy.resets_at == "2026-09-18"


@pytest.mark.parametrize(
    ("document", "buckets"),
    [
        ({}, {}),
        ({"quota_snapshots": None}, {}),
        ({"quota_snapshots": {"chat": None}}, {}),
        ({"monthly_quotas": {"chat": "x", "other": 0}}, {"other": Quota("other", entitlement=0.0)}),
        (
            {"quota_snapshots": {"chat": {"entitlement": 10, "remaining": 4, "has_quota": True}}},
            {"chat": Quota("chat", entitlement=10.0, remaining=4.0)},
        ),
        ({"quota_snapshots": {"chat": {"entitlement": -1}}}, {"chat": Quota("chat", is_unlimited=True)}),
    ],
)
def test_odd_user_documents_are_read(document: dict[str, object], buckets: dict[str, Quota]) -> None:
    """Every field is optional, values may be null."""
    assert read_user_quota(document).buckets == buckets


def test_a_plan_without_any_known_bucket_has_no_principal() -> None:
    """Nothing to watch."""
    assert QuotaSnapshot().principal is None


def test_replies_refine_what_is_known() -> None:
    """A reply names some buckets; the others stay."""
    first = QuotaSnapshot(buckets={"a": Quota("a"), "b": Quota("b")}, resets_at="x", is_token_billed=True)
    second = QuotaSnapshot(buckets={"b": Quota("b", remaining=1.0)}, limiters={"weekly": Quota("weekly")})
    assert merged(None, second) is second
    assert merged(first, second) == QuotaSnapshot(
        buckets={"a": Quota("a"), "b": Quota("b", remaining=1.0)},
        limiters={"weekly": Quota("weekly")},
        resets_at="x",
        is_token_billed=True,
    )
