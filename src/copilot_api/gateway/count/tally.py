"""A request as what has to be tokenized, and what counts without: overheads, pictures, documents. Pure.

Source: OpenAI's cookbook on counting tokens of chat messages and functions; Anthropic's tool use guide, pricing
(both read 2026-11). What they leave out, the model's calibration makes good.
"""

from typing import Final

import msgspec

from copilot_api.copilot.catalog import Model
from copilot_api.errors import UnsupportedContent
from copilot_api.gateway.count.media import Rule, file_tokens, image_tokens, rule_of, text_of
from copilot_api.neutral.extras import Json
from copilot_api.neutral.parts import (
    File,
    Image,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import CustomTool, FunctionTool, ModelRequest, Namespace, NativeTool, Tool

REQUEST_TOKENS: Final = 3
"""Every answer is primed with the opening of the assistant's message."""
TURN_TOKENS: Final = 4
TOOLS_TOKENS: Final = 12
TOOL_TOKENS: Final = 8
CALL_TOKENS: Final = 8
CLAUDE_TOOLS_TOKENS: Final = 346
"""The system prompt that Anthropic adds as soon as a tool is offered (Claude 4 with `auto` or `none`)."""


ELSEWHERE: Final = frozenset({"previous_response_id", "conversation", "prompt", "cachedContent", "thread"})
"""Fields that name content which is not in the request: half a prompt is not counted."""
BLOB_CHARS: Final = 1024
"""So many characters without a space are no words."""


class Tally(msgspec.Struct):
    """Texts to tokenize, and tokens that are known already."""

    texts: list[str] = []
    known_tokens: int = 0


def tally(request: ModelRequest, model: Model) -> Tally:
    """Everything in a request that a model reads.

    Raises: UnsupportedContent for a request whose content lies elsewhere.
    """
    _refuse_what_is_elsewhere(request)
    counted = Tally(known_tokens=REQUEST_TOKENS)
    rule = rule_of(model)
    if request.instructions:
        counted.known_tokens += TURN_TOKENS
        _add_parts(request.instructions, counted, rule)
    for turn in request.turns:
        counted.known_tokens += TURN_TOKENS
        if turn.name:
            counted.texts.append(turn.name)
        _add_parts(turn.parts, counted, rule)
    if request.tools:
        is_claude = model.id.startswith("claude")
        counted.known_tokens += CLAUDE_TOOLS_TOKENS if is_claude else TOOLS_TOKENS
        for tool in request.tools:
            _add_tool(tool, counted)
    if request.output_format is not None and request.output_format.schema is not None:
        counted.texts.append(_as_json(request.output_format.schema))
    return counted


def _refuse_what_is_elsewhere(request: ModelRequest) -> None:
    for need in request.native_needs:
        if need.path in ELSEWHERE:
            raise UnsupportedContent(need.message, param=need.path)


def _add_parts(parts: tuple[Part, ...], counted: Tally, rule: Rule) -> None:
    for part in parts:
        _add_part(part, counted, rule)


def _add_part(part: Part, counted: Tally, rule: Rule) -> None:
    """One part. Of reasoning only what can be read counts: a sealed blob is not what its model reads."""
    match part:
        case Text() | Refusal():
            counted.texts.append(part.text)
        case Image():
            counted.known_tokens += image_tokens(part, rule)
        case File():
            _add_file(part, counted)
        case Reasoning():
            counted.texts += [*part.summary, *([part.text] if part.text else [])]
        case ToolCall():
            counted.known_tokens += CALL_TOKENS
            counted.texts += [part.name, part.arguments]
        case ToolResult():
            counted.known_tokens += CALL_TOKENS
            _add_parts(part.content, counted, rule)
        case NativePart(document={"type": "item_reference"}):
            raise UnsupportedContent(
                "An 'item_reference' names an item that is not in the request, so it cannot be counted. Send the item.",
                param="input",
            )
        case NativePart():
            counted.texts.append(part.text if part.text is not None else _as_json(_readable(part.document)))


def _add_file(file: File, counted: Tally) -> None:
    text = text_of(file)
    if text is None:
        counted.known_tokens += file_tokens(file)
    else:
        counted.texts.append(text)
    if file.name:
        counted.texts.append(file.name)


def _add_tool(tool: Tool, counted: Tally) -> None:
    match tool:
        case FunctionTool():
            counted.known_tokens += TOOL_TOKENS
            counted.texts += [tool.name, tool.description or "", _as_json(tool.parameters or {})]
        case CustomTool():
            counted.known_tokens += TOOL_TOKENS
            counted.texts += [tool.name, tool.description or "", _as_json(tool.format or {})]
        case Namespace():
            counted.texts += [tool.name, tool.description or ""]
            for inner in tool.tools:
                _add_tool(inner, counted)
        case NativeTool():
            counted.known_tokens += TOOL_TOKENS
            counted.texts.append(_as_json(tool.document))


def _readable(value: Json) -> Json:
    """A document without its blobs (screenshots, sealed content), which no model reads as text."""
    if isinstance(value, dict):
        return {name: _readable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner) for inner in value]
    is_blob = isinstance(value, str) and len(value) >= BLOB_CHARS and not any(map(str.isspace, value))
    return "" if is_blob else value


def _as_json(document: Json) -> str:
    return msgspec.json.encode(document).decode()
