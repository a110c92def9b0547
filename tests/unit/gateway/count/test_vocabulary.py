"""The vocabularies against published counts, and cutting that bounds what any input costs."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from copilot_api.gateway.count.vocabulary import (
    MAX_PIECE_CHARS,
    VOCABULARIES,
    count,
    load,
    pieces,
    read_ranks,
)


# Source: OpenAI cookbook, "How to count tokens with tiktoken" (its table of example strings).
@pytest.mark.parametrize(
    ("text", "o200k", "cl100k"),
    [
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 8, 9),
        ("hello world", 2, 2),
        ("", 0, 0),
    ],
)
def test_published_counts_are_met(text: str, o200k: int, cl100k: int) -> None:
    """Both vocabularies count as their maker says."""
    assert load("o200k_base")(text) == o200k
    assert load("cl100k_base")(text) == cl100k


def test_special_tokens_in_a_text_are_text() -> None:
    """Nobody can break a count, or hide text from it, by writing a control token."""
    assert load("o200k_base")("<|endoftext|>") == 7


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_patterns_and_hashes_are_tiktokens_own(name: str) -> None:
    """What we carry agrees with the source that tiktoken ships, word for word."""
    source = inspect.getsource(getattr(openai_public, name))
    alternatives, digest = VOCABULARIES[name]
    assert [part for part in (*alternatives, digest) if part not in source] == []
    assert name == "o200k_base" or "|".join(alternatives) in source


def test_a_changed_vocabulary_is_refused() -> None:
    """A file that is not the published one never counts anything."""
    with pytest.raises(ValueError, match="'o200k_base' is not the published one"):
        read_ranks("o200k_base", "0" * 64)


def test_an_unknown_vocabulary_is_an_error() -> None:
    """There is no silent substitute here; the caller chooses."""
    with pytest.raises(KeyError):
        load("p50k_base")


PROSE = "It was a dark night; the wind blew.\n\n  def run(self, x: int) -> str:\n    return f'{x} apples'\n// end\n"


def test_cutting_at_borders_changes_no_count() -> None:
    """Where words and lines end, the sum over the pieces is the count of the whole."""
    text = PROSE * 200
    whole = load("o200k_base")(text)
    assert whole == 200 * load("o200k_base")(PROSE)
    assert count(text, load("o200k_base"), max_chars=300) == whole
    assert count(text, load("cl100k_base"), max_chars=300) == load("cl100k_base")(text)


@pytest.mark.parametrize("unit", ["a", " ", "\n", "漢", "^", "👩‍👩‍👧", "é", " \n", "1", "aB"])
def test_hostile_text_reaches_the_tokenizer_in_bounded_pieces(unit: str) -> None:
    """Whatever is repeated a million times, no piece is longer than the limit and nothing is lost or doubled."""
    text = (unit * 1_000_000)[:1_000_000]
    seen: list[str] = []
    total = count(text, lambda piece: seen.append(piece) or len(piece))  # type: ignore[func-returns-value]  # appends
    assert total == len(text)
    assert "".join(seen) == text
    assert max(map(len, seen)) <= MAX_PIECE_CHARS
    assert len(seen) <= 2 * len(text) // MAX_PIECE_CHARS


@given(st.text(alphabet="aB \n/.1漢", max_size=300), st.integers(min_value=2, max_value=40))
def test_pieces_are_the_text(text: str, limit: int) -> None:
    """In order, complete, none empty but the text itself, none too long."""
    cut = list(pieces(text, limit))
    assert "".join(cut) == text
    assert all(0 < len(piece) <= limit for piece in cut) or cut == [""]
