"""A name followed step by step: the steps join up, and lead where a request would be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.copilot.catalog import Catalog, Model
from copilot_api.copilot.catalog.forms import normal_form, shortened
from copilot_api.copilot.names import follow, resolve

IDS = ("claude-sonnet-4.5", "claude-opus-4.6", "claude-opus-4.6-1m", "gpt-4.1-2025-04-14", "gpt-5", "off")


def _catalog() -> Catalog:
    forms: dict[str, tuple[str, ...]] = {}
    for model_id in IDS:
        form = normal_form(model_id)
        forms[form] = (*forms.get(form, ()), model_id)
    models = {
        model_id: Model(id=model_id, policy_state="disabled" if model_id == "off" else None)
        for model_id in IDS
    }
    return Catalog(models=models, normal_forms=forms)


CATALOG = _catalog()


@pytest.mark.parametrize(
    ("name", "kinds", "model"),
    [
        ("gpt-5", ["exact"], "gpt-5"),
        ("models/gpt-5", ["prefix", "exact"], "gpt-5"),
        ("GPT-5-latest", ["latest", "exact"], "gpt-5"),
        ("claude-sonnet-4-5-20250929", ["dated", "spelling", "exact"], "claude-sonnet-4.5"),
        ("claude-opus-4-6[1m]", ["window", "spelling", "window", "exact"], "claude-opus-4.6-1m"),
        ("claude-sonnet-4.5[1m]", ["window", "exact"], "claude-sonnet-4.5"),
        ("gpt-4.1", ["snapshot"], "gpt-4.1-2025-04-14"),
        ("llama", ["unknown"], None),
        ("off", ["exact", "disabled"], None),
        ("opus", ["mapping", "exact"], "claude-opus-4.6"),
        ("fast-one", ["wildcard", "exact"], "gpt-5"),
        ("lost", ["mapping", "unknown"], None),
    ],
)
def test_each_kind_of_step(name: str, kinds: list[str], model: str | None) -> None:
    """In the order in which they are taken."""
    mapping = {"opus": "claude-opus-4.6", "fast-*": "gpt-5", "lost": "nowhere"}
    trail = follow(name, mapping, CATALOG)
    assert [step.kind for step in trail.steps] == kinds
    found = trail.resolution.model
    assert (found.id if found else None) == model


def test_the_outcome_is_told_in_a_sentence_with_its_remedy() -> None:
    """Of an answered name there is nothing to remedy."""
    trail = follow("gpt-5", {}, CATALOG)
    assert (trail.message, trail.remedy) == ("'gpt-5' is answered by 'gpt-5'.", "")
    trail = follow("opus", {"opus": "gpt-5"}, CATALOG, ("gpt-5",), True)
    assert [step.kind for step in trail.steps] == ["mapping", "exact", "hidden"]
    assert trail.message == (
        "The model 'opus' (mapped to 'gpt-5' by modelMapping) is hidden, and hidden models are switched off here "
        "(disableHiddenModels)."
    )
    assert trail.remedy == "Pick an id from GET /v1/models, or show the model again in the admin."


NAMES = st.builds(
    lambda prefix, stem, end: prefix + stem + end,
    st.sampled_from(["", "models/", "Models/models/"]),
    st.sampled_from([*IDS, "claude-sonnet-4-5", "GPT-5", "llama", "gpt-4.1", "alias", ""]),
    st.sampled_from(["", "-latest", "-20250929", "-2025-04-14", "[1m]", "@20250929", "-latest[1m]", " "]),
)
MAPPINGS = st.dictionaries(st.sampled_from(["alias", "gpt-*", "*", "llama", "gpt-5"]), NAMES, max_size=4)


@given(NAMES, MAPPINGS, st.sets(st.sampled_from(IDS)), st.booleans())
def test_the_steps_join_up_and_lead_where_a_request_goes(
    name: str, mapping: dict[str, str], hidden: set[str], disable: bool
) -> None:
    """Each step begins where the one before it ended; the last one ends at the model, or at nothing."""
    trail = follow(name, mapping, CATALOG, hidden, disable)
    assert trail.resolution == resolve(name, mapping, CATALOG, hidden, disable)
    assert trail.steps[0].source == name
    for before, after in zip(trail.steps, trail.steps[1:], strict=False):
        assert before.to == after.source
    model = trail.resolution.model
    assert trail.steps[-1].to == ("" if model is None else model.id)


@given(st.text(max_size=60) | NAMES)
def test_a_name_is_shortened_to_its_normal_form(name: str) -> None:
    """What the steps say is what the rules do."""
    changes = shortened(name)
    assert (changes[-1][2] if changes else name) == normal_form(name)
