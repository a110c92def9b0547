"""The locks: exact, hashed, free of addresses, and in agreement with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = pytest.mark.parametrize("name", ["runtime", "build", "dev"])


def pins(name: str) -> dict[str, str]:
    """Package names of a lock with their whole entry: version, marker and hashes."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    entries = text.replace("\\\n", " ").strip().splitlines()
    return {entry.partition("==")[0]: entry for entry in entries}


def canonical(requirement: str) -> str:
    """The package a requirement names, in the form the locks use."""
    return re.split(r"[\s\[<>=!~;]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


@LOCKS
def test_every_pin_is_exact_and_hashed(name: str) -> None:
    """pip's --require-hashes has something to require for each package."""
    found = pins(name)
    assert found
    for entry in found.values():
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; [^\\]+?)? +--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


@LOCKS
def test_no_lock_names_an_address(name: str) -> None:
    """Which index serves the files is the installing machine's business."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    assert "@" not in text


def test_the_runtime_lock_holds_every_declared_dependency() -> None:
    """A dependency added to pyproject.toml without `make lock` is noticed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {canonical(line) for line in project["project"]["dependencies"]}
    assert declared - pins("runtime").keys() == set()


def test_the_dev_lock_holds_the_tools_and_agrees_with_the_others() -> None:
    """What is tested is what runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = {canonical(line) for line in project["dependency-groups"]["dev"]}
    dev = pins("dev")
    assert declared - dev.keys() == set()
    for name in ("runtime", "build"):
        for package, entry in pins(name).items():
            assert entry.split()[0] == dev[package].split()[0]
