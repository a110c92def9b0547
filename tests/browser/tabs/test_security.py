"""Signing in and out, the first secret, the sessions, and what the audit log tells of all that."""

import re

import pytest
from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.watch import Watched

SECRET = "correct horse battery staple"


def set_secret(watched: Watched, secret: str = SECRET) -> None:
    """Set the first secret on the Security page."""
    watched.open("#/security")
    watched.page.get_by_label("New secret", exact=True).fill(secret)
    watched.page.get_by_label("The same again").fill(secret)
    watched.button("Set secret").click()
    expect(watched.toast("Secret set")).to_be_visible()


def sign_in(watched: Watched, secret: str = SECRET) -> None:
    """Give the secret at the door."""
    watched.page.get_by_label("Admin secret", exact=True).fill(secret)
    watched.page.keyboard.press("Enter")


def test_with_a_secret_everybody_has_to_sign_in(open_page: OpenPage) -> None:
    """Who sets it stays in; others see nothing but the door, and a wrong secret is said so."""
    first = open_page()
    set_secret(first)
    expect(first.page.locator(".signed-in")).to_contain_text("Signed in")
    other = open_page("#/keys")
    other.expected |= {401}
    expect(other.page).to_have_title("Sign in · copilot-api")
    assert "octo-dev" not in other.page.content()
    sign_in(other, "wrong horse")
    expect(other.page.get_by_role("alert")).to_contain_text("That is not the admin secret.")
    sign_in(other)
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Keys")


def test_somebody_who_signs_out_is_out(open_page: OpenPage) -> None:
    """A reload does not bring them back in."""
    watched = open_page()
    set_secret(watched)
    watched.button("Sign out").click()
    expect(watched.page.get_by_label("Admin secret", exact=True)).to_be_visible()
    watched.page.reload()
    expect(watched.page.get_by_label("Admin secret", exact=True)).to_be_visible()


def test_what_was_typed_survives_a_session_that_ends(open_page: OpenPage) -> None:
    """One signs in again above it and goes on."""
    first, second = open_page(), open_page()
    set_secret(first)
    second.expected |= {401}
    second.open("#/keys")
    sign_in(second)
    second.page.get_by_role("link", name="Create key", exact=True).first.click()
    second.dialog().get_by_label("Name", exact=True).fill("half typed")
    first.open("#/security/sessions")
    first.button("End all others").click()
    expect(second.page.get_by_label("Admin secret", exact=True)).to_be_visible()
    sign_in(second)
    expect(second.page.get_by_label("Admin secret", exact=True)).to_have_count(0)
    expect(second.dialog().get_by_label("Name", exact=True)).to_have_value("half typed")


def test_a_session_is_ended_from_another(open_page: OpenPage) -> None:
    """The list says which is this one."""
    first, second = open_page(), open_page()
    set_secret(first)
    second.expected |= {401}
    second.open()
    sign_in(second)
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Accounts")
    first.open("#/security/sessions")
    rows = first.page.get_by_role("row").filter(has=first.page.get_by_role("rowheader"))
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="This one")).to_have_count(1)
    rows.filter(has_not_text="This one").get_by_role("button").click()
    expect(rows).to_have_count(1)
    expect(second.page.get_by_label("Admin secret", exact=True)).to_be_visible()


def test_the_secret_is_changed_only_with_the_old_one(open_page: OpenPage) -> None:
    """And then the old one opens nothing any more."""
    watched = open_page()
    set_secret(watched)
    watched.expected |= {401, 403, 422}
    fill = {
        "Current secret": "guessed",
        "New secret": "a better one than that",
        "The same again": "a better one than that",
    }
    for label, text in fill.items():
        watched.page.get_by_label(label, exact=True).fill(text)
    watched.button("Change secret").click()
    expect(watched.page.locator("[aria-invalid=true], [role=alert]").first).to_be_visible()
    watched.page.get_by_label("Current secret", exact=True).fill(SECRET)
    watched.button("Change secret").click()
    expect(watched.toast("Secret changed")).to_be_visible()
    watched.button("Sign out").click()
    sign_in(watched)
    expect(watched.page.get_by_role("alert")).to_contain_text("That is not the admin secret.")
    sign_in(watched, "a better one than that")
    expect(watched.page.get_by_label("Admin secret", exact=True)).to_have_count(0)
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Security")


def test_two_different_secrets_are_not_accepted(open_page: OpenPage) -> None:
    """A slip of the finger locks nobody out."""
    watched = open_page("#/security")
    watched.page.get_by_label("New secret", exact=True).fill(SECRET)
    watched.page.get_by_label("The same again").fill("correct horse")
    expect(watched.page.get_by_text("The two are not the same.")).to_be_visible()
    expect(watched.button("Set secret")).to_be_disabled()


def test_a_secret_can_be_looked_at_while_typing(open_page: OpenPage) -> None:
    """Hidden until asked for."""
    watched = open_page("#/security")
    field = watched.page.get_by_label("New secret", exact=True)
    expect(field).to_have_attribute("type", "password")
    watched.button("Show").first.click()
    expect(field).to_have_attribute("type", "text")


def test_a_secret_is_taken_away_again(open_page: OpenPage) -> None:
    """With the secret; then the machine itself is trusted."""
    watched = open_page()
    set_secret(watched)
    watched.button("Remove secret").click()
    watched.dialog().get_by_label("Current secret", exact=True).fill(SECRET)
    watched.button("Remove secret", watched.dialog()).click()
    expect(watched.page.locator(".signed-in")).to_contain_text("On this machine")


def test_half_typed_secrets_are_not_lost_by_accident(open_page: OpenPage) -> None:
    """Leaving asks; staying keeps what was typed, and the address."""
    watched = open_page("#/security")
    watched.page.get_by_label("New secret", exact=True).fill(SECRET)
    watched.page.get_by_role("link", name="Keys", exact=True).click()
    expect(watched.dialog()).to_contain_text("Leave without saving?")
    watched.button("Stay", watched.dialog()).click()
    expect(watched.page.get_by_label("New secret", exact=True)).to_have_value(SECRET)
    assert watched.page.url.endswith("#/security")
    watched.page.get_by_role("link", name="Keys", exact=True).click()
    watched.button("Leave", watched.dialog()).click()
    expect(watched.page.get_by_role("heading", level=1)).to_have_text("Keys")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_audit_log_tells_what_was_done(open_page: OpenPage, language: str) -> None:
    """Newest first, by whom and from where, and no secret in it."""
    watched = open_page(language=language)
    if language == "en":
        set_secret(watched)
    else:
        watched.page.get_by_role("article").nth(1).get_by_role("button", name="设为当前").click()
        expect(watched.page.locator(".toast")).to_be_visible()
    watched.open("#/security/audit")
    told = watched.page.get_by_role("row").filter(has_text=re.compile(r"secret\.|accounts\."))
    expect(told.first).to_contain_text("127.0.0.1")
    assert SECRET not in watched.page.content()
