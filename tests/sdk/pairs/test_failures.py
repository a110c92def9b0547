"""Refusals and broken answers, over every upstream protocol, as each SDK's own exception classes."""

import pytest

from sdk.pairs.speaking import Ask, Sdk
from sdk.watching import Copilot

OVERFLOW = {
    "messages": "400-anthropic-prompt-too-long",
    "responses": "400-prompt-tokens",
    "chat": "400-prompt-tokens",
}


def test_a_rate_limit_says_how_long_to_wait(
    sdk: Sdk, upstream: str, model: str, is_stream: bool, copilot: Copilot
) -> None:
    """`Retry-After` as this SDK's users find it; one attempt reaches upstream."""
    words = f"[[sim: error=429-rate-limited; retry_after=7; key={sdk.name}-{upstream}-{is_stream}]]"
    status, message, wait_s = sdk.refusal(model, words, is_stream=is_stream)
    assert (status, wait_s) == (429, 7.0)
    assert message
    assert len(copilot.requests()) == 1


def test_an_overflow_is_in_words_that_clients_act_on(
    sdk: Sdk, upstream: str, model: str, is_stream: bool
) -> None:
    """Whatever upstream's words are, each client's own are in the message."""
    status, message, _ = sdk.refusal(model, f"[[sim: error={OVERFLOW[upstream]}]]", is_stream=is_stream)
    assert status == 400
    words = {"anthropic": "prompt is too long", "google-genai": "token"}
    assert words.get(sdk.name, "context") in message.lower()


def test_an_unknown_model_is_not_found(sdk: Sdk, is_stream: bool, copilot: Copilot) -> None:
    """The name is quoted; nothing reaches upstream."""
    status, message, _ = sdk.refusal("nobody-5", "hello", is_stream=is_stream)
    assert status == 404
    assert "nobody-5" in message
    assert copilot.requests() == []


@pytest.mark.parametrize("end", ["cut_after", "end_after", "error_after"])
def test_half_an_answer_raises(sdk: Sdk, model: str, end: str) -> None:
    """Whether upstream broke off, just stopped or told of an error."""
    words = f'[[sim: text="never quite whole"; chunks=9; {end}=7]]'
    with pytest.raises(sdk.broken):
        sdk.ask(Ask(model, sdk.said(words), is_stream=True))


@pytest.mark.parametrize("error", ["reset", "502-html"])
def test_an_upstream_that_breaks_is_a_server_error(sdk: Sdk, model: str, error: str, is_stream: bool) -> None:
    """502 in the SDK's own class, not a connection error and not a success."""
    status, message, _ = sdk.refusal(model, f"[[sim: error={error}]]", is_stream=is_stream)
    assert status == 502
    assert message


def test_an_event_that_nobody_can_read_is_not_the_clients_fault(sdk: Sdk, is_stream: bool) -> None:
    """Upstream broke its promise: 502, so that clients try again."""
    if sdk.name == "anthropic":
        pytest.skip("the same protocol passes through as it came")
    words = "[[sim: text=never; garbage_after=1]]"
    status, message, _ = sdk.refusal("claude-fable-5", words, is_stream=is_stream)
    assert status == 502
    assert "no JSON" in message
