"""Is everything as it should be, and if not, what is there to do? One answer for /readyz, the admin and the log.

Reads the other rooms' own reports; asks nobody upstream.
"""

from collections.abc import Callable

import msgspec

from copilot_api.copilot.accounts import Account, Accounts
from copilot_api.gateway.ledger import Ledger
from copilot_api.settings import Settings
from copilot_api.store.ledger import Book


class Check(msgspec.Struct, frozen=True, rename="camel"):
    """One fact about the server. `remedy` says what a person does about it when `is_ok` is false.

    `is_required` checks decide whether the server is ready.
    """

    name: str
    is_ok: bool
    detail: str
    remedy: str = ""
    is_required: bool = True


class AccountStatus(msgspec.Struct, frozen=True, rename="camel"):
    """One account as the status page shows it: no credential in any form."""

    id: str
    login: str
    host: str
    plan: str
    api_base: str
    is_active: bool
    models: int
    problem: str = ""


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """The state of the whole server at one moment."""

    version: str
    is_demo: bool
    is_ready: bool
    is_draining: bool
    address: str
    checks: tuple[Check, ...]
    accounts: tuple[AccountStatus, ...]
    records_dropped: int
    records_failed: int


class Inspector:
    """Looks at the rooms when asked. `store_problem` returns what is wrong with the data directory, or None."""

    def __init__(
        self,
        *,
        version: str,
        address: str,
        settings: Callable[[], Settings],
        accounts: Accounts,
        ledger: Ledger,
        store_problem: Callable[[], str | None],
        book: Book | None = None,
    ) -> None:
        self._version = version
        self._address = address
        self._settings = settings
        self._accounts = accounts
        self._ledger = ledger
        self._store_problem = store_problem
        self._book = book
        self.is_draining = False

    def look(self) -> Status:
        """The status now."""
        settings = self._settings()
        checks = (
            *self._account_checks(),
            self._store_check(),
            self._ledger_check(),
            *_configuration_checks(settings),
            self._drain(),
        )
        return Status(
            version=self._version,
            is_demo=settings.demo,
            is_ready=all(check.is_ok for check in checks if check.is_required),
            is_draining=self.is_draining,
            address=self._address,
            checks=checks,
            accounts=tuple(self._describe(account) for account in self._accounts.all()),
            records_dropped=self._ledger.dropped,
            records_failed=self._ledger.failed,
        )

    def _account_checks(self) -> tuple[Check, ...]:
        active = self._accounts.active
        if active is None:
            problem = self._accounts.problem or "No GitHub account is configured."
            return (Check("account", False, problem, "Run: copilot-api login"),)
        credential = active.credential
        catalog = active.catalog.current
        return (
            Check("account", True, f"{active.login} is active"),
            Check(
                "token",
                credential.is_usable,
                "a Copilot credential is at hand" if credential.is_usable else "there is no valid credential",
                credential.problem
                or ("" if credential.is_usable else "Wait a moment, then run: copilot-api doctor"),
            ),
            Check(
                "catalog",
                catalog is not None,
                f"{len(catalog.models)} models" if catalog is not None else "the model list is not loaded",
                active.catalog.problem or ("" if catalog is not None else "Run: copilot-api doctor"),
            ),
        )

    def _store_check(self) -> Check:
        problem = self._store_problem()
        return Check(
            "store", problem is None, "config.json and what is stored beside it can be read", problem or ""
        )

    def _ledger_check(self) -> Check:
        """A ledger that cannot be written never makes the server unready: records wait in memory."""
        if self._book is None:
            return Check("usage", True, "usage is not written down", is_required=False)
        problem, waiting = self._book.problem, self._ledger.waiting
        if problem is None:
            return Check("usage", True, f"usage is written to {self._book.place}", is_required=False)
        return Check("usage", False, f"{waiting} records wait in memory", problem, is_required=False)

    def _drain(self) -> Check:
        return Check(
            "serving", not self.is_draining, "shutting down" if self.is_draining else "taking requests"
        )

    def _describe(self, account: Account) -> AccountStatus:
        catalog = account.catalog.current
        return AccountStatus(
            id=account.id,
            login=account.login,
            host=account.host,
            plan=account.plan or "",
            api_base=account.api_base or "",
            is_active=account is self._accounts.active,
            models=len(catalog.models) if catalog is not None else 0,
            problem=account.problem or "",
        )


def _configuration_checks(settings: Settings) -> tuple[Check, ...]:
    return tuple(
        Check("configuration", False, f"{problem.path}: {problem.message}", problem.remedy, is_required=False)
        for problem in settings.problems
    )
