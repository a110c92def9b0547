"""The READMEs say what is true, and both say the same."""

import re
from pathlib import Path

import pytest

from copilot_api.settings import environment
from copilot_api.settings.registry import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
BOTH = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["english", "chinese"])


def table_rows(readme: str) -> list[list[str]]:
    """Every table row as its cells, rulers left out."""
    rows = [line.strip("|").split("|") for line in readme.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("-: ")]


def first_cells(readme: str, pattern: str) -> set[str]:
    """What the first cells of table rows hold in backticks, where it has the given form."""
    cells = [row[0].strip("`") for row in table_rows(readme) if row[0].startswith("`")]
    return {cell for cell in cells if re.fullmatch(pattern, cell)}


@BOTH
def test_every_make_command_in_the_readme_exists(readme: str) -> None:
    """What a reader is told to type works."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", readme, flags=re.MULTILINE))
    assert {"serve", "test", "demo", "setup", "check"} <= named
    assert named <= targets


@BOTH
def test_the_environment_table_is_the_settings_own(readme: str) -> None:
    """No variable is undocumented, and none is documented that nobody reads."""
    tables = (environment.VARIABLES, environment.TIMEOUTS, environment.SINGULAR)
    read = {variable.name for table in tables for variable in table}
    assert first_cells(readme, r"[A-Z][A-Z0-9_]+") == read


def config_keys(readme: str) -> set[str]:
    """The keys of the config.json table; a row may hold several."""
    section = readme.partition("### config.json")[2].partition("\n## ")[0]
    cells = [row[0] for row in table_rows(section) if row[0].startswith("`")]
    return {key for cell in cells for key in re.findall(r"`([a-z][A-Za-z]+)`", cell)}


@BOTH
def test_every_documented_config_key_is_read(readme: str) -> None:
    """The config.json table names keys that the reader knows."""
    reader = (ROOT / "src/copilot_api/settings/document.py").read_text(encoding="utf-8")
    registered = {setting.name.partition(".")[0] for setting in REGISTRY}
    keys = config_keys(readme)
    assert len(keys) >= 24
    assert [key for key in sorted(keys - registered) if f'"{key}"' not in reader] == []


@BOTH
def test_every_setting_is_documented(readme: str) -> None:
    """Whatever CLI and admin can set stands in the table, at least by the object it stands in."""
    missing = [
        setting.name for setting in REGISTRY if setting.name.partition(".")[0] not in config_keys(readme)
    ]
    assert missing == []


@BOTH
def test_every_documented_error_code_exists(readme: str) -> None:
    """The codes of the troubleshooting table are codes that the gateway can send."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/copilot_api").rglob("*.py"))
    section = readme.split("\n## ")[-3]
    rows = [row[0] for row in table_rows(section)]
    codes = {code for row in rows for code in re.findall(r"`([a-z]+(?:_[a-z]+)+)`", row)}
    assert len(codes) >= 10
    assert [code for code in sorted(codes) if f'"{code}"' not in sources] == []


def test_both_readmes_have_the_same_shape() -> None:
    """A section, a table row or an example added to one is added to the other."""
    for pattern in (r"^(#+) ", r"^```(\w*)", r"^(\|)", r"^(- )"):
        english = re.findall(pattern, ENGLISH, flags=re.MULTILINE)
        assert english == re.findall(pattern, CHINESE, flags=re.MULTILINE), pattern


def test_both_readmes_name_the_same_things() -> None:
    """What stands in backticks in a table's first column is the same in both, in the same order."""
    english = [re.findall(r"`[^`]+`", row[0]) for row in table_rows(ENGLISH)]
    assert english == [re.findall(r"`[^`]+`", row[0]) for row in table_rows(CHINESE)]


@BOTH
def test_the_warnings_come_before_anything_else(readme: str) -> None:
    """Unofficial, own subscription, excessive use, opencode: said before the first section."""
    opening = readme.partition("\n## ")[0]
    for word in ("GitHub", "opencode", "acceptable-use-policies", "github-terms", "RATE_LIMIT"):
        assert word in opening
