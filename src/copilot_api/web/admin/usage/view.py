"""Usage as the admin API says it: rows of the log, sums, courses, pace, reconciliation."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from copilot_api.store.ledger import Cause, Day, Metric, Pace, Summary, Totals
from copilot_api.web.admin.desk.instants import iso, iso_text

NANO = 1_000_000_000
DAY_S = 86_400
MOST_NAMES = 12
"""Lines of a chart that can be told apart; the rest is one line more."""
OTHERS = "other"


class UsageRow(msgspec.Struct, frozen=True, rename="camel"):
    """One line of the log: a request, or a conversation with its newest request's words and its own sums.

    Units: `at` ISO 8601 in UTC; tokens; `nano_aiu` 1e-9 AI credits; quota in the bucket's own unit, as what is left;
    ms; bytes. Null where nobody said.
    """

    id: int
    at: str | None
    trace_id: str
    account: str
    account_id: str
    key: str
    key_id: str
    client: str
    client_name: str
    client_version: str
    ingress: str
    upstream: str
    mode: str
    path: str
    operation: str
    source: str
    requested_model: str
    mapped_model: str
    answering_model: str
    is_stream: bool
    status: int
    outcome: str
    error_code: str
    error_message: str
    initiator: str
    interaction_id: str | None
    conversation: str | None
    input_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    nano_aiu: int | None
    credits: float | None
    credits_from: str | None
    multiplier: float | None
    quota_before: float | None
    quota_after: float | None
    quota_delta: float | None
    first_byte_ms: int | None
    total_ms: int
    request_bytes: int
    response_bytes: int
    repairs: list[str]
    losses: list[str]
    attempts: int
    upstream_request_id: str | None
    finish: str | None
    requests: int


class UsagePage(msgspec.Struct, frozen=True, rename="camel"):
    """Some lines, newest first. `total` counts requests, null where it would take long."""

    rows: tuple[UsageRow, ...]
    next_cursor: str | None
    total: int | None


class RouteTaken(msgspec.Struct, frozen=True, rename="camel"):
    """Which way a request went, and why."""

    ingress: str
    upstream: str
    mode: str
    path: str
    reason: str


class UsageDetail(msgspec.Struct, frozen=True, rename="camel"):
    """One request; `others` are more of the same trace id, which callers choose. Captured: /captures has its bodies."""

    row: UsageRow
    route: RouteTaken
    others: tuple[UsageRow, ...]
    is_captured: bool = False


class Line(msgspec.Struct, frozen=True):
    """One line of a chart."""

    name: str
    values: tuple[float | None, ...]


class SeriesView(msgspec.Struct, frozen=True):
    """A chart: the beginnings of its spans, and a value for each on every line. Units: as `metric` says."""

    by: str
    group: str
    metric: str
    at: tuple[str | None, ...]
    series: tuple[Line, ...]


class Share(msgspec.Struct, frozen=True, rename="camel"):
    """What one model, client or key has of a sum."""

    name: str
    requests: int
    tokens: int
    credits: float
    errors: int
    premium_requests: float


class SummaryView(msgspec.Struct, frozen=True, rename="camel"):
    """The sums of a span."""

    from_: str | None = msgspec.field(name="from")
    to: str | None
    requests: int
    errors: int
    input_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    credits: float
    nano_aiu: int
    premium_requests: float
    first_byte_ms_p50: float | None = msgspec.field(name="firstByteMsP50")
    first_byte_ms_p95: float | None = msgspec.field(name="firstByteMsP95")
    by_model: tuple[Share, ...]
    by_client: tuple[Share, ...]
    by_key: tuple[Share, ...]


class Point(msgspec.Struct, frozen=True):
    """What was left at a moment."""

    at: str | None
    remaining: float


class BucketPace(msgspec.Struct, frozen=True, rename="camel"):
    """How fast a bucket goes. `lasts_until` is null while nothing is spent."""

    name: str
    entitlement: float | None
    points: tuple[Point, ...]
    per_day: float | None
    lasts_until: str | None
    resets_at: str | None
    is_token_billed: bool


class PaceView(msgspec.Struct, frozen=True, rename="camel"):
    """The pace of an account."""

    account_id: str | None
    buckets: tuple[BucketPace, ...]


class ReconciledDay(msgspec.Struct, frozen=True, rename="camel"):
    """One UTC day on both sides. `gap` is GitHub's number less ours, in the unit of the bucket."""

    day: str
    local_credits: float
    local_requests: int
    local_premium_requests: float
    local_charge: float
    github_delta: float | None
    gap: float | None
    cause: Cause
    explanation: str


class Reconciliation(msgspec.Struct, frozen=True, rename="camel"):
    """Our sums beside GitHub's numbers, newest day first. `bucket` is the one that is watched."""

    account_id: str | None
    bucket: str | None
    days: tuple[ReconciledDay, ...]


def row_view(row: Mapping[str, Any]) -> UsageRow:
    """Say one row of the ledger."""
    before, after = row["quota_before"], row["quota_after"]
    interaction: bytes | None = row["interaction"]
    nano: int | None = row["nano_aiu"]
    named = {name: row[name] for name in _SAME}
    return UsageRow(
        **named,
        at=iso(row["at_ms"] / 1000),
        mapped_model=row["model"],
        interaction_id=_uuid(interaction) if interaction is not None else None,
        conversation=row["session"],
        credits=None if nano is None else nano / NANO,
        credits_from=row["credits_from"] or None,
        quota_delta=_delta(before, after),
        error_message=row["error_message"] or "",
        repairs=_list(row["repairs"]),
        losses=_list(row["losses"]),
        finish=row["finish"] or None,
    )


_SAME = tuple(
    field
    for field in UsageRow.__struct_fields__
    if field
    not in {
        "at", "mapped_model", "interaction_id", "conversation", "credits", "credits_from", "quota_delta",
        "error_message", "repairs", "losses", "finish",
    }
)  # fmt: skip


def _delta(before: float | None, after: float | None) -> float | None:
    """What went meanwhile; null across a reset. Balances have six decimals at most."""
    return None if before is None or after is None or after > before else round(before - after, 6)


def _uuid(value: bytes) -> str:
    digits = bytes(value).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _list(text: str | None) -> list[str]:
    return msgspec.json.decode(text, type=list[str]) if text else []


def detail_view(rows: list[dict[str, Any]], *, is_captured: bool = False) -> UsageDetail:
    """Say the newest row of a trace id, and the way it took."""
    first = rows[0]
    route = RouteTaken(
        ingress=first["ingress"],
        upstream=first["upstream"],
        mode=first["mode"],
        path=first["path"],
        reason=first["reason"],
    )
    return UsageDetail(row_view(first), route, tuple(map(row_view, rows[1:])), is_captured)


def series_view(
    found: Mapping[str, Mapping[int, float | None]],
    spans: range,
    *,
    by: str,
    group: str,
    metric: Metric,
    offset_min: int,
) -> SeriesView:
    """Say a course, with a value for every span: nothing happened is 0, and no latency at all."""
    length_s = 3600 if by == "hour" else DAY_S
    shift_s = offset_min * 60 if by == "day" else 0
    nothing = None if metric == "latency" else 0.0
    lines = [Line(name, tuple(values.get(span, nothing) for span in spans)) for name, values in found.items()]
    if group != "none":
        lines = _fewer(lines, is_summed=metric != "latency")
    at = tuple(iso(span * length_s - shift_s) for span in spans)
    return SeriesView(by=by, group=group, metric=metric, at=at, series=tuple(lines))


def _fewer(lines: list[Line], *, is_summed: bool) -> list[Line]:
    """The biggest lines, and one of all others where they can be added up."""
    ordered = sorted(lines, key=lambda line: (-sum(value or 0.0 for value in line.values), line.name))
    kept, rest = ordered[:MOST_NAMES], ordered[MOST_NAMES:]
    if rest and is_summed:
        columns: Iterable[tuple[float | None, ...]] = zip(*(line.values for line in rest), strict=True)
        kept.append(Line(OTHERS, tuple(sum(value or 0.0 for value in column) for column in columns)))
    return kept


def summary_view(
    found: Summary, percentiles: list[float | None], from_ms: int | None, to_ms: int | None
) -> SummaryView:
    """Say the sums of a span."""
    total = found.all
    return SummaryView(
        from_=None if from_ms is None else iso(from_ms / 1000),
        to=None if to_ms is None else iso(to_ms / 1000),
        requests=total.requests,
        errors=total.errors,
        input_tokens=total.input_tokens,
        cached_tokens=total.cached_tokens,
        cache_write_tokens=total.cache_write_tokens,
        output_tokens=total.output_tokens,
        reasoning_tokens=total.reasoning_tokens,
        credits=total.nano_aiu / NANO,
        nano_aiu=total.nano_aiu,
        premium_requests=total.premium,
        first_byte_ms_p50=percentiles[0],
        first_byte_ms_p95=percentiles[1],
        by_model=_shares(found.by_model),
        by_client=_shares(found.by_client),
        by_key=_shares(found.by_key),
    )


def _shares(totals: Mapping[str, Totals]) -> tuple[Share, ...]:
    shares = [
        Share(
            name=name,
            requests=found.requests,
            tokens=found.input_tokens + found.output_tokens,
            credits=found.nano_aiu / NANO,
            errors=found.errors,
            premium_requests=found.premium,
        )
        for name, found in totals.items()
        if found.requests
    ]
    return tuple(sorted(shares, key=lambda share: (-share.credits, -share.requests, share.name)))


def pace_view(account_id: str | None, found: Iterable[Pace]) -> PaceView:
    """Say the pace of an account."""
    return PaceView(
        account_id,
        tuple(
            BucketPace(
                name=pace.bucket,
                entitlement=pace.entitlement,
                points=tuple(Point(iso(at_ms / 1000), left) for at_ms, left in pace.points),
                per_day=pace.per_day,
                lasts_until=None if pace.lasts_until_ms is None else _far(pace.lasts_until_ms),
                resets_at=iso_text(pace.resets_at),
                is_token_billed=pace.is_token_billed,
            )
            for pace in found
        ),
    )


def _far(at_ms: int) -> str | None:
    """A moment that may be thousands of years away; null where the calendar ends."""
    return iso(at_ms / 1000) if at_ms < 253_402_300_800_000 else None


def reconciliation_view(account_id: str | None, bucket: str, days: Iterable[Day]) -> Reconciliation:
    """Say our sums beside GitHub's numbers."""
    return Reconciliation(
        account_id,
        bucket or None,
        tuple(
            ReconciledDay(
                day=(iso(day.day * DAY_S) or "")[:10],
                local_credits=day.credits,
                local_requests=day.requests,
                local_premium_requests=day.premium,
                local_charge=day.local_charge,
                github_delta=day.github_delta,
                gap=day.gap,
                cause=day.cause,
                explanation=day.explanation,
            )
            for day in days
        ),
    )
