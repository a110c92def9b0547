"""A page under watch: what no visitor should ever cause is noted, and fails the test that caused it.

Owns: console errors, exceptions, reports of the content policy, requests to anywhere but the gateway.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request

LANGUAGES = ("en", "zh-CN")
THEMES = ("light", "dark")
PHONE = 390
DESK = 1440
HEIGHTS = {PHONE: 844, DESK: 900}
_REFUSED = re.compile(r"Failed to load resource: (?:the server responded with a status of (\d+)|net::ERR_)")
_TELL_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@dataclass
class Watched:
    """A page and everything wrong that was seen on it.

    Shape: `expected` are the statuses (401, 409...) that the test provokes, 0 for no answer at all; the browser's
    console tells each of them.
    """

    page: Page
    origin: str
    expected: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Watch from before the first request on."""
        self.page.add_init_script(_TELL_POLICY)
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"exception: {error}"))
        self.page.on("request", self._follow)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        refused = _REFUSED.match(message.text)
        if refused is None or int(refused[1] or 0) not in self.expected:
            self.problems.append(
                f"console {message.type}: {message.text} ({message.location.get('url', '')})"
            )

    def _follow(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme not in {"data", "blob"} and f"{target.scheme}://{target.netloc}" != self.origin:
            self.problems.append(f"external request: {request.url}")

    def open(self, address: str = "") -> None:
        """Go to an address of the admin, `#/keys` for example, and wait until its tab is drawn."""
        self.page.goto(f"{self.origin}/admin{address}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing on the page is a grey line any more."""
        self.page.locator("h1").first.wait_for()
        for grey in self.page.locator(".skeleton").all():
            grey.wait_for(state="detached")

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """The button of exactly this name."""
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def dialog(self) -> Locator:
        """The dialog in front."""
        return self.page.get_by_role("dialog").last

    def toast(self, text: str) -> Locator:
        """A message at the edge of the page."""
        return self.page.locator(".toast").filter(has_text=text)

    def focused(self) -> str:
        """What the element that has the focus is called."""
        name: str = self.page.evaluate(
            "(document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || '').trim()"
        )
        return name

    def sideways(self) -> list[str]:
        """Elements that stick out of the window to the right, unless inside something that scrolls by design."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll("body *")].filter((node) => {
                const box = node.getBoundingClientRect();
                if (box.width === 0 || box.right <= innerWidth + 1) return false;
                return !node.closest(".table-frame, .tabs, pre, .offscreen, .scroll-x, .truncate, dialog:not([open])");
            }).slice(0, 5).map((node) => node.outerHTML.slice(0, 160))"""
        )
        return found

    def accessibility(self) -> list[str]:
        """What axe finds against, each as `rule: the element`."""
        # Preloading makes axe write stylesheets with imports into the page, which its content policy forbids.
        options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['failureSummary'][:220]}"
            for rule in found
            for node in rule["nodes"][:3]
        ]
