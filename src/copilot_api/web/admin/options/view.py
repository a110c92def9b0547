"""The settings as the page shows them: the value, who decided it, and what it would accept."""

import msgspec

from copilot_api.copilot.accounts import Accounts
from copilot_api.settings import Settings
from copilot_api.settings.registry import (
    REGISTRY,
    SECTIONS,
    DecidedBy,
    Kind,
    Section,
    Setting,
    Unit,
    default_of,
    standing,
    value_of,
    written,
)
from copilot_api.store.config_file import ConfigState
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import version_of
from copilot_api.web.admin.options.doubts import Doubt, doubts


class SettingView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One setting.

    Shape: a secret's `value` is null, and `is_set` says whether there is one. `is_pending` tells that what is chosen
    waits for the next start; `has_effect` is false for what is only kept. `accepted` says in words what is accepted;
    `warnings` what is doubtful about entries that name models.
    """

    name: str
    section: Section
    kind: Kind
    value: object
    default: object
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    unit: Unit
    is_nullable: bool
    is_from_environment: bool
    decided_by: DecidedBy
    variable: str
    needs_restart: bool
    is_pending: bool
    is_set: bool
    has_effect: bool
    accepted: str
    description: str
    warnings: tuple[Doubt, ...]


class SettingsView(msgspec.Struct, frozen=True, rename="camel"):
    """All settings, and whether they can be changed: not while config.json cannot be read."""

    version: str
    path: str
    is_read_only: bool
    problem: str | None
    sections: tuple[Section, ...]
    settings: tuple[SettingView, ...]


def part(document: Document) -> object:
    """What the version of the settings stands for: what the file says of each, maps in their order."""
    said = [(setting.name, written(setting, document)) for setting in REGISTRY]
    return [(name, [*value.items()] if isinstance(value, dict) else value) for name, value in said]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def view(
    state: ConfigState, path: str, settings: Settings, began: Settings, accounts: Accounts
) -> SettingsView:
    """Show the settings in force; `began` are those that the server was started with."""
    return SettingsView(
        version=version_of(part(state.document)),
        path=path,
        is_read_only=state.is_read_only,
        problem=state.problem,
        sections=SECTIONS,
        settings=tuple(_view(setting, state.document, settings, began, accounts) for setting in REGISTRY),
    )


def _view(
    setting: Setting, document: Document, settings: Settings, began: Settings, accounts: Accounts
) -> SettingView:
    stands = standing(setting, settings, document)
    waits = setting.needs_restart and value_of(setting, settings) != value_of(setting, began)
    return SettingView(
        name=setting.name,
        section=setting.section,
        kind=setting.kind,
        value=stands.value,
        default=default_of(setting),
        choices=setting.choices,
        minimum=setting.minimum,
        maximum=setting.maximum,
        unit=setting.unit,
        is_nullable=setting.is_nullable,
        is_from_environment=stands.is_read_only,
        decided_by=stands.decided_by,
        variable=stands.variable,
        needs_restart=setting.needs_restart,
        is_pending=waits,
        is_set=stands.is_set,
        has_effect=setting.has_effect,
        accepted=setting.accepted,
        description=setting.description,
        warnings=doubts(setting.name, stands.value, settings, accounts),
    )
