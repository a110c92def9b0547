"""A request's own fields, its tools and its choice among them, in the hub."""

from typing import Any

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.parts import Text
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    Namespace,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Tool,
    ToolChoice,
)
from copilot_api.protocols.base import Target
from copilot_api.protocols.responses.reading.tools import is_tool_search
from copilot_api.protocols.responses.writing.request import write_request
from unit.protocols.responses.asking import read


def test_every_field_has_its_place() -> None:
    """Numbers stay as they were spelled; what nobody else knows is kept for the report."""
    request = read(
        {
            "input": "hi",
            "instructions": "Be brief.",
            "parallel_tool_calls": False,
            "max_output_tokens": 100.0,
            "stream": True,
            "store": False,
            "previous_response_id": "resp_0",
            "user": "u",
            "safety_identifier": "s",
            "prompt_cache_key": "thread",
            "metadata": {"a": "b"},
            "service_tier": "flex",
            "temperature": 1,
            "top_p": 0.5,
            "top_logprobs": 3,
            "include": ["message.output_text.logprobs", "reasoning.encrypted_content"],
            "client_metadata": {"x": 1},
            "truncation": "disabled",
            "max_tool_calls": 3,
        }
    )
    assert request.origin == "responses"
    assert (request.instructions, request.are_instructions_plain) == ((Text("Be brief."),), True)
    assert (request.parallel_tool_calls, request.max_output_tokens) == (False, 100)
    assert (request.stream, request.store, request.previous_id) == (True, False, "resp_0")
    assert (request.user, request.cache_key, request.metadata) == ("u", "thread", {"a": "b"})
    assert request.service_tier == "flex"
    assert request.sampling == Sampling(temperature=1, top_p=0.5, logprobs=True, top_logprobs=3)
    assert request.reasoning is None
    assert request.extras == Extras(
        "responses",
        {"safety_identifier": "s", "max_tool_calls": 3},
        {
            "@tools": -1,
            "client_metadata": {"x": 1},
            "truncation": "disabled",
            "include": ["message.output_text.logprobs", "reasoning.encrypted_content"],
        },
    )


def test_the_user_may_have_another_name() -> None:
    """`user` is the older word."""
    request = read({"safety_identifier": "s"})
    assert (request.user, request.spelled) == ("s", {"turns": "absent", "user": "safety_identifier"})


def shown(summary: str) -> Extras:
    """What is noted of a wish to see thinking."""
    return Extras("responses", {}, {"@summary": summary})


@pytest.mark.parametrize(
    ("document", "options"),
    [
        ({}, None),
        ({"include": []}, None),
        ({"reasoning": {}}, ReasoningOptions()),
        ({"reasoning": {"effort": "low"}}, ReasoningOptions(effort="low")),
        (
            {"reasoning": {"summary": "auto"}},
            ReasoningOptions(summary="auto", shows_thoughts=True, extras=shown("auto")),
        ),
        (
            {"reasoning": {"summary": "none"}},
            ReasoningOptions(summary="none", shows_thoughts=False, extras=shown("none")),
        ),
        (
            {"reasoning": {"context": "all_turns"}},
            ReasoningOptions(extras=Extras("responses", {"context": "all_turns"})),
        ),
    ],
)
def test_reasoning_is_read(document: dict[str, Any], options: ReasoningOptions | None) -> None:
    """A summary that is asked for is thinking to be shown."""
    assert read(document).reasoning == options


@pytest.mark.parametrize(
    ("text", "form", "verbosity"),
    [
        (None, None, None),
        ({}, None, None),
        ({"verbosity": "low"}, None, "low"),
        ({"format": {"type": "text"}}, OutputFormat("text"), None),
        ({"format": {"type": "json_object"}}, OutputFormat("json_object"), None),
        (
            {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}},
            OutputFormat("json_schema", {"type": "object"}, "n", None, True),
            None,
        ),
        (
            {"format": {"type": "json_schema", "description": "d", "x": 1}},
            OutputFormat("json_schema", description="d", extras=Extras("responses", {"x": 1})),
            None,
        ),
    ],
)
def test_the_output_format_is_read(
    text: dict[str, Any] | None, form: OutputFormat | None, verbosity: str | None
) -> None:
    """Schemas are not touched."""
    request = read({"text": text})
    assert (request.output_format, request.sampling.verbosity) == (form, verbosity)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("previous_response_id", "resp_0"),
        ("conversation", "conv_1"),
        ("conversation", {"id": "conv_1"}),
        ("prompt", {"id": "pmpt_1"}),
        ("background", True),
    ],
)
def test_what_needs_a_memory_is_noted(name: str, value: Any) -> None:
    """The words name the stateless way."""
    (need,) = read({name: value}).native_needs
    assert need.path == name
    assert need.message.startswith(repr(name))


def test_what_is_not_asked_for_needs_nothing() -> None:
    """`background: false` is what happens anyway."""
    assert read({"background": False, "previous_response_id": None}).native_needs == ()


SCHEMA = {"type": "object", "properties": {}}
SEARCH = {"type": "tool_search", "execution": "client", "description": "Find.", "parameters": SCHEMA}
TOOLS = [
    (
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
        FunctionTool("f", "d", SCHEMA, True),
    ),
    (
        {"type": "function", "name": "f", "defer_loading": True, "output_schema": {}},
        FunctionTool("f", is_deferred=True, extras=Extras("responses", {"output_schema": {}})),
    ),
    (
        {"type": "function", "name": "f", "defer_loading": False},
        FunctionTool("f", extras=Extras("responses", {}, {"defer_loading": False})),
    ),
    (
        {"type": "custom", "name": "p", "description": "d", "format": {"type": "text"}},
        CustomTool("p", "d", {"type": "text"}),
    ),
    (
        {"type": "namespace", "name": "n", "description": "d", "tools": [{"type": "custom", "name": "p"}]},
        Namespace("n", (CustomTool("p"),), "d"),
    ),
    (
        {"type": "namespace", "name": "n", "tools": [{"type": "web_search"}]},
        NativeTool(
            "responses", "namespace", {"type": "namespace", "name": "n", "tools": [{"type": "web_search"}]}
        ),
    ),
    (
        SEARCH,
        FunctionTool("tool_search", "Find.", SCHEMA, extras=Extras("responses", {}, {"@document": SEARCH})),
    ),
    (
        {"type": "tool_search"},
        NativeTool("responses", "tool_search", {"type": "tool_search"}),
    ),
    (
        {"type": "web_search", "external_web_access": True},
        NativeTool("responses", "web_search", {"type": "web_search", "external_web_access": True}),
    ),
    ({"type": 7}, NativeTool("responses", "", {"type": 7})),
]


@pytest.mark.parametrize(("document", "tool"), TOOLS)
def test_every_tool_is_read(document: dict[str, Any], tool: Tool) -> None:
    """What a server runs is carried whole."""
    request = read({"tools": [document]})
    assert request.tools == (tool,)
    assert is_tool_search(tool) == (document is SEARCH)


CHOICES = [
    (None, None),
    ("auto", ToolChoice("auto")),
    ("none", ToolChoice("none")),
    ("required", ToolChoice("required")),
    ({"type": "function", "name": "f"}, ToolChoice("named", ("f",))),
    ({"type": "custom", "name": "p"}, ToolChoice("named", ("p",), kind="custom")),
    (
        {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "f"}, {"type": "web_search"}],
        },
        ToolChoice("allowed", ("f",), is_required=True),
    ),
    ({"type": "allowed_tools"}, ToolChoice("allowed")),
]


@pytest.mark.parametrize(("document", "choice"), CHOICES)
def test_every_choice_is_read(document: Any, choice: ToolChoice | None) -> None:
    """With its document noted, for writing it back."""
    if choice is not None and isinstance(document, dict):
        noted = Extras("responses", {}, {"@document": document})
        choice = ToolChoice(choice.mode, choice.names, choice.is_required, choice.kind, extras=noted)
    assert read({"tool_choice": document}).tool_choice == choice


def test_a_choice_of_a_servers_tool_is_its_own() -> None:
    """Nobody else can say it."""
    choice = {"type": "web_search"}
    assert read({"tool_choice": choice}).tool_choice == ToolChoice(
        "native", native=Extras("responses", choice)
    )


@pytest.mark.parametrize(
    ("document", "param"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"stream": 1}, "stream"),
        ({"reasoning": "high"}, "reasoning"),
        ({"reasoning": {"effort": 3}}, "reasoning.effort"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"include": "all"}, "include"),
        ({"tools": {}}, "tools"),
        ({"tools": ["f"]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        (
            {"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "custom"}]}]},
            "tools[0].tools[0].name",
        ),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": {"type": "allowed_tools", "tools": [1]}}, "tool_choice.tools[0]"),
        ({"model": ""}, "model"),
    ],
)
def test_a_wrong_type_is_named_with_its_path(document: dict[str, Any], param: str) -> None:
    """A 400 that can be acted on."""
    with pytest.raises(MalformedRequest) as caught:
        read(document)
    assert caught.value.param == param


def test_the_first_name_of_a_summary_is_known() -> None:
    """Deprecated, and still sent; it comes back under the name it had."""
    document = {"model": "m", "reasoning": {"generate_summary": "concise"}}
    options = read(document).reasoning
    assert options is not None
    assert (options.summary, options.shows_thoughts) == ("concise", True)
    both = {"model": "m", "reasoning": {"summary": "auto", "generate_summary": "concise"}}
    for asked in (document, both):
        assert write_request(read(asked), Target("responses", "m", "responses:m:1")).document == asked


def test_what_nobody_else_knows_of_a_freeform_tool_is_kept() -> None:
    """It goes back to where it came from."""
    tool = {"type": "custom", "name": "p", "defer_loading": True}
    assert read({"input": "hi", "tools": [tool]}).tools == (
        CustomTool("p", None, None, Extras("responses", {"defer_loading": True})),
    )
