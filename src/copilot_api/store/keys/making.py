"""New client keys: their form, their digest and what is kept of them."""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from copilot_api.settings import Budget, ClientKeyEntry, RateLimits, read_instant, write_instant

KEY_PREFIX = "cpa_"
NO_LIMITS = RateLimits()
_SPAN = re.compile(r"(\d{1,5})([hdwy])")
_SPAN_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "y": 24 * 365}


def create_key(
    name: str,
    *,
    account_id: str = "",
    scopes: tuple[str, ...] = ("inference",),
    expires_at: str = "",
    strict: bool = False,
    models: tuple[str, ...] = (),
    rate_limit: RateLimits = NO_LIMITS,
    budget: Budget | None = None,
    clock: Callable[[], float] = time.time,
) -> tuple[str, ClientKeyEntry]:
    """Make a key and the entry that recognises it. The key itself is told now and never again."""
    key, sha256 = new_value()
    entry = ClientKeyEntry(
        id="key_" + secrets.token_hex(6),
        name=name,
        sha256=sha256,
        scopes=scopes,
        account_id=account_id,
        created_at=write_instant(clock()),
        expires_at=expires_at,
        strict=strict,
        models=models,
        rate_limit=rate_limit,
        budget=budget,
        hint=hint_of(key),
    )
    return key, entry


def new_value() -> tuple[str, str]:
    """Make the value of a key, and the digest that recognises it."""
    key = KEY_PREFIX + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode("ascii")
    return key, hashlib.sha256(key.encode()).hexdigest()


def hint_of(key: str) -> str:
    """Show as much of a key as lets a person know it again: 24 of its 256 bits, and none of a short one."""
    if len(key) < 24:
        return ""
    return f"{KEY_PREFIX if key.startswith(KEY_PREFIX) else ''}…{key[-4:]}"


def read_expiry(text: str, clock: Callable[[], float] = time.time) -> str:
    """Read `90d`, `12h`, `6w`, `1y` or an ISO 8601 time into an ISO 8601 time in UTC.

    Raises: ValueError for other forms and for the past; the message names the accepted form.
    """
    match = _SPAN.fullmatch(text.strip())
    try:
        if match:
            span = timedelta(hours=int(match[1]) * _SPAN_HOURS[match[2]])
            instant = (datetime.fromtimestamp(clock(), UTC) + span).timestamp()
        else:
            instant = read_instant(text.strip())
    except (ValueError, OverflowError):
        instant = 0.0
    if instant <= clock():
        raise ValueError(
            f"{text!r} is not accepted. Give a span such as 90d, 12h, 6w or 1y, or a time to come such as "
            "2030-01-31 or 2030-01-31T12:00:00Z."
        )
    return write_instant(instant)
