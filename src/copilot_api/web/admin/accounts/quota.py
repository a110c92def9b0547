"""What is left of a plan, as the page shows it: unlimited, overdrawn and not part of the plan told apart."""

import msgspec

from copilot_api.copilot.accounts import QuotaMeter
from copilot_api.copilot.quota import Quota
from copilot_api.web.admin.desk.instants import iso, iso_text

_FIRST = ("premium_models", "premium_interactions", "chat", "completions")


class Bucket(msgspec.Struct, frozen=True, rename="camel"):
    """One bucket or limiter. Numbers are null where nobody said; negative where more was used than there is.

    Of an unlimited bucket, and of one that `is_applicable` says is not part of the plan, no number means anything.
    """

    name: str
    is_unlimited: bool
    is_applicable: bool
    entitlement: float | None
    remaining: float | None
    used: float | None
    percent_remaining: float | None
    overage_used: float
    is_overage_permitted: bool
    resets_at: str | None


class QuotaView(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that is known. The bucket of AI credits stands in `ai_credits` and not among `buckets`."""

    read_at: str | None
    resets_at: str | None
    is_token_billed: bool
    buckets: tuple[Bucket, ...]
    limiters: tuple[Bucket, ...]
    ai_credits: Bucket | None


def quota_view(meter: QuotaMeter) -> QuotaView | None:
    """Show what a meter knows; None before anybody told."""
    snapshot = meter.snapshot
    if snapshot is None:
        return None
    ai_credits = snapshot.ai_credits
    others = sorted(
        (bucket for bucket in snapshot.buckets.values() if bucket is not ai_credits),
        key=lambda bucket: (_FIRST.index(bucket.name) if bucket.name in _FIRST else len(_FIRST), bucket.name),
    )
    return QuotaView(
        read_at=iso(meter.read_at_unix_s),
        resets_at=iso_text(snapshot.resets_at) or next(filter(None, map(_resets_at, others)), None),
        is_token_billed=snapshot.is_token_billed is True,
        buckets=tuple(map(_bucket, others)),
        limiters=tuple(_bucket(snapshot.limiters[name]) for name in sorted(snapshot.limiters)),
        ai_credits=_bucket(ai_credits) if ai_credits is not None else None,
    )


def _resets_at(bucket: Quota) -> str | None:
    return iso_text(bucket.resets_at)


def _bucket(quota: Quota) -> Bucket:
    return Bucket(
        name=quota.name,
        is_unlimited=quota.is_unlimited,
        is_applicable=quota.is_applicable,
        entitlement=quota.entitlement,
        remaining=quota.remaining,
        used=quota.used,
        percent_remaining=quota.percent_remaining,
        overage_used=quota.overage_used,
        is_overage_permitted=quota.is_overage_permitted,
        resets_at=_resets_at(quota),
    )
