"""Keys with limits, requests of the four protocols with them, and refusals read in each protocol's own envelope."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from copilot_api.settings import Budget, RateLimits
from copilot_api.store.keys import create_key
from exchange.custom.asking import INGRESSES, configure, request
from gate import Gate

MODELS = {
    "chat": "gpt-4.1",
    "responses": "gpt-5.5",
    "messages": "claude-sonnet-4.6",
    "gemini": "gemini-3.1-pro-preview",
}
"""One model for each protocol; the last is translated."""
NO_LIMITS = RateLimits()

__all__ = ["INGRESSES", "MODELS", "add_key", "ask", "configure", "refusal"]


async def add_key(
    gate: Gate,
    name: str = "laptop",
    *,
    models: tuple[str, ...] = (),
    rate_limit: RateLimits = NO_LIMITS,
    budget: Budget | None = None,
    scopes: tuple[str, ...] = ("inference",),
) -> str:
    """Make a key with these limits, put it in force, and return it."""
    key, entry = create_key(name, models=models, rate_limit=rate_limit, budget=budget, scopes=scopes)
    kept = [msgspec.to_builtins(known) for known in gate.house.settings.client_keys]
    await configure(gate, clientKeys=[*kept, msgspec.to_builtins(entry)])
    return key


async def ask(
    gate: Gate,
    ingress: str,
    key: str = "",
    *,
    text: str = "Hi",
    model: str = "",
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Mapping[str, str], bytes]:
    """One whole request in a protocol's words, with a key."""
    path, body = request(ingress, model or MODELS[ingress], text)
    presented = {"authorization": f"Bearer {key}"} if key else {}
    return await gate.post(path, body, {**presented, **(headers or {})})


def refusal(ingress: str, body: bytes) -> tuple[str, str]:
    """The kind and the message of an error, after checking that the envelope is the protocol's own."""
    document: dict[str, Any] = json.loads(body)
    error = document["error"]
    if ingress == "messages":
        assert document["type"] == "error"
        return str(error["type"]), str(error["message"])
    if ingress == "gemini":
        assert set(error) == {"code", "message", "status", "details"}
        return str(error["status"]), str(error["message"])
    assert set(error) == {"message", "type", "param", "code"}
    return str(error["type"]), str(error["message"])
