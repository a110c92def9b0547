"""How every tab looks: for people who see it, for people who hear it, and for docs/images.

Every tab is drawn on one gateway in use, in four views that between them have both languages, both themes and both
kinds of screen.
"""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.conftest import viewing
from browser.stage import furnish, staged
from browser.watch import DESK, PHONE
from live import Gateway, Simulator

TABS = [
    "accounts",
    "models",
    "usage",
    "mappings",
    "keys",
    "connect",
    "playground",
    "settings",
    "security",
    "security/sessions",
    "security/audit",
    "api",
    "about",
]
VIEWS = {
    "desk-light": ("en", "light", DESK),
    "desk-dark": ("zh-CN", "dark", DESK),
    "phone-light": ("zh-CN", "light", PHONE),
    "phone-dark": ("en", "dark", PHONE),
}
PICTURES = {
    "": ("en", "light", DESK),
    "-dark": ("en", "dark", DESK),
    "-phone": ("zh-CN", "dark", PHONE),
}
_AT_HOME = """(home) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode;
        node.data = node.data.replace(home, "~/.local/share/copilot-api");
    }
}"""
"""A picture shows where the data usually lies, and not where this run kept it."""
IMAGES = Path(__file__).resolve().parents[2] / "docs/images"


@pytest.fixture(scope="module")
def furnished(session_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Generator[Gateway]:
    """A gateway that has been used; these tests only look at it."""
    with staged(session_simulator, tmp_path_factory.mktemp("furnished")) as gateway:
        furnish(gateway)
        yield gateway


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("tab", TABS)
def test_a_tab_is_accessible_and_fits(chromium: Browser, furnished: Gateway, tab: str, view: str) -> None:
    """Axe finds nothing, nothing sticks out of the window, and nothing goes wrong in the console."""
    language, theme, width = VIEWS[view]
    with viewing(chromium, furnished.url, language=language, theme=theme, width=width) as watched:
        watched.open(f"#/{tab}")
        watched.page.wait_for_timeout(300)
        assert watched.accessibility() == []
        assert watched.sideways() == []
        assert watched.problems == []


@pytest.mark.screenshots
@pytest.mark.parametrize("ending", PICTURES)
@pytest.mark.parametrize("tab", [tab for tab in TABS if "/" not in tab])
def test_a_picture_is_taken(chromium: Browser, furnished: Gateway, tab: str, ending: str) -> None:
    """One for each tab and view, as docs/images/<tab><ending>.png."""
    language, theme, width = PICTURES[ending]
    with viewing(chromium, furnished.url, language=language, theme=theme, width=width) as watched:
        watched.open(f"#/{tab}")
        watched.page.wait_for_timeout(800)
        watched.page.evaluate(_AT_HOME, str(furnished.log_path.parent))
        IMAGES.mkdir(exist_ok=True)
        watched.page.screenshot(path=IMAGES / f"{tab}{ending}.png")
        assert watched.problems == []
