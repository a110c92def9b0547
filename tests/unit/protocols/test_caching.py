"""What becomes of caching: marks, keys, and protocols that cache by themselves."""

from typing import Any

import pytest

from copilot_api.neutral.extras import JsonObject
from copilot_api.protocols.base import ProtocolName
from laws.hub.pairs import ingress_of, target_of, upstream_of

TOOL: JsonObject = {
    "type": "function",
    "function": {"name": "f", "parameters": {"type": "object", "properties": {}}},
}
MARK = {"type": "ephemeral"}


def said(ingress: ProtocolName, upstream: ProtocolName, document: JsonObject) -> Any:
    """A request in the upstream's words."""
    asked = ingress_of(ingress).read_request({"model": "m", **document})
    return upstream_of(upstream).write_request(asked, target_of(upstream)).document


def user(text: str, **fields: Any) -> JsonObject:
    """A turn of one text part."""
    return {"role": "user", "content": [{"type": "text", "text": text, **fields}]}


@pytest.mark.parametrize(
    ("document", "mark"),
    [
        ({"messages": [user("a")]}, None),
        ({"messages": [user("a")], "tools": [TOOL]}, MARK),
        ({"messages": [user("a"), {"role": "assistant", "content": "b"}, user("c")]}, MARK),
        ({"messages": [user("a")], "prompt_cache_key": "k"}, MARK),
        ({"messages": [user("a")], "tools": [TOOL], "prompt_cache_options": {"mode": "explicit"}}, None),
        ({"messages": [user("a", cache_control=MARK)], "tools": [TOOL]}, None),
    ],
)
def test_a_conversation_that_goes_on_is_cached(document: JsonObject, mark: Any) -> None:
    """OpenAI and Google cache it unasked, Messages only by mark; a single question has nobody to read it again."""
    assert said("chat", "messages", document).get("cache_control") == mark


def test_googles_and_responses_clients_are_cached_alike() -> None:
    """None of them marks anything."""
    turns = [{"role": "user", "parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}]
    assert said("gemini", "messages", {"contents": turns})["cache_control"] == MARK
    items = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert said("responses", "messages", {"input": items})["cache_control"] == MARK
    explicit = {"input": items, "prompt_cache_options": {"mode": "explicit"}}
    assert "cache_control" not in said("responses", "messages", explicit)


def test_openais_breakpoints_are_marks() -> None:
    """In chat as in Responses; what is no breakpoint is left as it is."""
    mark = {"mode": "explicit", "ttl": "30m"}
    document: JsonObject = {"messages": [user("a", prompt_cache_breakpoint=mark)]}
    [turn] = said("chat", "messages", document)["messages"]
    assert turn["content"] == [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]
    assert said("chat", "chat", document)["messages"] == document["messages"]
    odd: JsonObject = {"messages": [user("a", prompt_cache_breakpoint={"mode": "odd"})]}
    assert "cache_control" not in said("chat", "messages", odd)["messages"][0]["content"][0]
    assert said("chat", "chat", odd)["messages"] == odd["messages"]
    more: JsonObject = {"messages": [user("a", prompt_cache_breakpoint={**mark, "ttl": 5, "new": 1})]}
    assert said("chat", "chat", more)["messages"] == more["messages"]
