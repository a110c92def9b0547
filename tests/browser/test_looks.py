"""How every tab looks: for people who see it, for people who hear it, and for docs/images.

Every tab is drawn on one gateway in use, in four views that between them have both languages, both themes and both
kinds of screen.
"""

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.conftest import viewing
from browser.stage import call, furnish, oversee, staged
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
REQUEST = "explain/request"
OVERSEEN = ["limits", "explain", REQUEST]
"""Tabs on a gateway that holds requests back and captures them; `REQUEST` is one of those, explained."""
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
_AT_HOME = """([home, platform]) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const node = texts.currentNode;
        node.data = node.data.replace(home, "~/.local/share/copilot-api").replace(platform, "Linux-x86_64");
    }
}"""
"""A picture shows where the data usually lies and a common platform, and not where this run was."""
IMAGES = Path(__file__).resolve().parents[2] / "docs/images"


@pytest.fixture(scope="module")
def furnished(session_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Generator[Gateway]:
    """A gateway that has been used; these tests only look at it."""
    with staged(session_simulator, tmp_path_factory.mktemp("furnished")) as gateway:
        furnish(gateway)
        yield gateway


@pytest.fixture(scope="module")
def overseen(session_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Generator[Gateway]:
    """A gateway with every limit there is, requests that wait for a yes, and some that were captured."""
    with staged(session_simulator, tmp_path_factory.mktemp("overseen")) as gateway:
        call(gateway, "POST", "/capture-windows", {"keyId": None, "minutes": 30})
        furnish(gateway)
        oversee(session_simulator, gateway)
        yield gateway


def address_of(tab: str, gateway: Gateway) -> str:
    """Where a tab is; the request that is explained was answered in another protocol than it was asked in."""
    if tab != REQUEST:
        return f"#/{tab}"
    captures = call(gateway, "GET", "/captures")["captures"]
    return next(f"#/explain/{entry['traceId']}" for entry in captures if entry["mode"] == "translated")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("tab", [*TABS, *OVERSEEN])
def test_a_tab_is_accessible_and_fits(
    chromium: Browser, furnished: Gateway, overseen: Gateway, tab: str, view: str
) -> None:
    """Axe finds nothing, nothing sticks out of the window, and nothing goes wrong in the console."""
    language, theme, width = VIEWS[view]
    gateway = overseen if tab in OVERSEEN else furnished
    with viewing(chromium, gateway.url, language=language, theme=theme, width=width) as watched:
        watched.open(address_of(tab, gateway))
        watched.page.wait_for_timeout(300)
        assert watched.accessibility() == []
        assert watched.sideways() == []
        assert watched.problems == []


@pytest.mark.screenshots
@pytest.mark.parametrize("ending", PICTURES)
@pytest.mark.parametrize("tab", [*(tab for tab in TABS if "/" not in tab), *OVERSEEN])
def test_a_picture_is_taken(
    chromium: Browser, furnished: Gateway, overseen: Gateway, tab: str, ending: str
) -> None:
    """One for each tab and view, as docs/images/<tab><ending>.png."""
    language, theme, width = PICTURES[ending]
    gateway = overseen if tab in OVERSEEN else furnished
    with viewing(chromium, gateway.url, language=language, theme=theme, width=width) as watched:
        watched.open(address_of(tab, gateway))
        watched.page.wait_for_timeout(800)
        watched.page.evaluate(
            _AT_HOME, [str(gateway.log_path.parent), call(gateway, "GET", "/about")["platform"]]
        )
        IMAGES.mkdir(exist_ok=True)
        watched.page.screenshot(path=IMAGES / f"{tab.replace('/', '-')}{ending}.png")
        assert watched.problems == []
