"""The heads of our answers: what the client learns besides the body.

Owns the list of upstream headers that pass, and our own `x-copilot-api-*`. Pure.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from copilot_api.errors import GatewayError
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import Call

PASSED = frozenset(
    {
        "content-type",
        "retry-after",
        "x-github-request-id",
        "x-ratelimit-exceeded",
        "x-request-id",
        "x-usage-ratelimit-session",
        "x-usage-ratelimit-weekly",
    }
)
"""Upstream headers that reach the client as they are, beside every `x-quota-snapshot-*`."""

_JSON = (b"content-type", b"application/json")
_SSE = (b"content-type", b"text/event-stream; charset=utf-8")
_UNBUFFERED: Headers = [(b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]


def early_head(call: Call, *, is_stream: bool) -> Headers:
    """The head that a keepalive before upstream's first byte commits to."""
    trace = (b"x-trace-id", call.trace_id.encode())
    return [_SSE, *_UNBUFFERED, trace] if is_stream else [_JSON, trace]


def head(record: UsageRecord, upstream: Mapping[str, str], content_length: int | None) -> Headers:
    """The head of an answer: upstream's facts, the trace id, and which model was asked, meant and answered.

    Units: `content_length` in bytes, None for a stream.
    """
    headers = _passed(upstream)
    if record.mode == "translated":
        headers = [pair for pair in headers if pair[0] != b"content-type"]
        headers.append(_JSON if content_length is not None else _SSE)
    if content_length is None:
        headers += _UNBUFFERED
    else:
        headers.append((b"content-length", b"%d" % content_length))
    return headers + _ours(record)


def error_head(
    record: UsageRecord, error: GatewayError, upstream: Mapping[str, str], content_length: int
) -> Headers:
    """The head of an error answer, with `Retry-After` where it is known.

    Units: `Retry-After` in whole seconds, rounded up.
    """
    headers = [pair for pair in _passed(upstream) if pair[0] not in {b"content-type", b"retry-after"}]
    headers += [_JSON, (b"content-length", b"%d" % content_length)]
    if error.retry_after_s is not None:
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(error.retry_after_s))))
    return headers + _ours(record)


def _passed(upstream: Mapping[str, str]) -> Headers:
    passed: Headers = []
    for name, value in upstream.items():
        sent = _passed_as(name)
        if sent is not None:
            passed.append((sent, value.encode("latin-1", "replace")))
    return passed


# Upstream sends the same sixteen names with every answer: remembering them halves what a head costs.
@lru_cache(maxsize=256)
def _passed_as(name: str) -> bytes | None:
    """Our spelling of an upstream header that passes; None for one that does not."""
    lowered = name.lower()
    passes = lowered in PASSED or lowered.startswith("x-quota-snapshot-")
    return lowered.encode("latin-1") if passes else None


def _ours(record: UsageRecord) -> Headers:
    headers: Headers = [(b"x-trace-id", record.trace_id.encode())]
    if record.requested_model:
        headers.append((b"x-copilot-api-requested-model", _token(record.requested_model)))
    if record.mapped_model:
        headers.append((b"x-copilot-api-mapped-model", _token(record.mapped_model)))
    if record.answering_model:
        headers.append((b"x-copilot-api-answering-model", _token(record.answering_model)))
    if record.upstream:
        route = _route(record.ingress, record.upstream, record.mode, record.reason)
        headers.append((b"x-copilot-api-route", route))
    if record.losses:
        headers.append((b"x-copilot-api-losses", _losses(record.losses)))
    return headers


@lru_cache(maxsize=256)
def _route(ingress: str, upstream: str, mode: str, reason: str) -> bytes:
    return "; ".join([fact for fact in (f"{ingress}->{upstream}", mode, reason) if fact]).encode()


MAX_LOSSES_TOLD = 20
"""A header has room for some; the log line has all."""


def _losses(losses: list[str]) -> bytes:
    told = ", ".join(losses[:MAX_LOSSES_TOLD])
    more = f", and {len(losses) - MAX_LOSSES_TOLD} more" if len(losses) > MAX_LOSSES_TOLD else ""
    return quote(f"{len(losses)}: {told}{more}", safe=" ()+,-./:;=@[]_").encode()


@lru_cache(maxsize=256)
def _token(name: str) -> bytes:
    """A model name as a header value: whatever is not plain is percent-encoded, so nothing can be injected."""
    return quote(name, safe=" ()+,-./:;=@[]_").encode()
