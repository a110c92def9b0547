"""What the page weighs, all tabs together, and how soon it can be used.

The weight is a rule. The time depends on the machine, so it is told at the end of the run and not judged.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser

from browser.conftest import OpenPage, viewing
from live import Gateway

UI = Path(__file__).resolve().parents[2] / "src/copilot_api/web/ui"
MAX_BYTES = 200_000
TABS = sorted(folder.name for folder in (UI / "tabs").iterdir())
_SIZES = "performance.getEntriesByType('resource').map((entry) => [entry.name, entry.encodedBodySize])"


def test_the_page_weighs_little(open_page: OpenPage, gateway: Gateway, tell: Callable[[str], None]) -> None:
    """Every tab visited, everything it fetched of the page's own files counted as it came over the wire."""
    watched = open_page()
    for tab in TABS:
        watched.open(f"#/{tab}")
        watched.page.wait_for_timeout(400)
    found = dict(json.loads(watched.page.evaluate(f"JSON.stringify({_SIZES})")))
    own = {name: size for name, size in found.items() if "/admin/api/" not in name}
    shown = {name.removeprefix(f"{gateway.url}/admin/") for name in own}
    unvisited = {
        path.relative_to(UI).as_posix()
        for path in (UI / "tabs").rglob("*")
        if path.suffix in {".js", ".css"} and path.relative_to(UI).as_posix() not in shown
    }
    assert unvisited == set()
    tell(f"page: {sum(own.values()) / 1000:.0f} kB in {len(own)} files, all {len(TABS)} tabs, as sent")
    assert sum(own.values()) < MAX_BYTES


def test_the_time_until_it_can_be_used_is_told(
    chromium: Browser, gateway: Gateway, tell: Callable[[str], None]
) -> None:
    """From the address to an account that can be clicked; the browser knows nothing of the page before."""
    seconds = []
    for _ in range(5):
        with viewing(chromium, gateway.url) as watched:
            began = time.monotonic()
            watched.page.goto(f"{gateway.url}/admin")
            watched.page.get_by_role("article").first.wait_for()
            seconds.append(time.monotonic() - began)
            assert watched.problems == []
    tell(
        f"page: usable after {min(seconds):.2f} s at best, {sorted(seconds)[2]:.2f} s in the middle of five visits"
    )
