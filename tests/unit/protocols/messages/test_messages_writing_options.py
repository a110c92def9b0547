"""The top level of other protocols' requests in Messages' words: tools, formats, knobs."""

from typing import Any

import msgspec
import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    CacheHint,
    Reasoning,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    NativeNeed,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    ToolChoice,
    Turn,
)
from copilot_api.protocols.messages.writing.request import write_request
from unit.protocols.messages.talk import ADAPTIVE, TARGET, THINKER, foreign, paths

HI = Turn("user", (Text("hi"),))
PLAIN = msgspec.structs.replace(TARGET, has_structured_outputs=False)


def text(words: str) -> JsonObject:
    """A text block."""
    return {"type": "text", "text": words}


def gave(id: str, words: str) -> Turn:
    """A tool's turn with one plain result."""
    return Turn("tool", (ToolResult(id, (Text(words),), is_plain=True),))


SIGNED = Opaque("messages:claude-x:1", {"signature": "s"})


F = FunctionTool("f", "does", {"type": "object", "properties": {}}, strict=True, cache=CacheHint())
G = FunctionTool("g")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"tools": (F,), "target": PLAIN}, None),
        ({"tools": (F,), "tool_choice": ToolChoice("required")}, {"type": "any"}),
        ({"tools": (F,), "tool_choice": ToolChoice("named", ("f",))}, {"type": "tool", "name": "f"}),
        ({"tools": (F,), "tool_choice": ToolChoice("none"), "parallel_tool_calls": False}, {"type": "none"}),
        ({"tools": (F,), "parallel_tool_calls": True}, None),
        (
            {"tools": (F,), "parallel_tool_calls": False},
            {"type": "auto", "disable_parallel_tool_use": True},
        ),
        (
            {"tools": (F,), "tool_choice": ToolChoice("required"), "parallel_tool_calls": False},
            {"type": "any", "disable_parallel_tool_use": True},
        ),
        ({"parallel_tool_calls": False}, None),
    ],
)
def test_the_tool_choice_is_said(more: dict[str, Any], expected: Json) -> None:
    """Parallel calls are forbidden within it; nothing dangles."""
    assert foreign(HI, **more).document.get("tool_choice") == expected


def test_tools_are_said() -> None:
    """Functions as they are; freeform tools as functions; servers' tools are a loss; names come back."""
    odd = FunctionTool("odd name", parameters={"type": "object", "properties": {}})
    web = NativeTool("chat", "web_search", {"type": "web_search"})
    written = foreign(HI, tools=(F, odd, CustomTool("patch"), web))
    assert written.document["tools"] == [
        {
            "name": "f",
            "input_schema": {"type": "object", "properties": {}},
            "description": "does",
            "strict": True,
            "cache_control": {"type": "ephemeral"},
        },
        {"name": "odd_name_ef03a438", "input_schema": {"type": "object", "properties": {}}},
        {
            "name": "patch",
            "input_schema": {
                "type": "object",
                "properties": {"input": {"type": "string"}},
                "required": ["input"],
                "additionalProperties": False,
            },
            "description": "Give the whole freeform text as `input`.",
        },
    ]
    assert written.names.back == {
        "odd_name_ef03a438": ("odd name", None, "function"),
        "patch": ("patch", None, "custom"),
    }
    assert ("tools[3]", "dropped") in paths(written.losses)


@pytest.mark.parametrize(("is_required", "kind"), [(True, "any"), (False, "auto")])
def test_allowed_tools_are_the_only_ones_sent(is_required: bool, kind: str) -> None:
    """Messages has no list of allowed tools: the others stay at home."""
    choice = ToolChoice("allowed", ("g",), is_required=is_required)
    document = foreign(HI, tools=(F, G), tool_choice=choice).document
    assert document["tools"] == [{"name": "g", "input_schema": {"type": "object", "properties": {}}}]
    assert document["tool_choice"] == {"type": kind}


def test_a_schema_is_closed_as_anthropic_wants_it() -> None:
    """Every object says that it takes no other properties, unless it says otherwise."""
    schema: JsonObject = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": [{"type": "object"}, 1]}},
        "additionalProperties": False,
    }
    written = foreign(HI, output_format=OutputFormat("json_schema", schema, name="n"))
    assert written.document["output_config"] == {
        "format": {
            "type": "json_schema",
            "schema": {
                "type": "object",
                "properties": {
                    "a": {"type": "array", "items": [{"type": "object", "additionalProperties": False}, 1]}
                },
                "additionalProperties": False,
            },
        }
    }
    assert paths(written.losses) == [("response_format.name", "harmless")]


def test_words_beside_a_schema_are_said_in_it() -> None:
    """Messages has the schema alone, which holds to itself; the schema's own words win."""
    about = OutputFormat("json_schema", {}, description="a form", strict=True)
    written = foreign(HI, output_format=about)
    assert written.document["output_config"] == {
        "format": {"type": "json_schema", "schema": {"description": "a form"}}
    }
    assert paths(written.losses) == [("response_format.strict", "harmless")]
    own = OutputFormat("json_schema", {"description": "its own"}, description="a form")
    config = foreign(HI, output_format=own).document["output_config"]
    assert config == {"format": {"type": "json_schema", "schema": {"description": "its own"}}}


def test_json_without_a_schema_is_asked_for_in_words() -> None:
    """Messages has no such mode; plain text needs no words."""
    written = foreign(HI, output_format=OutputFormat("json_object"))
    assert written.document["system"] == [
        text("Answer with one JSON object and nothing else: no words around it, no code fence.")
    ]
    assert paths(written.losses) == [("response_format", "approximated")]
    plain = foreign(HI, output_format=OutputFormat("text"))
    assert "system" not in plain.document
    assert paths(plain.losses) == [("response_format", "harmless")]


def test_a_model_without_schemas_refuses_one() -> None:
    """A feature is never dropped."""
    with pytest.raises(UnsupportedContent, match="takes none"):
        foreign(HI, target=PLAIN, output_format=OutputFormat("json_schema", {}))


def test_knobs_are_said_as_far_as_there_are_any() -> None:
    """Values that ask for nothing are no loss."""
    sampling = Sampling(
        temperature=1.5,
        top_p=0.5,
        top_k=3,
        stop=("END",),
        candidates=1,
        frequency_penalty=0,
        presence_penalty=0.5,
        seed=0,
        logprobs=False,
        verbosity="low",
    )
    written = foreign(HI, sampling=sampling)
    document = written.document
    assert (document["temperature"], document["top_p"], document["top_k"]) == (1, 0.5, 3)
    assert document["stop_sequences"] == ["END"]
    assert paths(written.losses) == [
        ("presence_penalty", "dropped"),
        ("seed", "dropped"),
        ("verbosity", "dropped"),
        ("temperature", "approximated"),
    ]


def test_a_thinking_model_takes_few_knobs() -> None:
    """Temperature 1 and a `top_p` near 1 are what it uses anyway."""
    thinks = ReasoningOptions(effort="low")
    dropped = foreign(
        HI, target=ADAPTIVE, reasoning=thinks, sampling=Sampling(temperature=0, top_p=0.5, top_k=1)
    )
    assert {"temperature", "top_p", "top_k"} & set(dropped.document) == set()
    assert paths(dropped.losses) == [("temperature", "dropped"), ("top_p", "dropped"), ("top_k", "dropped")]
    kept = foreign(HI, target=ADAPTIVE, reasoning=thinks, sampling=Sampling(temperature=1, top_p=0.95))
    assert (kept.document["temperature"], kept.document["top_p"]) == (1, 0.95)
    assert kept.document["output_config"] == {"effort": "low"}
    assert kept.losses == ()


def test_a_forced_call_forbids_thinking() -> None:
    """Anthropic refuses both at once; the call is what the client insists on."""
    written = foreign(
        HI,
        target=ADAPTIVE,
        reasoning=ReasoningOptions(effort="low"),
        tools=(F,),
        tool_choice=ToolChoice("required"),
    )
    assert "thinking" not in written.document
    assert paths(written.losses) == [("reasoning_effort", "dropped")]


def test_manual_thinking_stops_where_calls_came_without_it() -> None:
    """Anthropic refuses a turn with calls that does not begin with signed thinking; adaptive models do not mind."""
    asked = Turn("assistant", (ToolCall("a", "f", "{}"),))
    thinks = ReasoningOptions(effort="low")
    written = foreign(HI, asked, gave("a", "A"), target=THINKER, reasoning=thinks)
    assert "thinking" not in written.document
    assert paths(written.losses) == [("reasoning_effort", "dropped")]
    assert "thinking" in foreign(HI, asked, gave("a", "A"), target=ADAPTIVE, reasoning=thinks).document
    signed = Turn("assistant", (Reasoning(opaque=SIGNED), ToolCall("a", "f", "{}")))
    assert "thinking" in foreign(HI, signed, gave("a", "A"), target=THINKER, reasoning=thinks).document
    assert "thinking" in foreign(HI, asked, target=THINKER, reasoning=thinks).document
    assert "thinking" in foreign(HI, target=THINKER, reasoning=thinks).document


def test_the_rest_of_the_top_level_is_said_or_noted() -> None:
    """A cache key becomes Messages' own way to cache as much as can be."""
    written = foreign(
        Turn("user", (Text("hi"),), name="n", phase="p", extras=Extras("chat", {"odd": 1})),
        stream=True,
        user="u",
        cache_key="k",
        store=True,
        metadata={"a": "b"},
        service_tier="flex",
        extras=Extras("chat", {"odd": 2}),
    )
    document = written.document
    assert (document["stream"], document["metadata"]) == (True, {"user_id": "u"})
    assert document["cache_control"] == {"type": "ephemeral"}
    assert paths(written.losses) == [
        ("messages[0].name", "dropped"),
        ("messages[].phase", "harmless"),
        ("messages[0].odd", "dropped"),
        ("store", "harmless"),
        ("metadata", "harmless"),
        ("service_tier", "harmless"),
        ("prompt_cache_key", "harmless"),
        ("odd", "dropped"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"previous_id": "resp_1"},
        {"sampling": Sampling(candidates=2)},
        {"native_needs": (NativeNeed("input[0]", "Send something else."),)},
    ],
)
def test_features_that_no_messages_model_has_are_refused(more: dict[str, Any]) -> None:
    """Clearly, instead of answering another question."""
    with pytest.raises(UnsupportedContent):
        foreign(HI, **more)


def test_foreign_extras_in_a_messages_request_are_a_loss() -> None:
    """Whoever put them there."""
    request = ModelRequest(origin="messages", model="m", turns=(), extras=Extras("chat", {"odd": 1}))
    request = msgspec.structs.replace(request, tools=(CustomTool("c"),), tool_choice=ToolChoice("native"))
    written = write_request(request, TARGET)
    assert written.document == {"model": "claude-x", "messages": [], "tool_choice": {}}
    assert paths(written.losses) == [("odd", "dropped")]
