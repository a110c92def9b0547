"""The hub into a Messages request.

Owns the top level. A request of Messages' own comes out exactly as it went in; any other is arranged, its tools
renamed where need be, and what cannot be said is reported. Must never know Copilot's oddities.
Source: anthropic-python 2.12 `types/message_create_params.py`; upstream contract 6 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.parts import Part, Text
from copilot_api.neutral.request import ModelRequest, Sampling, Turn
from copilot_api.protocols.base import Target, Written
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.messages.slots import OLD_FIELD, ORIGIN
from copilot_api.protocols.messages.writing.parts import PartWriter
from copilot_api.protocols.messages.writing.sampling import write_sampling
from copilot_api.protocols.messages.writing.thinking import write_thinking
from copilot_api.protocols.messages.writing.tools import (
    write_format,
    write_own_choice,
    write_own_tools,
    write_tools,
)
from copilot_api.protocols.messages.writing.turns import arrange
from copilot_api.protocols.tools import Naming

DEFAULT_MAX_TOKENS: Final = 4096
"""Messages requires `max_tokens`. Where neither client nor catalog names a limit, what every Claude model takes."""


def write_request(request: ModelRequest, target: Target) -> Written:
    """Say a request in Messages' words; what cannot be said is a Loss.

    Raises: UnsupportedContent for a feature or a content part that the target cannot take at all.
    """
    losses = Losses.of(request, ORIGIN)
    if request.origin == ORIGIN:
        return Written(_own(request, target, losses), losses.all)
    for need in request.native_needs[:1]:
        raise UnsupportedContent(need.message, param=need.path)
    naming = Naming(request.tools)
    document = _foreign(request, target, naming, losses)
    return Written(document, losses.all, naming.names)


def _own(request: ModelRequest, target: Target, losses: Losses) -> JsonObject:
    writer = PartWriter(target, Naming(()), losses)
    document: JsonObject = {"model": target.model}
    if request.instructions:
        document["system"] = _content(request.instructions, request.are_instructions_plain, "system", writer)
    document["messages"] = [
        _own_turn(turn, losses.turn(index), writer) for index, turn in enumerate(request.turns)
    ]
    said: JsonObject = {
        "max_tokens": request.max_output_tokens,
        "stream": request.stream,
        "tools": write_own_tools(request, writer) or None,
        "tool_choice": write_own_choice(request, writer),
        "service_tier": request.service_tier,
        "metadata": None if request.user is None else {"user_id": request.user},
        **_own_options(request, writer),
        **_knobs(request.sampling),
    }
    document.update((name, value) for name, value in said.items() if value is not None)
    writer.put_back(document, request.extras, "")
    return document


def _content(parts: tuple[Part, ...], is_plain: bool, path: str, writer: PartWriter) -> Json:
    """A content field: a bare string where it was one."""
    first = parts[0] if len(parts) == 1 else None
    if is_plain and isinstance(first, Text):
        return first.text
    blocks: list[Json] = []
    for index, part in enumerate(parts):
        blocks += writer.blocks(part, f"{path}[{index}]", "user")
    return blocks


def _own_turn(turn: Turn, path: str, writer: PartWriter) -> JsonObject:
    document: JsonObject = {"role": turn.role}
    if turn.parts or not turn.is_plain:
        document["content"] = _content(turn.parts, turn.is_plain, f"{path}.content", writer)
    if turn.effort is not None:
        document["output_config"] = {"effort": turn.effort}
    return writer.marked(document, None, turn.extras, path)


def _own_options(request: ModelRequest, writer: PartWriter) -> JsonObject:
    said: JsonObject = {}
    config: JsonObject = {}
    options, format = request.reasoning, request.output_format
    if options is not None and options.mode is not None:
        thinking: JsonObject = {"type": options.mode}
        if options.budget_tokens is not None:
            thinking["budget_tokens"] = options.budget_tokens
        said["thinking"] = thinking
    if options is not None and options.effort is not None:
        config["effort"] = options.effort
    if format is not None:
        written: JsonObject = {"type": format.kind}
        if format.schema is not None:
            written["schema"] = format.schema
        writer.put_back(written, format.extras, "output_config.format")
        if written.pop(OLD_FIELD, None) is None:
            config["format"] = written
        else:
            said["output_format"] = written
    return {**said, "output_config": config} if config else said


def _knobs(sampling: Sampling) -> JsonObject:
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "stop_sequences": None if sampling.stop is None else list(sampling.stop),
    }


def _foreign(request: ModelRequest, target: Target, naming: Naming, losses: Losses) -> JsonObject:
    writer = PartWriter(target, naming, losses)
    system, messages = arrange(request, writer, losses)
    tools, choice = write_tools(request, target, naming, writer, losses)
    format, words = write_format(request.output_format, target, losses)
    if words is not None:
        system.append({"type": "text", "text": words})
    max_tokens = next(
        tokens
        for tokens in (request.max_output_tokens, target.max_output_tokens, DEFAULT_MAX_TOKENS)
        if tokens is not None
    )
    thinking, effort = write_thinking(request.reasoning, target, max_tokens, losses)
    if thinking is not None and _forbids_thinking(thinking, choice, messages, losses):
        thinking = None
    config: JsonObject = {name: value for name, value in (("effort", effort), ("format", format)) if value}
    said: JsonObject = {
        "system": list(system) or None,
        "messages": messages,
        "max_tokens": max_tokens,
        "stream": request.stream,
        "tools": tools or None,
        "tool_choice": choice,
        "thinking": thinking,
        "output_config": config or None,
        "metadata": None if request.user is None else {"user_id": request.user},
        "cache_control": {"type": "ephemeral"} if _is_cached(request, tools, messages) else None,
        **write_sampling(request, losses, is_thinking=thinking is not None),
    }
    _note_lost(request, losses)
    return {"model": target.model, **{name: value for name, value in said.items() if value is not None}}


def _is_cached(request: ModelRequest, tools: list[Json], messages: list[Json]) -> bool:
    """Whether the prompt is to be cached, as far as it can be: Messages caches nothing without a mark.

    The protocols that come here cache by themselves, or by a key. A mark costs a quarter more for what is new and
    saves nine tenths of what is repeated, so a single question gets none, and whoever sets marks sets them all.
    See decision 0025.
    """
    if request.cache_key is not None:
        return True
    if request.spelled.get("cache") == "explicit" or any(map(_is_marked, request.turns)):
        return False
    # Roles alternate and the user begins: more than one message is a conversation.
    return bool(tools) or len(messages) > 1


def _is_marked(turn: Turn) -> bool:
    return any(getattr(part, "cache", None) is not None for part in turn.parts)


def _forbids_thinking(
    thinking: JsonObject, choice: JsonObject | None, messages: list[Json], losses: Losses
) -> bool:
    """Whether something else in the request forbids to think, which is noted.

    Anthropic: "Thinking may not be enabled when tool_choice forces tool use"; and, for manual thinking, "a final
    `assistant` message must start with a thinking block" while its tool calls are being answered.
    """
    if choice is not None and choice.get("type") in ("any", "tool"):
        losses.drop(losses.word("reasoning"), "Messages models do not think where a tool call is forced")
        return True
    if thinking.get("type") == "enabled" and _is_unthought_loop(messages):
        said = "the calls being answered came without signed thinking, which Messages requires"
        losses.drop(losses.word("reasoning"), said)
        return True
    return False


def _is_unthought_loop(messages: list[Json]) -> bool:
    last = messages[-2:]
    if len(last) < 2:
        return False
    asked, answered = (_first_type(message) for message in last)
    return answered == "tool_result" and asked not in ("thinking", "redacted_thinking")


def _first_type(message: Json) -> Json:
    content = message.get("content") if isinstance(message, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    return first.get("type") if isinstance(first, dict) else None


def _note_lost(request: ModelRequest, losses: Losses) -> None:
    word = losses.word
    if request.previous_id is not None:
        raise UnsupportedContent(
            "'previous_response_id' cannot be served by this model: nobody keeps its answers. Send the whole "
            "history in 'input'.",
            param="previous_response_id",
        )
    if request.store:
        losses.spare(word("store"), "nobody keeps the answers of this model")
    if request.metadata:
        losses.spare(word("metadata"), "Messages takes a user id and nothing else")
    if request.service_tier not in (None, "auto", "default"):
        losses.spare(word("service_tier"), "this model has one tier of service")
    if request.cache_key is not None:
        losses.spare(word("cache_key"), "Messages caches by mark, not by key")
    losses.drop_extras("", request.extras)
