"""A long body is read piece by piece, and says the same."""

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.errors import MalformedRequest
from copilot_api.wire.pieces import let_go, read_json_in_pieces
from copilot_api.wire.reading import read_json

LONG = "x" * 70_000
DOCUMENTS: list[Any] = [
    {"model": "m", "contents": [{"role": "user", "parts": [{"text": "a"}]}] * 20_000, "n": 1.0},
    {"contents": [{"parts": [{"text": str(at)} for at in range(20_000)]}, {"parts": []}]},
    [LONG, [LONG, [LONG, [LONG, [LONG, {"deep": [LONG]}]]]]],
    LONG,
    {"a": {"b": {"c": {"d": {"e": [LONG, 1]}}}}},
    {},
    [],
    17,
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_values_are_those_of_the_whole(document: Any) -> None:
    """Wherever it is cut, and however it is spaced."""
    for body in (json.dumps(document).encode(), b" \n" + json.dumps(document, indent=1).encode() + b"\n"):
        assert read_json_in_pieces(body) == document == read_json(body)


@pytest.mark.parametrize(
    ("document", "calls"),
    [
        ({"model": "m", "turns": [{"parts": ["x" * 30_000] * 2}] * 4}, 7),
        ([["y" * 20_000] * 7], 5),
        (["y" * 20_000] * 7, 4),
        (["y" * 20_000] * 3, 1),
    ],
)
def test_a_decoder_is_given_a_piece_at_a_time(document: Any, calls: int) -> None:
    """Members, items, then as many neighbours as 64 KiB hold: the values alone would not show it."""
    body = b" \n" + json.dumps(document).encode() + b"\n"
    seen: list[str] = []
    sys.setprofile(lambda _, event, called: seen.append(called.__name__) if event == "c_call" else None)
    try:
        read_json_in_pieces(body)
    finally:
        sys.setprofile(None)
    assert seen.count("decode") == calls


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.just(LONG),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
        max_leaves=6,
    )
)
def test_any_document_is_read_as_it_is(document: Any) -> None:
    """Short ones, too."""
    assert read_json_in_pieces(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": [' + b'"' + LONG.encode() + b'", }',
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a": "' + b"\xff" * 70_000 + b'"}',
        b"",
    ],
)
def test_what_cannot_be_read_is_refused_in_the_usual_words(body: bytes) -> None:
    """As if it had been read whole."""
    with pytest.raises(MalformedRequest) as pieces:
        read_json_in_pieces(body)
    with pytest.raises(MalformedRequest) as whole:
        read_json(body)
    assert pieces.value.message.split(":")[0] == whole.value.message.split(":")[0]


def test_half_an_emoji_is_mended_as_usual() -> None:
    """JavaScript clients cut strings anywhere."""
    body = b'{"a": "' + LONG.encode() + b'\\ud83d"}'
    assert read_json_in_pieces(body) == {"a": LONG + "\ufffd"}


def test_what_is_let_go_is_empty() -> None:
    """At the top and one level down: that is where long lists stand."""
    turns = list(range(2500))
    document = {"turns": turns, "tools": {"list": [1]}, "model": "m"}
    let_go(document)
    assert (turns, document) == ([], {"turns": [], "tools": {"list": []}, "model": "m"})
