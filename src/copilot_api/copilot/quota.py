"""What is left of an account's plan, read from reply headers and from GitHub's user document.

Pure. Must never know when it is read. Source: upstream contract 1.6 and 9.1 (read 2026-11).

Reading rules: a bucket without a cap is `unlimited: true` (GitHub) or `ent=-1` (headers), and its numbers
mean nothing then; an entitlement of 0 with nothing left means "not part of this plan", not "used up"; a
remainder may be negative. With token billing the premium bucket counts AI credits.
"""

from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import parse_qsl

import msgspec

from copilot_api.copilot.fields import as_table, as_text
from copilot_api.settings import write_instant

_BUCKET_PREFIX = "x-quota-snapshot-"
_LIMITER_PREFIX = "x-usage-ratelimit-"
_PREMIUM = ("premium_models", "premium_interactions")

TELLING_HEADERS = (
    "x-quota-snapshot-premium_models",
    "x-quota-snapshot-premium_interactions",
    "x-quota-snapshot-chat",
    "x-usage-ratelimit-session",
)
"""A reply that has none of these says nothing about quota (contract 9.1). The first that is there is principal."""


class Quota(msgspec.Struct, frozen=True):
    """One bucket or limiter.

    Units: counts in whatever the bucket counts (interactions, credits); `percent_remaining` 0 to 100,
    negative when overdrawn. None: not said. `is_applicable` is False for a bucket the plan does not have.
    `credits_used` is what GitHub itself says of a token-billed bucket.
    """

    name: str
    is_unlimited: bool = False
    is_applicable: bool = True
    entitlement: float | None = None
    remaining: float | None = None
    percent_remaining: float | None = None
    overage_used: float = 0.0
    is_overage_permitted: bool = False
    resets_at: str = ""
    is_token_billed: bool = False
    credits_used: float | None = None

    @property
    def used(self) -> float | None:
        """How much is gone, entitlement x (1 - percent/100) as VS Code computes it; None if unknowable."""
        if self.credits_used is not None:
            return self.credits_used
        if self.is_unlimited or not self.is_applicable or self.entitlement is None:
            return None
        if self.remaining is not None:
            return self.entitlement - self.remaining
        return (
            None if self.percent_remaining is None else self.entitlement * (1 - self.percent_remaining / 100)
        )


class QuotaSnapshot(msgspec.Struct, frozen=True):
    """Every bucket and limiter of an account at one moment, by name. `is_token_billed` None: not said."""

    buckets: Mapping[str, Quota] = {}
    limiters: Mapping[str, Quota] = {}
    resets_at: str = ""
    is_token_billed: bool | None = None

    @property
    def principal(self) -> Quota | None:
        """The bucket a person watches: premium requests where the plan has them, else chat (contract 9.1)."""
        for name in (*_PREMIUM, "chat"):
            bucket = self.buckets.get(name)
            if bucket is not None and bucket.is_applicable:
                return bucket
        return None

    @property
    def ai_credits(self) -> Quota | None:
        """The bucket that counts AI credits; None where the plan counts requests (contract 9.3)."""
        for name in _PREMIUM:
            bucket = self.buckets.get(name)
            if bucket is not None and bucket.is_applicable:
                return bucket if self.is_token_billed or bucket.is_token_billed else None
        return None


def left_in_header(value: str) -> float | None:
    """What a bucket's header says is left, in its own unit; None for a bucket without a cap, or of no number.

    Shape: "ent=300&ov=0.0&ovPerm=false&rem=85.3&rst=2026-09-01T00%3A00%3A00Z&totRem=256.0" -> 256.0
    """
    entitlement = _number(_field(value, "ent"))
    if entitlement is None or entitlement <= 0:
        return None
    left = _number(_field(value, "totRem"))
    percent = _number(_field(value, "rem")) if left is None else None
    if left is None and percent is not None:
        left = entitlement * percent / 100
    return left


def _field(value: str, name: str) -> str | None:
    """One field of a header, without taking the others apart."""
    _, found, rest = f"&{value}".partition(f"&{name}=")
    return rest.partition("&")[0] if found else None


def read_header_quota(headers: Iterable[tuple[str, str]]) -> QuotaSnapshot | None:
    """Read the quota headers of a reply; None when it has none.

    Shape: ("x-quota-snapshot-chat", "ent=200&ov=0.0&ovPerm=false&rem=81.5&rst=2026-10-01&totRem=163")
    """
    buckets: dict[str, Quota] = {}
    limiters: dict[str, Quota] = {}
    for key, value in headers:
        name = key.lower()
        if name.startswith(_BUCKET_PREFIX):
            _put(buckets, name.removeprefix(_BUCKET_PREFIX), value)
        elif name.startswith(_LIMITER_PREFIX):
            _put(limiters, name.removeprefix(_LIMITER_PREFIX), value)
    return QuotaSnapshot(buckets=buckets, limiters=limiters) if buckets or limiters else None


def read_user_quota(document: Mapping[str, object]) -> QuotaSnapshot:
    """Read `quota_snapshots` of the user document, or the older `limited_user_quotas` of free seats."""
    buckets: dict[str, Quota] = {}
    for name, value in as_table(document.get("quota_snapshots")).items():
        if isinstance(value, dict):
            buckets[name] = _bucket(name, as_table(cast("object", value)))
    resets_at = as_text(document.get("quota_reset_date_utc")) or as_text(document.get("quota_reset_date"))
    if not buckets:
        buckets = _legacy(document)
        resets_at = _instant(document.get("limited_user_reset_date")) or resets_at
    return QuotaSnapshot(
        buckets=buckets, resets_at=resets_at, is_token_billed=document.get("token_based_billing") is True
    )


def merged(old: QuotaSnapshot | None, new: QuotaSnapshot) -> QuotaSnapshot:
    """Lay `new` over `old`: replies name only some buckets, and not what those count."""
    if old is None:
        return new
    is_silent = new.is_token_billed is None
    renewed = {
        name: msgspec.structs.replace(bucket, is_token_billed=old.buckets[name].is_token_billed)
        if is_silent and name in old.buckets
        else bucket
        for name, bucket in new.buckets.items()
    }
    return QuotaSnapshot(
        buckets={**old.buckets, **renewed},
        limiters={**old.limiters, **new.limiters},
        resets_at=new.resets_at or old.resets_at,
        is_token_billed=old.is_token_billed if is_silent else new.is_token_billed,
    )


def _put(quotas: dict[str, Quota], name: str, value: str) -> None:
    fields = dict(parse_qsl(value, keep_blank_values=True))
    entitlement = _number(fields.get("ent"))
    percent = _number(fields.get("rem"))
    if not name or (entitlement is None and percent is None):
        return
    is_unlimited = entitlement is not None and entitlement < 0
    quotas[name] = Quota(
        name=name,
        is_unlimited=is_unlimited,
        is_applicable=is_unlimited or entitlement != 0,
        entitlement=None if is_unlimited else entitlement,
        remaining=None if is_unlimited else _number(fields.get("totRem")),
        percent_remaining=percent,
        overage_used=_number(fields.get("ov")) or 0.0,
        is_overage_permitted=fields.get("ovPerm", "").lower() == "true",
        resets_at=fields.get("rst", ""),
    )


def _bucket(name: str, table: Mapping[str, object]) -> Quota:
    entitlement = _number(table.get("entitlement"))
    is_unlimited = table.get("unlimited") is True or (entitlement is not None and entitlement < 0)
    remaining = _number(table.get("quota_remaining"))
    return Quota(
        name=name,
        is_unlimited=is_unlimited,
        is_applicable=is_unlimited or not (entitlement == 0 and table.get("has_quota") is not True),
        entitlement=None if is_unlimited else entitlement,
        remaining=None
        if is_unlimited
        else (remaining if remaining is not None else _number(table.get("remaining"))),
        percent_remaining=_number(table.get("percent_remaining")),
        overage_used=_number(table.get("overage_count")) or 0.0,
        is_overage_permitted=table.get("overage_permitted") is True,
        resets_at=as_text(table.get("reset_date")) or _instant(table.get("quota_reset_at")),
        is_token_billed=table.get("token_based_billing") is True,
        credits_used=_number(table.get("credits_used")) if table.get("token_based_billing") is True else None,
    )


def _legacy(document: Mapping[str, object]) -> dict[str, Quota]:
    left, total = as_table(document.get("limited_user_quotas")), as_table(document.get("monthly_quotas"))
    buckets: dict[str, Quota] = {}
    for name, value in total.items():
        entitlement, remaining = _number(value), _number(left.get(name))
        if entitlement is None:
            continue
        percent = None if remaining is None or entitlement <= 0 else remaining / entitlement * 100
        buckets[name] = Quota(
            name=name, entitlement=entitlement, remaining=remaining, percent_remaining=percent
        )
    return buckets


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if number == number and abs(number) < 1e18 else None  # noqa: PLR0124 - NaN


def _instant(value: object) -> str:
    """A date as text, or Unix seconds as ISO 8601; GitHub uses both."""
    if isinstance(value, str):
        return value
    seconds = _number(value)
    if seconds is None or not 0 < seconds < 1e11:
        return ""
    return write_instant(seconds)
