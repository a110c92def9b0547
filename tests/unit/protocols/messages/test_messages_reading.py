"""Messages requests into the hub."""

import pytest

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
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Turn,
)
from copilot_api.protocols.messages.reading.request import read_request
from unit.protocols.messages.talk import again, read


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


def user(*blocks: Json) -> dict[str, Json]:
    """A request of one user turn, blocks of any shape."""
    return {"messages": [{"role": "user", "content": list(blocks)}]}
