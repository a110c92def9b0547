"""openai-python on models and embeddings."""

import openai
import pytest

from sdk.watching import Copilot


def test_models_are_listed_with_the_names_upstream_has(openai_client: openai.OpenAI) -> None:
    """The list is OpenAI's shape and holds each chat and embeddings model once."""
    models = list(openai_client.models.list())
    ids = [model.id for model in models]
    assert {"gpt-5.5", "claude-opus-4.8", "gemini-3-flash-preview", "text-embedding-3-small"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert {model.object for model in models} == {"model"}


def test_one_model_can_be_asked_for(openai_client: openai.OpenAI) -> None:
    """A single model comes in the same shape."""
    assert openai_client.models.retrieve("gpt-5.5").id == "gpt-5.5"


def test_an_unknown_model_is_not_found(openai_client: openai.OpenAI) -> None:
    """A name nobody knows is the SDK's NotFoundError."""
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("gpt-nobody")


def test_embeddings_of_one_string_come_as_floats(openai_client: openai.OpenAI, copilot: Copilot) -> None:
    """The SDK asks for base64 and sends a bare string, which upstream refuses: both are mended."""
    reply = openai_client.embeddings.create(model="text-embedding-3-small", input="a heron")
    assert len(reply.data) == 1
    assert len(reply.data[0].embedding) == 8
    assert all(isinstance(number, float) for number in reply.data[0].embedding)
    assert reply.usage.prompt_tokens == 2
    (request,) = copilot.requests()
    assert request.body["input"] == ["a heron"]


async def test_embeddings_of_many_strings_keep_their_order(async_openai_client: openai.AsyncOpenAI) -> None:
    """One vector for each string, in order."""
    reply = await async_openai_client.embeddings.create(model="text-embedding-3-small", input=["a", "b", "a"])
    assert [item.index for item in reply.data] == [0, 1, 2]
    assert reply.data[0].embedding == reply.data[2].embedding
    assert reply.data[0].embedding != reply.data[1].embedding
