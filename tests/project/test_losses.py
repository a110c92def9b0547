"""The page of losses is made from the translators as they are, and no field is left out in silence."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location(
        "losses_script", ROOT / "scripts" / "losses" / "__main__.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_translators_say() -> None:
    """`.venv/bin/python scripts/losses > docs/losses.md` after each change of a translator."""
    made = subprocess.run([sys.executable, "scripts/losses"], cwd=ROOT, capture_output=True, check=True)
    assert (ROOT / "docs" / "losses.md").read_text() == made.stdout.decode()


def test_a_silent_field_fails_the_page(script: ModuleType) -> None:
    """Neither a trace nor a report: the script names the way and the field."""
    request = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "seed": None}
    entry = {"field": "seed", "at": ["seed"], "document": request}
    assert script.fate("chat", "messages", entry) == "silent"
    with pytest.raises(SystemExit, match="chat -> messages: seed"):
        script.refuse_silence({"chat": {"seed": ["carried", "lost", "silent"]}})
    script.refuse_silence({"chat": {"seed": ["carried", "lost", "lost, harmless"]}})


def test_a_sample_that_its_own_protocol_refuses_fails_the_page(script: ModuleType) -> None:
    """It would look like a field that is refused."""
    broken = {"field": "n", "at": ["n"], "document": {"model": "m", "messages": [], "n": "two"}}
    with pytest.raises(Exception, match="n must be an integer"):
        script.fate("chat", "messages", broken)
