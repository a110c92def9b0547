"""Whether a change of settings may be made: judged as a whole, before anything is written.

Pure. Shared by `copilot-api config set` and the admin API, so that both refuse the same in the same words.
"""

from collections.abc import Callable, Collection, Mapping
from typing import cast

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.model import Settings
from copilot_api.settings.registry.setting import Setting, complaint, judge
from copilot_api.settings.registry.standing import default_of, standing

Changes = Mapping[str, object]
"""New values by the name of their setting, as JSON."""


class Rule(msgspec.Struct, frozen=True):
    """What must hold between settings: broken, it is told at each of `names` that is about to change."""

    names: tuple[str, ...]
    broken: Callable[[Settings], str | None]


def _open_to_strangers(settings: Settings) -> str | None:
    if accepted.is_loopback_name(settings.host):
        return None
    if settings.client_keys or settings.plain_keys or settings.has_unreadable_keys:
        return None
    return (
        f"{settings.host!r} would let other machines in, and there is no client key to keep strangers out, so the "
        "next start would be refused. Make a key first."
    )


def _target_too_high(settings: Settings) -> str | None:
    context = settings.context_management
    if context.target_ratio < context.summarize_at_ratio:
        return None
    return (
        f"A history is shortened from {context.summarize_at_ratio:g} of the window on, to {context.target_ratio:g} "
        "of it: give a target below the start."
    )


RULES: tuple[Rule, ...] = (
    Rule(("host",), _open_to_strangers),
    Rule(("contextManagement.summarizeAtRatio", "contextManagement.targetRatio"), _target_too_high),
)


def complaints(
    registry: Mapping[str, Setting], changes: Changes, reset: Collection[str], settings: Settings
) -> dict[str, str]:
    """What is wrong with a change, by the name of the setting; empty when it may be made."""
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    for name in (*changes, *reset):
        setting = registry.get(name)
        if setting is None:
            wrong[name] = f"There is no setting {name!r}."
            continue
        if name in changes and name in reset:
            wrong[name] = "It cannot be set and reset at once."
            continue
        stands = standing(setting, settings, {})
        if stands.is_read_only:
            wrong[name] = (
                f"{stands.variable or 'The environment'} decides this; take it away and start the server again to "
                "choose here."
            )
            continue
        judged = judge(setting, changes.get(name))
        if judged.refused:
            wrong[name] = " ".join(complaint(setting, refused) for refused in judged.refused[:3])
        else:
            is_back = name in reset or judged.value is msgspec.UNSET
            values[setting.field] = default_of(setting) if is_back else judged.value
    return wrong or _broken_rules({*changes, *reset}, _with(settings, values))


def _broken_rules(names: Collection[str], settings: Settings) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for rule in RULES:
        touched = [name for name in rule.names if name in names]
        message = rule.broken(settings) if touched else None
        if message is not None:
            wrong.update(dict.fromkeys(touched, message))
    return wrong


def _with(settings: Settings, values: Mapping[str, object]) -> Settings:
    """The settings as they would be. A default stands in its JSON form, which no rule tells from its own."""
    outer: dict[str, object] = {}
    inner: dict[str, dict[str, object]] = {}
    for field, value in values.items():
        parent, _, leaf = field.rpartition(".")
        (inner.setdefault(parent, {}) if parent else outer)[leaf] = value
    for parent, fields in inner.items():
        before = cast("msgspec.Struct", getattr(settings, parent))
        outer[parent] = msgspec.structs.replace(before, **fields)
    return msgspec.structs.replace(settings, **outer)
