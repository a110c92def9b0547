"""The ways in and out: sign in, set up, sign out, see and end sessions, set, rotate and remove the secret.

Each sign-in makes a new session with a new id, so that nobody can plant one beforehand, and ends the caller's old one.
"""

import asyncio
from typing import NoReturn

from copilot_api.errors import Unauthorized
from copilot_api.store.admin_secret import hash_admin_secret, put_secret_hash, secret_hash_of
from copilot_api.store.sealing import Document
from copilot_api.store.sessions import Session
from copilot_api.web.admin.desk import Caller, Conflict, Desk, NotAccepted, NotFound
from copilot_api.web.admin.door.entry import Connection, Door, has_secret
from copilot_api.web.admin.door.views import (
    SECRET_CHARACTERS_MAX,
    SECRET_CHARACTERS_MIN,
    FirstSecret,
    SecretChange,
    SecretRemoval,
)

_FROM_ENVIRONMENT = frozenset({"admin_secret", "admin_secret_hash"})


class Ways:
    """What the pages of the door do; they say it."""

    def __init__(self, desk: Desk, door: Door) -> None:
        self._desk = desk
        self._door = door

    async def sign_in(self, connection: Connection, before: Caller | None, secret: str) -> tuple[str, Caller]:
        """Open a session for whoever knows the secret; the cookie's value and the caller from now on.

        Raises: Unauthorized, Throttled, Forbidden, Conflict where there is no secret.
        """
        if not has_secret(self._door.settings):
            if before is None:
                raise self._door.stranger(connection)
            raise Conflict(
                "No secret is set, so there is nothing to sign in with.",
                code="no_secret",
                remedy="Set one first; until then everybody on this machine is in.",
            )
        self._door.check_https(connection)
        await self._door.verify(self._door.peer_of(connection), secret.strip())
        return await self._open(connection, before)

    async def set_up(self, connection: Connection, sent: FirstSecret) -> tuple[str, Caller]:
        """Set the first secret by the one-time link, and sign in. Raises: as `sign_in`, and NotAccepted."""
        if has_secret(self._door.settings):
            raise Conflict(
                "A secret is set already.",
                code="secret_exists",
                remedy="Sign in with it, or set another on the gateway's machine: copilot-api admin set-secret",
            )
        peer = self._door.peer_of(connection)
        self._door.check_https(connection)
        await self._door.verify_setup(peer, sent.token)
        caller = Caller("session", peer, who="setup link")
        await self._put(caller, _accepted(sent.secret, "secret"), "setup", judged_by=None)
        self._door.setup.withdraw()
        return await self._open(connection, None)

    async def sign_out(self, caller: Caller) -> None:
        """End the caller's own session; nothing for those who have none."""
        if caller.how == "session":
            await asyncio.to_thread(self._door.sessions.end, [caller.who])
            await self._desk.note(caller, "session.close", caller.who)
            self._desk.feed.publish("session", {})

    async def change_secret(
        self, connection: Connection, caller: Caller, sent: SecretChange
    ) -> tuple[str, Caller] | None:
        """Set or rotate the secret. Every session ends; the caller gets a new one, unless it came with a bearer.

        Raises: NotAccepted, Conflict, Throttled.
        """
        self._require_ours()
        judged_by = self._door.settings.admin_secret_hash
        await self._prove(caller, sent.current)
        action = "set" if judged_by is None else "rotate"
        await self._put(caller, _accepted(sent.new, "new"), action, judged_by=judged_by)
        self._door.setup.withdraw()
        await asyncio.to_thread(self._door.sessions.end_all)
        self._desk.feed.publish("session", {})
        return None if caller.how == "bearer" else await self._open(connection, None)

    async def remove_secret(self, connection: Connection, caller: Caller, sent: SecretRemoval) -> None:
        """Go back to trusting this machine alone; only somebody on it may, or nobody would get in any more.

        Raises: NotAccepted, Conflict, Throttled.
        """
        self._require_ours()
        if not has_secret(self._door.settings):
            raise Conflict("No secret is set.", code="no_secret")
        if not self._door.is_local(connection):
            raise Conflict(
                "Without a secret only the gateway's own machine would be let in, and this is another.",
                code="would_lock_out",
                remedy="Run there: copilot-api admin remove-secret",
            )
        judged_by = self._door.settings.admin_secret_hash
        await self._prove(caller, sent.current)
        await self._put(caller, None, "remove", judged_by=judged_by)
        await asyncio.to_thread(self._door.sessions.end_all)
        self._desk.feed.publish("session", {})

    async def end_session(self, caller: Caller, session_id: str) -> None:
        """Sign one browser out. Raises: NotFound."""
        if not await asyncio.to_thread(self._door.sessions.end, [session_id]):
            raise NotFound(f"There is no session {session_id!r}.", code="session_not_found")
        await self._desk.note(caller, "session.revoke", session_id)
        self._desk.feed.publish("session", {})

    async def end_others(self, caller: Caller) -> None:
        """Sign every browser out but the caller's own."""
        kept = caller.who if caller.how == "session" else ""
        count = await asyncio.to_thread(lambda: self._door.sessions.end_all(but=kept))
        await self._desk.note(caller, "session.revoke_others", "", f"{count} ended")
        self._desk.feed.publish("session", {})

    async def open_sessions(self) -> tuple[Session, ...]:
        """Every open session, the one seen last first."""
        return await asyncio.to_thread(self._door.sessions.current, self._door.settings)

    async def _open(self, connection: Connection, before: Caller | None) -> tuple[str, Caller]:
        settings = self._door.settings
        peer = self._door.peer_of(connection)
        client = connection.headers.get("user-agent", "")
        if before is not None and before.how == "session":
            await asyncio.to_thread(self._door.sessions.end, [before.who])
        cookie, session = await asyncio.to_thread(
            lambda: self._door.sessions.open(settings, peer=peer, client=client)
        )
        caller = Caller("session", peer, who=session.id, expires_at=session.expires_at)
        await self._desk.note(caller, "session.open", session.id)
        return cookie, caller

    def _require_ours(self) -> None:
        if self._door.settings.from_environment & _FROM_ENVIRONMENT:
            raise Conflict(
                "ADMIN_SECRET or ADMIN_SECRET_HASH decides about the secret.",
                code="secret_from_environment",
                remedy="Change it in the environment and restart, or unset it to manage the secret here.",
            )

    async def _prove(self, caller: Caller, current: str | None) -> None:
        """Ask for the secret that is in force, also of those who are in: a borrowed browser must not rotate it."""
        if not has_secret(self._door.settings):
            return
        if not current or not current.strip():
            raise NotAccepted(
                "The secret in force is needed to change it.",
                code="secret_missing",
                fields={"current": "This is required."},
            )
        try:
            await self._door.verify(caller.peer, current.strip())
        except Unauthorized as error:
            raise NotAccepted(
                "The current secret is wrong.",
                code="secret_wrong",
                fields={"current": "This is not the secret."},
            ) from error

    async def _put(self, caller: Caller, secret: str | None, action: str, *, judged_by: str | None) -> None:
        """Write the hash, unless the one that the caller was judged by is not in force any more.

        Of two who use the setup link at once, or rotate at once, one is told that the other was first.
        """
        hashed = None if secret is None else await asyncio.to_thread(hash_admin_secret, secret)

        def edit(document: Document) -> None:
            if secret_hash_of(document) != judged_by:
                _raise_changed()
            put_secret_hash(document, hashed)

        await self._desk.change(caller, f"secret.{action}", "adminAuth.secretHash", edit)


def _raise_changed() -> NoReturn:
    raise Conflict(
        "Somebody else changed the secret at this moment.",
        code="secret_changed",
        remedy="Sign in with the new one.",
    )


def _accepted(secret: str, field: str) -> str:
    """A new secret, without the space around it. Raises: NotAccepted."""
    found = secret.strip()
    if SECRET_CHARACTERS_MIN <= len(found) <= SECRET_CHARACTERS_MAX:
        return found
    words = f"Give {SECRET_CHARACTERS_MIN} to {SECRET_CHARACTERS_MAX} characters; space around them does not count."
    raise NotAccepted("The secret is not accepted.", code="secret_not_accepted", fields={field: words})
