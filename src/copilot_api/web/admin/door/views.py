"""The documents of the door: what it reads and what it says, in the words of the API."""

from typing import Annotated, Literal

import msgspec

from copilot_api.web.admin.desk import How

SECRET_CHARACTERS_MIN = 8
SECRET_CHARACTERS_MAX = 1024

Given = Annotated[str, msgspec.Meta(max_length=4096)]
"""A secret that is presented; whatever it is, it is judged rather than refused by its form."""


class Presented(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What opens a session."""

    secret: Given


class FirstSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the one-time setup link sends."""

    token: Given
    secret: Given


class SecretChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new secret; `current` proves the old one, where there is one."""

    new: Given
    current: Given | None = None


class SecretRemoval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret that goes."""

    current: Given


class SessionView(msgspec.Struct, frozen=True, rename="camel"):
    """Who is asking, and what they need to come in. Facts about the server are for those who are in.

    Units: times ISO 8601 in UTC; null where there is none.
    """

    signed_in: bool
    how: How | None
    needs: Literal["login", "setup", "local"] | None
    csrf: str
    expires_at: str | None
    has_secret: bool
    is_read_only: bool
    version: str | None
    is_demo: bool
    address: str | None
    started_at: str | None


class OpenSession(msgspec.Struct, frozen=True, rename="camel"):
    """One signed-in browser; `client` is how it calls itself."""

    id: str
    created_at: str
    last_seen_at: str
    expires_at: str
    peer: str
    client: str
    is_current: bool


class OpenSessions(msgspec.Struct, frozen=True):
    """Every signed-in browser, the one seen last first."""

    sessions: tuple[OpenSession, ...]
