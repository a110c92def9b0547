"""The mapping as the page shows it: entries in their order, each with its warnings, and where they may lead."""

import msgspec

from copilot_api.copilot.accounts import Accounts
from copilot_api.copilot.catalog import Catalog, provider_of
from copilot_api.copilot.names import MappingWarning, Step, follow, warnings_of
from copilot_api.settings import Settings
from copilot_api.store.edits.mappings import KEY, entries
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import version_of


class MappingView(msgspec.Struct, frozen=True, rename={"source": "from", "is_wildcard": "isWildcard"}):
    """One entry."""

    source: str
    to: str
    is_wildcard: bool
    warnings: tuple[MappingWarning, ...]


class Target(msgspec.Struct, frozen=True, rename="camel"):
    """One model that a name may lead to."""

    id: str
    name: str
    provider: str
    is_hidden: bool


class Mappings(msgspec.Struct, frozen=True, rename="camel"):
    """The whole mapping, and the live catalogue's models as its targets; none while there is no model list."""

    version: str
    mappings: tuple[MappingView, ...]
    targets: tuple[Target, ...]


class Attempt(msgspec.Struct, frozen=True, rename="camel"):
    """How one name resolves. `model_id` is the model that the name leads to, also where it may not be called."""

    name: str
    steps: tuple[Step, ...]
    model_id: str | None
    is_usable: bool
    message: str
    remedy: str
    suggestions: tuple[str, ...]


def part(document: Document) -> object:
    """What the version of the mapping stands for: the entries and their order."""
    table = document.get(KEY)
    return [*map(list, table.items())] if isinstance(table, dict) else table  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def view(document: Document, settings: Settings, accounts: Accounts) -> Mappings:
    """Show the document's mapping with the active account's catalogue."""
    mapping = dict(entries(document))
    catalog = _catalog(accounts, None)
    hidden, disable = settings.hidden_models, settings.disable_hidden_models
    return Mappings(
        version=version_of(part(document)),
        mappings=tuple(
            MappingView(source, target, "*" in source, warnings_of(source, mapping, catalog, hidden, disable))
            for source, target in mapping.items()
        ),
        targets=tuple(
            Target(model.id, model.name, provider_of(model), model.id in hidden)
            for model in (catalog.models.values() if catalog is not None else ())
            if model.is_usable and model.kind != "completion"
        ),
    )


def attempt(name: str, account_id: str | None, settings: Settings, accounts: Accounts) -> Attempt:
    """Resolve a name as a request would, in the catalogue as it is: nobody is asked."""
    catalog = _catalog(accounts, account_id)
    if catalog is None:
        return Attempt(
            name,
            steps=(),
            model_id=None,
            is_usable=False,
            message="The account has no model list yet, so no name can be resolved.",
            remedy="Refresh the models, or see on the accounts page what is wrong.",
            suggestions=(),
        )
    trail = follow(
        name, settings.model_mapping, catalog, settings.hidden_models, settings.disable_hidden_models
    )
    found = trail.resolution
    return Attempt(
        name,
        steps=trail.steps,
        model_id=found.found.id if found.found is not None else None,
        is_usable=found.model is not None,
        message=trail.message,
        remedy=trail.remedy,
        suggestions=found.suggestions,
    )


def _catalog(accounts: Accounts, account_id: str | None) -> Catalog | None:
    account = accounts.get(account_id) if account_id else accounts.active
    return account.catalog.current if account is not None else None
