"""Whether a change of settings may be made: judged as a whole, before anything is written.

Pure. Shared by `copilot-api config set` and the admin API, so that both refuse the same in the same words.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import cast

import msgspec

from copilot_api.settings import accepted
from copilot_api.settings.model import Settings
from copilot_api.settings.registry.setting import Kind, Refused, Setting, complaint, judge, shorten
from copilot_api.settings.registry.standing import default_of, standing, value_of

Changes = Mapping[str, object]
"""New values by the name of their setting, as JSON."""

MAX_PROMPT_CHARACTERS = 100_000
_NAMED_MODELS = frozenset(
    {"modelMapping", "modelReasoningEfforts", "premiumModelMultipliers", "modelCardMetadata", "extraPrompts"}
)
"""Tables by the names of models."""
_TOLD: frozenset[Kind] = frozenset({"number", "integer", "boolean", "choice"})
"""Kinds whose values go into the audit log; texts may be long, or private."""


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
        refused = judged.refused or tuple(_refused_entries(setting, changes.get(name), settings))
        if refused:
            wrong[name] = " ".join(complaint(setting, one) for one in refused[:3])
        else:
            is_back = name in reset or judged.value is msgspec.UNSET
            values[setting.field] = default_of(setting) if is_back else judged.value
    return wrong or _broken_rules({*changes, *reset}, _with(settings, values))


def told(registry: Mapping[str, Setting], changes: Changes) -> str:
    """What the audit log says of a change: numbers, choices, yes and no; of everything else only the name."""
    return ", ".join(
        f"{name}={shorten(value)}"
        for name, value in changes.items()
        if name in registry and registry[name].kind in _TOLD
    )


def tidied(setting: Setting, value: object) -> object:
    """A judged value as it is stored: names of models without space around them, each hidden one once."""
    if setting.name == "modelMapping" and isinstance(value, dict):
        mapping = cast("dict[str, str]", value)
        return {source.strip(): target.strip() for source, target in mapping.items()}
    if setting.name == "hiddenModels" and isinstance(value, list):
        return list(dict.fromkeys(model.strip() for model in cast("list[str]", value)))
    return value


def _refused_entries(setting: Setting, value: object, settings: Settings) -> Iterator[Refused]:
    """What a file may hold and nobody may add: the pages of mappings and models refuse the same.

    An entry that stands there already is let be, so that it keeps nobody from changing another.
    """
    stands = value_of(setting, settings)
    if isinstance(value, list) and setting.name == "hiddenModels":
        before = cast("list[str]", stands)
        yield from (
            Refused(f"[{index}]", model, accepted.MODEL_NAME)
            for index, model in enumerate(cast("list[str]", value))
            if model not in before and not _is_model_name(model)
        )
    if isinstance(value, dict) and setting.name in _NAMED_MODELS:
        table = cast("dict[str, object]", value)
        old = cast("dict[str, object]", stands)
        seen: set[str] = set()
        for name, entry in table.items():
            if name not in old or old[name] != entry:
                yield from _refused_entry(setting, name, entry)
            if setting.name == "modelMapping" and name.strip() in seen:
                yield Refused("", name, "each name once")
            seen.add(name.strip())


def _refused_entry(setting: Setting, name: str, entry: object) -> Iterator[Refused]:
    if not _is_model_name(name):
        yield Refused("", name, accepted.MODEL_NAME)
    if setting.name == "modelMapping" and not _is_model_name(str(entry)):
        yield Refused(f".{name}", entry, accepted.MODEL_NAME)
    elif setting.name == "modelMapping" and "*" in str(entry):
        yield Refused(f".{name}", entry, "one model, without *")
    if setting.name == "extraPrompts" and len(str(entry)) > MAX_PROMPT_CHARACTERS:
        yield Refused(f".{name}", entry, f"at most {MAX_PROMPT_CHARACTERS} characters")
    if setting.name == "modelCardMetadata":
        tokens = cast("dict[str, object]", entry).get("contextWindowTokens")
        if isinstance(tokens, int) and not 1 <= tokens < 2**31:
            yield Refused(f".{name}.contextWindowTokens", tokens, "a number of tokens from 1, or null")


def _is_model_name(text: str) -> bool:
    try:
        accepted.model_name(text)
    except ValueError:
        return False
    return True


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
