"""From a record to an entry of the ledger.

Owns what a request counts as. Pure but for what it is given: must never ask accounts or settings itself.
"""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from copilot_api.copilot.quota import left_in_header
from copilot_api.gateway.accounting.clients import recognise
from copilot_api.gateway.ledger import Quoted, UsageRecord
from copilot_api.store.ledger import Entry, Facet, Form, Manner

NANO = 1_000_000_000
SOURCES = {"usage-test": "usage_test", "playground": "playground"}
"""What the gateway asks for its operator, by the key that such requests bear; all others are clients' requests."""
_SHORT, _LONG = 200, 1_000
"""Longest text of a name and of a message; whoever writes more says no more."""
_MOST = 2**53
"""No count is larger; upstream could claim one that no database takes."""

Multiplier = Callable[[str, str], float | None]
"""Account id and model id -> what one request to it counts as, in premium requests."""
IsTokenBilled = Callable[[str], bool]


def entry_of(record: UsageRecord, multiplier: Multiplier, is_token_billed: IsTokenBilled) -> Entry:
    """What is written down of an exchange."""
    usage = record.usage
    weight = multiplier(record.account_id, record.mapped_model) if record.mapped_model else None
    is_answered = record.first_byte_ms > 0 and record.operation == "inference"
    premium = (weight or 0.0) if is_answered and record.initiator == "user" else 0.0
    return Entry(
        at_ms=int(record.started_unix_s * 1000),
        form=_form(record, weight),
        manner=Manner(record.initiator, record.is_stream, _text(record.finish)),
        trace_id=_text(record.trace_id),
        conversation=_text(record.conversation),
        interaction_id=record.interaction_id,
        input_tokens=None if usage is None else _count(usage.input_tokens),
        cached_tokens=None if usage is None else _count(usage.cache_read_tokens),
        cache_write_tokens=None if usage is None else _count(usage.cache_write_tokens),
        output_tokens=None if usage is None else _count(usage.output_tokens),
        reasoning_tokens=None if usage is None else _count(usage.reasoning_tokens),
        nano_aiu=None if record.nano_aiu is None else _count(record.nano_aiu),
        charge_nano=_charge(record, premium, is_token_billed),
        premium=premium,
        quota_before=_left(record.quota_before),
        quota_after=_left(record.quota_after),
        first_byte_ms=round(record.first_byte_ms) if record.first_byte_ms > 0 else None,
        total_ms=round(record.total_ms),
        request_bytes=record.request_bytes,
        response_bytes=record.response_bytes,
        attempts=record.attempts,
        losses=_list(record.losses),
        error_message=_text(record.error_message, _LONG),
        upstream_request_id=_text(record.upstream_request_id),
    )


def _form(record: UsageRecord, weight: float | None) -> Form:
    return _form_of(
        record.account_id,
        record.account,
        record.key_id,
        record.key,
        record.client,
        record.client_hint,
        record.mapped_model,
        record.upstream,
        record.operation,
        record.outcome,
        record.ingress,
        record.mode,
        record.reason,
        record.path,
        record.requested_model,
        record.answering_model,
        bool(record.conversation),
        record.status,
        record.error_code,
        weight,
        record.credits_from,
        tuple(record.repairs),
    )


@lru_cache(maxsize=1024)
def _form_of(  # noqa: PLR0913, PLR0917 - what requests have in common, so that it is worked out once
    account_id: str,
    account: str,
    key_id: str,
    key: str,
    client: str,
    client_hint: str,
    mapped_model: str,
    upstream: str,
    operation: str,
    outcome: str,
    ingress: str,
    mode: str,
    reason: str,
    path: str,
    requested_model: str,
    answering_model: str,
    has_conversation: bool,
    status: int,
    error_code: str,
    weight: float | None,
    credits_from: str,
    repairs: tuple[str, ...],
) -> Form:
    client_name, client_version = recognise(_text(client), _text(client_hint))
    facet = Facet(
        account_id, account, key_id, _text(key), client_name, _text(mapped_model), upstream, operation,
        SOURCES.get(key_id, "request"), outcome,
    )  # fmt: skip
    return Form(
        facet, _text(client), client_version, ingress, mode, _text(reason), _text(path), _text(requested_model),
        _text(answering_model), has_conversation, status, _text(error_code), weight, credits_from,
        _list(list(repairs)),
    )  # fmt: skip


def _charge(record: UsageRecord, premium: float, is_token_billed: IsTokenBilled) -> int:
    """What GitHub is expected to take off: credits where it bills tokens, premium requests elsewhere."""
    billed = record.credits_from == "copilot"
    if record.nano_aiu is not None and (
        billed or (record.credits_from and is_token_billed(record.account_id))
    ):
        return _count(record.nano_aiu)
    return round(premium * NANO)


def _left(quoted: Quoted) -> float | None:
    if isinstance(quoted, str):
        return _left_in_header(quoted)
    principal = quoted.principal if quoted is not None else None
    if principal is None or principal.is_unlimited:
        return None
    return principal.remaining


@lru_cache(maxsize=64)
def _left_in_header(value: str) -> float | None:
    """What one request leaves is where the next one begins, so each header is asked for twice."""
    return left_in_header(value)


def _text(value: str, most: int = _SHORT) -> str:
    """A text that every database takes: of some length, without NUL and halves of characters."""
    if not value:
        return value
    short = value[:most]
    if short.isascii() and "\0" not in short:
        return short
    return short.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _count(value: int) -> int:
    return value if -_MOST <= value <= _MOST else max(-_MOST, min(_MOST, value))


def _list(values: list[str]) -> str:
    """A JSON array; "" for an empty one."""
    if not values:
        return ""
    kept = [_text(value) for value in values[:50]]
    return msgspec.json.encode(kept).decode()
