"""The Playground: a question to a model in any protocol, and everything that came back."""

import re

import pytest
from playwright.sync_api import expect

from browser.conftest import OpenPage
from browser.watch import Watched
from live import Simulator


def prompt(
    watched: Watched, text: str, *, protocol: str = "messages", model: str = "claude-sonnet-5"
) -> None:
    """Ask."""
    watched.page.get_by_label("Model").select_option(model)
    watched.page.locator(".segment").filter(has_text=re.compile(f"^{protocol}$")).click()
    watched.page.get_by_label("Prompt", exact=True).fill(text)
    watched.button("Send").click()


@pytest.mark.parametrize("protocol", ["chat", "responses", "messages", "gemini"])
@pytest.mark.parametrize("is_stream", [True, False], ids=["streamed", "whole"])
def test_a_model_answers_in_each_protocol(open_page: OpenPage, protocol: str, is_stream: bool) -> None:
    """Text, route, usage and time of the first word, however the protocol says them."""
    watched = open_page("#/playground")
    if not is_stream:
        watched.page.get_by_role("switch", name="Stream").click()
    prompt(watched, '[[sim: text="Hello from upstream."]]', protocol=protocol)
    expect(watched.page.locator('[data-part="text"]')).to_have_text("Hello from upstream.")
    facts = watched.page.locator(".facts")
    expect(facts).to_contain_text(f"{protocol}->")
    expect(facts).to_contain_text(re.compile(r"First word\s*[\d.,]+ m?s"))
    expect(facts).to_contain_text(re.compile(r"Output\s*\d+"))


def test_reasoning_stands_apart(open_page: OpenPage) -> None:
    """It is there for those who want it."""
    watched = open_page("#/playground")
    watched.page.get_by_role("switch", name="Ask for its reasoning").click()
    prompt(watched, '[[sim: thinking="Let me see."; text="Forty-two."]]')
    expect(watched.page.locator('[data-part="text"]')).to_have_text("Forty-two.")
    watched.page.get_by_text("Reasoning", exact=True).click()
    expect(watched.page.get_by_text("Let me see.", exact=True)).to_be_visible()


def test_a_refusal_is_said(open_page: OpenPage, simulator: Simulator) -> None:
    """With upstream's own words."""
    watched = open_page("#/playground")
    watched.expected |= {429}
    prompt(watched, "[[sim: error=429-rate-limited; retry_after=2]]")
    expect(watched.page.get_by_role("alert")).to_be_visible()
    expect(watched.page.locator(".facts")).to_contain_text("429")


def test_an_image_goes_along(open_page: OpenPage) -> None:
    """Chosen, shown, and part of the request."""
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005"
        "0001ff56c72f0d0000000049454e44ae426082"
    )
    watched = open_page("#/playground")
    watched.page.locator('input[type="file"]').set_input_files(
        {"name": "dot.png", "mimeType": "image/png", "buffer": pixel}
    )
    expect(watched.page.get_by_alt_text("The image that is sent")).to_be_visible()
    prompt(watched, '[[sim: text="A dot."]]')
    expect(watched.page.locator('[data-part="text"]')).to_have_text("A dot.")
    watched.page.get_by_text("The request", exact=True).click()
    expect(watched.page.locator("pre").first).to_contain_text('"media_type": "image/png"')


def test_an_answer_is_stopped(open_page: OpenPage) -> None:
    """What had come stays."""
    watched = open_page("#/playground")
    words = " ".join(f"w{number}" for number in range(400))
    prompt(watched, f'[[sim: text="{words}"; interval_ms=50]]')
    expect(watched.page.locator('[data-part="text"]')).to_contain_text("w1")
    watched.button("Stop").click()
    expect(watched.page.get_by_text("Stopped")).to_be_visible()
    expect(watched.button("Send")).to_be_enabled()
