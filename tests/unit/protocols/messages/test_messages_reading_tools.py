"""Tools and oddities of Messages requests into the hub."""

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.parts import (
    CacheHint,
)
from copilot_api.neutral.request import (
    FunctionTool,
    NativeNeed,
    NativeTool,
    ToolChoice,
)
from copilot_api.protocols.messages.reading.request import read_request
from unit.protocols.messages.talk import again

EPHEMERAL: JsonObject = {"type": "ephemeral"}


def test_tools_are_read() -> None:
    """Client tools are functions, deferred or not; server tools are carried whole; spellings come back."""
    server: JsonObject = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
    document: JsonObject = {
        "model": "m",
        "messages": [],
        "tools": [
            {
                "name": "f",
                "description": "does",
                "input_schema": {"type": "object"},
                "strict": True,
                "cache_control": EPHEMERAL,
                "eager_input_streaming": True,
            },
            {"type": "custom", "name": "g", "input_schema": {}, "defer_loading": False},
            {"name": "WebSearch", "input_schema": {}, "defer_loading": True},
            server,
        ],
    }
    assert read_request(document).tools == (
        FunctionTool(
            "f",
            "does",
            {"type": "object"},
            strict=True,
            cache=CacheHint(),
            extras=Extras("messages", {"eager_input_streaming": True}),
        ),
        FunctionTool(
            "g", None, {}, extras=Extras("messages", {}, {"type": "custom", "defer_loading": False})
        ),
        FunctionTool("WebSearch", None, {}, is_deferred=True),
        NativeTool("messages", "web_search_20250305", server),
    )
    assert again(document) == document


@pytest.mark.parametrize(
    ("choice", "expected", "parallel"),
    [
        ({"type": "auto"}, ToolChoice("auto"), None),
        ({"type": "none"}, ToolChoice("none"), None),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("required"), False),
        (
            {"type": "tool", "name": "f", "disable_parallel_tool_use": False, "odd": 1},
            ToolChoice("named", ("f",), extras=Extras("messages", {"odd": 1})),
            True,
        ),
        ({"type": "odd"}, ToolChoice("native", native=Extras("messages", {"type": "odd"})), None),
        ({}, ToolChoice("native", native=Extras("messages", {})), None),
    ],
)
def test_tool_choice_is_read(choice: JsonObject, expected: ToolChoice, parallel: bool | None) -> None:
    """Parallel calls are a field of the choice here; all of it comes back."""
    document: JsonObject = {"model": "m", "messages": [], "tool_choice": choice}
    request = read_request(document)
    assert (request.tool_choice, request.parallel_tool_calls) == (expected, parallel)
    assert again(document) == document


@pytest.mark.parametrize(
    "fields",
    [
        {"system": ""},
        {"system": []},
        {"messages": [{"role": "user"}, {"role": "user", "content": None}, {"role": "user", "content": []}]},
        {"tools": [{"name": "f"}]},
        {"system": None, "metadata": None, "tool_choice": None},
        {"tools": []},
        {"stop_sequences": []},
        {"metadata": {}},
        {"metadata": {"user_id": None}},
        {"output_format": {"type": "json_schema", "schema": {"a": 1}, "odd": 2}},
        {"output_config": {"format": {"type": "odd"}}},
        {"output_config": {"format": {"type": "json_schema", "odd": 1}, "effort": None}},
        {"mcp_servers": [], "thread": None},
        {"thinking": {"type": "enabled"}},
    ],
)
def test_odd_spellings_come_back(fields: dict[str, Json]) -> None:
    """Empty, null and old forms are not tidied up (L1)."""
    document: JsonObject = {"model": "m", "messages": [], **fields}
    assert again(document) == document


def test_what_only_anthropics_server_can_do_is_a_need() -> None:
    """Threads and MCP servers: other protocols must refuse, Messages itself passes them on."""
    request = read_request(
        {"model": "m", "messages": [], "thread": {"type": "create"}, "mcp_servers": [{"url": "https://a"}]}
    )
    assert request.native_needs == (
        NativeNeed(
            "thread",
            "'thread' cannot be served: nobody keeps message threads. Send the full history in 'messages' and the "
            "tools with every request, without 'thread'.",
        ),
        NativeNeed(
            "mcp_servers",
            "'mcp_servers' cannot be served by this model. Connect the servers in your client and send their tools.",
        ),
    )


def user(*blocks: Json) -> dict[str, Json]:
    """A request of one user turn, blocks of any shape."""
    return {"messages": [{"role": "user", "content": list(blocks)}]}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"model": None}, "model"),
        ({"model": 1}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages[0]"),
        ({"messages": [{"role": "tool"}]}, "messages[0].role"),
        ({"messages": [{"role": 1}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 1}]}, "messages[0].content"),
        (user("hi"), "messages[0].content[0]"),
        (user({"text": "hi"}), "messages[0].content[0].type"),
        (user({"type": "text"}), "messages[0].content[0].text"),
        (user({"type": "text", "text": "a", "citations": [1]}), "messages[0].content[0].citations[0]"),
        (user({"type": "text", "text": "a", "cache_control": 1}), "messages[0].content[0].cache_control"),
        (user({"type": "tool_use", "id": "a", "name": "b", "input": "c"}), "messages[0].content[0].input"),
        (
            user({"type": "tool_use", "id": "a", "name": "b", "input": {"c": "\ud800"}}),
            "messages[0].content[0].input",
        ),
        (user({"type": "tool_result", "tool_use_id": "a", "content": 1}), "messages[0].content[0].content"),
        (
            user({"type": "tool_result", "tool_use_id": "a", "content": [1]}),
            "messages[0].content[0].content[0]",
        ),
        (user({"type": "image", "source": {"type": "base64"}}), "messages[0].content[0].source.media_type"),
        ({"system": 1}, "system"),
        ({"tools": ["f"]}, "tools[0]"),
        ({"tools": [{"input_schema": {}}]}, "tools[0].name"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"stop_sequences": [1]}, "stop_sequences[0]"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"thinking": True}, "thinking"),
        ({"output_config": {"effort": 1}}, "output_config.effort"),
    ],
)
def test_a_known_field_of_a_wrong_type_is_named(fields: dict[str, Json], param: str) -> None:
    """A 400 that says where."""
    with pytest.raises(MalformedRequest) as refusal:
        read_request({"model": "m", "messages": [], **fields})
    assert refusal.value.param == param
