"""Messages requests into the hub."""

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import (
    FunctionTool,
    NativeNeed,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    ToolChoice,
    Turn,
)
from copilot_api.protocols.messages.reading.request import read_request
from unit.protocols.messages.talk import again, read

EPHEMERAL: JsonObject = {"type": "ephemeral"}


def part(block: JsonObject, role: str = "user") -> Part:
    """The part that one block becomes."""
    return read(block, role=role).turns[0].parts[0]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "text", "text": "hi"}, Text("hi")),
        (
            {"type": "text", "text": "hi", "cache_control": {"type": "ephemeral", "ttl": "1h", "scope": "x"}},
            Text("hi", cache=CacheHint("1h", Extras("messages", {"scope": "x"}))),
        ),
        (
            {"type": "text", "text": "hi", "cache_control": {"type": "eternal"}},
            Text("hi", extras=Extras("messages", {"cache_control": {"type": "eternal"}})),
        ),
        (
            {"type": "text", "text": "hi", "citations": []},
            Text("hi", extras=Extras("messages", {"citations": []})),
        ),
        (
            {"type": "text", "text": "hi", "citations": [{"type": "x", "source": "https://a", "title": "A"}]},
            Text(
                "hi",
                (
                    Citation(
                        "messages",
                        {"type": "x", "source": "https://a", "title": "A"},
                        url="https://a",
                        title="A",
                    ),
                ),
            ),
        ),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aQ=="}},
            Image(Bytes("image/png", "aQ==")),
        ),
        (
            {"type": "image", "source": {"type": "url", "url": "https://a/b.png", "odd": 1}, "odd": 2},
            Image(Link("https://a/b.png"), extras=Extras("messages", {"odd": 2, "source": {"odd": 1}})),
        ),
        (
            {"type": "document", "source": {"type": "file", "file_id": "f"}, "title": "T"},
            File(Stored("messages", "f"), "T"),
        ),
        (
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
            File(None, text="words"),
        ),
        (
            {"type": "document", "source": {"type": "content", "content": "words"}},
            NativePart(
                "messages", {"type": "document", "source": {"type": "content", "content": "words"}}, "words"
            ),
        ),
        ({"type": "document"}, NativePart("messages", {"type": "document"})),
        ({"type": "image"}, NativePart("messages", {"type": "image"})),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1.0, "b": "é"}},
            ToolCall("t", "f", '{"a":1.0,"b":"é"}'),
        ),
        ({"type": "tool_use", "id": "t", "name": "f"}, ToolCall("t", "f", "")),
        ({"type": "tool_result", "tool_use_id": "t"}, ToolResult("t", is_plain=True)),
        ({"type": "tool_result", "tool_use_id": "t", "content": []}, ToolResult("t")),
        (
            {"type": "tool_result", "tool_use_id": "t", "content": "no", "is_error": True},
            ToolResult("t", (Text("no"),), is_error=True, is_plain=True),
        ),
        (
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [
                    {"type": "tool_reference", "tool_name": "WebSearch"},
                    {"type": "thinking", "thinking": "not here"},
                ],
            },
            ToolResult(
                "t",
                (
                    NativePart(
                        "messages",
                        {"type": "tool_reference", "tool_name": "WebSearch"},
                        "The tool WebSearch is loaded and can be called.",
                    ),
                    NativePart("messages", {"type": "thinking", "thinking": "not here"}),
                ),
            ),
        ),
    ],
)
def test_a_block_becomes_a_part(block: JsonObject, expected: Part) -> None:
    """Known fields are read, the rest is kept where it stood; and all of it comes back."""
    assert part(block) == expected
    document: JsonObject = {"model": "m", "messages": [{"role": "user", "content": [block]}]}
    assert again(document) == document


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"type": "tool_reference"}, None),
        (
            {
                "type": "search_result",
                "title": "T",
                "source": "S",
                "content": [{"type": "text", "text": "C"}, 1],
            },
            "T\nS\nC",
        ),
        (
            {"type": "web_search_tool_result", "content": [{"title": "T", "url": "https://a"}, {"url": 1}]},
            "T: https://a",
        ),
        ({"type": "web_search_tool_result", "content": {"error_code": "x"}}, None),
        ({"type": "compaction", "content": "So far: ..."}, "So far: ..."),
        ({"type": "compaction", "content": ""}, None),
        ({"type": "server_tool_use", "id": "s", "name": "n", "input": {}}, None),
    ],
)
def test_a_block_of_messages_alone_says_what_others_may_be_told(block: JsonObject, words: str | None) -> None:
    """Fair words where there are some; the block itself is carried whole."""
    assert part(block) == NativePart("messages", block, words)


def test_signatures_are_opened_or_kept_as_anthropics_own() -> None:
    """A sealed blob is its origin's again; a bare one is unbound; an empty one is none."""
    sealed = seal(Opaque("responses:gpt-5:1", {"id": "rs_1"}))
    blocks: list[JsonObject] = [
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "thinking", "thinking": "hm", "signature": sealed},
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking", "thinking": "hm"},
        {"type": "redacted_thinking", "data": "blob"},
    ]
    assert read(*blocks, role="assistant").turns[0].parts == (
        Reasoning(("hm",), opaque=Opaque("messages", {"signature": "sig"})),
        Reasoning(("hm",), opaque=Opaque("responses:gpt-5:1", {"id": "rs_1"})),
        Reasoning(extras=Extras("messages", {"signature": ""})),
        Reasoning(("hm",)),
        Reasoning(opaque=Opaque("messages", {"data": "blob"}), is_redacted=True),
    )


def test_a_blob_behind_a_part_goes_back_to_it() -> None:
    """Thought signatures of calls have no slot here: they stand in a block behind the call."""
    beside: JsonObject = {
        "type": "redacted_thinking",
        "data": seal(Opaque("chat:gemini:1", {"reasoning_opaque": "r", "@beside": "previous"})),
    }
    blob = Opaque("chat:gemini:1", {"reasoning_opaque": "r"})
    call: JsonObject = {"type": "tool_use", "id": "t", "name": "f", "input": {}}
    assert read(call, beside, role="assistant").turns[0].parts == (ToolCall("t", "f", "{}", opaque=blob),)
    assert read(beside, role="assistant").turns[0].parts == (Reasoning(opaque=blob, is_redacted=True),)


def test_the_top_level_is_read() -> None:
    """Every documented field in its neutral place; Claude Code's session out of its JSON user id."""
    user = '{"device_id":"d","account_uuid":"","session_id":"s"}'
    request = read_request(
        {
            "model": "m",
            "messages": [
                {"role": "user", "content": "hi"},
                {"role": "system", "content": "note", "output_config": {"effort": "low", "odd": 1}},
                {"role": "assistant"},
            ],
            "system": "be brief",
            "max_tokens": 100,
            "stream": True,
            "metadata": {"user_id": user, "odd": 2},
            "temperature": 1,
            "top_p": 0.9,
            "top_k": 5,
            "stop_sequences": ["END"],
            "service_tier": "auto",
            "thinking": {"type": "enabled", "budget_tokens": 2000, "display": "updates"},
            "output_config": {
                "effort": "high",
                "format": {"type": "json_schema", "schema": {"type": "object"}},
            },
            "context_management": {"edits": []},
        }
    )
    assert request.turns == (
        Turn("user", (Text("hi"),), is_plain=True),
        Turn(
            "system",
            (Text("note"),),
            is_plain=True,
            effort="low",
            extras=Extras("messages", {"output_config": {"odd": 1}}),
        ),
        Turn("assistant", (), is_plain=True),
    )
    assert (request.instructions, request.are_instructions_plain) == ((Text("be brief"),), True)
    assert (request.max_output_tokens, request.stream, request.service_tier) == (100, True, "auto")
    assert (request.user, request.session) == (user, "s")
    assert request.sampling == Sampling(temperature=1, top_p=0.9, top_k=5, stop=("END",))
    assert request.reasoning == ReasoningOptions(
        effort="high", budget_tokens=2000, mode="enabled", shows_thoughts=True
    )
    assert request.output_format == OutputFormat("json_schema", {"type": "object"})
    assert request.extras == Extras(
        "messages",
        {"context_management": {"edits": []}, "metadata": {"odd": 2}},
        {"thinking": {"display": "updates"}},
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"output_config": {}}, None),
        ({"output_config": {"effort": "low"}}, ReasoningOptions(effort="low")),
        ({"thinking": {"type": "adaptive"}}, ReasoningOptions(mode="adaptive")),
        (
            {"thinking": {"type": "disabled", "display": "omitted"}},
            ReasoningOptions(mode="disabled", shows_thoughts=False),
        ),
        ({"thinking": {"type": "between_tools"}}, None),
    ],
)
def test_thinking_is_read(fields: dict[str, Json], expected: ReasoningOptions | None) -> None:
    """An unknown type stays among the extras; all of it comes back."""
    document: JsonObject = {"model": "m", "messages": [], **fields}
    assert read_request(document).reasoning == expected
    assert again(document) == document


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
