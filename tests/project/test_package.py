"""The distributions: what is in them, what they are called, and where the version comes from."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import copilot_api

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both distributions, built offline with the locked build tool."""
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


def test_the_wheel_has_every_file_of_the_package(dist: Path) -> None:
    """Pages, styles and the simulator's data travel with the code."""
    (wheel,) = dist.glob("*.whl")
    assert wheel.name.startswith("copilot_api_gateway-")
    tracked = subprocess.run(
        ["git", "ls-files", "src/copilot_api"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {path.removeprefix("src/") for path in tracked if (ROOT / path).exists()}
    assert any(path.startswith("copilot_api/simulator/data/") for path in expected)
    assert expected - inside == set()


def test_the_wheel_has_the_command(dist: Path) -> None:
    """Installing it gives `copilot-api`."""
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (entry for entry in archive.namelist() if entry.endswith("entry_points.txt"))
        assert "copilot-api = copilot_api.cli:main" in archive.read(name).decode()


def test_the_source_distribution_has_what_a_build_needs_and_no_tests(dist: Path) -> None:
    """It can be built again, and carries its licence and change log."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "src/copilot_api/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests", ".venv", "requirements"))]


def test_the_version_is_written_once() -> None:
    """pyproject.toml has it; the code asks the installed distribution; the change log has heard of it."""
    version = PROJECT["version"]
    assert copilot_api.__version__ == version
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert not re.search(rf"__version__ = [\"']{re.escape(version)}", sources)
