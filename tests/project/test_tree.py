"""The tree as a whole: no traces of a machine, links that lead somewhere, numbered decisions."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def tracked_texts() -> dict[str, str]:
    """Every tracked text file by its path. Shape: path -> content."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b"\0"
        if b"\0" not in content:
            texts[name] = content.decode("utf-8")
    return texts


def test_no_file_mentions_a_builder_machine_or_a_registry() -> None:
    """Paths and hosts of the machine that built something do not belong into what it built."""
    # Written in pieces, so that this file does not find itself.
    traces = [
        "/wor" + "k/main",
        "/wor" + "k/shared",
        "/tm" + "p/w/",
        "/roo" + "t/.",  # the dot: Codex calls its agents /root and below
        "pypi." + "org",
        "python" + "hosted",
    ]
    traces += ["registry." + "npmjs", "deb." + "debian"]
    found = [(name, trace) for name, text in tracked_texts().items() for trace in traces if trace in text]
    assert found == []


def test_relative_links_in_documents_resolve() -> None:
    """A reader never meets a dead end inside the repository."""
    dead = []
    for document in DOCUMENTS:
        text = re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
            if "://" not in target and not (document.parent / target).exists():
                dead.append((document.name, target))
    assert dead == []


def test_paths_named_in_the_tour_exist() -> None:
    """The tour leads through the house as it stands."""
    tour = (ROOT / "docs/tour.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*/(?:[a-z_]+\.py)?)`", tour))
    assert len(named) >= 10
    homes = (ROOT, ROOT / "src/copilot_api")
    assert [path for path in sorted(named) if not any((home / path).exists() for home in homes)] == []


def test_documents_named_in_the_code_exist() -> None:
    """A message that sends somebody to a page sends them to a page that is there."""
    named = {
        page
        for name, text in tracked_texts().items()
        if name.startswith(("src/", "scripts/", "tests/")) and name.endswith((".py", "Makefile"))
        for page in re.findall(r"docs/[a-z]+\.md", text)
    }
    assert [page for page in sorted(named) if not (ROOT / page).exists()] == []


def test_decisions_are_numbered_without_gaps_and_have_their_parts() -> None:
    """Each record says context, decision, consequences and status."""
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [int(record.name[:4]) for record in records]
    assert numbers == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {record.name[:4]} ")
        for part in ("Status: ", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{record.name} lacks {part!r}"


def test_shell_scripts_parse() -> None:
    """Every script with a shell's first line is sound for that shell."""
    shells = {"#!/bin/sh": "sh", "#!/usr/bin/env bash": "bash"}
    checked = []
    for name, text in tracked_texts().items():
        shell = shells.get(text.partition("\n")[0])
        if shell is not None:
            assert subprocess.run([shell, "-n", ROOT / name], check=False).returncode == 0, name
            checked.append(name)
    assert {".ci/run", "scripts/setup", "deploy/container/install.sh"} <= set(checked)
