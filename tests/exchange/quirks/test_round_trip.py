"""The repairs against the strict simulator: what Copilot refuses as it came, it takes as we send it."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from copilot_api.copilot.catalog import Model, Supports
from copilot_api.copilot.quirks import (
    QuirkContext,
    QuirkRoute,
    allowed_betas,
    before_send,
    on_rejection,
    refused_betas,
)
from copilot_api.copilot.rejections import classify
from copilot_api.simulator import running_simulator
from copilot_api.wire.body import Body
from unit.quirks.streams import events, repaired

CODEX = Model(id="gpt-5.5", supports=Supports(reasoning_efforts=("none", "low", "medium", "high", "xhigh")))
SONNET = Model(
    id="claude-sonnet-4.6",
    vendor="Anthropic",
    supports=Supports(adaptive_thinking=True, reasoning_efforts=("low", "medium", "high", "max")),
)
PATHS: dict[QuirkRoute, str] = {
    "responses": "/responses",
    "messages": "/v1/messages",
    "chat": "/chat/completions",
}


class Upstream:
    """The simulator, spoken to as the gateway does."""

    def __init__(self, simulator: Any, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.session = session

    async def raw(self, route: QuirkRoute, body: bytes, betas: str | None = None) -> tuple[int, bytes]:
        """Send the bytes as they are."""
        headers = {
            "authorization": f"Bearer {self.simulator.github_token('individual')}",
            "user-agent": "test/1",
            "x-github-api-version": "2026-06-01",
            "content-type": "application/json",
            **({"anthropic-beta": betas} if betas else {}),
        }
        url = self.simulator.api_url("individual") + PATHS[route]
        async with self.session.post(url, data=body, headers=headers) as reply:
            return reply.status, await reply.read()

    async def mended(self, route: QuirkRoute, document: object, model: Model) -> tuple[int, bytes, list[str]]:
        """Repair, send, and once more after a refusal."""
        body = Body(json.dumps(document).encode())
        context = QuirkContext(model=model)
        names = before_send(route, body, context)
        betas = allowed_betas(None, body) if route == "messages" else None
        status, answer = await self.raw(route, body.encode(), betas)
        if status == 400:
            fault = classify(400, {}, answer)
            names += on_rejection(route, body, context, fault)
            betas = allowed_betas(None, body, refused_betas(fault.message)) if route == "messages" else None
            status, answer = await self.raw(route, body.encode(), betas)
        return status, answer, names


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """A simulator of its own for each test."""
    async with running_simulator() as simulator, aiohttp.ClientSession() as session:
        yield Upstream(simulator, session)


def history(items: list[Any]) -> dict[str, Any]:
    outputs = [
        {"type": "function_call_output", "call_id": item["call_id"], "output": "sunny"}
        for item in items
        if item["type"] == "function_call"
    ]
    first = {
        "role": "user",
        "content": '[[sim: thinking=yes; tool=get_weather {"city":"Paris"} || text=Sunny]]',
    }
    tool = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}
    return {
        "model": "gpt-5.5",
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "medium", "summary": "auto"},
        "tools": [tool],
        "input": [first, *items, *outputs],
    }


async def test_a_repaired_responses_answer_replays(upstream: Upstream) -> None:
    """What upstream handed out is refused when replayed as it came in `completed`, and taken after our round trip."""
    status, stream = await upstream.raw("responses", json.dumps(history([])).encode())
    assert status == 200
    shown = repaired("responses", stream)
    items = events(shown)[-1]["response"]["output"]
    assert [item["type"] for item in items] == ["reasoning", "function_call"]
    status, answer, names = await upstream.mended("responses", history(items), CODEX)
    assert (status, names) == (200, ["item-ids"]), answer
    naive = [event["item"] for event in events(stream) if event["type"] == "response.output_item.done"]
    status, answer = await upstream.raw("responses", json.dumps(history(naive)).encode())
    assert status == 400


async def test_reasoning_of_another_account_is_dropped_after_the_refusal(upstream: Upstream) -> None:
    """One retry without it."""
    foreign = {"type": "reasoning", "id": "rs_x", "summary": [], "encrypted_content": "gAAAforeign"}
    status, answer, names = await upstream.mended("responses", history([foreign]), CODEX)
    assert (status, names) == (200, ["encrypted-content"]), answer


@pytest.mark.parametrize(
    ("fields", "quirk"),
    [
        ({"store": True}, "store"),
        ({"service_tier": "flex"}, "service-tier"),
        ({"max_output_tokens": 1}, "output-limit"),
        ({"reasoning": {"effort": "max"}}, "effort"),
        ({"tools": [{"type": "image_generation"}]}, "image-generation"),
        (
            {"tools": [{"type": "namespace", "name": "f", "description": "", "tools": []}]},
            "namespace-description",
        ),
        (
            {"tools": [{"type": "namespace", "name": "collaboration", "description": "d", "tools": []}]},
            "reserved-namespace",
        ),
    ],
)
async def test_each_responses_repair_turns_a_refusal_into_an_answer(
    upstream: Upstream, fields: dict[str, Any], quirk: str
) -> None:
    """Refused as it is, answered as it is repaired."""
    document = {"model": "gpt-5.5", "input": "Hi", "store": False, **fields}
    status, _ = await upstream.raw("responses", json.dumps(document).encode())
    assert status == 400
    status, answer, names = await upstream.mended("responses", document, CODEX)
    assert (status, names) == (200, [quirk]), answer


ASK = {"role": "user", "content": "Hi"}
MARK = {"type": "ephemeral"}


@pytest.mark.parametrize(
    ("fields", "quirk"),
    [
        ({"inference_geo": "eu"}, "refused-fields"),
        ({"cache_control": MARK}, "root-cache-control"),
        (
            {"system": [{"type": "text", "text": "s", "cache_control": {**MARK, "scope": "g"}}]},
            "cache-control",
        ),
        (
            {"system": [{"type": "text", "text": str(n), "cache_control": MARK} for n in range(6)]},
            "cache-control",
        ),
        (
            {"tools": [{"name": "a", "input_schema": {"type": "object"}, "eager_input_streaming": True}]},
            "eager-input-streaming",
        ),
        ({"messages": [ASK, {"role": "system", "content": "note"}]}, "inline-system"),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "a"}]}
                ]
            },
            "empty-text",
        ),
        ({"thinking": {"type": "adaptive", "display": "updates"}}, "thinking-display"),
        ({"output_config": {"effort": "xhigh"}}, "effort"),
        ({"brand_new_field": 1}, "extra-inputs"),
        ({"max_tokens": 200000}, "max-tokens"),
    ],
)
async def test_each_messages_repair_turns_a_refusal_into_an_answer(
    upstream: Upstream, fields: dict[str, Any], quirk: str
) -> None:
    """Refused as it is, answered as it is repaired."""
    document = {"model": "claude-sonnet-4.6", "max_tokens": 100, "messages": [ASK], **fields}
    status, _ = await upstream.raw("messages", json.dumps(document).encode())
    assert status == 400
    status, answer, names = await upstream.mended("messages", document, SONNET)
    assert (status, names) == (200, [quirk]), answer


async def test_a_changed_signature_is_dropped_after_the_refusal(upstream: Upstream) -> None:
    """Thinking of another upstream does not end the conversation."""
    thought = {"type": "thinking", "thinking": "t", "signature": "bm90IGEgc2lnbmF0dXJl"}
    turn = {"role": "assistant", "content": [thought, {"type": "text", "text": "x"}]}
    document = {"model": "claude-sonnet-4.6", "max_tokens": 100, "messages": [ASK, turn, ASK]}
    status, answer, names = await upstream.mended("messages", document, SONNET)
    assert (status, names) == (200, ["thinking-signature"]), answer
