"""A key reaches the models its operator named for it, by patterns on either name."""

import json

import pytest

from exchange.limits.asking import INGRESSES, MODELS, add_key, ask, configure, refusal
from gate import Gate

KINDS = {
    "chat": "permission_error",
    "responses": "permission_error",
    "messages": "permission_error",
    "gemini": "PERMISSION_DENIED",
}


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_another_model_is_refused_with_what_the_key_may_use(gate: Gate, ingress: str) -> None:
    """403 in the protocol's words; nothing reaches Copilot."""
    key = await add_key(gate, models=("claude-haiku-*", "o3*"))
    status, _, body = await ask(gate, ingress, key)
    kind, message = refusal(ingress, body)
    assert (status, kind) == (403, KINDS[ingress])
    assert f"may not use the model {MODELS[ingress]!r}" in message
    assert "claude-haiku-*, o3*" in message
    assert gate.inference_requests() == []


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_a_model_that_fits_a_pattern_is_served(gate: Gate, ingress: str) -> None:
    """Patterns do not care for capitals."""
    key = await add_key(gate, models=("GPT-*", "claude-sonnet-4.6", "*pro-preview"))
    assert (await ask(gate, ingress, key))[0] == 200


async def test_either_name_of_a_mapped_model_is_enough(gate: Gate) -> None:
    """A key for `cheap` need not know what the operator maps it to, and one for the model may use the alias."""
    await configure(gate, modelMapping={"cheap": "gpt-4.1"})
    by_alias = await add_key(gate, "alias", models=("cheap",))
    by_id = await add_key(gate, "id", models=("gpt-4.1",))
    assert (await ask(gate, "chat", by_alias, model="cheap"))[0] == 200
    assert (await ask(gate, "chat", by_id, model="cheap"))[0] == 200
    assert (await ask(gate, "chat", by_alias, model="gpt-4.1"))[0] == 403


async def test_a_count_and_an_embedding_are_no_way_around(gate: Gate) -> None:
    """Both name a model, too."""
    key = await add_key(gate, models=("gpt-4.1",))
    presented = {"authorization": f"Bearer {key}"}
    body = {"model": "claude-sonnet-4.6", "messages": [{"role": "user", "content": "Hi"}]}
    status, _, answer = await gate.post("/v1/messages/count_tokens", body, presented)
    assert (status, refusal("messages", answer)[0]) == (403, "permission_error")
    status, _, answer = await gate.post(
        "/v1/embeddings", {"model": "text-embedding-3-small", "input": "Hi"}, presented
    )
    assert (status, refusal("chat", answer)[0]) == (403, "permission_error")
    assert gate.inference_requests() == []


async def test_the_list_shows_a_key_its_models_and_no_others(gate: Gate) -> None:
    """A client that offers the list to a person must not offer refusals."""
    key = await add_key(gate, models=("claude-haiku-*",))
    headers = {"authorization": f"Bearer {key}"}
    async with gate.http.get(gate.url + "/v1/models", headers=headers) as response:
        listed = [model["id"] for model in (json.loads(await response.read()))["data"]]
    assert listed == ["claude-haiku-4.5"]
    async with gate.http.get(gate.url + "/v1/models/gpt-4.1", headers=headers) as response:
        assert response.status == 403
