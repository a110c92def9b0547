"""From the name a client asks for to the model that answers."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.copilot.catalog import Catalog, read_catalog
from copilot_api.copilot.catalog.forms import date_of, normal_form
from copilot_api.copilot.names import exact_aliases, map_name, require, require_model, resolve
from copilot_api.errors import UnknownModel
from copilot_api.settings import Settings
from recorded import reply

CATALOG = read_catalog(reply("models"), 0.0)


def catalog_of(*ids: str) -> Catalog:
    """A catalog with these ids."""
    return read_catalog(msgspec.json.encode([{"id": model_id} for model_id in ids]), 0.0)


@pytest.mark.parametrize(
    ("requested", "answering"),
    [
        ("claude-sonnet-4.5", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4.5"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4.5"),
        ("claude-haiku-4-5-latest", "claude-haiku-4.5"),
        ("CLAUDE-OPUS-4-7", "claude-opus-4.7"),
        ("claude-opus-4-6[1m]", "claude-opus-4.6-1m"),
        ("claude-opus-4-6-1m", "claude-opus-4.6-1m"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("models/gemini-2-5-pro", "gemini-2.5-pro"),
        ("gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14"),
        ("gpt-4.1-2025-05-05", "gpt-4.1"),
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("gpt-4-0613", "gpt-4"),
        ("gpt-5-4-mini", "gpt-5.4-mini"),
        ("kimi-k2-7-code", "kimi-k2.7-code"),
        (" gpt-4o ", "gpt-4o"),
    ],
)
def test_dated_and_dashed_ids_are_found_without_a_table(requested: str, answering: str) -> None:
    """A name that says the same model in another spelling finds it."""
    resolution = resolve(requested, {}, CATALOG)
    assert resolution.model is not None
    assert resolution.model.id == answering
    assert resolution.reason == ("exact" if requested == answering else "normalised")
    assert not resolution.is_mapped


@pytest.mark.parametrize(
    "requested",
    [
        "claude-3-5-haiku-latest",
        "sonnet",
        "opus",
        "haiku",
        "gpt-4.1-mini",
        "claude-opus-4",
        "gpt-5",
        "",
        "[1m]",
        "/",
    ],
)
def test_a_name_never_crosses_families(requested: str) -> None:
    """Near is not the same: such names are left to the operator's mapping."""
    resolution = resolve(requested, {}, CATALOG)
    assert (resolution.model, resolution.reason) == (None, "unknown")


def test_a_catalog_with_dashed_or_dated_ids_is_understood_too() -> None:
    """The rule works in both directions; of several snapshots the newest stands for the undated name."""
    catalog = catalog_of("claude-sonnet-4-5", "m-1-20250101", "m-1-20260101", "m-1-20240101")
    assert _answering("claude-sonnet-4.5", catalog) == "claude-sonnet-4-5"
    assert _answering("m-1", catalog) == "m-1-20260101"
    assert _answering("m-1-latest", catalog) == "m-1-20260101"
    assert _answering("m-1-2025-01-01", catalog) == "m-1-20250101"
    assert _answering("m-1-20230101", catalog) is None


def test_an_exact_mapping_wins_over_wildcards_and_the_catalog() -> None:
    """The operator's word counts, one hop only."""
    mapping = {"claude-*": "gpt-4o", "claude-haiku-4.5": "gpt-5-mini", "gpt-5-mini": "gpt-4.1"}
    resolution = resolve("claude-haiku-4.5", mapping, CATALOG)
    assert resolution.model is not None
    assert (resolution.mapped, resolution.model.id, resolution.is_mapped) == (
        "gpt-5-mini",
        "gpt-5-mini",
        True,
    )


@pytest.mark.parametrize(
    ("requested", "mapped"),
    [
        ("claude-3-haiku-20240307", "specific"),
        ("claude-sonnet-4-5", "claude"),
        ("opus[1m]", "brackets"),
        ("a.b", "dot"),
        ("axb", "axb"),
        ("gpt-4o", "gpt-4o"),
        ("x-1-y", "first"),
    ],
)
def test_the_most_specific_wildcard_wins_then_the_first(requested: str, mapped: str) -> None:
    """Most literal characters first, so that the order of a JSON object seldom matters."""
    mapping = {
        "claude-*": "claude",
        "claude-*-haiku-*": "specific",
        "*[1m]": "brackets",
        "a.b*": "dot",
        "x-*": "first",
        "*-y": "second",
    }
    assert map_name(requested, mapping) == mapped


def test_what_a_mapping_yields_is_normalised() -> None:
    """A mapping to a dated id finds the model as a client's own name would."""
    assert _answering("sonnet", CATALOG, {"sonnet": "claude-sonnet-4-6-20260101"}) == "claude-sonnet-4.6"


def test_the_hidden_policy_makes_a_model_unavailable() -> None:
    """With the policy on hidden models are neither served nor suggested; with it off they are."""
    assert _answering("gpt-4o", CATALOG, hidden=("gpt-4o",)) == "gpt-4o"
    resolution = resolve("gpt-4o", {}, CATALOG, ("gpt-4o",), disable_hidden=True)
    assert (resolution.model, resolution.reason, resolution.suggestions) == (
        None,
        "hidden",
        ("gpt-4o-mini", "gpt-4", "gpt-4.1"),
    )
    with pytest.raises(UnknownModel) as caught:
        require(resolution)
    assert caught.value.message == (
        "The model 'gpt-4o' is hidden, and hidden models are switched off here (disableHiddenModels). Nearest: "
        "'gpt-4o-mini', 'gpt-4', 'gpt-4.1'. Pick an id from GET /v1/models, or show the model again in the admin."
    )


def test_an_unknown_name_is_answered_with_the_nearest_and_the_remedy() -> None:
    """What was asked, what it became, what is near, what to do."""
    with pytest.raises(UnknownModel) as caught:
        require(resolve("fast", {"fast": "claude-sonet-4.5"}, CATALOG))
    assert caught.value.message == (
        "The model 'fast' (mapped to 'claude-sonet-4.5' by modelMapping) is not offered to this account. Nearest: "
        "'claude-sonnet-4.5', 'claude-sonnet-4.6', 'claude-opus-4.7'. Pick an id from GET /v1/models, or add a "
        "modelMapping entry for this name."
    )
    assert (caught.value.status, caught.value.code, caught.value.param) == (404, "model_not_found", "model")


def test_a_bare_family_name_suggests_its_members() -> None:
    """`sonnet` is left to the mapping, with a hint."""
    assert resolve("sonnet", {}, CATALOG).suggestions == ("claude-sonnet-4.5", "claude-sonnet-4.6")


def test_a_disabled_model_says_where_to_enable_it() -> None:
    """A policy is the account owner's to change."""
    with pytest.raises(UnknownModel) as caught:
        require(resolve("gemini-3.5-flash", {}, CATALOG))
    assert caught.value.message == (
        "The model 'gemini-3.5-flash' is switched off by its policy for this account. Nearest: 'gemini-2.5-pro'. "
        "Enable it at https://github.com/settings/copilot/features, or pick another model."
    )


def test_an_endless_name_is_cut_in_the_message() -> None:
    """A client's nonsense does not fill the log, and costs no comparison."""
    with pytest.raises(UnknownModel) as caught:
        require(resolve("x" * 100_000, {}, CATALOG))
    assert len(caught.value.message) < 400
    assert "Nearest" not in caught.value.message


def test_exact_aliases_leave_the_wildcards_out() -> None:
    """Only a full name can be picked from a list."""
    assert exact_aliases({"a": "x", "b-*": "y", "c": "z"}) == (("a", "x"), ("c", "z"))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("gpt-4.1-2025-04-14", "gpt-4.1"),
        ("gemini-2.5-pro-preview-05-20", "gemini-2.5-pro-preview"),
        ("text-embedding-3-small", "text-embedding-3-small"),
        ("claude-opus-4.6-1m", "claude-opus-4.6-1m"),
        ("gpt-5.6-sol", "gpt-5.6-sol"),
        ("o3-2025-04-16", "o3"),
    ],
)
def test_the_normal_form(name: str, form: str) -> None:
    """What stays when dates and spelling are gone."""
    assert normal_form(name) == form


def test_the_date_of_a_name() -> None:
    """Its digits, to compare snapshots."""
    assert (date_of("gpt-4.1-2025-04-14"), date_of("gpt-4-0613"), date_of("gpt-4o")) == (
        "20250414",
        "0613",
        "",
    )


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4))
def test_no_name_and_no_mapping_ever_raises(name: str, mapping: dict[str, str]) -> None:
    """Names come from clients, mappings from people."""
    resolution = resolve(name, mapping, CATALOG)
    assert resolution.requested == name


async def test_the_line_requires_a_model_through_the_account() -> None:
    """The one awaited step: the account may look once more."""

    class Account:
        async def resolve(self, requested: str, settings: Settings) -> object:
            return resolve(requested, settings.model_mapping, CATALOG)

    model = await require_model("gpt-4o", Account(), Settings(data_directory=None))  # type: ignore[arg-type]
    assert model.id == "gpt-4o"


def _answering(
    requested: str, catalog: Catalog, mapping: dict[str, str] | None = None, hidden: tuple[str, ...] = ()
) -> str | None:
    model = resolve(requested, mapping or {}, catalog, hidden).model
    return model.id if model is not None else None
