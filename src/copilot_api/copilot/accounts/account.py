"""One GitHub identity as it runs: its credential, its models, its quota, and what is wrong with it.

A dead account is kept, with its problem, so that the admin can show it: nothing here stops a start.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from copilot_api.copilot.accounts.meter import QuotaMeter
from copilot_api.copilot.accounts.surroundings import Surroundings
from copilot_api.copilot.auth import Credential
from copilot_api.copilot.catalog import Catalog, CatalogKeeper
from copilot_api.copilot.flight import SingleFlight
from copilot_api.copilot.github import CopilotUser, TokenEnvelope
from copilot_api.copilot.headers import build_catalog
from copilot_api.copilot.names import Resolution, resolve
from copilot_api.copilot.quota import QuotaSnapshot
from copilot_api.copilot.rejections import classify
from copilot_api.copilot.transport.hosts import checked_api_base, default_api_base
from copilot_api.errors import GatewayError
from copilot_api.settings import AccountEntry, Identity, Settings

DOUBT_PAUSE_S = 600.0
"""A 403 makes us ask GitHub again where the account lives, but not more often (contract 7.1, 1.5)."""


class Trouble(msgspec.Struct, frozen=True):
    """What is wrong with an account, and what a person does about it."""

    message: str
    remedy: str = ""
    code: str = ""

    @classmethod
    def of(cls, fault: GatewayError) -> "Trouble":
        """Say what a fault says."""
        return cls(*fault.parted, fault.code)


class Account:
    """One GitHub identity: its credential, its models, its quota, and what is wrong with it."""

    def __init__(
        self,
        entry: AccountEntry,
        github_token: str,
        surroundings: Surroundings,
        *,
        api_base_override: str | None = None,
        identity: Identity = "gateway",
    ) -> None:
        self.entry = entry
        self.plan = ""
        self.sku = ""
        self.identity: Identity = identity
        self._token = github_token
        self._around = surroundings
        self._override = api_base_override.rstrip("/") if api_base_override else None
        self._base: str | None = self._override
        self._user: CopilotUser | None = None
        self._user_fault: GatewayError | None = None
        self._doubted_at_unix_s = float("-inf")
        self.meter = QuotaMeter(surroundings.clock)
        self._describing = SingleFlight(self._describe, surroundings.spawn)
        self.credential = Credential(
            github_token=github_token,
            mode=entry.credential_mode,
            exchange=self._exchange,
            clock=surroundings.clock,
            sleep=surroundings.sleep,
            spawn=surroundings.spawn,
        )
        self.catalog = CatalogKeeper(
            self._fetch_models,
            clock=surroundings.clock,
            spawn=surroundings.spawn,
            tell=lambda catalog: surroundings.on_catalog(self.id, catalog),
        )

    @property
    def id(self) -> str:
        """Its id in the settings."""
        return self.entry.id

    @property
    def login(self) -> str:
        """Its GitHub login."""
        return self.entry.login

    @property
    def host(self) -> str:
        """The GitHub host it belongs to: github.com or a GHE.com tenant."""
        return self.entry.github_host

    @property
    def api_base(self) -> str:
        """Where Copilot answers for it, as far as known."""
        return self._base or default_api_base(self.host)

    @property
    def problem(self) -> str | None:
        """What is wrong and what to do; None while all is well."""
        fault = self.credential.fault or self._user_fault
        return fault.message if fault is not None else self.catalog.problem

    @property
    def trouble(self) -> Trouble | None:
        """The same with the remedy apart."""
        fault = self.credential.fault or self._user_fault
        if fault is not None:
            return Trouble.of(fault)
        if self.catalog.problem is None:
            return None
        return Trouble(self.catalog.problem, "", "catalog_unavailable")

    @property
    def state(self) -> str:
        """`ready`, `starting`, or `failed` (see `problem`)."""
        if self.credential.is_usable and self.catalog.current is not None:
            return "ready"
        return "failed" if self.problem is not None else "starting"

    @property
    def quota(self) -> QuotaSnapshot | None:
        """The newest quota that GitHub or a reply told; None before either did."""
        return self.meter.snapshot

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep what a reply's headers say about quota; they are read when somebody asks."""
        self.meter.observe(headers)

    def succeed(self, former: "Account") -> None:
        """Take over what is known of the same identity, whose credential was replaced."""
        if former.host == self.host:
            self.plan, self.sku, self.meter = former.plan, former.sku, former.meter

    async def locate(self) -> str:
        """Its Copilot API base; asks GitHub where neither a token nor an override named one.

        Raises: UpstreamFault, CredentialRefused.
        """
        return self._base if self._base is not None else await self._describing.join()

    def doubt(self) -> None:
        """Copilot answered 403: ask GitHub again, in the background and seldom, where the account lives."""
        now = self._around.clock()
        if now - self._doubted_at_unix_s >= DOUBT_PAUSE_S:
            self._doubted_at_unix_s = now
            self._around.spawn(_quietly(self._settle_doubt))

    async def describe(self) -> CopilotUser:
        """Ask GitHub for plan, host and quota now.

        Raises: UpstreamFault, CredentialRefused.
        """
        await self._describing.join()
        assert self._user is not None  # noqa: S101 - _describe sets it or raises
        return self._user

    async def resolve(self, requested: str, settings: Settings) -> Resolution:
        """Resolve a name in this account's catalog; an unknown one makes the catalog look once more.

        Raises: UpstreamFault when there has never been a catalog.
        """
        resolution = _resolve(requested, await self.catalog.loaded(), settings)
        if resolution.model is None and resolution.reason != "hidden":
            before = self.catalog.current
            renewed = await self.catalog.renewed()
            if renewed is not before:
                resolution = _resolve(requested, renewed, settings)
        return resolution

    async def start(self) -> None:
        """Get everything ready in the background; failures are kept in `problem`, never raised."""
        await _quietly(self.catalog.refresh)
        if self._user is None:
            await _quietly(self._describing.join)

    async def prepare(self) -> None:
        """Fetch a token where none is at hand, and the models with it: afterwards it can answer.

        Raises: CredentialRefused or another UpstreamFault, with the remedy.
        """
        if not self.credential.is_usable:
            await self.credential.renew()
        await self.catalog.refresh()

    async def retry(self) -> None:
        """Fetch token, models and plan again now, because a person asked; what fails is in `problem`."""
        await _quietly(self.credential.renew)
        await _quietly(self.catalog.refresh)
        await _quietly(self._describing.join)

    async def ask(self, every_s: float) -> None:
        """Ask GitHub for plan and quota, at most once in `every_s`; all who ask meanwhile share the answer."""
        if self._describing.is_running or self.meter.wait_s(every_s) <= 0:
            await _quietly(self._describing.join)

    async def _exchange(self) -> TokenEnvelope:
        envelope = await self._around.github.exchange(self._token, self.host)
        self.sku = envelope.sku or self.sku
        if self._around.show_token is not None:
            self._around.show_token(self.login, envelope.token)
        if self._override is None and envelope.api_base is not None:
            self._base = checked_api_base(envelope.api_base)
        return envelope

    async def _describe(self) -> str:
        self.meter.note_asked()
        try:
            user = await self._around.github.copilot_user(self._token, self.host)
            named = checked_api_base(user.api_base) if user.api_base and self._override is None else None
        except GatewayError as error:
            self._user_fault = error
            raise
        self._user, self._user_fault = user, None
        self.plan, self.sku = user.plan, user.sku or self.sku
        self.meter.tell(user.quota)
        envelope = self.credential.envelope
        if self._base is None or (self._override is None and (envelope is None or envelope.api_base is None)):
            self._base = named or default_api_base(self.host)
        return self.api_base

    async def _settle_doubt(self) -> None:
        if not self.credential.is_direct:
            await self.credential.renew()
        await self._describing.join()

    async def _fetch_models(self) -> bytes:
        headers = build_catalog(self.identity, self._around.new_id())
        reply = await self._around.upstream.send(self, "/models", b"", headers, method="GET")
        try:
            body = await reply.read()
        finally:
            reply.close()
        if reply.status != 200:
            raise classify(reply.status, reply.headers, body, now_unix_s=self._around.clock())
        return body


def _resolve(requested: str, catalog: Catalog, settings: Settings) -> Resolution:
    return resolve(
        requested, settings.model_mapping, catalog, settings.hidden_models, settings.disable_hidden_models
    )


async def _quietly(work: Callable[[], Awaitable[object]]) -> None:
    """Do `work`, begun here: a task may be cancelled before. What is refused is already kept in a `problem`."""
    try:
        await work()
    except GatewayError:
        return
