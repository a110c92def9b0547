"""The Accounts tab: accounts come by GitHub's device flow, answer, change places, go, and come back."""

import re

import pytest
from playwright.sync_api import Locator, expect

from browser.conftest import OpenPage
from browser.stage import active_login, call, order
from browser.watch import Watched
from live import Gateway, Simulator


def card(watched: Watched, login: str) -> Locator:
    """The card of one account."""
    return watched.page.get_by_role("article", name=login, exact=True)


def menu(watched: Watched, login: str, item: str) -> None:
    """Choose from an account's menu."""
    watched.button(f"Actions for {login}").click()
    watched.page.get_by_role("menuitem", name=item, exact=True).click()


def logins(watched: Watched) -> list[str]:
    """All accounts in the order in which they are shown."""
    return watched.page.get_by_role("article").get_by_role("heading", level=2).all_inner_texts()


def begin_sign_in(watched: Watched) -> Locator:
    """Open the dialog and get a code."""
    watched.page.get_by_role("link", name="Add account", exact=True).first.click()
    watched.button("Get a code", watched.dialog()).click()
    return watched.dialog()


def test_an_account_shows_who_it_is_and_what_is_left(open_page: OpenPage) -> None:
    """Plan, every allowance, the credential and its models, all without asking anybody."""
    watched = open_page()
    shown = card(watched, "octo-dev")
    expect(shown).to_contain_text("Active")
    expect(shown.get_by_role("meter", name="Premium requests")).to_have_attribute(
        "aria-valuetext", re.compile("used$")
    )
    expect(shown).to_contain_text("∞ unlimited")
    expect(shown).to_contain_text("Credential valid")
    expect(shown).to_contain_text(re.compile(r"\d+ models"))


def test_an_account_is_added_with_a_code(open_page: OpenPage, simulator: Simulator) -> None:
    """The code can be copied, the link leads to GitHub, and confirming there is seen here at once."""
    simulator.control("device", {"polls": ["authorization_pending"], "interval": 1, "account": "business"})
    watched = open_page()
    dialog = begin_sign_in(watched)
    code = dialog.get_by_label("Code", exact=True)
    expect(code).to_have_text(re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$"))
    watched.button("Copy code", dialog).click()
    expect(watched.button("Copied", dialog)).to_be_visible()
    assert watched.page.evaluate("navigator.clipboard.readText()") == code.inner_text()
    link = dialog.get_by_role("link", name="Copy the code and open GitHub")
    expect(link).to_have_attribute("href", re.compile("/login/device$"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(dialog).to_contain_text("octo-business")
    expect(dialog).to_contain_text("is signed in and ready to be used.")
    watched.button("Done", dialog).click()
    expect(watched.dialog()).to_have_count(0)
    expect(card(watched, "octo-business")).to_be_visible()


def test_a_new_account_can_answer_at_once(open_page: OpenPage, simulator: Simulator) -> None:
    """The last step of signing in offers it."""
    simulator.control("device", {"polls": [], "interval": 1, "account": "free"})
    watched = open_page()
    dialog = begin_sign_in(watched)
    expect(dialog).to_contain_text("was here already: its sign-in is replaced by the new one.")
    watched.button("Make active", dialog).click()
    expect(card(watched, "octo-free")).to_contain_text("Active")


@pytest.mark.parametrize(
    ("poll", "said"),
    [("access_denied", "You said no on GitHub."), ("expired_token", "The code has expired.")],
)
def test_a_sign_in_that_fails_says_so_and_can_begin_again(
    open_page: OpenPage, simulator: Simulator, poll: str, said: str
) -> None:
    """Nothing is changed, and the way to a new code is one button."""
    simulator.control("device", {"polls": [poll], "interval": 1})
    watched = open_page()
    dialog = begin_sign_in(watched)
    expect(dialog.get_by_role("alert")).to_contain_text(said)
    watched.button("Start again", dialog).click()
    expect(watched.button("Get a code", dialog)).to_be_visible()
    assert len(logins(watched)) == 3


def test_github_that_does_not_answer_is_said_in_the_dialog(open_page: OpenPage, simulator: Simulator) -> None:
    """With what to do about it; the dialog stays and can try again."""
    simulator.control(
        "faults", {"faults": [{"method": "POST", "path": "/login/device/code", "error": "502", "times": 1}]}
    )
    watched = open_page()
    watched.expected |= {502, 503}
    dialog = begin_sign_in(watched)
    expect(dialog.get_by_role("alert")).to_be_visible()
    watched.button("Get a code", dialog).click()
    expect(dialog.get_by_label("Code", exact=True)).to_be_visible()


def test_a_sign_in_can_be_cancelled(open_page: OpenPage, simulator: Simulator, gateway: Gateway) -> None:
    """By its button and by Escape; the gateway stops asking GitHub."""
    simulator.control("device", {"polls": ["authorization_pending"] * 50, "interval": 1})
    watched = open_page()
    dialog = begin_sign_in(watched)
    watched.button("Cancel this sign-in", dialog).click()
    expect(dialog.get_by_role("alert")).to_contain_text("This sign-in was cancelled.")
    watched.button("Start again", dialog).click()
    watched.button("Get a code", dialog).click()
    expect(dialog.get_by_label("Code", exact=True)).to_be_visible()
    watched.page.keyboard.press("Escape")
    expect(watched.dialog()).to_have_count(0)
    expect(watched.page.get_by_text("A sign-in is waiting")).to_have_count(0)
    assert {flow["state"] for flow in call(gateway, "GET", "/signins")["signins"]} == {"cancelled"}


def test_a_sign_in_survives_a_reload(open_page: OpenPage, simulator: Simulator) -> None:
    """The page offers to go on with the code that waits."""
    simulator.control("device", {"polls": ["authorization_pending"] * 50, "interval": 1})
    watched = open_page()
    code = begin_sign_in(watched).get_by_label("Code", exact=True).inner_text()
    watched.open()
    watched.page.get_by_role("link", name="Continue", exact=True).click()
    expect(watched.dialog().get_by_label("Code", exact=True)).to_have_text(code)


def test_another_account_is_made_active(open_page: OpenPage, gateway: Gateway) -> None:
    """Every open page shows it, the one beside included."""
    watched, beside = open_page(), open_page("#/keys")
    watched.button("Make active", card(watched, "octo-free")).click()
    expect(card(watched, "octo-free")).to_contain_text("Active")
    expect(watched.toast("octo-free answers from the next request on")).to_be_visible()
    expect(beside.page.locator(".active-account")).to_contain_text("octo-free")
    assert active_login(gateway) == "octo-free"


def test_an_account_that_cannot_answer_is_switched_to_only_when_one_insists(
    open_page: OpenPage, simulator: Simulator, gateway: Gateway
) -> None:
    """Nothing changes until then."""
    simulator.control("accounts", {"plan": "free", "revoked": True, "expire_tokens": True})
    watched = open_page()
    watched.expected |= {409}
    watched.button("Make active", card(watched, "octo-free")).click()
    expect(watched.dialog()).to_contain_text("octo-free cannot answer now")
    watched.button("Cancel", watched.dialog()).click()
    assert active_login(gateway) == "octo-dev"
    watched.button("Make active", card(watched, "octo-free")).click()
    watched.button("Switch anyway", watched.dialog()).click()
    expect(card(watched, "octo-free")).to_contain_text("Active")
    assert active_login(gateway) == "octo-free"


def test_removing_asks_first_and_can_be_taken_back(open_page: OpenPage) -> None:
    """Escape means no; undo brings it back to its place, still able to answer."""
    watched = open_page()
    menu(watched, "octo-free", "Remove")
    watched.page.keyboard.press("Escape")
    assert logins(watched) == ["octo-dev", "octo-free", "octo-free-legacy"]
    menu(watched, "octo-free", "Remove")
    watched.button("Remove", watched.dialog()).click()
    expect(card(watched, "octo-free")).to_have_count(0)
    watched.button("Undo", watched.toast("octo-free removed")).click()
    expect(card(watched, "octo-free")).to_contain_text("Credential valid")
    assert logins(watched) == ["octo-dev", "octo-free", "octo-free-legacy"]


def test_removing_the_active_account_says_who_answers_then(open_page: OpenPage) -> None:
    """And that one does."""
    watched = open_page()
    menu(watched, "octo-dev", "Remove")
    expect(watched.dialog()).to_contain_text("octo-free answers from then on.")
    watched.button("Remove", watched.dialog()).click()
    expect(card(watched, "octo-free")).to_contain_text("Active")


def test_without_an_account_the_page_says_how_to_begin(open_page: OpenPage, gateway: Gateway) -> None:
    """On the tab and in the banner of every tab."""
    for account in call(gateway, "GET", "/accounts")["accounts"]:
        call(gateway, "DELETE", f"/accounts/{account['id']}")
    watched = open_page()
    expect(watched.page.get_by_role("heading", name="No account yet")).to_be_visible()
    expect(watched.page.locator(".banners")).to_contain_text("Add a GitHub account to begin")
    watched.page.locator(".banners").get_by_role("link", name="Add account").click()
    expect(watched.button("Get a code", watched.dialog())).to_be_visible()


def test_accounts_are_put_in_order_with_the_keyboard(open_page: OpenPage, gateway: Gateway) -> None:
    """Space takes, arrows move, Space drops, Escape gives up; each step is said aloud."""
    watched = open_page()
    grip = watched.button("Move octo-dev")
    grip.press("Space")
    grip.press("ArrowDown")
    expect(watched.page.get_by_text("octo-dev, place 2")).to_be_attached()
    grip.press("ArrowDown")
    expect(grip).to_be_focused()
    grip.press("Escape")
    assert logins(watched) == ["octo-dev", "octo-free", "octo-free-legacy"]
    grip.press("Space")
    grip.press("ArrowDown")
    with watched.page.expect_response("**/accounts/order"):
        grip.press("Space")
    expect(watched.page.get_by_role("article").first).to_have_attribute("aria-label", "octo-free")
    assert order(gateway) == ["octo-free", "octo-dev", "octo-free-legacy"]


def test_accounts_are_put_in_order_by_dragging(open_page: OpenPage, gateway: Gateway) -> None:
    """The list makes room while one drags."""
    watched = open_page()
    grip, target = watched.button("Move octo-free-legacy"), card(watched, "octo-dev")
    start, end = grip.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    watched.page.mouse.move(start["x"] + 5, start["y"] + 5)
    watched.page.mouse.down()
    watched.page.mouse.move(start["x"] + 5, end["y"] + 20, steps=12)
    with watched.page.expect_response("**/accounts/order"):
        watched.page.mouse.up()
    expect(watched.page.get_by_role("article").first).to_have_attribute("aria-label", "octo-free-legacy")
    assert order(gateway) == ["octo-free-legacy", "octo-dev", "octo-free"]


def test_the_quota_is_asked_for_no_oftener_than_the_interval(
    open_page: OpenPage, simulator: Simulator
) -> None:
    """A second request in a row is answered with when the next may be, and GitHub does not hear of it."""
    watched = open_page()
    menu(watched, "octo-dev", "Ask GitHub for the quota")
    expect(watched.page.locator(".toast")).to_have_count(1)
    before = simulator.count()
    menu(watched, "octo-dev", "Ask GitHub for the quota")
    expect(watched.toast("GitHub was asked a moment ago").last).to_be_visible()
    assert simulator.count() == before


def test_options_of_an_account_are_kept(open_page: OpenPage, gateway: Gateway) -> None:
    """Saved only when something is changed, and shown again afterwards."""
    watched = open_page()
    menu(watched, "octo-free", "Options")
    expect(watched.button("Save", watched.dialog())).to_be_disabled()
    watched.dialog().get_by_label("Way to the credential").select_option("exchange")
    watched.button("Save", watched.dialog()).click()
    expect(watched.toast("Options of octo-free saved")).to_be_visible()
    found = call(gateway, "GET", "/accounts")["accounts"][1]
    assert found["credential"]["mode"] == "exchange"


def test_a_failed_account_says_why_and_can_be_tried_again(open_page: OpenPage, simulator: Simulator) -> None:
    """It works again as soon as GitHub lets it in."""
    simulator.control("accounts", {"plan": "free", "revoked": True, "expire_tokens": True})
    watched = open_page()
    menu(watched, "octo-free", "Sign in again")
    watched.button("Cancel", watched.dialog()).click()
    watched.expected |= {409}
    watched.button("Make active", card(watched, "octo-free")).click()
    watched.button("Cancel", watched.dialog()).click()
    expect(card(watched, "octo-free")).to_contain_text("Cannot answer")
    simulator.control("accounts", {"plan": "free", "revoked": False, "expire_tokens": False})
    watched.button("Try again", card(watched, "octo-free")).click()
    expect(watched.toast("octo-free works again")).to_be_visible()
    expect(card(watched, "octo-free")).to_contain_text("Credential valid")


def test_a_hostile_login_is_only_text(open_page: OpenPage, gateway: Gateway) -> None:
    """Markup in a name is shown, never obeyed."""
    home = gateway.log_path.parent / "config.json"
    home.write_text(home.read_text().replace('"octo-free"', '"<img src=x onerror=alert(1)>"'))
    watched = open_page()
    expect(card(watched, "<img src=x onerror=alert(1)>")).to_be_visible()
    assert watched.page.locator("img[src=x]").count() == 0
