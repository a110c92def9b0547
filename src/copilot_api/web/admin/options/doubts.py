"""What the model lists say of settings that name models: refusals and warnings, as the pages of models and mappings.

Judges only against lists that are at hand; asks nobody.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

from copilot_api.copilot.accounts import Accounts
from copilot_api.copilot.catalog import Catalog, Model
from copilot_api.copilot.names import warnings_of
from copilot_api.settings import Settings

EFFORTS = "modelReasoningEfforts"
MAPPING = "modelMapping"
_SAID_OF_MODELS = frozenset({EFFORTS, "premiumModelMultipliers", "modelCardMetadata", "extraPrompts"})


class Doubt(msgspec.Struct, frozen=True):
    """One doubt about one entry of a setting: what it is `about`, by name."""

    about: str
    code: str
    message: str


def doubts(name: str, value: object, settings: Settings, accounts: Accounts) -> tuple[Doubt, ...]:
    """What is doubtful about a setting as it stands; nothing while there is no model list."""
    if not isinstance(value, dict):
        return ()
    table = cast("dict[str, object]", value)
    active = accounts.active
    catalog = active.catalog.current if active is not None else None
    if name == MAPPING:
        return tuple(_about_mapping(cast("dict[str, str]", table), settings, catalog))
    if name in _SAID_OF_MODELS and any(_catalogs(accounts)):
        return tuple(
            Doubt(model, "missing", f"{model!r} is offered to no account.")
            for model in table
            if not any(_offers(accounts, model))
        )
    return ()


def refused_efforts(value: object, settings: Settings, accounts: Accounts) -> str | None:
    """Say which new effort its model does not offer, as PATCH /models refuses it; None where none is wrong."""
    if not isinstance(value, Mapping):
        return None
    for name, effort in cast("Mapping[str, object]", value).items():
        found = [] if settings.model_reasoning_efforts.get(name) == effort else [*_offers(accounts, name)]
        if found and not any(effort in model.supports.reasoning_efforts for model in found):
            efforts = found[0].supports.reasoning_efforts
            offered = (
                f"Give one of {', '.join(efforts)}." if efforts else "It offers none, so none can be chosen."
            )
            return f"{effort!r} is not among the efforts of {name!r}. {offered}"
    return None


def _about_mapping(mapping: dict[str, str], settings: Settings, catalog: Catalog | None) -> Iterator[Doubt]:
    hidden, disable = settings.hidden_models, settings.disable_hidden_models
    for source in mapping:
        for warning in warnings_of(source, mapping, catalog, hidden, disable):
            yield Doubt(source, warning.code, warning.message)


def _catalogs(accounts: Accounts) -> Iterator[Catalog]:
    for account in accounts.all():
        if account.catalog.current is not None:
            yield account.catalog.current


def _offers(accounts: Accounts, model: str) -> Iterator[Model]:
    for catalog in _catalogs(accounts):
        if model in catalog.models:
            yield catalog.models[model]
