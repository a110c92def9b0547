"""Whether usage is written down, and where: the ledger's part of the composition."""

from collections.abc import Callable, Iterable

from copilot_api.copilot.accounts import Account
from copilot_api.gateway.accounting.shelf import Shelf
from copilot_api.settings import Settings
from copilot_api.store.ledger import Book, Place


def shelf_for(settings: Callable[[], Settings], accounts: Callable[[], Iterable[Account]]) -> Shelf | None:
    """The sink that writes usage down; None where the operator switched it off. Opens nothing yet."""
    now = settings()
    if not now.usage_ledger:
        return None
    return Shelf(Book(Place.of(now.data_directory, now.database_url)), settings=settings, accounts=accounts)
