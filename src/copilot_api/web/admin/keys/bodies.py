"""What the page of keys is told: strictly read, every wrong field named at once."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Literal

import msgspec

from copilot_api.settings import Budget, RateLimits
from copilot_api.store.keys import WrongFields
from copilot_api.web.admin.desk import NotAccepted

Scope = Literal["inference", "usage", "admin"]
Grace = Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400)]


class Limits(RateLimits, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What may be asked for in a minute and at a time; null does not limit."""


class Spending(Budget, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What may be spent in a period; null does not limit."""


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A key to make. `expires` is a span such as `90d`, or a time."""

    name: str
    scopes: tuple[Scope, ...] = ("inference",)
    account_id: str | None = None
    models: tuple[str, ...] | None = None
    is_strict: bool = False
    expires: str | None = None
    rate_limit: Limits | None = None
    budget: Spending | None = None


class KeyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What is to be different; null takes a field back to its default."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    scopes: tuple[Scope, ...] | msgspec.UnsetType = msgspec.UNSET
    account_id: str | msgspec.UnsetType | None = msgspec.UNSET
    models: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    is_strict: bool | msgspec.UnsetType = msgspec.UNSET
    expires: str | msgspec.UnsetType | None = msgspec.UNSET
    rate_limit: Limits | msgspec.UnsetType | None = msgspec.UNSET
    budget: Spending | msgspec.UnsetType | None = msgspec.UNSET


class Rotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A new value is wanted. Units: `grace_s` seconds for which the old one still works."""

    grace_s: Grace = 0


def said_in(body: NewKey | KeyChange) -> dict[str, object]:
    """Return the fields that a body says, by their names in the API."""
    said = {field.encode_name: getattr(body, field.name) for field in msgspec.structs.fields(body)}
    return {name: value for name, value in said.items() if value is not msgspec.UNSET}


@contextmanager
def judged() -> Generator[None]:
    """Refuse what is wrong by field. Raises: NotAccepted."""
    try:
        yield
    except WrongFields as wrong:
        raise NotAccepted(
            f"Some values are not accepted: {wrong}",
            fields=wrong.fields,
            remedy="Mend the fields and send it again.",
        ) from wrong
