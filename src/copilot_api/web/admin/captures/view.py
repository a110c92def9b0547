"""Captures as the admin API and the command line say them: windows, the list, and the explanation of one request.

A request that was not captured is explained from its record, with a sentence on how to capture the next one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from copilot_api.gateway.capture import steps
from copilot_api.gateway.capture.document import (
    AnswerPart,
    AttemptPart,
    Captured,
    ClientPart,
    PlanPart,
    ResultPart,
)
from copilot_api.gateway.capture.redaction import Redactor
from copilot_api.gateway.capture.windows import MAX_MINUTES, Window
from copilot_api.store.captures import Bounds, Kept, Listing
from copilot_api.web.admin.captures.summary import Phrase, advice_on, advised, summary_of
from copilot_api.web.admin.desk.instants import iso
from copilot_api.web.admin.usage.view import UsageDetail, detail_view, row_view


class WindowView(msgspec.Struct, frozen=True, rename="camel"):
    """Until when the requests of a key are captured; `key_id` null: every request."""

    key_id: str | None
    key_name: str
    since: str | None
    until: str | None


class CaptureView(msgspec.Struct, frozen=True, rename="camel"):
    """One capture in the list."""

    trace_id: str
    started_at: str | None
    key_id: str
    key_name: str
    client: str
    ingress: str
    upstream: str
    mode: str
    requested_model: str
    status: int
    outcome: str
    error_code: str
    size_bytes: int


class LimitsView(msgspec.Struct, frozen=True, rename="camel"):
    """How much is captured and kept at most, and how much is kept now."""

    max_minutes: int
    max_captures: int
    max_bytes: int
    max_age_s: float
    stored_bytes: int


class CapturesView(msgspec.Struct, frozen=True, rename="camel"):
    """Everything, newest first. `unreadable` counts files that are damaged or that another vault's key sealed."""

    windows: tuple[WindowView, ...]
    captures: tuple[CaptureView, ...]
    limits: LimitsView
    unreadable: int


class Explanation(msgspec.Struct, frozen=True, rename="camel"):
    """Why a request went as it did. Without a capture, `client` and `answer` are null and `attempts` is empty.

    `advice` is the text of all `hints`; `summary` tells the way, the changes and the cost.
    """

    trace_id: str
    is_captured: bool
    record: UsageDetail | None
    client: ClientPart | None
    plan: PlanPart
    attempts: tuple[AttemptPart, ...]
    answer: AnswerPart | None
    result: ResultPart
    redactions: int
    advice: str
    hints: tuple[Phrase, ...] = ()
    summary: tuple[Phrase, ...] = ()


def window_view(window: Window) -> WindowView:
    """Show a window."""
    return WindowView(window.key_id, window.key_name, iso(window.since_unix_s), iso(window.until_unix_s))


def captures_view(windows: Sequence[Window], listing: Listing, bounds: Bounds) -> CapturesView:
    """Show everything."""
    return CapturesView(
        windows=tuple(map(window_view, windows)),
        captures=tuple(map(_shown, listing.captures)),
        limits=LimitsView(
            max_minutes=MAX_MINUTES,
            max_captures=bounds.max_captures,
            max_bytes=bounds.max_bytes,
            max_age_s=bounds.max_age_s,
            stored_bytes=listing.stored_bytes,
        ),
        unreadable=listing.unreadable,
    )


def _shown(kept: Kept) -> CaptureView:
    head = kept.head
    return CaptureView(
        trace_id=head.trace_id,
        started_at=iso(head.started_unix_s),
        key_id=head.key_id,
        key_name=head.key_name,
        client=head.client,
        ingress=head.ingress,
        upstream=head.upstream,
        mode=head.mode,
        requested_model=head.requested_model,
        status=head.status,
        outcome=head.outcome,
        error_code=head.error_code,
        size_bytes=kept.size_bytes,
    )


def explanation(
    trace_id: str,
    document: bytes | None,
    logged: Sequence[Mapping[str, Any]],
    *,
    known: Sequence[str] = (),
    problem: str = "",
) -> Explanation | None:
    """Explain a request from its capture, or from what is `logged` of it, newest first; None where there is neither.

    `known` are secrets that a client may have said in its User-Agent; `problem` says why a capture cannot be opened.
    Raises: msgspec.MsgspecError for a capture that an unknown version wrote.
    """
    rows = _without_secrets(logged, known)
    record = detail_view(rows, is_captured=document is not None) if rows else None
    if document is not None:
        return _of_capture(msgspec.json.decode(document, type=Captured), record)
    return None if record is None else _of_record(trace_id, record, rows[0], problem)


def _of_capture(captured: Captured, record: UsageDetail | None) -> Explanation:
    hints = advice_on(captured.result, captured.attempts, captured.plan)
    return Explanation(
        trace_id=captured.trace_id,
        is_captured=True,
        record=record,
        client=captured.client,
        plan=captured.plan,
        attempts=captured.attempts,
        answer=captured.answer,
        result=captured.result,
        redactions=captured.redactions,
        advice=_joined(hints),
        hints=hints,
        summary=summary_of(
            captured.plan,
            captured.result,
            count=len(captured.attempts),
            was_sent=bool(captured.attempts),
            last=captured.attempts[-1] if captured.attempts else None,
        ),
    )


def _of_record(trace_id: str, record: UsageDetail, row: Mapping[str, Any], problem: str) -> Explanation:
    plan, result = _plan_of(row), _result_of(row)
    next_time = Phrase("", {}, problem) if problem else advised("advice.capture")
    hints = (*advice_on(result, (), plan), next_time)
    return Explanation(
        trace_id=trace_id,
        is_captured=False,
        record=record,
        client=None,
        plan=plan,
        attempts=(),
        answer=None,
        result=result,
        redactions=0,
        advice=_joined(hints),
        hints=hints,
        summary=summary_of(plan, result, count=record.row.attempts, was_sent=bool(plan.upstream)),
    )


def _joined(hints: Sequence[Phrase]) -> str:
    return " ".join(advice.text for advice in hints)


def _without_secrets(rows: Sequence[Mapping[str, Any]], known: Sequence[str]) -> list[dict[str, Any]]:
    """The usage log keeps what clients say of themselves, word for word; an explanation is shown to others."""
    redactor = Redactor(known)
    return [
        {name: redactor.text(value) if isinstance(value, str) else value for name, value in row.items()}
        for row in rows
    ]


def _plan_of(row: Mapping[str, Any]) -> PlanPart:
    shown = row_view(row)
    return PlanPart(
        ingress=shown.ingress,
        upstream=shown.upstream,
        mode=shown.mode,
        reason=row["reason"],
        requested_model=shown.requested_model,
        mapped_model=shown.mapped_model,
        model=shown.answering_model,
        account=shown.account,
        steps=(
            *steps.plain_name_step(shown.requested_model, shown.mapped_model),
            *steps.route_steps(shown.ingress, shown.upstream, shown.mode, row["reason"]),
            *steps.repair_steps(shown.repairs),
            *steps.plain_loss_steps(shown.losses),
            *steps.plain_retry_steps(shown.attempts),
        ),
    )


def _result_of(row: Mapping[str, Any]) -> ResultPart:
    shown = row_view(row)
    return ResultPart(
        started_at=shown.at or "",
        outcome=shown.outcome,
        status=shown.status,
        error_code=shown.error_code,
        error_message=shown.error_message,
        finish=shown.finish or "",
        first_byte_ms=shown.first_byte_ms,
        total_ms=shown.total_ms,
        input_tokens=shown.input_tokens,
        cached_tokens=shown.cached_tokens,
        cache_write_tokens=shown.cache_write_tokens,
        output_tokens=shown.output_tokens,
        reasoning_tokens=shown.reasoning_tokens,
        nano_aiu=shown.nano_aiu,
    )
