"""Who answers for a request: the account a client key is bound to, else the active one.

Owns the accounts that run, and how they follow the settings. Accounts are switched by a person or bound to a
key, never rotated. A dead account is kept, with its problem, so that the admin can show it: nothing here
stops a start.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping

from copilot_api.copilot.auth import Credential
from copilot_api.copilot.catalog import Catalog, CatalogKeeper
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.flight import SingleFlight, Spawn
from copilot_api.copilot.github import CopilotUser, GitHub, TokenEnvelope
from copilot_api.copilot.headers import build_catalog
from copilot_api.copilot.names import Resolution, resolve
from copilot_api.copilot.quota import TELLING_HEADERS, QuotaSnapshot, merged, read_header_quota
from copilot_api.copilot.rejections import classify
from copilot_api.copilot.transport.hosts import checked_api_base, default_api_base
from copilot_api.errors import GatewayError, NoAccount
from copilot_api.settings import AccountEntry, Identity, Settings

DOUBT_PAUSE_S = 600.0
"""A 403 makes us ask GitHub again where the account lives, but not more often (contract 7.1, 1.5)."""


class Surroundings:
    """What every account needs from the outside, as arguments so that tests own time and chance."""

    __slots__ = ("clock", "github", "new_id", "open_token", "show_token", "sleep", "spawn", "upstream")

    def __init__(
        self,
        *,
        github: GitHub,
        upstream: Upstream,
        spawn: Spawn,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        open_token: Callable[[AccountEntry], str] = lambda entry: entry.token,
        show_token: Callable[[str, str], None] | None = None,
    ) -> None:
        """Units: `clock` gives Unix seconds. `open_token` opens the vault reference of an entry.

        `show_token` is told login and token after each exchange, where the operator asked for it (SHOW_TOKEN).
        """
        self.github = github
        self.upstream = upstream
        self.spawn = spawn
        self.clock = clock
        self.new_id = new_id
        self.sleep = sleep
        self.open_token = open_token
        self.show_token = show_token


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
        self._user_problem: str | None = None
        self._doubted_at_unix_s = float("-inf")
        self._quota: QuotaSnapshot | None = None
        self._unread_headers: Mapping[str, str] | None = None
        self._describing = SingleFlight(self._describe, surroundings.spawn)
        self.credential = Credential(
            github_token=github_token,
            mode=entry.credential_mode,
            exchange=self._exchange,
            clock=surroundings.clock,
            sleep=surroundings.sleep,
            spawn=surroundings.spawn,
        )
        self.catalog = CatalogKeeper(self._fetch_models, clock=surroundings.clock, spawn=surroundings.spawn)

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
        return self.credential.problem or self._user_problem or self.catalog.problem

    @property
    def state(self) -> str:
        """`ready`, `starting`, or `failed` (see `problem`)."""
        if self.credential.is_usable and self.catalog.current is not None:
            return "ready"
        return "failed" if self.problem is not None else "starting"

    @property
    def quota(self) -> QuotaSnapshot | None:
        """The newest quota that GitHub or a reply told; None before either did."""
        if self._unread_headers is not None:
            told = read_header_quota(self._unread_headers.items())
            self._unread_headers = None
            if told is not None:
                self._quota = merged(self._quota, told)
        return self._quota

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep what a reply's headers say about quota; they are read when somebody asks."""
        for name in TELLING_HEADERS:
            if name in headers:
                self._unread_headers = headers
                return

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
            self._around.spawn(_quietly(self._settle_doubt()))

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
        await _quietly(self.catalog.refresh())
        if self._user is None:
            await _quietly(self._describing.join())

    async def _exchange(self) -> TokenEnvelope:
        envelope = await self._around.github.exchange(self._token, self.host)
        self.sku = envelope.sku or self.sku
        if self._around.show_token is not None:
            self._around.show_token(self.login, envelope.token)
        if self._override is None and envelope.api_base is not None:
            self._base = checked_api_base(envelope.api_base)
        return envelope

    async def _describe(self) -> str:
        try:
            user = await self._around.github.copilot_user(self._token, self.host)
            named = checked_api_base(user.api_base) if user.api_base and self._override is None else None
        except GatewayError as error:
            self._user_problem = error.message
            raise
        self._user, self._user_problem = user, None
        self.plan, self.sku = user.plan, user.sku or self.sku
        self._quota = merged(self._quota, user.quota)
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


class Accounts:
    """Every account in the settings, running."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._accounts: dict[str, Account] = {}
        self._made_from: dict[str, tuple[object, ...]] = {}
        self._active_id: str | None = None
        self.problems: dict[str, str] = {}
        """Accounts that could not even be set up (a vault that does not open), by id."""

    @property
    def active(self) -> Account | None:
        """The account that answers for keys without one of their own: the chosen one, else the first."""
        if self._active_id is not None:
            return self._accounts.get(self._active_id)
        return next(iter(self._accounts.values()), None)

    @property
    def problem(self) -> str | None:
        """Why no account answers, and what to do; None when one does."""
        try:
            self.choose()
        except NoAccount as error:
            return error.message
        return None

    def get(self, account_id: str) -> Account | None:
        """Return the account with this id."""
        return self._accounts.get(account_id)

    def all(self) -> Iterable[Account]:
        """Every account, in the order of the settings."""
        return tuple(self._accounts.values())

    def choose(self, account_id: str | None = None) -> Account:
        """Return the account that answers for a request.

        Raises: NoAccount with the remedy.
        """
        account = self._accounts.get(account_id) if account_id else self.active
        if account is not None:
            return account
        wanted = account_id or self._active_id or ""
        if wanted in self.problems:
            raise NoAccount(self.problems[wanted])
        if account_id:
            raise NoAccount(
                f"This client key is bound to account {account_id!r}, which is not logged in. Log in with "
                "`copilot-api login`, or bind the key to another account in the admin."
            )
        if self._accounts:
            raise NoAccount(
                "No account is active. Choose one with `copilot-api accounts switch` or in the admin."
            )
        raise NoAccount("Nobody is logged in. Run `copilot-api login`; a running server notices.")

    async def apply(self, settings: Settings) -> None:
        """Follow the settings: accounts added, removed, switched, or logged in again with a new token.

        Returns at once; new accounts get ready in the background. Never raises for an account: see `problem`.
        """
        kept: dict[str, Account] = {}
        self.problems = {}
        for entry in settings.accounts:
            account = self._kept_or_new(entry, settings)
            if account is not None:
                kept[entry.id] = account
        self._accounts = kept
        self._made_from = {key: value for key, value in self._made_from.items() if key in kept}
        self._active_id = settings.active_account_id or None

    async def run(self, every_s: float) -> None:
        """Keep every account's catalog fresh, for ever; runs in the composition root's TaskGroup."""
        while True:
            await self._around.sleep(every_s)
            for account in self.all():
                await _quietly(account.catalog.refresh_if_due())

    def _kept_or_new(self, entry: AccountEntry, settings: Settings) -> Account | None:
        try:
            token = self._around.open_token(entry)
        except Exception as error:
            self.problems[entry.id] = (
                f"The token of account {entry.login or entry.id!r} cannot be opened ({error}); "
                "run `copilot-api login` again."
            )
            return None
        recipe = (token, entry.github_host, entry.credential_mode, settings.upstream_url, settings.identity)
        known = self._accounts.get(entry.id)
        if known is not None and self._made_from.get(entry.id) == recipe:
            known.entry = entry
            return known
        account = Account(
            entry, token, self._around, api_base_override=settings.upstream_url, identity=settings.identity
        )
        self._made_from[entry.id] = recipe
        self._around.spawn(account.start())
        return account


def _resolve(requested: str, catalog: Catalog, settings: Settings) -> Resolution:
    return resolve(
        requested, settings.model_mapping, catalog, settings.hidden_models, settings.disable_hidden_models
    )


async def _quietly(work: Coroutine[object, object, object]) -> None:
    """Run `work`; what GitHub or Copilot refuse is already kept in a `problem`."""
    try:
        await work
    except GatewayError:
        return
