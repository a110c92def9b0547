"""`generationConfig`, tools and tool choice in the hub."""

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.request import (
    FunctionTool,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Tool,
    ToolChoice,
)
from unit.protocols.gemini.reading.asking import read


def test_every_knob_is_read() -> None:
    """Numbers stay as they were spelled; what only Google has is kept for the report."""
    request = read(
        {
            "generationConfig": {
                "temperature": 1,
                "topP": 0.95,
                "topK": 64.0,
                "maxOutputTokens": 100,
                "stopSequences": ["END"],
                "presencePenalty": 0.5,
                "frequencyPenalty": -0.5,
                "seed": 7,
                "responseLogprobs": True,
                "logprobs": 3,
                "candidateCount": 1,
                "responseModalities": ["TEXT"],
                "speechConfig": {},
                "mediaResolution": "MEDIA_RESOLUTION_LOW",
            }
        }
    )
    assert request.sampling == Sampling(
        temperature=1,
        top_p=0.95,
        top_k=64,
        presence_penalty=0.5,
        frequency_penalty=-0.5,
        seed=7,
        logprobs=True,
        top_logprobs=3,
        stop=("END",),
    )
    assert request.max_output_tokens == 100
    assert request.native_needs == ()
    assert request.extras == Extras(
        "gemini",
        {"generationConfig.speechConfig": {}, "generationConfig.mediaResolution": "MEDIA_RESOLUTION_LOW"},
    )


def test_snake_case_is_read_at_every_level() -> None:
    """As litellm and google-genai (Python) send it; a name that begins with an underscore is nobody's."""
    request = read(
        {
            "generation_config": {
                "max_output_tokens": 5,
                "stop_sequences": "END",
                "thinking_config": {"include_thoughts": True, "thinking_budget": 128},
                "response_mime_type": "application/json",
                "response_json_schema": {"type": "object"},
                "_private": 1,
            },
            "tool_config": {"function_calling_config": {"mode": "any", "allowed_function_names": ["ls"]}},
            "tools": {"function_declarations": {"name": "ls", "parameters_json_schema": {"type": "object"}}},
        }
    )
    assert request.max_output_tokens == 5
    assert request.sampling.stop == ("END",)
    assert request.reasoning == ReasoningOptions(budget_tokens=128, mode="enabled", shows_thoughts=True)
    assert request.output_format == OutputFormat("json_schema", {"type": "object"})
    assert request.tool_choice == ToolChoice("named", ("ls",))
    assert request.tools == (FunctionTool("ls", parameters={"type": "object"}),)
    assert request.extras == Extras("gemini", {"generationConfig._private": 1})


@pytest.mark.parametrize(
    ("config", "options"),
    [
        ({"thinkingBudget": 0}, ReasoningOptions(budget_tokens=0, mode="disabled")),
        ({"thinkingBudget": -1}, ReasoningOptions(budget_tokens=-1, mode="adaptive")),
        (
            {"includeThoughts": False, "thinkingLevel": "HIGH"},
            ReasoningOptions(effort="high", shows_thoughts=False),
        ),
        ({"thinkingLevel": "minimal"}, ReasoningOptions(effort="minimal")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, ReasoningOptions()),
        ({}, ReasoningOptions()),
    ],
)
def test_thinking_is_asked_for_by_level_or_budget(config: object, options: ReasoningOptions) -> None:
    """0 turns it off, -1 leaves it to the model; blobs come without being asked for."""
    assert read({"generationConfig": {"thinkingConfig": config}}).reasoning == options


def test_who_says_nothing_of_thinking_asks_for_nothing() -> None:
    """No defaults are invented."""
    request = read({"generationConfig": {}})
    assert (request.reasoning, request.sampling, request.output_format) == (None, Sampling(), None)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"responseMimeType": "text/plain"}, OutputFormat("text")),
        ({"responseMimeType": ""}, None),
        ({"responseMimeType": "application/json"}, OutputFormat("json_object")),
        (
            {"responseMimeType": "application/json", "responseSchema": {"type": "STRING", "nullable": True}},
            OutputFormat("json_schema", {"type": ["string", "null"]}),
        ),
        ({"responseSchema": {"type": "BOOLEAN"}}, OutputFormat("json_schema", {"type": "boolean"})),
        ({"responseFormat": [{"text": {"mimeType": "application/json"}}]}, OutputFormat("json_object")),
        ({"response_format": {"text": {"mime_type": "TEXT_PLAIN"}}}, OutputFormat("text")),
        (
            {"responseFormat": [{"text": {"mimeType": "APPLICATION_JSON", "schema": {"type": "STRING"}}}]},
            OutputFormat("json_schema", {"type": "string"}),
        ),
        ({"responseFormat": [{"text": {}}]}, None),
        ({"responseFormat": []}, None),
        ({"responseJsonSchema": {"type": "OBJECT"}}, OutputFormat("json_schema", {"type": "object"})),
    ],
)
def test_the_form_of_the_answer_is_text_json_or_a_schema(
    config: object, expected: OutputFormat | None
) -> None:
    """A schema counts whether or not the media type is said."""
    assert read({"generationConfig": config}).output_format == expected


@pytest.mark.parametrize(
    ("config", "path", "message"),
    [
        ({"candidateCount": 3}, "candidateCount", "is 3, but one answer at a time is what can be served."),
        (
            {"responseModalities": ["TEXT", "AUDIO"]},
            "responseModalities",
            "asks for 'AUDIO', but these models",
        ),
        ({"responseMimeType": "text/x.enum"}, "responseMimeType", "is 'text/x.enum', which no model here"),
    ],
)
def test_what_only_google_can_do_is_a_need(config: object, path: str, message: str) -> None:
    """Every writer refuses it with these words."""
    [need] = read({"generationConfig": config}).native_needs
    assert need.path == f"generationConfig.{path}"
    assert need.message.startswith(f"generationConfig.{path} {message}")


@pytest.mark.parametrize(
    ("declared", "tool"),
    [
        ({"name": "ls"}, FunctionTool("ls")),
        (
            {"name": "ls", "description": "Lists.", "parameters": {"type": "OBJECT", "properties": {}}},
            FunctionTool("ls", "Lists.", {"type": "object", "properties": {}}),
        ),
        (
            {"name": "ls", "parametersJsonSchema": {"type": "object", "$schema": "x"}},
            FunctionTool("ls", parameters={"type": "object", "$schema": "x"}),
        ),
        (
            {"name": "ls", "behavior": "NON_BLOCKING", "response": {"type": "STRING"}},
            FunctionTool(
                "ls", extras=Extras("gemini", {"behavior": "NON_BLOCKING", "response": {"type": "STRING"}})
            ),
        ),
    ],
)
def test_a_function_is_declared_in_either_schema_language(declared: object, tool: Tool) -> None:
    """What it answers with is for Google only."""
    assert read({"tools": [{"functionDeclarations": [declared]}]}).tools == (tool,)


def test_googles_own_tools_are_carried_whole() -> None:
    """One entry may hold several, beside functions."""
    tools = [
        {"functionDeclarations": [{"name": "ls"}], "google_search": {}},
        {"codeExecution": {}, "urlContext": {}},
        {},
    ]
    assert read({"tools": tools}).tools == (
        FunctionTool("ls"),
        NativeTool("gemini", "googleSearch", {"googleSearch": {}}),
        NativeTool("gemini", "codeExecution", {"codeExecution": {}}),
        NativeTool("gemini", "urlContext", {"urlContext": {}}),
    )


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({"mode": "AUTO"}, ToolChoice("auto")),
        ({"mode": "NONE", "allowedFunctionNames": ["a"]}, ToolChoice("none")),
        ({"mode": "ANY"}, ToolChoice("required")),
        ({"mode": "ANY", "allowedFunctionNames": ["a"]}, ToolChoice("named", ("a",))),
        (
            {"mode": "ANY", "allowedFunctionNames": ["a", "b"]},
            ToolChoice("allowed", ("a", "b"), is_required=True),
        ),
        ({"mode": "AUTO", "allowedFunctionNames": ["a"]}, ToolChoice("allowed", ("a",))),
        ({"mode": "MODE_UNSPECIFIED"}, None),
        ({}, None),
    ],
)
def test_a_choice_of_tools_is_a_mode_and_names(config: object, choice: ToolChoice | None) -> None:
    """One name that must be called is a named tool, several are a choice among them."""
    request = read({"toolConfig": {"functionCallingConfig": config}})
    assert (request.tool_choice, request.extras) == (choice, None)


def test_a_promise_that_calls_fit_their_schema_is_kept_for_the_report() -> None:
    """VALIDATED is Google's alone, and so is what else stands in toolConfig."""
    request = read(
        {
            "toolConfig": {
                "functionCallingConfig": {"mode": "VALIDATED", "streamFunctionCallArguments": False},
                "retrievalConfig": {},
            }
        }
    )
    assert request.tool_choice == ToolChoice("auto")
    assert request.extras == Extras(
        "gemini",
        {
            "toolConfig.retrievalConfig": {},
            "toolConfig.functionCallingConfig.streamFunctionCallArguments": False,
            "toolConfig.functionCallingConfig.mode": "VALIDATED",
        },
    )
    assert read({"toolConfig": {}}).tool_choice is None


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"generationConfig": 7}, "generationConfig must be an object, not 7."),
        ({"generationConfig": {"topK": 1.5}}, "generationConfig.topK must be an integer, not 1.5."),
        (
            {"generationConfig": {"stopSequences": ["a", 7]}},
            "generationConfig.stopSequences must be a list of strings, not ['a', 7].",
        ),
        (
            {"generationConfig": {"thinkingConfig": {"thinkingLevel": "DEEP"}}},
            "generationConfig.thinkingConfig.thinkingLevel must be 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH' or 'XHIGH', "
            "not 'DEEP'.",
        ),
        ({"tools": 7}, "tools must be a list of objects, not 7."),
        ({"tools": [7]}, "tools[0] must be an object, not 7."),
        (
            {"tools": [{"functionDeclarations": [{}]}]},
            "tools[0].functionDeclarations[0].name is missing. Name the function.",
        ),
        (
            {"toolConfig": {"functionCallingConfig": {"mode": "MAYBE"}}},
            "toolConfig.functionCallingConfig.mode must be 'AUTO', 'ANY', 'NONE' or 'VALIDATED', not 'MAYBE'.",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_named(document: object, message: str) -> None:
    """With where it stands and what is accepted."""
    with pytest.raises(MalformedRequest) as refusal:
        read(document)
    assert refusal.value.message == message
