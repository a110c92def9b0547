"""What is doubtful about a mapping, by example and for every mapping there can be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.copilot.catalog import Catalog, Model
from copilot_api.copilot.names import warnings_of
from copilot_api.copilot.names.resolution import applied, fits
from copilot_api.copilot.names.warnings import covers

CATALOG = Catalog(
    models={
        "gpt-5": Model(id="gpt-5"),
        "opus": Model(id="opus"),
        "off": Model(id="off", policy_state="disabled"),
    },
    normal_forms={"gpt-5": ("gpt-5",), "opus": ("opus",), "off": ("off",)},
)

PATTERNS = st.text("ab*", min_size=1, max_size=6)
NAMES = st.text("abc", min_size=1, max_size=8)
MAPPINGS = st.dictionaries(PATTERNS, NAMES, min_size=1, max_size=8)


def codes(source: str, mapping: dict[str, str], catalog: Catalog | None = None) -> list[str]:
    """The codes of the doubts about one entry."""
    return [warning.code for warning in warnings_of(source, mapping, catalog)]


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"a": "b"}, {"a": []}),
        ({"a": "a"}, {"a": ["self"]}),
        ({"a": "b", "b": "c"}, {"a": ["chain"], "b": []}),
        ({"a": "b", "b": "a"}, {"a": ["loop"], "b": ["loop"]}),
        ({"a": "b", "b": "c", "c": "b"}, {"a": ["chain"], "b": ["loop"], "c": ["loop"]}),
        ({"claude-*": "claude-x"}, {"claude-*": []}),
        ({"claude-*": "claude-x", "claude-x": "gpt"}, {"claude-*": ["chain"]}),
        ({"claude-*": "gpt", "claude-x": "claude-x"}, {"claude-x": []}),
        ({"claude-*": "x", "x": "claude-y"}, {"claude-*": ["chain"], "x": []}),
        ({"a*": "x", "*a*": "y"}, {"a*": [], "*a*": []}),
        ({"*a*": "x", "a*": "y"}, {"*a*": [], "a*": ["shadowed"]}),
        ({"a*": "x", "a**": "y"}, {"a**": ["shadowed"]}),
        ({"*": "x", "a*": "y", "a": "z"}, {"*": [], "a*": [], "a": []}),
        ({"b*": "x", "a": "y", "*b*": "y"}, {"a": [], "*b*": []}),
    ],
)
def test_each_doubt_by_example(mapping: dict[str, str], expected: dict[str, list[str]]) -> None:
    """A chain is not followed, a circle is one, a name mapped to itself may be an exception from a wildcard."""
    assert {source: codes(source, mapping) for source in expected} == expected


def test_a_wildcard_that_fits_a_models_own_name_is_no_chain() -> None:
    """`claude-*` beside a mapping to a Claude is what people write. A name that is no model is caught by it."""
    mapping = {"o*": "gpt-5", "best": "opus", "worst": "other", "x": "o-x", "g*": "x"}
    assert codes("best", mapping, CATALOG) == []
    assert codes("worst", mapping, CATALOG) == ["chain", "missing"]
    assert codes("worst", mapping) == []
    assert codes("x", mapping, CATALOG) == ["chain", "missing"]
    assert codes("x", {"o*": "x", "x": "o-x"}, CATALOG) == ["loop", "missing"]


def test_the_target_is_looked_up_in_the_catalogue() -> None:
    """Missing, switched off or hidden; without a catalogue nobody knows."""
    mapping = {"a": "gpt5", "b": "gpt-5", "c": "off", "d": "opus"}
    assert [codes(name, mapping, CATALOG) for name in mapping] == [["missing"], [], ["missing"], []]
    (missing,) = warnings_of("a", mapping, CATALOG)
    assert missing.message == "Copilot offers this account no model 'gpt5'. Nearest: 'gpt-5'."
    (off,) = warnings_of("c", mapping, CATALOG)
    assert off.message == "'off' is switched off by its policy for this account."
    (hidden,) = warnings_of("d", mapping, CATALOG, ("opus",))
    assert hidden.message == "'opus' is hidden, but answers, because hidden models are not switched off."
    (refused,) = warnings_of("d", mapping, CATALOG, ("opus",), True)
    assert (
        refused.message
        == "'opus' is hidden, and hidden models are switched off, so such requests are refused."
    )
    assert warnings_of("a", mapping, None) == ()


@given(PATTERNS, NAMES)
def test_a_pattern_fits_what_a_regular_expression_would(pattern: str, name: str) -> None:
    """`*` is anything, also nothing."""
    expression = "".join(".*" if c == "*" else re.escape(c) for c in pattern)
    assert fits(pattern, name) == (re.fullmatch(expression, name) is not None)


@given(PATTERNS, PATTERNS, NAMES)
def test_a_pattern_that_covers_another_fits_all_that_it_fits(wide: str, narrow: str, name: str) -> None:
    """And each covers itself."""
    assert covers(wide, wide)
    if covers(wide, narrow) and fits(narrow, name):
        assert fits(wide, name)


@given(MAPPINGS)
def test_a_wildcard_is_called_shadowed_exactly_when_it_never_applies(mapping: dict[str, str]) -> None:
    """A name with a strange character for each star is the hardest to take from it."""
    for source in mapping:
        if "*" in source:
            entry = applied(source.replace("*", "\N{SNOWMAN}"), mapping)
            assert entry is not None
            assert ("shadowed" in codes(source, mapping)) == (entry[0] != source)


@given(MAPPINGS)
def test_no_entry_is_a_chain_whose_target_nothing_fits(mapping: dict[str, str]) -> None:
    """And judging always comes to an end, also in circles."""
    for source, target in mapping.items():
        found = codes(source, mapping)
        if not any(fits(pattern, target) for pattern in mapping):
            assert "chain" not in found
            assert "loop" not in found
        assert len(found) == len(set(found))


def test_a_hostile_name_takes_no_time() -> None:
    """A regular expression would take years over this one."""
    assert not fits("*a" * 40 + "b", "a" * 100_000)
