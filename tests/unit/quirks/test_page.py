"""The registry and the page made from it."""

from pathlib import Path

from copilot_api.copilot.quirks import LEARNABLE
from copilot_api.copilot.quirks.__main__ import page
from copilot_api.copilot.quirks.registry import FRAME_QUIRKS, REJECTION_QUIRKS, REQUEST_QUIRKS

PAGE = Path(__file__).parents[3] / "docs" / "quirks.md"


def test_the_page_is_current() -> None:
    """`python -m copilot_api.copilot.quirks > docs/quirks.md` after each change of the registry."""
    assert PAGE.read_text() == page()


def test_every_quirk_is_named_once_and_says_why_and_until_when() -> None:
    """A quirk without evidence or an end is a superstition."""
    for table in (REQUEST_QUIRKS, REJECTION_QUIRKS, FRAME_QUIRKS):
        for quirks in table.values():
            names = [quirk.name for quirk in quirks]
            assert len(names) == len(set(names))
            assert all(
                quirk.symptom and quirk.evidence and quirk.remove_when.endswith(".") for quirk in quirks
            )


def test_what_can_be_learned_exists() -> None:
    """A learned name switches a repair before sending on."""
    names = {quirk.name for quirks in REJECTION_QUIRKS.values() for quirk in quirks}
    assert names & {quirk.name for quirk in REQUEST_QUIRKS["messages"]} >= LEARNABLE
