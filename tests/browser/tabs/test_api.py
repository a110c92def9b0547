"""The API tab: every route of the admin API, searched, opened and copied from."""

import re

from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.stage import call
from live import Gateway


def test_every_route_is_listed(open_page: OpenPage, gateway: Gateway) -> None:
    """As many as the gateway's own description has, in groups with their numbers."""
    document = call(gateway, "GET", "/openapi.json")
    methods = {"get", "post", "put", "patch", "delete"}
    count = sum(method in methods for path in document["paths"].values() for method in path)
    watched = open_page("#/api")
    expect(watched.page.locator(".api-operation")).to_have_count(count)
    keys = watched.page.locator(".api-group").filter(
        has=watched.page.get_by_role("heading", name="keys", exact=True)
    )
    expect(keys.locator(".badge").first).to_have_text(str(keys.locator(".api-operation").count()))


def test_routes_are_searched_and_the_search_is_an_address(open_page: OpenPage) -> None:
    """By method, path and words; Escape empties it; a link with it finds the same."""
    watched = open_page("#/api")
    search = watched.page.get_by_label("Search routes")
    search.fill("post limits lift")
    expect(watched.page.locator(".api-operation")).to_have_count(1)
    expect(watched.page.locator(".api-operation")).to_contain_text("/admin/api/limits/lift")
    assert "q=post+limits+lift" in watched.page.url
    watched.page.reload()
    expect(search).to_have_value("post limits lift")
    expect(watched.page.locator(".api-operation")).to_have_count(1)
    search.fill("nothing of the kind")
    expect(watched.page.get_by_text("No such route")).to_be_visible()
    search.press("Escape")
    expect(watched.page.locator(".api-operation").nth(20)).to_be_visible()


def test_a_route_is_opened_with_the_keyboard_and_copied(open_page: OpenPage, gateway: Gateway) -> None:
    """Its parameters, body and answers, folded objects inside, and a line for the shell."""
    watched = open_page("#/api?q=post keys")
    operation = watched.page.locator(".api-operation").filter(has_text="/admin/api/keys").first
    operation.locator("summary").first.focus()
    watched.page.keyboard.press("Enter")
    for told in ("Body", "Answers", "scopes", "required", "201"):
        expect(operation).to_contain_text(told)
    inner = operation.locator(".api-fields details").first
    expect(inner.locator("ul").first).to_be_hidden()
    inner.locator("summary").first.click()
    expect(inner.locator("ul").first).to_be_visible()
    operation.get_by_role("button", name=re.compile("^Copy")).click()
    copied = watched.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"curl -s {gateway.url}/admin/api/keys ")
    assert "-X POST" in copied
    watched.page.keyboard.press("Tab")
    operation.locator("summary").first.click()
    expect(operation.get_by_text("Answers")).to_be_hidden()


def test_parameters_of_a_path_are_told(open_page: OpenPage) -> None:
    """With where each stands and what it has to be."""
    watched = open_page("#/api?q=delete captures trace")
    watched.page.locator(".api-operation summary").first.click()
    expect(watched.page.locator(".api-operation")).to_contain_text("trace_id")
    expect(watched.page.locator(".api-operation")).to_contain_text("in the path, string")


def test_the_document_itself_is_a_link(open_page: OpenPage) -> None:
    """It opens beside the page, and without the page's own window in its hands."""
    watched = open_page("#/api")
    link = watched.page.get_by_role("link", name="OpenAPI document")
    expect(link).to_have_attribute("href", "/admin/api/openapi.json")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
