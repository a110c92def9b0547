"""What is doubtful about a mapping: entries that never apply, lead nowhere, or do less than they seem to.

Pure. Judges entries against each other and against an account's catalog; changes nothing.
"""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from copilot_api.copilot.catalog.model import Catalog
from copilot_api.copilot.names.resolution import applied, fits, literal_length, resolve

WarningCode = Literal["chain", "loop", "hidden", "missing", "shadowed", "self"]


class MappingWarning(msgspec.Struct, frozen=True):
    """One doubt about one entry."""

    code: WarningCode
    message: str


def warnings_of(
    source: str,
    mapping: Mapping[str, str],
    catalog: Catalog | None,
    hidden: Collection[str] = (),
    disable_hidden: bool = False,
) -> tuple[MappingWarning, ...]:
    """Every doubt about the entry of `source`, which is in the mapping; without a catalog none about its target."""
    target = mapping[source]
    others = {name: to for name, to in mapping.items() if name != source}
    found = [
        _shadow(source, others, tuple(mapping)),
        _itself(source, target, others),
        _hop(source, target, mapping, catalog),
        _end(target, catalog, hidden, disable_hidden),
    ]
    return tuple(warning for warning in found if warning is not None)


def _itself(source: str, target: str, others: Mapping[str, str]) -> MappingWarning | None:
    """A name mapped to itself does something only where it is an exception from a wildcard."""
    if source != target or applied(source, others) is not None:
        return None
    return MappingWarning("self", f"{source!r} is mapped to itself, which changes nothing.")


def _hop(
    source: str, target: str, mapping: Mapping[str, str], catalog: Catalog | None
) -> MappingWarning | None:
    """Names are mapped once. A target that is mapped in turn is told, and a circle even more so.

    A model's own name that a wildcard fits as well is meant as it is: `claude-*` beside a mapping to a Claude.
    """
    path = [target]
    while (entry := applied(path[-1], mapping)) is not None and entry[1] != path[-1]:
        if "*" in entry[0] and (catalog is None or resolve(path[-1], {}, catalog).found is not None):
            break
        path.append(entry[1])
        if entry[0] == source:
            circle = " to ".join(repr(name) for name in path)
            return MappingWarning(
                "loop",
                f"This goes round in a circle: {circle}. Names are mapped once: {target!r} is asked for.",
            )
        if entry[1] in path[:-1]:
            break
    if len(path) == 1:
        return None
    return MappingWarning(
        "chain",
        f"{target!r} is itself mapped, to {path[1]!r}. Names are mapped once: {target!r} is asked for as it is.",
    )


def _shadow(source: str, others: Mapping[str, str], order: tuple[str, ...]) -> MappingWarning | None:
    """A wildcard never applies when each of its names goes to one that comes before it."""
    if "*" not in source:
        return None
    place = order.index(source)
    for other in others:
        is_first = literal_length(other) > literal_length(source) or order.index(other) < place
        is_rival = "*" in other and literal_length(other) >= literal_length(source)
        if is_rival and is_first and covers(other, source):
            return MappingWarning(
                "shadowed",
                f"This never applies: {other!r} stands before it and fits every name that this fits.",
            )
    return None


def covers(wide: str, narrow: str) -> bool:
    """Whether a pattern fits every name that another fits.

    A character that stands in neither takes the place of each star of the narrow one: where the wide one fits that,
    its own stars took those characters, and would take anything in their place.
    """
    strange = next(c for c in map(chr, range(0xE000, 0xF8FF)) if c not in wide and c not in narrow)
    return fits(wide, narrow.replace("*", strange))


def _end(
    target: str, catalog: Catalog | None, hidden: Collection[str], disable_hidden: bool
) -> MappingWarning | None:
    if catalog is None:
        return None
    resolution = resolve(target, {}, catalog, hidden, disable_hidden)
    found = resolution.found
    if found is None:
        near = ", ".join(repr(name) for name in resolution.suggestions)
        return MappingWarning(
            "missing",
            f"Copilot offers this account no model {target!r}." + (f" Nearest: {near}." if near else ""),
        )
    if found.id in hidden:
        words = (
            "and hidden models are switched off, so such requests are refused."
            if disable_hidden
            else "but answers, because hidden models are not switched off."
        )
        return MappingWarning("hidden", f"{found.id!r} is hidden, {words}")
    if resolution.reason == "disabled":
        return MappingWarning("missing", f"{found.id!r} is switched off by its policy for this account.")
    return None
