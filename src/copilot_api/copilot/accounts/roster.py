"""Who answers for a request: the account a client key is bound to, else the active one.

Owns the accounts that run, and how they follow the settings. Accounts are switched by a person or bound to a
key, never rotated.
"""

from collections.abc import Iterable

from copilot_api.copilot.accounts.account import Account, Trouble
from copilot_api.copilot.accounts.surroundings import Surroundings
from copilot_api.errors import GatewayError, NoAccount
from copilot_api.settings import AccountEntry, Settings


class Accounts:
    """Every account in the settings, running."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings
        self._accounts: dict[str, Account] = {}
        self._made_from: dict[str, tuple[object, ...]] = {}
        self._active_id: str | None = None
        self._settings: Settings | None = None
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

    def trouble_of(self, account_id: str) -> Trouble | None:
        """What is wrong with an account, also with one that could not be set up; None while all is well."""
        account = self._accounts.get(account_id)
        if account is not None:
            return account.trouble
        problem = self.problems.get(account_id)
        return Trouble(problem, "", "token_unreadable") if problem is not None else None

    async def prepare(self, account_id: str) -> None:
        """Have an account ready to answer before it is made the active one.

        Raises: NoAccount or an UpstreamFault, with the remedy.
        """
        account = self._accounts.get(account_id)
        if account is None:
            raise NoAccount(self.problems.get(account_id, f"The account {account_id!r} is not logged in."))
        await account.prepare()

    async def retry(self, account_id: str) -> None:
        """Try a failed account again now; one whose token could not be opened is set up anew where it can be."""
        if account_id in self.problems and self._settings is not None:
            await self.apply(self._settings)
        account = self._accounts.get(account_id)
        if account is not None:
            await account.retry()

    async def apply(self, settings: Settings) -> None:
        """Follow the settings: accounts added, removed, switched, or logged in again with a new token.

        Returns at once; new accounts get ready in the background. Never raises for an account: see `problem`.
        """
        kept: dict[str, Account] = {}
        self._settings = settings
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
            await self.surroundings.sleep(every_s)
            for account in self.all():
                try:
                    await account.catalog.refresh_if_due()
                except GatewayError:
                    continue  # it is in the account's `problem`

    def _kept_or_new(self, entry: AccountEntry, settings: Settings) -> Account | None:
        try:
            token = self.surroundings.open_token(entry)
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
            entry,
            token,
            self.surroundings,
            api_base_override=settings.upstream_url,
            identity=settings.identity,
        )
        if known is not None:
            account.succeed(known)
        self._made_from[entry.id] = recipe
        self.surroundings.spawn(account.start())
        return account
