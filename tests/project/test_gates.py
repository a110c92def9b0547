"""The gates themselves: a breach is found and named, and what is sound passes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, *arguments: str | Path) -> tuple[int, str]:
    """Run one of the scripts; its exit code and what it printed."""
    command = [sys.executable, ROOT / "scripts" / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_small_tree_is_within_budget(tmp_path: Path) -> None:
    """Nothing is said against short files."""
    (tmp_path / "line.py").write_text("def f():\n    return 1\n")
    assert run("house_budget.py", tmp_path) == (0, "within budget\n")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("long.py", "x = 1\n" * 401, "401 lines; 400 are allowed"),
        ("deep.py", "def f():\n" + "    x = 1\n" * 40, "f has 41 lines; 40 are allowed"),
        ("utils.py", "x = 1\n", "'utils' says nothing about what it owns"),
    ],
)
def test_a_breach_of_the_budget_is_named(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    """The message says where and by how much."""
    (tmp_path / name).write_text(content)
    code, output = run("house_budget.py", tmp_path)
    assert code == 1
    assert complaint in output


def test_a_crowded_folder_is_named(tmp_path: Path) -> None:
    """Eleven files are one too many."""
    for index in range(11):
        (tmp_path / f"file{index}.py").write_text("")
    code, output = run("house_budget.py", tmp_path)
    assert code == 1
    assert "11 files; 10 are allowed" in output


def report(path: str, missing: list[int], branches: list[list[int]], percent: float) -> str:
    """A coverage report with one file."""
    summary = {"missing_lines": len(missing), "missing_branches": len(branches)}
    entry = {"summary": summary, "missing_lines": missing, "missing_branches": branches}
    return json.dumps({"files": {path: entry}, "totals": {"percent_covered": percent}})


@pytest.mark.parametrize(
    ("path", "missing", "branches", "percent", "code", "words"),
    [
        ("src/copilot_api/wire/sse.py", [], [], 95.0, 0, "the pure rooms in full"),
        ("src/copilot_api/wire/sse.py", [7], [], 99.9, 1, "lines missing: 7"),
        ("src/copilot_api/neutral/usage.py", [], [[3, 9]], 99.9, 1, "branches missing: 3->9"),
        ("src/copilot_api/web/app.py", [7], [], 95.0, 0, "95.0 %"),
        ("src/copilot_api/web/app.py", [7], [], 89.9, 1, "90 % is the floor"),
    ],
)
def test_the_coverage_gates_judge_pure_rooms_in_full_and_the_whole_by_ninety(
    tmp_path: Path,
    path: str,
    missing: list[int],
    branches: list[list[int]],
    percent: float,
    code: int,
    words: str,
) -> None:
    """A missing branch in a pure room fails even when the whole is nearly perfect."""
    file = tmp_path / "coverage.json"
    file.write_text(report(path, missing, branches, percent))
    found, output = run("coverage_gates.py", file)
    assert found == code
    assert words in output


def test_setup_names_the_remedy_when_python_is_too_old(tmp_path: Path) -> None:
    """No traceback of a syntax error: one line that says which Python is needed."""
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        old = tmp_path / name
        old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.18"\nexit 1\n')
        old.chmod(0o755)
    done = subprocess.run(
        [ROOT / "scripts/setup", "runtime"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; 'python3' is Python 3.8.18" in done.stderr
    assert "make setup PYTHON=" in done.stderr
