"""What is different between two lists of models. Pure."""

from collections.abc import Mapping

from copilot_api.copilot.catalog.facts import facts_of
from copilot_api.copilot.catalog.model import Catalog
from copilot_api.store.memory.catalogs import Facts, ModelChange


def facts_by_id(catalog: Catalog) -> dict[str, Facts]:
    """Everything worth noticing about each model."""
    return {model.id: facts_of(model) for model in catalog.models.values()}


def compare(before: Mapping[str, Facts], after: Mapping[str, Facts], at: str) -> tuple[ModelChange, ...]:
    """Return every difference: models that came, models that went, then facts that changed.

    A fact that the older list did not know yet, because an older version wrote it, is no change.
    Units: `at` ISO 8601 in UTC.
    """
    came = [
        ModelChange(at, model, _name(facts, model), "added")
        for model, facts in after.items()
        if model not in before
    ]
    went = [
        ModelChange(at, model, _name(facts, model), "removed")
        for model, facts in before.items()
        if model not in after
    ]
    changed = [
        ModelChange(at, model, _name(facts, model), "changed", field, before[model][field], value)
        for model, facts in after.items()
        for field, value in facts.items()
        if model in before and field in before[model] and before[model][field] != value
    ]
    return (*came, *went, *changed)


def _name(facts: Facts, model_id: str) -> str:
    name = facts.get("name")
    return name if isinstance(name, str) and name else model_id
