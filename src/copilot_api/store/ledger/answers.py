"""What can be asked of the ledger, and what the answers are made of. Light: nothing of the database is imported."""

from typing import Any, Literal

import msgspec

Group = Literal["none", "model", "client", "key", "account", "upstream"]
Metric = Literal["requests", "tokens", "credits", "latency", "errors"]

FAILED = ("failed", "cut", "refused")
"""Outcomes that are errors; a client that hangs up is none."""
END = 2**53
"""Later than every moment and greater than every number."""


class Choice(msgspec.Struct, frozen=True):
    """A filter. Empty and None choose everything.

    Units: Unix milliseconds, `from_ms` included, `to_ms` not. `key` and `client` are names. `outcome` may be
    "errors". `q` is part of any word of a form, or a whole trace id.
    """

    account_id: str = ""
    model: str = ""
    client: str = ""
    key: str = ""
    key_id: str = ""
    upstream: str = ""
    outcome: str = ""
    source: str = ""
    q: str = ""
    from_ms: int | None = None
    to_ms: int | None = None

    @property
    def has_words(self) -> bool:
        """Whether it chooses among forms at all."""
        return any(getattr(self, name) for name in Choice.__struct_fields__ if not name.endswith("_ms"))


class Mark(msgspec.Struct, frozen=True):
    """Where a page ended. `as_of` is the newest number there was when the first page was read."""

    at_ms: int = END
    id: int = END
    as_of: int = END


class Page(msgspec.Struct, frozen=True):
    """Rows, newest first, and where the page ended; None where no other follows."""

    rows: list[dict[str, Any]]
    end: Mark | None


class Totals(msgspec.Struct):
    """Sums over some rows. Units as in `entry.py`."""

    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    nano_aiu: int = 0
    charge_nano: int = 0
    premium: float = 0.0
    errors: int = 0


class Summary(msgspec.Struct):
    """The sums of a span, in all and by what people ask for."""

    all: Totals
    by_model: dict[str, Totals]
    by_client: dict[str, Totals]
    by_key: dict[str, Totals]
    by_account: dict[str, Totals]


class Pace(msgspec.Struct, frozen=True):
    """A bucket's course in this period.

    Units: the bucket's own; `points` are (Unix ms, what was left); `per_day` over the last seven days of the period;
    `lasts_until_ms` at that pace, None while nothing is spent or nothing is left.
    """

    bucket: str
    points: tuple[tuple[int, float], ...]
    entitlement: float | None
    per_day: float | None
    lasts_until_ms: int | None
    resets_at: str
    is_token_billed: bool


Cause = Literal[
    "untold",
    "agree",
    "rounding",
    "reset",
    "raised",
    "later",
    "pending",
    "less",
    "backlog",
    "away",
    "others",
]
"""Why the two sides of a day differ, or that they do not; `queries/causes.py` has the words."""


class Day(msgspec.Struct, frozen=True):
    """One UTC day, counted since 1970, on both sides.

    Units: `local_charge` and `github_delta` in the principal bucket's unit; None where GitHub told nothing that day.
    """

    day: int
    requests: int
    premium: float
    credits: float
    local_charge: float
    github_delta: float | None
    gap: float | None
    cause: Cause
    explanation: str
