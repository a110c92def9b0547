"""From the name a client asks for to the model that answers.

Pure. Owns the order of the rules: the operator's exact mapping, the operator's wildcards, the id as it is,
the id in its normal form (no table of names: `catalog/forms.py`). One hop: what a mapping yields is not
mapped again. Of several wildcards that fit, the one with the most literal characters wins; between equals,
the first in the file.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Literal, Protocol

import msgspec

from copilot_api.copilot.catalog.forms import MAX_NAME_LENGTH, bracket_of, date_of, normal_form
from copilot_api.copilot.catalog.model import Catalog, Model
from copilot_api.errors import UnknownModel
from copilot_api.settings import Settings

Reason = Literal["exact", "normalised", "unknown", "hidden", "disabled"]

MAX_SUGGESTIONS = 3
_SIMILARITY = 0.55
"""difflib ratio from which a name counts as near: "sonet-4.5" is, "llama" is not."""


class Resolution(msgspec.Struct, frozen=True):
    """What became of a requested name. `model` is None when it cannot be called; `reason` says why.

    `mapped` is the name after the operator's mapping, equal to `requested` when none applied. `found` is the model
    that the name leads to, whether it can be called or not.
    """

    requested: str
    mapped: str
    model: Model | None
    reason: Reason
    suggestions: tuple[str, ...] = ()
    found: Model | None = None

    @property
    def is_mapped(self) -> bool:
        """Whether the operator's mapping changed the name."""
        return self.mapped != self.requested


def resolve(
    requested: str,
    mapping: Mapping[str, str],
    catalog: Catalog,
    hidden: Collection[str] = (),
    disable_hidden: bool = False,
) -> Resolution:
    """Find the model that answers to `requested`; never raises.

    Shape: "claude-sonnet-4-5-20250929" -> Resolution(model=<claude-sonnet-4.5>, reason="normalised")
    """
    mapped = map_name(requested, mapping)
    model = catalog.models.get(mapped)
    reason: Reason = "exact"
    if model is None:
        model, reason = _by_normal_form(mapped, catalog), "normalised"
    if model is None:
        reason = "unknown"
    elif disable_hidden and model.id in hidden:
        reason = "hidden"
    elif not model.is_usable:
        reason = "disabled"
    else:
        return Resolution(requested=requested, mapped=mapped, model=model, reason=reason, found=model)
    offered = _offered(catalog, hidden if disable_hidden else ())
    return Resolution(requested, mapped, None, reason, _nearest(mapped, offered), model)


def require(resolution: Resolution) -> Model:
    """Return the resolved model.

    Raises: UnknownModel saying what was asked, what it was mapped to, the nearest names and the remedy.
    """
    if resolution.model is not None:
        return resolution.model
    raise UnknownModel(f"{explain(resolution)} {remedy(resolution)}", param="model")


def explain(resolution: Resolution) -> str:
    """Say why no model answers to a name, with the nearest names; of one that is answered, nothing."""
    if resolution.model is not None:
        return ""
    asked = f"The model {_shown(resolution.requested)}"
    if resolution.is_mapped:
        asked += f" (mapped to {_shown(resolution.mapped)} by modelMapping)"
    nearest = ", ".join(repr(name) for name in resolution.suggestions)
    near = f" Nearest: {nearest}." if nearest else ""
    return f"{asked} {_WHY[resolution.reason]}{near}"


def remedy(resolution: Resolution) -> str:
    """Say what to do when no model answers; else nothing."""
    return "" if resolution.model is not None else _REMEDY[resolution.reason]


class Catalogued(Protocol):
    """An account that can resolve names (`accounts.Account`)."""

    async def resolve(self, requested: str, settings: Settings) -> Resolution:
        """Resolve in its catalog, looking once more for an unknown name."""
        ...


async def require_model(requested: str, account: Catalogued, settings: Settings) -> Model:
    """Return the model that answers to `requested` for `account`.

    Raises: UnknownModel; UpstreamFault when the account never had a catalog.
    """
    return require(await account.resolve(requested, settings))


def map_name(requested: str, mapping: Mapping[str, str]) -> str:
    """Return the name after the operator's mapping: exact before wildcard, one hop."""
    if not mapping:
        return requested
    entry = applied(requested, mapping)
    return requested if entry is None else entry[1]


def applied(requested: str, mapping: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the entry of the mapping that decides a name, as it stands there; None where none does."""
    exact = mapping.get(requested)
    if exact is not None:
        return requested, exact
    for parts, source, target in _wildcards(tuple(mapping.items())):
        if _fits(parts, requested):
            return source, target
    return None


def exact_aliases(mapping: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the mapping's exact names and targets, in file order: names a client can pick from a list."""
    return tuple((name, target) for name, target in mapping.items() if "*" not in name)


_WHY: dict[Reason, str] = {
    "unknown": "is not offered to this account.",
    "hidden": "is hidden, and hidden models are switched off here (disableHiddenModels).",
    "disabled": "is switched off by its policy for this account.",
}
_REMEDY: dict[Reason, str] = {
    "unknown": "Pick an id from GET /v1/models, or add a modelMapping entry for this name.",
    "hidden": "Pick an id from GET /v1/models, or show the model again in the admin.",
    "disabled": "Enable it at https://github.com/settings/copilot/features, or pick another model.",
}


def _by_normal_form(name: str, catalog: Catalog) -> Model | None:
    form = normal_form(name)
    if bracket_of(name) == "1m":
        found = _choose(name, f"{form}-1m", catalog)
        if found is not None:
            return found
    return _choose(name, form, catalog)


def _choose(name: str, form: str, catalog: Catalog) -> Model | None:
    candidates = catalog.normal_forms.get(form, ())
    if form in candidates:
        return catalog.models[form]
    date = date_of(name)
    fitting = [model_id for model_id in candidates if not date or date_of(model_id) in ("", date)]
    # Several snapshots of one model and no undated id: the newest, as `-latest` promises elsewhere.
    return catalog.models[max(fitting, key=date_of)] if fitting else None


@lru_cache(maxsize=8)
def _wildcards(entries: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[str, ...], str, str], ...]:
    globs = [(name, target) for name, target in entries if "*" in name]
    globs.sort(key=lambda entry: -literal_length(entry[0]))
    return tuple((tuple(name.split("*")), name, target) for name, target in globs)


def literal_length(pattern: str) -> int:
    """How many characters of a pattern stand for themselves: the more, the sooner it applies."""
    return len(pattern.replace("*", ""))


def fits(pattern: str, name: str) -> bool:
    """Whether a name is among those a pattern stands for; `*` is anything, also nothing."""
    return _fits(tuple(pattern.split("*")), name)


def _fits(parts: tuple[str, ...], name: str) -> bool:
    """Take the parts one after the other, each at its first place: no name makes that take long, as regexes can."""
    first, last = parts[0], parts[-1]
    if len(parts) == 1:
        return name == first
    if not name.startswith(first) or not name.endswith(last) or len(name) < len(first) + len(last):
        return False
    place, end = len(first), len(name) - len(last)
    for part in parts[1:-1]:
        found = name.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _offered(catalog: Catalog, hidden: Collection[str]) -> list[str]:
    return [
        model.id
        for model in catalog.models.values()
        if model.is_usable and model.kind != "completion" and model.id not in hidden
    ]


def _nearest(name: str, offered: Iterable[str]) -> tuple[str, ...]:
    form = normal_form(name)
    if not form or len(name) > MAX_NAME_LENGTH:
        return ()
    ids = list(offered)
    containing = sorted((model_id for model_id in ids if form in model_id), key=len)
    similar = difflib.get_close_matches(form, ids, n=MAX_SUGGESTIONS, cutoff=_SIMILARITY)
    return tuple(dict.fromkeys([*containing, *similar]))[:MAX_SUGGESTIONS]


def _shown(name: str) -> str:
    return repr(name if len(name) <= MAX_NAME_LENGTH else name[:MAX_NAME_LENGTH] + "…")
