"""What the page says: every phrase in both languages, none missing, none left over."""

import json
import re
from pathlib import Path

import pytest

UI = Path(__file__).resolve().parents[3] / "src/copilot_api/web/ui"
DICTIONARIES = sorted([*UI.glob("words/kit.js"), *UI.glob("words/shell.js"), *UI.glob("tabs/*/words*.js")])
HOLE = re.compile(r"\{(\w+)(?:\|[^}]*)?\}")
CALL = re.compile(r"\b(?:t|rich|hasWords)\(\s*([^)]*)")
LITERAL = re.compile(r'"([a-zA-Z]+(?:\.[\w-]+)+)"')
PREFIX = re.compile(r"`([a-zA-Z]+\.(?:[\w.-]*))\$\{")
Phrases = dict[str, list[str]]


def read(path: Path) -> Phrases:
    """A dictionary file: one `export default` of strict JSON, so that no duplicate or stray comma hides in it."""

    def unique(pairs: list[tuple[str, list[str]]]) -> Phrases:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), [name for name in names if names.count(name) > 1]
        return dict(pairs)

    text = path.read_text(encoding="utf-8").strip()
    found = re.fullmatch(r"(?://[^\n]*\n)*export default (\{.*\});", text, re.DOTALL)
    assert found is not None, path
    phrases: Phrases = json.loads(found[1], object_pairs_hook=unique)
    return phrases


PHRASES = {key: texts for path in DICTIONARIES for key, texts in read(path).items()}
COMMENT = re.compile(r"^\s*(?://|\*|/\*\*).*$", re.MULTILINE)
CODE = {
    path: COMMENT.sub("", path.read_text(encoding="utf-8"))
    for path in UI.rglob("*.js")
    if path not in DICTIONARIES and "vendor" not in path.parts
}


@pytest.mark.parametrize("path", DICTIONARIES, ids=lambda path: str(path.relative_to(UI)))
def test_every_phrase_is_there_in_both_languages(path: Path) -> None:
    """English first, then Simplified Chinese; neither empty."""
    wrong = [
        key
        for key, texts in read(path).items()
        if len(texts) != 2 or not all(isinstance(text, str) and text.strip() for text in texts)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", DICTIONARIES, ids=lambda path: str(path.relative_to(UI)))
def test_both_languages_fill_in_the_same_values(path: Path) -> None:
    """A value that one language shows and the other does not is a slip."""
    wrong = [
        key
        for key, (english, chinese) in read(path).items()
        if set(HOLE.findall(english)) != set(HOLE.findall(chinese))
    ]
    assert wrong == []


def test_no_phrase_is_written_twice() -> None:
    """Two dictionaries never fight over a key."""
    assert len(PHRASES) == sum(len(read(path)) for path in DICTIONARIES)


def test_every_phrase_that_the_code_asks_for_exists() -> None:
    """Literal keys are looked up; keys made from data need at least one phrase that begins like them."""
    missing = []
    for path, code in CODE.items():
        for call in CALL.findall(code):
            missing += [(path.name, key) for key in LITERAL.findall(call) if key not in PHRASES]
            missing += [
                (path.name, prefix)
                for prefix in PREFIX.findall(call)
                if not any(key.startswith(prefix) for key in PHRASES)
            ]
    assert missing == []


def test_every_phrase_is_used() -> None:
    """What nobody says any more is taken out."""
    everything = "\n".join(CODE.values())
    used = set(LITERAL.findall(everything))
    prefixes = tuple(
        set(PREFIX.findall(everything)) | set(re.findall(r'"([a-zA-Z]+\.[\w.-]*\.)"', everything))
    )
    assert [key for key in PHRASES if key not in used and not key.startswith(prefixes)] == []
