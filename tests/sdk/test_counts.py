"""The official clients' token counters and Google's embeddings, on models of every kind."""

import anthropic
import openai
import pytest
from google import genai
from google.genai import types

from sdk.watching import Copilot


@pytest.mark.parametrize("model", ["gpt-5.5", "grok-code-fast-1", "claude-sonnet-4.6"])
def test_anthropics_client_counts_for_every_model(
    anthropic_client: anthropic.Anthropic, copilot: Copilot, model: str
) -> None:
    """A number of the right size, and no bill."""
    counted = anthropic_client.messages.count_tokens(
        model=model,
        system="be brief",
        messages=[{"role": "user", "content": "hello world " * 50}],
        tools=[{"name": "f", "description": "does f", "input_schema": {"type": "object", "properties": {}}}],
    )
    assert 100 < counted.input_tokens < 1000
    assert copilot.billed() == []


@pytest.mark.parametrize("model", ["gpt-5.5", "grok-code-fast-1", "claude-sonnet-4.6"])
def test_openais_client_counts_for_every_model(
    openai_client: openai.OpenAI, copilot: Copilot, model: str
) -> None:
    """Read by the SDK's own type."""
    counted = openai_client.responses.input_tokens.count(model=model, input="hello world " * 50)
    assert counted.object == "response.input_tokens"
    assert 100 <= counted.input_tokens < 300
    assert copilot.billed() == []


@pytest.mark.parametrize("model", ["gemini-3-flash-preview", "gpt-5.5", "claude-sonnet-4.6"])
def test_googles_client_counts_for_every_model(
    google_client: genai.Client, copilot: Copilot, model: str
) -> None:
    """Its bare form, which is all it sends outside of Vertex."""
    counted = google_client.models.count_tokens(model=model, contents="hello world " * 50)
    assert counted.total_tokens is not None
    assert 100 <= counted.total_tokens < 300
    assert copilot.billed() == []


def test_googles_client_embeds(google_client: genai.Client) -> None:
    """One text and many, with a size."""
    model = "text-embedding-3-small"
    one = google_client.models.embed_content(model=model, contents="a")
    many = google_client.models.embed_content(
        model=model, contents=["a", "b"], config=types.EmbedContentConfig(output_dimensionality=4)
    )
    assert one.embeddings is not None
    assert many.embeddings is not None
    assert [len(vector.values or []) for vector in (*one.embeddings, *many.embeddings)] == [8, 4, 4]
