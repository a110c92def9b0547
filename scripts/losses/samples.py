"""Values for documented fields where any text or number would not do, and the company in which they mean something.

Each sample is what a client could send: the generator fails on one that its own protocol would refuse.
"""

import re
from typing import Any, Final

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PDF = "data:application/pdf;base64,JVBERi0="
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}

BY_NAME: Final[dict[str, Any]] = {
    "allowedFunctionNames": ["f"],
    "arguments": '{"a":1}',
    "budget_tokens": 4096,
    "candidateCount": 2,
    "data": PNG,
    "detail": "low",
    "effort": "high",
    "file_data": PDF,
    "file_url": "https://example.org/a.pdf",
    "fileUri": "https://example.org/a",
    "image_url": "https://example.org/a.png",
    "include": ["message.output_text.logprobs"],
    "include_usage": False,
    "input_schema": SCHEMA,
    "maxOutputTokens": 4096,
    "max_completion_tokens": 4096,
    "max_output_tokens": 4096,
    "max_tokens": 4096,
    "media_type": "image/png",
    "mimeType": "image/png",
    "n": 2,
    "parallel_tool_calls": False,
    "parameters": SCHEMA,
    "parametersJsonSchema": SCHEMA,
    "reasoning_effort": "high",
    "responseMimeType": "application/json",
    "responseModalities": ["AUDIO"],
    "schema": SCHEMA,
    "service_tier": "flex",
    "serviceTier": "SERVICE_TIER_FLEX",
    "temperature": 0.5,
    "thinkingBudget": 4096,
    "thinkingLevel": "HIGH",
    "thoughtSignature": "QUJD",
    "topK": 7,
    "topP": 0.5,
    "top_p": 0.5,
    "truncation": "auto",
    "url": "https://example.org/a.png",
    "verbosity": "low",
}
"""By the name of the field."""

TYPICAL: Final[dict[str, dict[str, Any]]] = {
    "BetaMetadataParam": {"user_id": "x"},
    "BetaOutputConfigParam": {"effort": "high"},
    "BetaSystemMessageOutputConfigParam": {"effort": "high"},
    "BetaSystemMessageParam": {"content": "x"},
    "BetaToolResultBlockParam": {"content": "x"},
    "BetaContextManagementConfigParam": {"edits": [{"type": "clear_tool_uses_20250919"}]},
    "BlobDict": {"data": PNG, "mimeType": "image/png"},
    "ChatCompletionAssistantMessageParam": {"content": "x"},
    "ChatCompletionStreamOptionsParam": {"include_usage": True},
    "BetaCompactionBlockParam": {"content": "x"},
    "ChatCompletionAllowedToolsParam": {
        "mode": "auto",
        "tools": [{"type": "function", "function": {"name": "x"}}],
    },
    "CodeExecutionResultDict": {"outcome": "OUTCOME_OK", "output": "x"},
    "ContentDict": {"parts": [{"text": "x"}]},
    "ExecutableCodeDict": {"code": "x", "language": "PYTHON"},
    "File": {"file": {"file_data": PDF, "filename": "a.pdf"}},
    "FileDataDict": {"fileUri": "https://example.org/a", "mimeType": "image/png"},
    "FileFile": {"file_data": PDF, "filename": "a.pdf"},
    "FunctionCallOutput": {"call_id": "x"},
    "FunctionCallDict": {"name": "x", "args": {"a": 1}},
    "FunctionCallingConfigDict": {"mode": "ANY"},
    "FunctionDeclarationDict": {"name": "f"},
    "FunctionResponseBlobDict": {"data": PNG, "mimeType": "image/png"},
    "FunctionResponseDict": {"name": "x", "response": {"output": "x"}},
    "FunctionResponseFileDataDict": {"fileUri": "https://example.org/a", "mimeType": "image/png"},
    "FunctionResponsePartDict": {"inlineData": {"data": PNG, "mimeType": "image/png"}},
    "GenerationConfigDict": {"maxOutputTokens": 4000},
    "InputSchemaTyped": {"properties": SCHEMA["properties"]},
    "JSONSchema": {"schema": SCHEMA},
    "Reasoning": {"effort": "high"},
    "ResponseInputFileContentParam": {"file_data": PDF, "filename": "a.pdf"},
    "ResponseInputFileParam": {"file_data": PDF, "filename": "a.pdf"},
    "ResponseInputImageContentParam": {"image_url": "https://example.org/a.png"},
    "ResponseInputImageParam": {"image_url": "https://example.org/a.png"},
    "ResponseOutputTextParam": {"annotations": []},
    "ResponseTextConfigParam": {"format": {"type": "json_object"}},
    "StreamOptions": {"include_obfuscation": False},
    "ThinkingConfigDict": {"thinkingLevel": "HIGH"},
    "ToolCallDict": {"toolType": "GOOGLE_SEARCH_WEB"},
    "ToolChoiceAllowedParam": {"mode": "auto", "tools": [{"type": "function", "name": "x"}]},
    "ToolConfigDict": {"functionCallingConfig": {"mode": "ANY"}},
    "ToolDict": {"functionDeclarations": [{"name": "f"}]},
    "ToolResponseDict": {"toolType": "GOOGLE_SEARCH_WEB"},
}
"""Optional fields without which a value of a type says nothing, or is refused by its own API."""

INSTEAD: Final[dict[str, tuple[str, ...]]] = {
    "audio": ("content",),
    "content": (),
    "executableCode": ("text",),
    "fileData": ("inlineData",),
    "file_id": ("file_data", "filename", "image_url"),
    "file_url": ("file_data",),
    "function_call": ("content",),
    "generate_summary": ("summary",),
    "refusal": ("content",),
    "thinkingBudget": ("thinkingLevel",),
    "tool_calls": ("content",),
    "functionDeclarations": (),
}
"""A field that stands in place of typical ones. Everything else in `tools[]` stands in place of declarations."""

BY_PATH: Final[dict[str, Any]] = {
    "chat response_format": {"type": "json_object"},
    "chat stream_options.include_obfuscation": True,
    "chat stream_options.include_usage": True,
    "chat tool_choice(allowed_tools).allowed_tools.tools": [{"type": "function", "function": {"name": "x"}}],
    "gemini contents[].parts": [{"text": "x"}],
    "gemini contents[].parts[].functionResponse.parts[].mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
    "gemini contents[].parts[].mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"},
    "gemini generationConfig.responseFormat": [{"text": {"mimeType": "application/json"}}],
    "gemini systemInstruction.parts": [{"text": "x"}],
    "gemini toolConfig.functionCallingConfig.mode": "ANY",
    "gemini tools[].functionDeclarations[].parameters": {
        "type": "OBJECT",
        "properties": {"a": {"type": "STRING"}},
    },
    "messages messages[](user).content[](document).source(text).data": "x",
    "messages messages[](user).content[](document).source(base64).data": "JVBERi0=",
    "responses text.format": {"type": "json_object"},
    "responses stream_options.include_obfuscation": True,
    "responses tool_choice(allowed_tools).tools": [{"type": "function", "name": "x"}],
}
"""By API and field, where its name alone does not say enough."""

_CHAT_TOOLS = {
    "tools": [
        {"type": "function", "function": {"name": "x", "parameters": SCHEMA}},
        {"type": "function", "function": {"name": "y", "parameters": SCHEMA}},
    ]
}
_RESPONSES_TOOLS = {
    "tools": [
        {"type": "function", "name": "x", "parameters": SCHEMA},
        {"type": "function", "name": "y", "parameters": SCHEMA},
    ]
}
_DECLARED = {"name": "f", "parameters": {"type": "OBJECT"}}
BESIDE: Final[dict[str, dict[str, dict[str, Any]]]] = {
    "chat": {
        "audio": {},
        "function_call": {"functions": [{"name": "x", "parameters": SCHEMA}]},
        "parallel_tool_calls": _CHAT_TOOLS,
        "stream_options": {"stream": True},
        "tool_choice": _CHAT_TOOLS,
        "top_logprobs": {"logprobs": True},
    },
    "responses": {
        "background_options": {},
        "parallel_tool_calls": _RESPONSES_TOOLS,
        "stream_options": {"stream": True},
        "tool_choice": _RESPONSES_TOOLS,
        "top_logprobs": {"include": ["message.output_text.logprobs"]},
    },
    "messages": {
        "tool_choice": {
            "tools": [{"name": "x", "input_schema": SCHEMA}, {"name": "y", "input_schema": SCHEMA}]
        }
    },
    "gemini": {
        "toolConfig": {"tools": [{"functionDeclarations": [_DECLARED, {**_DECLARED, "name": "g"}]}]},
    },
}
"""What must stand beside a field of the top level for it to say anything."""

WITHIN: Final[dict[str, dict[str, Any]]] = {
    "allowedFunctionNames": {"mode": "ANY"},
    "logprobs": {"responseLogprobs": True},
    "responseJsonSchema": {"responseMimeType": "application/json"},
    "responseSchema": {"responseMimeType": "application/json"},
}
"""The same inside an object of Gemini's, by the name of the field."""

PICTURE: Final = {"inlineData": {"data": PNG, "mimeType": "image/png"}}
ABOUT_PARTS: Final = (
    "videoMetadata", "partMetadata", "audioTranscription", "mediaProcessing", "speechMetadata",
    "documentMetadata", "spreadsheetMetadata", "audioMetadata", "thoughtSignature", "thought",
)  # fmt: skip
"""What is said about a part of a Gemini content needs words to be about."""

ROLES: Final[dict[str, frozenset[str]]] = {
    "user": frozenset(
        {"text", "image", "document", "search_result", "tool_result", "container_upload", "compaction"}
    ),
    "assistant": frozenset(
        {
            "text", "thinking", "redacted_thinking", "tool_use", "server_tool_use", "web_search_tool_result",
            "web_fetch_tool_result", "advisor_tool_result", "code_execution_tool_result",
            "bash_code_execution_tool_result", "text_editor_code_execution_tool_result", "tool_search_tool_result",
            "mcp_tool_use", "mcp_tool_result", "mcp_tool_listing", "fallback", "compaction",
        }
    ),
    "system": frozenset({"text", "tool_addition", "tool_removal"}),
}  # fmt: skip
"""Who says which block of Messages; the SDK's types let everybody say everything."""

_CHAT_CALL = {"id": "x", "type": "function", "function": {"name": "x", "arguments": "{}"}}
_BEFORE: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("chat", r"messages\[\]\(tool\)", {"role": "assistant", "tool_calls": [_CHAT_CALL]}),
    (
        "chat",
        r"messages\[\]\(function\)",
        {"role": "assistant", "function_call": {"name": "x", "arguments": "{}"}},
    ),
    (
        "responses",
        r"input\[\]\(function_call_output\)",
        {"type": "function_call", "call_id": "x", "name": "x", "arguments": "{}"},
    ),
    (
        "responses",
        r"input\[\]\(custom_tool_call_output\)",
        {"type": "custom_tool_call", "call_id": "x", "name": "x", "input": "x"},
    ),
    ("responses", r"input\[\]\(reasoning\)", {"role": "assistant", "content": "x"}),
    (
        "messages",
        r"messages\[\]\(user\)\.content\[\]\(tool_result\)",
        {"role": "assistant", "content": [{"type": "tool_use", "id": "x", "name": "x", "input": {}}]},
    ),
    (
        "gemini",
        r"contents\[\]\.parts\[\]\.functionResponse",
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "w", "name": "x", "args": {}}},
                {"functionCall": {"id": "x", "name": "x", "args": {}}},
            ],
        },
    ),
]
"""What comes before something in a history: a result has its call."""
_MODELS = re.compile(
    r"contents\[\]\.parts\[\]\.(functionCall|executableCode|codeExecutionResult|thought|toolCall|toolResponse)"
)
"""What only Gemini's model says."""
_TURNS: Final = {"chat": "messages", "responses": "input", "messages": "messages", "gemini": "contents"}


def in_company(api: str, entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with what must come before it, said by whoever says it."""
    field, turns = entry["field"], _TURNS[api]
    for name, pattern, before in _BEFORE:
        if name == api and re.match(pattern, field):
            _, _, *rest = entry["at"]
            document = {**entry["document"], turns: [before, *entry["document"][turns]]}
            return {**entry, "at": [turns, 1, *rest], "document": document}
    if api == "gemini" and _MODELS.match(field):
        [content] = entry["document"][turns]
        _, _, _, index, *rest = entry["at"]
        said = {"role": "model", "parts": [{"text": "x"}, *content["parts"]]}
        document = {**entry["document"], turns: [said]}
        return {**entry, "at": [turns, 0, "parts", index + 1, *rest], "document": document}
    return entry


def is_said_by(path: str, word: str) -> bool:
    """Whether a block may stand where the path is."""
    said = re.match(r"messages\[\]\((\w+)\)\.content\[\]$", path)
    return said is None or said[1] not in ROLES or word in ROLES[said[1]]
