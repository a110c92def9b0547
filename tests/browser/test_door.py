"""The doors beside the sign-in form: the one-time setup link, and a client key that may look and not touch."""

import json
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import call, furnish, staged
from browser.watch import Watched
from live import CLIENT_KEY, Gateway, Simulator

SECRET = "correct horse battery staple"
FAR = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
"""What a reverse proxy on this machine adds to the request of somebody far away."""
READ_ONLY = [
    "accounts",
    "models",
    "usage",
    "limits",
    "mappings",
    "keys",
    "connect",
    "playground",
    "settings",
    "security",
    "explain",
]
WRITES = re.compile(
    r"^(Add account|Sign in again|Make active|Actions for .*|Move .*|Options|Remove.*|Edit.*|Hide.*|Manage|Refresh"
    r"|Create key|Make a key for it|Add mapping|Copy mapping.*|Save|Discard|Set secret|Change secret|End.*"
    r"|Clear.*|Test now|Send|Start capturing|Stop.*|Approve.*|Refuse.*|Lift.*)$"
)
"""What buttons that change something are called."""


@pytest.fixture
def far(simulator: Simulator, tmp_path: Path) -> Generator[Gateway]:
    """A gateway behind a proxy: nobody is local, and nobody has set a secret yet."""
    with staged(simulator, tmp_path / "far", trustedProxies=["127.0.0.1"]) as gateway:
        yield gateway


def link_of(gateway: Gateway) -> str:
    """The one-time link that the gateway printed when it started."""
    lines = [json.loads(line) for line in gateway.log().splitlines() if line.startswith("{")]
    return next(str(line["link"]) for line in lines if line["event"] == "setup.offered")


def from_afar(open_page: OpenPage, gateway: Gateway, *, link: bool = True) -> Watched:
    """A page that the proxy lets through, at the link's address."""
    address = link_of(gateway).partition("/admin")[2] if link else "#/keys"
    return open_page(address, url=gateway.url, headers=FAR)


def test_a_setup_link_sets_the_secret_and_lets_in(open_page: OpenPage, far: Gateway) -> None:
    """Typed twice, the same; the token is out of the address at once; with it one is in."""
    watched = from_afar(open_page, far)
    token = link_of(far).partition("=")[2]
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Set up")
    assert token not in watched.page.url
    expect(watched.page.get_by_label("New admin secret")).to_be_focused()
    enter = watched.button("Set the secret and enter")
    expect(enter).to_be_disabled()
    watched.page.keyboard.type(SECRET)
    watched.page.get_by_label("The same again").fill("something else")
    expect(watched.page.get_by_text("The two are not the same.")).to_be_visible()
    expect(enter).to_be_disabled()
    watched.page.get_by_label("The same again").fill(SECRET)
    assert watched.accessibility() == []
    watched.page.keyboard.press("Enter")
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")
    expect(watched.page.locator(".signed-in")).to_contain_text("Signed in")
    watched.page.reload()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")


def test_a_secret_that_is_too_short_is_said_in_place(open_page: OpenPage, far: Gateway) -> None:
    """The link stays good until a secret was set."""
    watched = from_afar(open_page, far)
    watched.expected |= {422}
    for value in ("short", SECRET):
        watched.page.get_by_label("New admin secret").fill(value)
        watched.page.get_by_label("The same again").fill(value)
        watched.button("Set the secret and enter").click()
        if value == "short":
            expect(watched.page.locator(".field-error")).to_be_visible()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")


def test_a_link_works_once(open_page: OpenPage, far: Gateway) -> None:
    """Whoever comes second is told so, and that a secret exists."""
    first, second = from_afar(open_page, far), from_afar(open_page, far)
    second.expected |= {401, 403, 409}
    for watched in (first, second):
        watched.page.get_by_label("New admin secret").fill(SECRET)
        watched.page.get_by_label("The same again").fill(SECRET)
        watched.button("Set the secret and enter").click()
        if watched is first:
            expect(watched.page.get_by_role("heading", level=1)).to_have_text("Accounts")
    expect(second.page.get_by_role("alert")).to_contain_text("A secret is set already.")


def test_without_a_link_one_is_told_where_it_is(open_page: OpenPage, far: Gateway) -> None:
    """Nobody stands before a closed door without a word."""
    watched = from_afar(open_page, far, link=False)
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Set up")
    expect(watched.page.get_by_text("Open the one-time link")).to_be_visible()
    expect(watched.page.get_by_text("copilot-api admin set-secret")).to_be_visible()
    assert watched.accessibility() == []


@pytest.fixture
def viewer(open_page: OpenPage, gateway: Gateway) -> Watched:
    """A page of somebody who comes in with a client key of the scope `admin`, as a dashboard does."""
    furnish(gateway)
    key = call(gateway, "POST", "/keys", {"name": "viewer", "scopes": ["admin"]})["value"]
    with_secret = open_page("#/security")
    with_secret.page.get_by_label("New secret", exact=True).fill(SECRET)
    with_secret.page.get_by_label("The same again").fill(SECRET)
    with_secret.button("Set secret").click()
    expect(with_secret.toast("Secret set")).to_be_visible()
    watched = open_page(headers={"authorization": f"Bearer {key}"})
    watched.expected |= {403}
    return watched


def test_a_viewer_sees_every_tab_and_can_change_nothing(viewer: Watched) -> None:
    """A banner says so; no button that writes is there to be pressed; nothing that writes is sent."""
    writes: list[str] = []
    viewer.page.on("request", lambda sent: sent.method != "GET" and writes.append(sent.url))
    expect(viewer.page.locator(".signed-in")).to_contain_text("Key, read only")
    for tab in READ_ONLY:
        viewer.page.goto(f"{viewer.origin}/admin#/{tab}")
        viewer.settle()
        viewer.page.wait_for_timeout(300)
        expect(viewer.page.get_by_text("you can look at everything, and change nothing")).to_be_visible()
        main = viewer.page.locator("main")
        pressed = [*main.get_by_role("button").all(), *main.get_by_role("link").all()]
        names = [
            item.get_attribute("aria-label") or item.inner_text() for item in pressed if item.is_enabled()
        ]
        assert [name for name in names if WRITES.match(name.strip())] == [], tab
        inputs = main.locator(".settings-setting :is(input, textarea, select, [role=switch])")
        assert all(entry.is_disabled() for entry in inputs.all()), tab
    assert writes == []


def test_a_viewer_reads_the_list_of_captures_and_no_text(viewer: Watched, gateway: Gateway) -> None:
    """What was captured has prompts in it: those are the operator's alone."""
    viewer.page.goto(f"{viewer.origin}/admin#/explain/0123456789abcdef")
    expect(viewer.page.get_by_role("alert")).to_contain_text("prompts and answers")
    assert CLIENT_KEY not in viewer.page.content()
    assert gateway.url == viewer.origin
