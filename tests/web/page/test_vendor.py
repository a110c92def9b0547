"""The vendored browser modules: exactly what was published, but for the changes that the list names."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

UI = Path(__file__).resolve().parents[3] / "src/copilot_api/web/ui"
VENDOR = UI / "vendor"
ENTRIES: list[dict[str, Any]] = json.loads((VENDOR / "versions.json").read_text(encoding="utf-8"))


def digest(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_file_is_on_the_list() -> None:
    """Nothing lies beside the modules that nobody vouches for."""
    listed = {entry["file"] for entry in ENTRIES} | {"versions.json", "LICENSES.txt"}
    assert {path.name for path in VENDOR.iterdir()} == listed


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_module_is_what_its_digest_says(entry: dict[str, Any]) -> None:
    """The file is the one that was fetched, and its name tells its version."""
    assert digest((VENDOR / entry["file"]).read_text(encoding="utf-8")) == entry["sha256"]
    assert entry["version"] in entry["file"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_module_taken_back_is_what_was_published(entry: dict[str, Any]) -> None:
    """Undoing the listed changes gives the published file, byte for byte."""
    text = (VENDOR / entry["file"]).read_text(encoding="utf-8")
    text = text.removesuffix(entry.get("appended", "")) + entry.get("cut", "")
    for before, after in entry.get("replaced", []):
        text = text.replace(after, before)
    assert digest(text) == entry["publishedSha256"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_module_comes_with_its_licence(entry: dict[str, Any]) -> None:
    """Its title and a text stand in LICENSES.txt."""
    licences = (VENDOR / "LICENSES.txt").read_text(encoding="utf-8")
    title = f"{entry['package']} {entry['version']} ({entry['license']})"
    assert f"{title}\n{'=' * len(title)}\n\n" in licences
