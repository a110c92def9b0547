"""Copilot's refusals, put into our error tree with their own words.

Pure. Owns the order in which a body is read (contract 7.2) and what each status means (7.1). Must never
decide what to do about it. Source: upstream contract 7 (read 2026-11).
"""

import re
import time
from calendar import timegm
from collections.abc import Mapping
from email.utils import parsedate
from typing import cast

import msgspec

from copilot_api.copilot.fields import as_text
from copilot_api.errors import (
    ContextOverflow,
    CredentialRefused,
    QuotaExhausted,
    UpstreamFault,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

MAX_MESSAGE_LENGTH = 2_000
"""Their longest known message (a list of tool types) is below 600 characters."""
MAX_RETRY_AFTER_S = 31 * 86_400.0
"""The longest wait reported is 663 hours (contract 7.1); beyond a month it is a mistake."""

_TOKENS = re.compile(
    r"\b(?:gh[a-z]_[A-Za-z0-9]{8,}|github_pat_\w{8,}|tid=[^\s\"']+|(?i:bearer)\s+[^\s\"']{8,}|sk-[\w-]{16,})"
)
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_OVERFLOW_CODES = frozenset({"model_max_prompt_tokens_exceeded", "context_length_exceeded"})
_OVERFLOW_COUNTS = re.compile(
    r"prompt token count of (\d+) exceeds the limit of (\d+)"
    r"|prompt is too long: (\d+) tokens > (\d+) maximum"
    r"|maximum context length is (?P<limit>\d+) tokens.*?(?P<prompt>\d+) tokens",
    re.IGNORECASE | re.DOTALL,
)
_OVERFLOW_WORDS = re.compile(
    r"prompt is too long|too large for model context window|context_length_exceeded|maximum context length"
    r"|exceeds? (?:the |your )?(?:model'?s? )?context (?:window|length|limit)",
    re.IGNORECASE,
)
_STATUS_CODES = {
    401: "credential_refused",
    402: "quota_exceeded",
    403: "forbidden",
    404: "not_found",
    408: "request_timeout",
    413: "request_too_large",
    422: "content_filter",
    429: "rate_limited",
    466: "client_too_old",
    499: "cancelled",
    503: "upstream_provider_rate_limit",
}
_ADVICE = {
    401: "The account's credential was refused; if this stays, run `copilot-api login` again.",
    403: "The account may not use this; check its plan and host with `copilot-api doctor`.",
    466: "Copilot no longer accepts the API version this gateway names; update copilot-api.",
}
_PAT_ADVICE = "Log in with `copilot-api login` instead, or give the token the permission 'Copilot Requests'."
_HTML = "an HTML page"
_SILENT = {
    400: "Copilot answered 400 without a word, often a passing fault of its gateway. Send the request again, "
    "and shorten it if it stays.",
    499: "Copilot reports that the request was cancelled.",
}


class Words(msgspec.Struct, frozen=True):
    """What a refusal says. Empty strings where it says nothing; `code` without a plan suffix."""

    message: str
    code: str = ""
    type: str = ""
    param: str = ""


def classify(  # noqa: PLR0911 - one return for each kind of fault
    status: int, headers: Mapping[str, str], body: bytes, *, now_unix_s: float | None = None
) -> UpstreamFault:
    """Return the fault that a non-2xx answer of Copilot is.

    Units: `now_unix_s` is only needed for a Retry-After that is a date; without it the answer's own Date
    counts, else this machine's clock.
    """
    words = read_words(body)
    wait_s = retry_after_s(headers, now_unix_s=now_unix_s)
    message = _said(status, words)
    code = words.code or _STATUS_CODES.get(status, "")
    param = words.param or None
    if status in (402, 429):
        return QuotaExhausted(message, code=code, status=status, retry_after_s=wait_s)
    if status == 401 or (status == 403 and not words.code) or _is_pat_refusal(status, words):
        return CredentialRefused(message, code=code, status=status)
    if status in (500, 502, 503, 529) or status > 504:
        return UpstreamUnavailable(message, code=code or None, status=status, retry_after_s=wait_s)
    if status == 504:
        return UpstreamTimeout(message, code=code or None, retry_after_s=wait_s)
    if not 400 <= status < 500:
        return UpstreamProtocolError(
            f"Copilot answered {status}, which is no answer to this request: {message}"
        )
    if status in (400, 413) and _is_overflow(words):
        return _overflow(status, message)
    rejected = UpstreamRejected(message, code=code or None, status=status, retry_after_s=wait_s, param=param)
    rejected.upstream_type = words.type or None
    return rejected


def read_words(body: bytes) -> Words:
    """Read a refusal's words whatever its content-type says: JSON first, HTML summarised, else the text.

    Tokens that a body might quote are blotted out; a message is cut at 2,000 characters.
    """
    document = _decoded(body)
    if not isinstance(document, dict):
        text = (
            document
            if isinstance(document, str)
            else body[: 4 * MAX_MESSAGE_LENGTH].decode("utf-8", "replace")
        )
        return Words(message=_clean(_summary(text)))
    table = cast("dict[str, object]", document)
    error = table.get("error")
    if isinstance(error, dict):
        table = cast("dict[str, object]", error)
    elif isinstance(error, str) and not table.get("message"):
        return Words(message=_clean(error), code=_code(table.get("code")))
    return Words(
        message=_clean(_message(table.get("message"))),
        code=_code(table.get("code")),
        type=as_text(table.get("type")),
        param=as_text(table.get("param")),
    )


def retry_after_s(headers: Mapping[str, str], *, now_unix_s: float | None = None) -> float | None:
    """Return how long the answer asks us to wait: seconds, HTTP date or GitHub's reset time; else None.

    Units: seconds from `now_unix_s`, from the answer's own Date, or from this machine's clock.
    """
    text = _header(headers, "retry-after").strip()
    if text:
        try:
            return min(max(float(text), 0.0), MAX_RETRY_AFTER_S) if float(text) == float(text) else None
        except ValueError:
            return _wait_until(_unix_s(text), headers, now_unix_s)
    if _header(headers, "x-ratelimit-remaining").strip() == "0":
        reset = _header(headers, "x-ratelimit-reset").strip()
        return _wait_until(float(reset) if reset.isdigit() else None, headers, now_unix_s)
    return None


def _wait_until(
    then_unix_s: float | None, headers: Mapping[str, str], now_unix_s: float | None
) -> float | None:
    if then_unix_s is None:
        return None
    now = now_unix_s if now_unix_s is not None else _unix_s(_header(headers, "date"))
    return min(max(then_unix_s - (time.time() if now is None else now), 0.0), MAX_RETRY_AFTER_S)


def _unix_s(http_date: str) -> float | None:
    parsed = parsedate(http_date) if http_date else None
    return float(timegm((*parsed[:6], 0, 0, 0))) if parsed is not None else None


def _header(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name) or headers.get(name.title()) or ""


def _said(status: int, words: Words) -> str:
    message = words.message
    if not message and words.code:
        message = f"Copilot answered {status} without saying why (code {words.code!r})."
    elif not message:
        message = _SILENT.get(status, f"Copilot answered {status} without a word.")
    elif message.startswith(_HTML):
        message = f"Copilot answered {status} with {message}."
    advice = _PAT_ADVICE if _is_pat_refusal(status, words) else _ADVICE.get(status)
    return f"{message.rstrip('.')}. {advice}" if advice else message


def _is_pat_refusal(status: int, words: Words) -> bool:
    return status in (400, 401) and "personal access token" in words.message.lower()


def _is_overflow(words: Words) -> bool:
    return words.code in _OVERFLOW_CODES or _OVERFLOW_WORDS.search(words.message) is not None


def _overflow(status: int, message: str) -> ContextOverflow:
    fault = ContextOverflow(message, status=400 if status == 413 else status)
    found = _OVERFLOW_COUNTS.search(message)
    if found is not None:
        first, second, third, fourth = found.group(1, 2, 3, 4)
        prompt, limit = first or third or found["prompt"], second or fourth or found["limit"]
        fault.prompt_tokens, fault.limit_tokens = int(prompt), int(limit)
    return fault


def _decoded(body: bytes) -> object:
    try:
        return cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _message(value: object) -> str:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return (
            as_text(table.get("text")) or as_text(table.get("message")) or msgspec.json.encode(table).decode()
        )
    text = as_text(value)
    if text.startswith("{"):
        inner = read_words(text.encode("utf-8", "replace"))
        return inner.message or text
    return text


def _code(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return as_text(value).partition(":")[0]


def _summary(text: str) -> str:
    stripped = text.strip()
    if not stripped.startswith("<"):
        return stripped
    title = _TITLE.search(stripped)
    return f"{_HTML} titled {title.group(1)!r}" if title else _HTML


def _clean(message: str) -> str:
    blotted = _TOKENS.sub("[token removed]", message.strip())
    return blotted if len(blotted) <= MAX_MESSAGE_LENGTH else blotted[:MAX_MESSAGE_LENGTH] + "…"
