"""Chat requests: read into the hub, and written back for chat exactly as they were."""

from typing import Any

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import (
    Bytes,
    CacheHint,
    File,
    Image,
    Link,
    NativePart,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    ToolChoice,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.chat.reading import read_request
from copilot_api.protocols.chat.writing import write_request

TARGET = Target("chat", "gpt-5", "chat:gpt-5:1")


def ask(*messages: Any, **fields: Any) -> JsonObject:
    return {"model": "gpt-5", "messages": [*messages], **fields}


def parts_of(message: Any) -> tuple[object, ...]:
    return read_request(ask(message)).turns[0].parts


def comes_back(document: JsonObject) -> bool:
    written = write_request(read_request(document), TARGET)
    assert written.losses == ()
    return written.document == document


USER = {"role": "user", "content": "hi"}

IDENTICAL: dict[str, JsonObject] = {
    "a string and a list": ask(
        USER, {"role": "user", "content": [{"type": "text", "text": "a"}], "name": "bob"}
    ),
    "system and developer": ask(
        {"role": "system", "content": "s"}, {"role": "developer", "content": [{"type": "text", "text": "d"}]}
    ),
    "no content at all": ask(
        {"role": "assistant", "content": None, "tool_calls": None, "refusal": None},
        {"role": "assistant", "tool_calls": []},
        {"role": "user", "content": []},
        {"role": "user", "content": ""},
    ),
    "every part": ask(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}},
                {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h", "x": 1}},
                {"type": "text", "text": "c", "cache_control": {"type": "other"}},
                {"type": "text", "text": None},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "low"}},
                {"type": "image_url", "image_url": {"url": "https://e.com/a.png", "media_type": "image/png"}},
                {"type": "image_url", "image_url": "data:image/png;name=x;base64,AA"},
                {"type": "image_url", "image_url": {"url": "data:text/plain,hello"}},
                {"type": "image_url", "image_url": {}},
                {"type": "image_url"},
                {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}},
                {
                    "type": "file",
                    "file": {"file_data": "data:application/pdf;base64,AA", "filename": "a.pdf"},
                },
                {"type": "file", "file": {"file_data": "AA", "filename": "a.PDF", "file_id": "f"}},
                {"type": "file", "file": {"file_data": "AA"}},
                {"type": "file", "file": {"file_id": "file-1", "filename": None}},
                {"type": "file", "file": {"x": 1}},
                {"type": "file", "file": {"file_data": "data:text/plain,hello"}},
                {"type": "refusal", "refusal": "no"},
                {"no": "type"},
            ],
        }
    ),
    "an answer with everything": ask(
        {
            "role": "assistant",
            "content": "text",
            "refusal": "no",
            "reasoning_text": "why",
            "reasoning_opaque": "b64",
            "annotations": [],
            "tool_calls": [
                {
                    "id": "1",
                    "type": "function",
                    "function": {"name": "f", "arguments": "{broken"},
                    "index": 0,
                },
                {"id": "2", "function": {"name": "f", "arguments": None, "x": 1}},
                {"id": "3", "type": "function", "function": {"name": "f"}},
                {"id": "4", "type": "custom", "custom": {"name": "c", "input": "free"}},
                {"id": "5", "type": "future", "future": {}},
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "r", "name": "f"},
        {
            "role": "tool",
            "tool_call_id": "2",
            "content": [{"type": "text", "text": "r"}, {"type": "refusal", "refusal": "no", "x": 1}],
        },
        {"role": "tool", "tool_call_id": "3", "content": None},
    ),
    "thoughts as other servers name them": ask(
        {"role": "assistant", "content": "a", "reasoning_content": "why", "reasoning": "why"},
        {"role": "assistant", "content": "a", "reasoning_content": "why", "reasoning": "other"},
        {"role": "assistant", "content": "a", "reasoning_details": [{"type": "reasoning.text"}]},
        {"role": "assistant", "content": "a", "reasoning_opaque": "only"},
    ),
    "parts of an answer in a list": ask(
        {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]}
    ),
    "cache marks on messages": ask(
        {"role": "user", "content": "a", "copilot_cache_control": {"type": "ephemeral"}},
        {"role": "tool", "tool_call_id": "1", "content": "a", "copilot_cache_control": {"type": "ephemeral"}},
        {"role": "assistant", "content": None, "copilot_cache_control": {"type": "ephemeral"}},
        {"role": "user", "content": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"role": "user", "content": "a", "cache_control": {"type": "other"}},
        {
            "role": "user",
            "content": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}],
            "copilot_cache_control": {"type": "ephemeral"},
        },
    ),
    "legacy functions": ask(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "r"},
        {"role": "function", "name": "g", "content": "r", "tool_call_id": "own"},
        functions=[{"name": "f", "parameters": {"type": "object"}}],
        function_call={"name": "f"},
    ),
    "legacy choices": ask(USER, functions=[], function_call="none"),
    "every kind of tool": ask(
        USER,
        tools=[
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "parameters": {}, "strict": True},
            },
            {"function": {"name": "g", "x": 1}, "cache_control": {"type": "ephemeral"}, "y": None},
            {"type": "function", "function": {"name": "h"}, "cache_control": {"type": "z"}},
            {"type": "custom", "custom": {"name": "c", "description": "d", "format": {"type": "text"}}},
            {"type": "custom", "custom": {"name": "c2"}},
            {"type": "function", "name": "flat"},
            {"type": "web_search"},
        ],
        tool_choice={"type": "function", "function": {"name": "f"}},
        parallel_tool_calls=False,
    ),
    "no tools": ask(USER, tools=[], tool_choice="auto"),
    "a freeform choice": ask(USER, tool_choice={"type": "custom", "custom": {"name": "c"}}),
    "an allowed choice": ask(
        USER,
        tool_choice={
            "type": "allowed_tools",
            "allowed_tools": {
                "mode": "required",
                "tools": [{"type": "function", "function": {"name": "f"}}, {"name": "g"}],
            },
        },
    ),
    "unknown choices": ask(USER, tool_choice="validated"),
    "a choice without a name": ask(USER, tool_choice={"type": "function"}),
    "an allowed choice of nobody": ask(
        USER, tool_choice={"type": "allowed_tools", "allowed_tools": {"tools": [1, {"type": "x"}]}}
    ),
    "an allowed choice without tools": ask(USER, tool_choice={"type": "allowed_tools", "allowed_tools": {}}),
    "every knob": ask(
        USER,
        temperature=1,
        top_p=0.5,
        top_k=3,
        frequency_penalty=0,
        presence_penalty=0.0,
        seed=7,
        logit_bias={"1": 2},
        logprobs=True,
        top_logprobs=2,
        n=2,
        stop="END",
        verbosity="low",
        stream=True,
        stream_options={"include_usage": True, "include_obfuscation": False, "x": 1},
        store=False,
        user="u",
        safety_identifier="s",
        prompt_cache_key="k",
        metadata={"a": "b"},
        service_tier="flex",
        reasoning_effort="high",
        thinking_budget=100,
        max_tokens=5,
        max_completion_tokens=5,
        modalities=["text"],
        prediction={"type": "content", "content": "x"},
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {}, "strict": None, "x": 1},
        },
        temperature_of_the_future=None,
    ),
    "other spellings": ask(
        USER,
        stop=["a", "b"],
        safety_identifier="s",
        max_tokens=5,
        stream_options={},
        response_format={"type": "json_object", "x": 1},
    ),
    "two different limits": ask(USER, stop=[], max_tokens=5, max_completion_tokens=6),
    "plain text asked for": ask(USER, response_format={"type": "text"}, stop=None, tools=None),
}


@pytest.mark.parametrize("name", IDENTICAL)
def test_a_request_comes_back_as_it_went_in(name: str) -> None:
    """L1: nothing is added, nothing is lost, nulls and unknown fields survive."""
    assert comes_back(IDENTICAL[name])


def test_what_only_this_request_said_is_read() -> None:
    """The knobs, each in its own neutral field."""
    request = read_request(IDENTICAL["every knob"])
    assert request.sampling == Sampling(1, 0.5, 3, 0, 0.0, 7, {"1": 2}, True, 2, 2, ("END",), "low")
    assert request.reasoning == ReasoningOptions(effort="high", budget_tokens=100)
    assert request.output_format == OutputFormat(
        "json_schema", {}, "n", extras=Extras("chat", {"strict": None, "x": 1})
    )
    assert (request.max_output_tokens, request.user, request.cache_key) == (5, "u", "k")
    assert (request.stream, request.wants_stream_usage, request.store) == (True, True, False)
    assert request.extras is not None
    assert set(request.extras.fields) == {
        "safety_identifier",
        "prediction",
        "temperature_of_the_future",
        "stream_options",
    }


def test_every_part_is_read_as_what_it_is() -> None:
    """Data URLs are taken apart, what nobody knows is carried whole."""
    parts = read_request(IDENTICAL["every part"]).turns[0].parts
    assert parts[1] == Text("b", cache=CacheHint("1h", Extras("chat", {"x": 1})))
    assert parts[4] == Image(Bytes("image/png", "AA"), "low")
    assert isinstance(parts[5], Image)
    assert parts[5].source == Link("https://e.com/a.png")
    assert isinstance(parts[6], Image)
    assert parts[6].source == Bytes("image/png", "AA")
    assert parts[10] == NativePart(
        "chat", {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}
    )
    assert parts[11] == File(Bytes("application/pdf", "AA"), "a.pdf")
    assert isinstance(parts[13], File)
    assert parts[13].source == Bytes("application/octet-stream", "AA")
    assert isinstance(parts[14], File)
    assert parts[14].source == Stored("chat", "file-1")
    assert isinstance(parts[17], Refusal)


def test_an_answer_is_read_in_the_order_it_was_thought() -> None:
    """Thinking first, then words, then calls; arguments are text whatever they are."""
    parts = read_request(IDENTICAL["an answer with everything"]).turns[0].parts
    assert [type(part) for part in parts] == [Reasoning, Text, Refusal, *[ToolCall] * 4, NativePart]
    assert isinstance(parts[0], Reasoning)
    assert parts[0].summary == ("why",)
    assert parts[0].opaque == Opaque("chat", {"reasoning_opaque": "b64"})
    assert isinstance(parts[3], ToolCall)
    assert parts[3].arguments == "{broken"
    assert isinstance(parts[6], ToolCall)
    assert (parts[6].kind, parts[6].arguments) == ("custom", "free")


def test_results_are_read_with_their_calls() -> None:
    """A legacy result finds its call by name; the same history gives the same id."""
    turns = read_request(IDENTICAL["legacy functions"]).turns
    call = turns[0].parts[0]
    assert isinstance(call, ToolCall)
    assert call.id == "call_c98b4c792581ea00090a79a2"
    assert turns[1].parts == (ToolResult(call.id, (Text("r"),), "f", is_plain=True),)
    assert turns[2].parts == (ToolResult("own", (Text("r"),), "g", is_plain=True),)


def test_tools_and_choices_are_read() -> None:
    """Functions, freeform tools, and what only the server knows."""
    request = read_request(IDENTICAL["every kind of tool"])
    assert request.tools[0] == FunctionTool("f", "d", {}, strict=True)
    assert request.tools[3] == CustomTool("c", "d", {"type": "text"})
    assert request.tools[6] == NativeTool("chat", "web_search", {"type": "web_search"})
    assert request.tool_choice is not None
    assert (request.tool_choice.mode, request.tool_choice.names) == ("named", ("f",))
    allowed = read_request(IDENTICAL["an allowed choice"]).tool_choice
    assert allowed is not None
    assert (allowed.mode, allowed.names, allowed.is_required) == ("allowed", ("f", "g"), True)
    assert read_request(ask(USER, function_call="auto")).tool_choice == ToolChoice(
        "auto", extras=Extras("chat", {}, {"@legacy": True})
    )


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"messages": []}, "model"),
        ({"model": "m"}, "messages"),
        ({"model": 1, "messages": []}, "model"),
        (ask("x"), "messages[0]"),
        (ask({"content": "x"}), "messages[0].role"),
        (ask({"role": "robot"}), "messages[0].role"),
        (ask({"role": "user", "content": 1}), "messages[0].content"),
        (ask({"role": "user", "content": ["x"]}), "messages[0].content[0]"),
        (ask({"role": "user", "content": [{"type": "text", "text": 1}]}), "messages[0].content[0].text"),
        (
            ask({"role": "user", "content": [{"type": "image_url", "image_url": 1}]}),
            "messages[0].content[0].image_url",
        ),
        (ask({"role": "user", "content": [{"type": "file", "file": 1}]}), "messages[0].content[0].file"),
        (ask({"role": "assistant", "tool_calls": ["x"]}), "messages[0].tool_calls[0]"),
        (ask({"role": "assistant", "tool_calls": [{"type": "function"}]}), "messages[0].tool_calls[0].id"),
        (
            ask({"role": "assistant", "tool_calls": [{"id": "1", "function": {"arguments": {}}}]}),
            "messages[0].tool_calls[0].function.arguments",
        ),
        (ask({"role": "tool", "content": "r"}), "messages[0].tool_call_id"),
        (ask({"role": "assistant", "reasoning_opaque": 1}), "messages[0].reasoning_opaque"),
        (ask(USER, tools=["x"]), "tools[0]"),
        (ask(USER, tools=[{"type": "function", "function": {}}]), "tools[0].function.name"),
        (ask(USER, functions=["x"]), "functions[0]"),
        (ask(USER, function_call="x"), "function_call"),
        (ask(USER, stop=1), "stop"),
        (ask(USER, stop=["a", 1]), "stop"),
        (ask(USER, response_format={"type": "xml"}), "response_format.type"),
        (ask(USER, response_format={"type": "json_schema"}), "response_format.json_schema"),
        (ask(USER, temperature="hot"), "temperature"),
    ],
)
def test_a_known_field_of_a_wrong_type_is_named(document: JsonObject, path: str) -> None:
    """A 400 that says where."""
    with pytest.raises(MalformedRequest) as refusal:
        read_request(document)
    assert refusal.value.param == path


class TestSlots:
    """What stands in `reasoning_opaque`."""

    def test_a_sealed_blob_is_opened_next_to_its_text(self) -> None:
        """It goes back to whoever made it."""
        blob = Opaque("messages:claude:1", {"signature": "s"})
        message = {
            "role": "assistant",
            "content": "a",
            "reasoning_content": "why",
            "reasoning_opaque": seal(blob),
        }
        thought = parts_of(message)[0]
        assert isinstance(thought, Reasoning)
        assert (thought.summary, thought.opaque) == (("why",), blob)

    def test_a_foreign_blob_is_dropped_with_its_text_and_said_so(self) -> None:
        """Claude refuses thinking that it cannot verify."""
        blob = Opaque("messages:claude:1", {"signature": "s"})
        message = {
            "role": "assistant",
            "content": "a",
            "reasoning_content": "why",
            "reasoning_opaque": seal(blob),
        }
        written = write_request(read_request(ask(message)), TARGET)
        assert written.document["messages"] == [{"role": "assistant", "content": "a"}]
        assert written.losses == (
            Loss(
                "messages[0].reasoning_opaque",
                "chat",
                "chat",
                Handling.DROPPED,
                "the model 'gpt-5' cannot verify this reasoning",
            ),
        )

    def test_a_blob_of_the_target_is_written_byte_for_byte(self) -> None:
        """Without its text too: a client may have kept the blob only."""
        blob = Opaque("chat:gpt-5:1", {"reasoning_opaque": "b64=="})
        message = {"role": "assistant", "content": "a", "reasoning_opaque": seal(blob)}
        written = write_request(read_request(ask(message)), TARGET)
        assert written.document["messages"] == [
            {"role": "assistant", "content": "a", "reasoning_opaque": "b64=="}
        ]
