"""Every login under way: begun by a page, driven here, told to every page, ended with the server.

A login that is granted is stored at once, also when its page is gone by then. An account that is logged in with
again gets its new credential in its place, and the running one with it.
"""

import asyncio
import secrets
from collections.abc import Iterable

import msgspec
import structlog

from copilot_api.copilot.accounts import Identified, identify
from copilot_api.errors import (
    CredentialRefused,
    Draining,
    GatewayError,
    MalformedRequest,
    Throttled,
    UpstreamFault,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.store.edits import accounts as edits
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import AdminFault, Caller, Desk, NotAccepted, NotFound
from copilot_api.web.admin.desk.instants import iso
from copilot_api.web.admin.signins.flow import Flow

_log: structlog.stdlib.BoundLogger = structlog.get_logger()
MAX_WAITING = 5
"""Logins that wait at a time; each asks GitHub every few seconds."""
KEPT_S = 600.0
"""How long the page can still read how a login ended."""
IDENTIFY_PAUSES_S = (1.0, 3.0, 9.0)
"""A granted token is not given up because GitHub hiccups in the next moment."""


class GitHubFailed(AdminFault):
    """GitHub did not begin a login."""

    status = 502
    code = "github_failed"


class SignIns:
    """The logins at the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._around = desk.accounts.surroundings
        self._flows: dict[str, Flow] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None
        desk.keep("signins", self.run)

    async def run(self) -> None:
        """Own the logins' tasks; they end with the server."""
        try:
            async with asyncio.TaskGroup() as self._group:
                await asyncio.Event().wait()
        finally:
            self._group = None

    def all(self) -> Iterable[Flow]:
        """Every login that waits or has ended just now, the newest first."""
        now = self._around.clock()
        gone = [
            flow.id
            for flow in self._flows.values()
            if flow.ended_at_unix_s is not None and now - flow.ended_at_unix_s > KEPT_S
        ]
        for flow_id in gone:
            del self._flows[flow_id]
        return tuple(reversed(self._flows.values()))

    def find(self, flow_id: str) -> Flow:
        """One login.

        Raises: NotFound.
        """
        found = self._flows.get(flow_id)
        if found is None:
            raise NotFound(
                "This login is not known here any more.", code="signin_unknown", remedy="Begin another."
            )
        return found

    async def begin(self, caller: Caller, host: str, account_type: str | None) -> Flow:
        """Ask GitHub for a code, and wait in the background for a person to type it.

        Raises: NotAccepted for the host, Throttled, GitHubFailed, Draining; StoreUnavailable when the account could
        not be stored in the end.
        """
        waiting = sum(flow.state == "waiting" for flow in self.all())
        if waiting >= MAX_WAITING:
            remedy = "Finish or cancel one of them."
            raise Throttled(
                f"{waiting} logins are waiting already. {remedy}", code="too_many_signins", remedy=remedy
            )
        # Nobody should type a code for nothing: what storing needs is tried before.
        await asyncio.to_thread(self._check_store)
        if self._group is None:
            raise Draining("The server is shutting down; try again when it is back.")
        try:
            attempt = await self._around.github.start_login(
                clock=self._around.clock, sleep=self._around.sleep, host=host
            )
        except MalformedRequest as fault:
            raise NotAccepted(fault.message, fields={"host": fault.message}) from fault
        except UpstreamFault as fault:
            message, remedy = fault.parted
            raise GitHubFailed(
                message, remedy=remedy or "Try again.", retry_after_s=fault.retry_after_s
            ) from fault
        flow = Flow("signin_" + secrets.token_hex(8), caller, host, account_type, attempt)
        self._flows[flow.id] = flow
        task = self._tasks[flow.id] = self._group.create_task(self._drive(flow))
        task.add_done_callback(lambda _: self._tasks.pop(flow.id, None))
        self._tell(flow)
        return flow

    def cancel(self, flow_id: str) -> Flow:
        """Give a login up; one that has ended stays as it is, and so does one that is just being stored.

        Raises: NotFound.
        """
        flow = self.find(flow_id)
        if flow.state == "waiting" and not flow.is_granted:
            flow.attempt.cancel()
            flow.end(CredentialRefused("The login was cancelled.", code="cancelled"), self._around.clock())
            self._tasks[flow_id].cancel()
            self._tell(flow)
        return flow

    def _check_store(self) -> None:
        self._desk.config.vault.check()
        self._desk.config.update(lambda _: None)

    def _tell(self, flow: Flow) -> None:
        self._desk.feed.publish("signin", flow.shown())

    async def _drive(self, flow: Flow) -> None:
        """See one login through, whatever happens."""
        try:
            token = await self._granted(flow)
            await self._store(flow, await self._identified(token, flow.host))
        except GatewayError as fault:
            flow.end(fault, self._around.clock())
        except Exception as bug:
            _log.error("signin.crashed", exc_info=bug)
            flow.end(GatewayError("The login failed here; the log has the reason."), self._around.clock())
        self._tell(flow)

    async def _granted(self, flow: Flow) -> str:
        """Poll until GitHub grants a token.

        Raises: CredentialRefused when the login ends otherwise.
        """
        attempt = flow.attempt
        while True:
            left_s = attempt.code.expires_at_unix_s - self._around.clock()
            await self._around.sleep(max(0.0, min(attempt.interval_s, left_s)))
            token = await attempt.poll()
            if token is not None:
                return token
            if flow.note_poll():
                self._tell(flow)

    async def _identified(self, token: str, host: str) -> Identified:
        """Ask whose token it is.

        Raises: UpstreamFault; the refusal of an account that has no Copilot.
        """
        created_at = iso(self._around.clock()) or ""
        for pause_s in (*IDENTIFY_PAUSES_S, None):
            try:
                found = await identify(self._around.github, token, host, created_at=created_at)
            except (UpstreamUnavailable, UpstreamTimeout):
                if pause_s is None:
                    raise
                await self._around.sleep(pause_s)
                continue
            if found.refusal is not None:
                raise found.refusal
            return found
        raise AssertionError  # pragma: no cover - the last round raises or returns

    async def _store(self, flow: Flow, found: Identified) -> None:
        """Remember the account; from now on it runs with this credential.

        Raises: StoreUnavailable.
        """
        entry = found.entry
        is_known = any(known.id == entry.id for known in self._desk.settings.accounts)
        was_there: list[bool] = []

        def edit(document: Document) -> None:
            before = edits.find(document, entry.id)
            was_there.append(before is not None)
            kind = flow.account_type or found.kind(before)
            edits.remember(document, msgspec.structs.replace(entry, account_type=kind))

        action = "accounts.renew" if is_known else "accounts.add"
        flow.is_granted = True
        await self._desk.change(flow.caller, action, entry.id, edit, detail=f"login {entry.login}")
        flow.succeed(entry.id, entry.login, self._around.clock(), is_new=not was_there[-1])


def login_host(text: str) -> str:
    """Read a host as a person writes it: `https://Octo.GHE.com/` is octo.ghe.com."""
    return text.strip().lower().removeprefix("https://").rstrip("/")
