"""How a name is resolved, step by step, for whoever asks why a model answers, or why none does.

Pure. Follows the same rules as `resolution.py`, which decides; here it is told.
"""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from copilot_api.copilot.catalog.forms import FormKind, bracket_of, normal_form, shortened
from copilot_api.copilot.catalog.model import Catalog
from copilot_api.copilot.names.resolution import Resolution, applied, explain, remedy, resolve

StepKind = Literal[FormKind, "mapping", "wildcard", "exact", "snapshot", "unknown", "hidden", "disabled"]


class Step(msgspec.Struct, frozen=True, rename={"source": "from"}):
    """One step from the name asked for towards the model; `to` is empty where it ends without one."""

    kind: StepKind
    source: str
    to: str
    detail: str


class Trail(msgspec.Struct, frozen=True):
    """All steps of one name, and where they lead."""

    steps: tuple[Step, ...]
    resolution: Resolution

    @property
    def message(self) -> str:
        """The outcome in one sentence."""
        if self.resolution.model is not None:
            return f"{self.resolution.requested!r} is answered by {self.resolution.model.id!r}."
        return explain(self.resolution)

    @property
    def remedy(self) -> str:
        """What to do when no model answers; empty when one does."""
        return remedy(self.resolution)


def follow(
    requested: str,
    mapping: Mapping[str, str],
    catalog: Catalog,
    hidden: Collection[str] = (),
    disable_hidden: bool = False,
) -> Trail:
    """Resolve a name and keep every step.

    Shape: "claude-sonnet-4-5-20250929" -> dated, spelling, exact -> claude-sonnet-4.5
    """
    steps: list[Step] = []
    entry = applied(requested, mapping)
    name = requested
    if entry is not None:
        source, name = entry
        is_wild = source != requested
        words = f"The mapping of {source!r} applies" + (", a wildcard." if is_wild else ".")
        steps.append(Step("wildcard" if is_wild else "mapping", requested, name, words))
    resolution = resolve(requested, mapping, catalog, hidden, disable_hidden)
    steps.extend(_look_up(name, resolution, catalog))
    return Trail(tuple(steps), resolution)


def _look_up(name: str, resolution: Resolution, catalog: Catalog) -> list[Step]:
    found = resolution.found
    if found is None:
        return [Step("unknown", name, "", "Copilot offers this account no model of this name.")]
    steps: list[Step] = []
    if name not in catalog.models:
        for kind, before, after in shortened(name):
            steps.append(Step(kind, before, after, _WHY[kind]))
        is_long = bracket_of(name) == "1m" and found.id == f"{normal_form(name)}-1m"
        name = normal_form(name)
        if is_long:
            steps.append(Step("window", name, found.id, "'[1m]' asks for the variant with the long window."))
            name = found.id
    if name == found.id:
        steps.append(Step("exact", name, found.id, "Copilot offers a model of this id."))
    else:
        steps.append(
            Step("snapshot", name, found.id, "The one snapshot that fits, or the newest of several.")
        )
    if resolution.reason == "hidden":
        steps.append(Step("hidden", found.id, "", "It is hidden, and hidden models are switched off here."))
    elif resolution.reason == "disabled":
        steps.append(Step("disabled", found.id, "", "Its policy is switched off for this account."))
    return steps


_WHY: dict[StepKind, str] = {
    "prefix": "Google's clients put 'models/' before a name.",
    "window": "A client's own note on the context window is no part of the name.",
    "latest": "'-latest' means the model itself.",
    "dated": "The date of a snapshot is left out.",
    "spelling": "Vendors write a version with dashes, Copilot with dots; case does not count.",
}
