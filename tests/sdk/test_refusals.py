"""Refusals, as each SDK's own exception classes, with what a client needs to act on."""

import time
from typing import Any

import anthropic
import openai
import pytest

from live import Gateway
from sdk.watching import Copilot

OPENAI_CLASSES = [
    ("400", openai.BadRequestError),
    ("403", openai.PermissionDeniedError),
    ("413", openai.APIStatusError),
    ("422", openai.UnprocessableEntityError),
    ("429", openai.RateLimitError),
    ("500", openai.InternalServerError),
    ("502-html", openai.InternalServerError),
    ("503", openai.InternalServerError),
]
ANTHROPIC_CLASSES = [
    ("400", anthropic.BadRequestError),
    ("403", anthropic.PermissionDeniedError),
    ("413", anthropic.RequestTooLargeError),
    ("422", anthropic.APIStatusError),
    ("429", anthropic.RateLimitError),
    ("500", anthropic.InternalServerError),
    ("502-html", anthropic.InternalServerError),
    ("503", anthropic.APIStatusError),
]


def _said(words: str) -> list[Any]:
    return [{"role": "user", "content": words}]


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("error", "kind"), OPENAI_CLASSES)
def test_openai_raises_its_own_classes(
    openai_client: openai.OpenAI, copilot: Copilot, error: str, kind: type[Exception], is_stream: bool
) -> None:
    """Upstream's status chooses the class; one attempt reaches upstream; the trace id is there to quote."""
    with pytest.raises(kind) as caught:
        openai_client.chat.completions.create(
            model="gpt-5.1", messages=_said(f"[[sim: error={error}]]"), stream=is_stream
        )
    assert isinstance(caught.value, openai.APIStatusError)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    assert caught.value.response.headers["x-trace-id"]
    assert len(copilot.requests()) == 1


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("error", "kind"), ANTHROPIC_CLASSES)
def test_anthropic_raises_its_own_classes(
    anthropic_client: anthropic.Anthropic,
    copilot: Copilot,
    error: str,
    kind: type[Exception],
    is_stream: bool,
) -> None:
    """Upstream's status chooses the class, in Anthropic's envelope; one attempt reaches upstream."""
    with pytest.raises(kind) as caught:
        anthropic_client.messages.create(
            model="claude-sonnet-4.6",
            max_tokens=9,
            messages=_said(f"[[sim: error={error}]]"),
            stream=is_stream,
        )
    assert isinstance(caught.value, anthropic.APIStatusError)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["type"] == "error"
    assert caught.value.response.headers["x-trace-id"]
    assert len(copilot.requests()) == 1


def test_a_wrong_key_is_an_authentication_error(gateway: Gateway, copilot: Copilot) -> None:
    """Both SDKs know the refusal by their own class; nothing reaches upstream."""
    with (
        openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="wrong", max_retries=0) as ours,
        pytest.raises(openai.AuthenticationError),
    ):
        ours.chat.completions.create(model="gpt-5.1", messages=_said("hello"))
    with (
        anthropic.Anthropic(base_url=gateway.url, api_key="wrong", max_retries=0) as theirs,
        pytest.raises(anthropic.AuthenticationError),
    ):
        theirs.messages.create(model="claude-sonnet-4.6", max_tokens=9, messages=_said("hello"))
    assert copilot.requests() == []


def test_an_unknown_model_is_named_with_its_neighbours(
    openai_client: openai.OpenAI, anthropic_client: anthropic.Anthropic, copilot: Copilot
) -> None:
    """The refusal quotes the name and offers near ones; nothing reaches upstream."""
    with pytest.raises(openai.NotFoundError) as ours:
        openai_client.chat.completions.create(model="gpt-5.11", messages=_said("hello"))
    assert "gpt-5.11" in ours.value.message
    assert "gpt-5.1" in ours.value.message.replace("gpt-5.11", "")
    with pytest.raises(anthropic.NotFoundError) as theirs:
        anthropic_client.messages.create(model="claude-nobody", max_tokens=9, messages=_said("hello"))
    assert "claude-nobody" in theirs.value.message
    assert copilot.requests() == []


def test_openai_waits_as_long_as_upstream_says(gateway: Gateway, copilot: Copilot) -> None:
    """Retry-After passes through; the SDK waits for it and succeeds the second time."""
    words = "[[sim: error=429-rate-limited; retry_after=2; times=1; text=later; key=openai]]"
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=1) as client:
        started_s = time.monotonic()
        reply = client.chat.completions.create(model="gpt-5.1", messages=_said(words))
        waited_s = time.monotonic() - started_s
    assert reply.choices[0].message.content == "later"
    assert 2.0 <= waited_s < 4.0
    assert [request.status for request in copilot.requests()] == [429, 200]


def test_anthropic_waits_as_long_as_upstream_says(gateway: Gateway, copilot: Copilot) -> None:
    """Retry-After passes through; the SDK waits for it and succeeds the second time."""
    words = "[[sim: error=429-rate-limited; retry_after=2; times=1; text=later; key=anthropic]]"
    with anthropic.Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=1) as client:
        started_s = time.monotonic()
        reply = client.messages.create(model="claude-sonnet-4.6", max_tokens=9, messages=_said(words))
        waited_s = time.monotonic() - started_s
    assert [block.text for block in reply.content if block.type == "text"] == ["later"]
    assert 2.0 <= waited_s < 4.0
    assert [request.status for request in copilot.requests()] == [429, 200]


def test_a_context_overflow_is_in_words_that_clients_act_on(
    openai_client: openai.OpenAI, anthropic_client: anthropic.Anthropic
) -> None:
    """OpenAI clients look for the code `context_length_exceeded`, Anthropic's for `prompt is too long`."""
    with pytest.raises(openai.BadRequestError) as chat:
        openai_client.chat.completions.create(
            model="gpt-5.1", messages=_said("[[sim: error=400-prompt-tokens]]")
        )
    assert chat.value.code == "context_length_exceeded"
    with pytest.raises(openai.BadRequestError) as responses:
        openai_client.responses.create(model="gpt-5.5", input="[[sim: error=400-prompt-tokens]]")
    assert responses.value.code == "context_length_exceeded"
    with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > \d+ maximum"):
        anthropic_client.messages.create(
            model="claude-sonnet-4.6",
            max_tokens=9,
            messages=_said("[[sim: error=400-anthropic-prompt-too-long]]"),
        )


def test_the_callers_trace_id_comes_back(openai_client: openai.OpenAI) -> None:
    """A trace id of the caller's own is kept, so that both logs can be joined."""
    answer = openai_client.chat.completions.with_raw_response.create(
        model="gpt-5.1", messages=_said("[[sim: text=hello]]"), extra_headers={"x-trace-id": "mine-42"}
    )
    assert answer.headers["x-trace-id"] == "mine-42"
    assert answer.headers["x-copilot-api-answering-model"].startswith("gpt-5.1")
