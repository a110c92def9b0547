"""How much somebody may ask for: rates, budgets, and which models. For one key, one account, or everybody.

Owns the forms as config.json stores them. Must never know how they are enforced (gateway/admission does).
"""

from typing import Annotated, Literal

import msgspec

Period = Literal["day", "month"]
PerMinute = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
Credits = Annotated[float, msgspec.Meta(gt=0, lt=1e12)]


class RateLimits(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What may be asked for in a minute and at a time; None does not limit.

    Units: tokens of both directions, as upstream counted them; `concurrency` in exchanges under way.
    """

    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    concurrency: PerMinute | None = None


class Budget(msgspec.Struct, frozen=True, rename="camel"):
    """What may be spent in a day or a month (UTC); None does not limit.

    Units: AI credits; requests that upstream answered.
    """

    credits: Credits | None = None
    requests: PerMinute | None = None
    period: Period = "month"
