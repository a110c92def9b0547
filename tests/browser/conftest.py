"""Fixtures of the browser tests: Chromium, a simulator, gateways on it, and pages under watch.

The browser is the system's own (Debian's `chromium`, or what CHROMIUM names); nothing is downloaded. Without one the
tests are skipped.
"""

import os
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.stage import staged
from browser.watch import DESK, HEIGHTS, PHONE, Watched
from live import Gateway, Simulator, running_simulator

OpenPage = Callable[..., Watched]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """One browser for all tests; each page has a context, and so a memory, of its own."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed: apt install chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_simulator(tmp_path_factory: pytest.TempPathFactory) -> Generator[Simulator]:
    """One simulator for all."""
    with running_simulator(tmp_path_factory.mktemp("simulator") / "log") as simulator:
        yield simulator


@pytest.fixture
def simulator(session_simulator: Simulator) -> Generator[Simulator]:
    """The simulator in its first state, before and after."""
    session_simulator.control("reset", {})
    yield session_simulator
    session_simulator.control("reset", {})


@pytest.fixture
def gateway(simulator: Simulator, tmp_path: Path) -> Generator[Gateway]:
    """A gateway of the test's own, which it may change as it likes."""
    with staged(simulator, tmp_path / "home") as gateway:
        yield gateway


@pytest.fixture
def open_page(chromium: Browser, gateway: Gateway) -> Generator[OpenPage]:
    """Open pages of the test's gateway. What went wrong on any of them fails the test at its end."""
    with ExitStack() as stack:
        pages: list[Watched] = []

        def opened(
            address: str = "",
            *,
            url: str = gateway.url,
            language: str = "en",
            theme: str = "light",
            width: int = DESK,
            headers: Mapping[str, str] | None = None,
        ) -> Watched:
            view = viewing(chromium, url, language=language, theme=theme, width=width, headers=headers)
            watched = stack.enter_context(view)
            pages.append(watched)
            watched.open(address)
            return watched

        yield opened
        problems = [problem for watched in pages for problem in watched.problems]
    assert problems == []


_told: list[str] = []


@pytest.fixture
def tell() -> Callable[[str], None]:
    """Say something at the end of the run that is worth knowing and no reason to fail."""
    return _told.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests told."""
    for line in _told:
        terminalreporter.write_line(line)


@contextmanager
def viewing(
    browser: Browser,
    url: str,
    *,
    language: str = "en",
    theme: str = "light",
    width: int = DESK,
    headers: Mapping[str, str] | None = None,
) -> Generator[Watched]:
    """A page as somebody sees it who prefers a language, a theme and a width of window.

    Shape: `headers` are what a proxy in between adds to each request.
    """
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="zh-CN" if language == "zh-CN" else "en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        has_touch=width == PHONE,
        is_mobile=width == PHONE,
        extra_http_headers=dict(headers or {}),
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    context.set_default_timeout(10_000)
    watched = Watched(context.new_page(), url)
    watched.begin()
    try:
        yield watched
    finally:
        context.close()
