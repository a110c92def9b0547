"""Other protocols' requests: their fields, tools and choices in the words of Responses."""

from typing import Any

import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.parts import CacheHint, Image, Link, Text
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    Namespace,
    NativeNeed,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from copilot_api.protocols.base import Target, ToolNames
from copilot_api.protocols.responses.writing.effort import nearest_effort
from copilot_api.protocols.responses.writing.request import write_request
from copilot_api.protocols.responses.writing.tools import own_choice, own_tool
from unit.protocols.responses.asking import TARGET, foreign, lost, written

LEAST = {"model": "m", "input": [], "store": False, "include": ["reasoning.encrypted_content"]}
"""What every foreign request becomes: stateless, with reasoning that can be replayed."""


def test_the_least_request_has_the_two_requirements_and_nothing_else() -> None:
    """L10: no default is invented."""
    assert written(foreign()) == LEAST


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"instructions": (Text("a"), Text("b"))}, {"instructions": "a\n\nb"}),
    ({"instructions": (Text(""),)}, {}),
    ({"stream": True, "max_output_tokens": 16}, {"stream": True, "max_output_tokens": 16}),
    ({"max_output_tokens": 1}, {"max_output_tokens": 16}),
    (
        {"sampling": Sampling(temperature=1, top_p=0.5, verbosity="low", stop=("x",))},
        {"temperature": 1, "top_p": 0.5, "text": {"verbosity": "low"}},
    ),
    (
        {"sampling": Sampling(logprobs=True, top_logprobs=2)},
        {"top_logprobs": 2, "include": ["reasoning.encrypted_content", "message.output_text.logprobs"]},
    ),
    ({"sampling": Sampling(frequency_penalty=0, presence_penalty=0.0, logit_bias={}, candidates=1)}, {}),
    ({"sampling": Sampling(top_k=1, seed=2, presence_penalty=1, logit_bias={"a": 1})}, {}),
    ({"store": True, "parallel_tool_calls": True}, {}),
    ({"cache_key": "k", "session": "s", "user": "u"}, {"prompt_cache_key": "k", "safety_identifier": "u"}),
    ({"session": "s"}, {"prompt_cache_key": "s"}),
    (
        {"user": "u" * 65},
        {"safety_identifier": "f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b"},
    ),
    ({"metadata": {"a": "b", "c": 1}}, {"metadata": {"a": "b"}}),
    ({"metadata": {"c": 1}}, {}),
    ({"service_tier": "flex"}, {"service_tier": "flex"}),
    ({"service_tier": "standard_only"}, {}),
    ({"output_format": OutputFormat("json_object")}, {"text": {"format": {"type": "json_object"}}}),
    (
        {"output_format": OutputFormat("json_schema", {"type": "object"}, "n", "d", True)},
        {
            "text": {
                "format": {
                    "type": "json_schema",
                    "schema": {"type": "object"},
                    "name": "n",
                    "description": "d",
                    "strict": True,
                }
            }
        },
    ),
    (
        {"output_format": OutputFormat("json_schema", extras=Extras("gemini", {"x": 1}))},
        {"text": {"format": {"type": "json_schema", "name": "response", "schema": {}}}},
    ),
]


@pytest.mark.parametrize(("fields", "more"), FIELDS)
def test_every_field_is_said_or_left_out(fields: dict[str, Any], more: dict[str, Any]) -> None:
    """Beside what every request becomes."""
    assert written(foreign(**fields)) == {**LEAST, **more}


LOSSES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({"max_output_tokens": 1}, [("max_tokens", "approximated")]),
    (
        {"sampling": Sampling(top_k=1, seed=0, frequency_penalty=1, presence_penalty=1, logit_bias={"a": 1})},
        [
            ("top_k", "dropped"),
            ("frequency_penalty", "dropped"),
            ("presence_penalty", "dropped"),
            ("seed", "dropped"),
            ("logit_bias", "dropped"),
        ],
    ),
    ({"sampling": Sampling(stop=("x",), presence_penalty=0, logprobs=False)}, []),
    ({"store": True}, [("store", "harmless")]),
    ({"metadata": {"c": 1}}, [("metadata", "harmless")]),
    ({"service_tier": "standard_only"}, [("service_tier", "harmless")]),
    ({"extras": Extras("messages", {"x": 1, "y": None})}, [("x", "dropped")]),
    (
        {"instructions": (Text("a", cache=CacheHint(), extras=Extras("messages", {"x": 1})),)},
        [("system[].cache_control", "harmless"), ("system[0].x", "dropped")],
    ),
]


@pytest.mark.parametrize(("fields", "losses"), LOSSES)
def test_every_loss_is_told(fields: dict[str, Any], losses: list[tuple[str, str]]) -> None:
    """Stop sequences are not lost: the gateway watches for them."""
    assert lost(foreign(**fields)) == losses


REFUSED: list[tuple[dict[str, Any], Target, str]] = [
    ({"sampling": Sampling(candidates=2)}, TARGET, "candidates"),
    ({"instructions": (Image(Link("https://e.org/a")),)}, TARGET, "system[0]"),
    (
        {"output_format": OutputFormat("json_schema", {})},
        Target("responses", "m", "o", has_structured_outputs=False),
        "response_format",
    ),
    ({"native_needs": (NativeNeed("cachedContent", "Not here."),)}, TARGET, "cachedContent"),
    ({"tools": (FunctionTool("a"), FunctionTool("b"))}, Target("responses", "m", "o", max_tools=1), "tools"),
]


@pytest.mark.parametrize(("fields", "target", "param"), REFUSED)
def test_what_cannot_be_had_at_all_is_refused(fields: dict[str, Any], target: Target, param: str) -> None:
    """With the field's name."""
    with pytest.raises(UnsupportedContent) as caught:
        written(foreign(**fields), target)
    assert caught.value.param == param


def test_too_many_tools_are_counted_in_the_refusal() -> None:
    """Both numbers."""
    target = Target("responses", "m", "o", max_tools=1)
    with pytest.raises(UnsupportedContent, match=r"'tools' has 2 tools and the model 'm' takes at most 1"):
        written(foreign(tools=(FunctionTool("a"), FunctionTool("b"))), target)


SCHEMA = {"type": "object", "properties": {"a": {}}}
EMPTY = {"type": "object", "properties": {}}
TOOLS: list[tuple[Tool, dict[str, Any]]] = [
    (
        FunctionTool("f", "d", SCHEMA, True),
        {"type": "function", "name": "f", "description": "d", "parameters": SCHEMA, "strict": True},
    ),
    (FunctionTool("f"), {"type": "function", "name": "f", "parameters": EMPTY, "strict": False}),
    (
        FunctionTool("f", is_deferred=True),
        {"type": "function", "name": "f", "parameters": EMPTY, "strict": False},
    ),
    (
        FunctionTool("f", parameters={"anyOf": [SCHEMA]}),
        {
            "type": "function",
            "name": "f",
            "parameters": {
                "type": "object",
                "properties": {"input": {"anyOf": [SCHEMA]}},
                "required": ["input"],
            },
            "strict": False,
        },
    ),
    (CustomTool("p", "d"), {"type": "custom", "name": "p", "description": "d"}),
    (
        CustomTool("p", None, {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}),
        {
            "type": "custom",
            "name": "p",
            "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"},
        },
    ),
    (CustomTool("p", format={"type": "text"}), {"type": "custom", "name": "p", "format": {"type": "text"}}),
    (
        Namespace("n", (FunctionTool("f"), CustomTool("p"))),
        {
            "type": "namespace",
            "name": "n",
            "description": "n",
            "tools": [
                {"type": "function", "name": "f", "parameters": EMPTY, "strict": False},
                {"type": "custom", "name": "p"},
            ],
        },
    ),
]


@pytest.mark.parametrize(("tool", "document"), TOOLS)
def test_every_tool_is_said(tool: Tool, document: dict[str, Any]) -> None:
    """Freeform tools and namespaces as they are; unsaid, a function is not strict."""
    assert written(foreign(tools=(tool,)))["tools"] == [document]


TOOL_LOSSES: list[tuple[tuple[Tool, ...], list[tuple[str, str]]]] = [
    ((NativeTool("messages", "web_search_20250305", {}),), [("tools[0]", "dropped")]),
    ((FunctionTool("f"), FunctionTool("f")), [("tools[1]", "dropped")]),
    ((FunctionTool("f", is_deferred=True),), [("tools[].defer_loading", "harmless")]),
    ((FunctionTool("f", parameters={"enum": [1]}),), [("tools[0].input_schema", "approximated")]),
    (
        (FunctionTool("f", cache=CacheHint(), extras=Extras("messages", {"x": 1})),),
        [("tools[0].x", "dropped"), ("tools[].cache_control", "harmless")],
    ),
    ((CustomTool("p", extras=Extras("chat", {"x": 1})),), [("tools[0].x", "dropped")]),
    ((FunctionTool("f", extras=Extras("responses", {"x": 1})),), []),
    ((FunctionTool("DeferredToolPlaceholder", is_deferred=True),), [("tools[]", "harmless")]),
]


@pytest.mark.parametrize(("tools", "losses"), TOOL_LOSSES)
def test_every_lost_tool_is_told(tools: tuple[Tool, ...], losses: list[tuple[str, str]]) -> None:
    """What another server runs cannot run here."""
    assert lost(foreign(tools=tools)) == losses


def test_no_tool_left_leaves_nothing_to_choose() -> None:
    """A dangling choice never goes out."""
    document = written(
        foreign(
            tools=(NativeTool("messages", "web_search", {}),),
            tool_choice=ToolChoice("auto"),
            parallel_tool_calls=False,
        )
    )
    assert document == LEAST


def test_names_are_spelled_for_the_target_and_back() -> None:
    """Only odd ones; the others need no way back."""
    result = write_request(foreign(tools=(FunctionTool("a b"), FunctionTool("f"))), TARGET)
    tools: Any = result.document["tools"]
    assert [tool["name"] for tool in tools] == ["a_b_2e32c0ab", "f"]
    assert result.names == ToolNames(back={"a_b_2e32c0ab": ("a b", None, "function")})


F = (FunctionTool("f"), CustomTool("p"))
CHOICES: list[tuple[ToolChoice, Any, list[tuple[str, str]]]] = [
    (ToolChoice("auto"), "auto", []),
    (ToolChoice("none"), "none", []),
    (ToolChoice("required"), "required", []),
    (ToolChoice("named", ("f",)), {"type": "function", "name": "f"}, []),
    (ToolChoice("named", ("p",), kind="custom"), {"type": "custom", "name": "p"}, []),
    (
        ToolChoice("allowed", ("f", "p"), is_required=True),
        {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "f"}, {"type": "custom", "name": "p"}],
        },
        [],
    ),
    (
        ToolChoice("allowed", ("f", "x")),
        {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        [("tool_choice", "dropped")],
    ),
    (ToolChoice("named", ("x",)), None, [("tool_choice", "dropped")]),
    (ToolChoice("native", native=Extras("messages", {})), None, [("tool_choice", "dropped")]),
    (ToolChoice("auto", extras=Extras("messages", {"x": 1})), "auto", [("tool_choice.x", "dropped")]),
]


@pytest.mark.parametrize(("choice", "document", "losses"), CHOICES)
def test_every_choice_is_said(choice: ToolChoice, document: Any, losses: list[tuple[str, str]]) -> None:
    """Among the tools that are there."""
    request = foreign(tools=F, tool_choice=choice)
    assert written(request).get("tool_choice") == document
    assert lost(request) == losses


@pytest.mark.parametrize("mode", ["required", "named", "native"])
def test_a_choice_without_tools_is_lost(mode: Any) -> None:
    """Nothing can be called."""
    assert lost(foreign(tool_choice=ToolChoice(mode))) == [("tool_choice", "dropped")]
    assert lost(foreign(tool_choice=ToolChoice("none"))) == []


PARALLEL = "tool_choice.disable_parallel_tool_use"


@pytest.mark.parametrize(
    ("wanted", "said", "losses"), [(True, None, [(PARALLEL, "approximated")]), (False, None, [])]
)
def test_a_model_that_calls_one_tool_at_a_time_is_not_asked(
    wanted: bool, said: Any, losses: list[tuple[str, str]]
) -> None:
    """It would refuse the parameter."""
    one = Target("responses", "m", "o", has_parallel_tool_calls=False)
    request = foreign(tools=F, parallel_tool_calls=wanted)
    assert written(request, one).get("parallel_tool_calls") is said
    assert lost(request, one) == losses
    assert written(request)["parallel_tool_calls"] is wanted


EFFORTS: list[tuple[ReasoningOptions, Any, list[tuple[str, str]]]] = [
    (ReasoningOptions(), None, []),
    (ReasoningOptions(effort="low"), {"effort": "low"}, []),
    (ReasoningOptions(effort="max"), {"effort": "high"}, [("output_config.effort", "approximated")]),
    (ReasoningOptions(effort="minimal"), {"effort": "low"}, [("output_config.effort", "approximated")]),
    (ReasoningOptions(effort="none"), {"effort": "low"}, [("output_config.effort", "approximated")]),
    (ReasoningOptions(effort="heroic"), None, [("output_config.effort", "dropped")]),
    (ReasoningOptions(mode="disabled"), {"effort": "low"}, [("output_config.effort", "approximated")]),
    (ReasoningOptions(mode="adaptive", shows_thoughts=True), {"summary": "auto"}, [("thinking", "harmless")]),
    (ReasoningOptions(mode="adaptive", shows_thoughts=False), None, [("thinking", "harmless")]),
    (ReasoningOptions(summary="concise", shows_thoughts=True), {"summary": "concise"}, []),
    (ReasoningOptions(summary="none", shows_thoughts=False), None, []),
    (ReasoningOptions(budget_tokens=-1), None, []),
    (
        ReasoningOptions(budget_tokens=0),
        {"effort": "low"},
        [("thinking.budget_tokens", "approximated"), ("output_config.effort", "approximated")],
    ),
    (
        ReasoningOptions(budget_tokens=4096, mode="enabled"),
        {"effort": "low"},
        [("thinking.budget_tokens", "approximated")],
    ),
    (
        ReasoningOptions(budget_tokens=15999),
        {"effort": "medium"},
        [("thinking.budget_tokens", "approximated")],
    ),
    (
        ReasoningOptions(budget_tokens=31999),
        {"effort": "high"},
        [("thinking.budget_tokens", "approximated")],
    ),
    (ReasoningOptions(effort="low", budget_tokens=31999), {"effort": "low"}, []),
    (
        ReasoningOptions(extras=Extras("messages", {"display": "updates"})),
        None,
        [("reasoning.display", "dropped")],
    ),
]


@pytest.mark.parametrize(("options", "document", "losses"), EFFORTS)
def test_reasoning_is_asked_for_as_the_model_lists_it(
    options: ReasoningOptions, document: Any, losses: list[tuple[str, str]]
) -> None:
    """The nearest lower effort; a budget by its worth."""
    request = foreign(reasoning=options)
    assert written(request).get("reasoning") == document
    assert lost(request) == losses


def test_a_model_without_efforts_is_not_asked_to_reason() -> None:
    """It refuses the parameter, `summary` included."""
    plain = Target("responses", "m", "o")
    shown = ReasoningOptions(effort="high", shows_thoughts=True)
    assert written(foreign(reasoning=shown), plain) == LEAST
    assert lost(foreign(reasoning=shown), plain) == [("thinking", "dropped")]
    assert lost(foreign(reasoning=ReasoningOptions(mode="disabled")), plain) == []


def test_a_turns_effort_holds_for_the_request() -> None:
    """The newest one, since there is but one."""
    turns = (Turn("system", (), effort="low"), Turn("system", (), effort="high"))
    assert written(foreign(*turns))["reasoning"] == {"effort": "high"}
    assert lost(foreign(*turns)) == []
    both = foreign(*turns, reasoning=ReasoningOptions(effort="medium"))
    assert written(both)["reasoning"] == {"effort": "high"}
    assert lost(both) == [("output_config.effort", "approximated")]


@pytest.mark.parametrize(
    ("wanted", "listed", "nearest"),
    [
        ("none", ["none", "low"], "none"),
        ("minimal", ["none", "low"], "low"),
        ("low", ["none"], "none"),
        ("xhigh", ["low", "high", "max"], "high"),
        ("low", ["medium", "high"], "medium"),
        ("odd", ["low"], None),
    ],
)
def test_the_nearest_effort(wanted: str, listed: list[str], nearest: str | None) -> None:
    """Whoever wants to think a little is not switched off."""
    assert nearest_effort(wanted, listed) == nearest


def test_foreign_tools_and_choices_have_a_form_of_ours() -> None:
    """For an answer that repeats its request."""
    assert own_tool(NativeTool("messages", "x", {"type": "x"})) == {"type": "x"}
    assert own_tool(FunctionTool("f", extras=Extras("chat", {"x": 1}))) == {"type": "function", "name": "f"}
    assert own_choice(ToolChoice("named", ("f",))) == {"type": "function", "name": "f"}
    assert own_choice(ToolChoice("named")) == "auto"
    assert own_choice(ToolChoice("required", extras=Extras("chat", {}))) == "required"
