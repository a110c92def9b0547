"""The page of losses is made from the translators as they are."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    """`.venv/bin/python scripts/losses > docs/losses.md` after each change of a translator."""
    made = subprocess.run([sys.executable, "scripts/losses"], cwd=ROOT, capture_output=True, check=True)
    assert (ROOT / "docs" / "losses.md").read_text() == made.stdout.decode()
