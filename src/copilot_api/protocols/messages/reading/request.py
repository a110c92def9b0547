"""A Messages request into the hub.

Owns the top level and the turns. Must never know models. Turns of role "system" among the messages stay turns.
Source: anthropic-python 2.12 `types/message_create_params.py`; recorded requests of Claude Code 2.1.330 and
opencode 1.18 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Json, JsonObject, Remainder
from copilot_api.neutral.request import (
    ModelRequest,
    NativeNeed,
    OutputFormat,
    Places,
    ReasoningOptions,
    Role,
    Sampling,
    Turn,
)
from copilot_api.protocols.messages.reading.blocks import (
    left_over,
    open_inner,
    read_content,
    required_text,
)
from copilot_api.protocols.messages.reading.tools import read_choice, read_tools
from copilot_api.protocols.messages.request import read_session
from copilot_api.protocols.messages.slots import OLD_FIELD, ORIGIN

_ROLES: Final[dict[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}
_THREAD: Final = (
    "'thread' cannot be served: nobody keeps message threads. Send the full history in 'messages' and the tools "
    "with every request, without 'thread'."
)
_COMPACTION: Final = (
    "'compaction' asks for nothing but a summary of the conversation in a form of its own, which this model does not "
    "have. Ask for a summary in a user message, or choose a model that is served over Messages."
)
_MCP: Final = (
    "'mcp_servers' cannot be served by this model. Connect the servers in your client and send their tools."
)


_NEEDS: Final = {"thread": _THREAD, "mcp_servers": _MCP, "compaction": _COMPACTION}


def read_request(document: JsonObject) -> ModelRequest:
    """Read a request; the document is not changed.

    Raises: MalformedRequest for a known field of a wrong type.
    """
    rest = Remainder(document, ORIGIN)
    model = required_text(rest, "model")
    turns = _turns(rest)
    if rest.peek("system") == []:
        rest.keep("system")
    instructions, is_plain = read_content(rest, "system")
    metadata = open_inner(rest, "metadata")
    user = metadata.text("user_id") if metadata else None
    config, thinking = open_inner(rest, "output_config"), _open_thinking(rest)
    choice, parallel = read_choice(rest)
    needs = [NativeNeed(name, words) for name, words in _NEEDS.items() if rest.peek(name) not in (None, [])]
    return ModelRequest(
        origin=ORIGIN,
        model=model,
        turns=turns,
        instructions=instructions,
        are_instructions_plain=is_plain and bool(instructions),
        tools=read_tools(rest),
        tool_choice=choice,
        parallel_tool_calls=parallel,
        output_format=_format(rest, config),
        reasoning=_reasoning(config, thinking),
        sampling=_sampling(rest),
        max_output_tokens=rest.whole("max_tokens"),
        stream=rest.flag("stream"),
        user=user,
        session=read_session(user),
        service_tier=rest.text("service_tier"),
        native_needs=tuple(needs),
        places=_places(turns),
        extras=left_over(rest, metadata=metadata, output_config=config, thinking=thinking),
    )


def _places(turns: tuple[Turn, ...]) -> Places:
    """Where turns and their blocks stood. Tools stand where the usual words say."""
    paths = tuple(f"messages[{index}]" for index in range(len(turns)))
    return Places(paths, tuple(_blocks(turn, path) for turn, path in zip(turns, paths, strict=True)))


def _blocks(turn: Turn, path: str) -> tuple[str, ...]:
    content = f"{path}.content"
    if turn.is_plain:
        return (content,) * len(turn.parts)
    return tuple([f"{content}[{index}]" for index in range(len(turn.parts))])


def _turns(rest: Remainder) -> tuple[Turn, ...]:
    messages = rest.array("messages")
    if messages is None:
        raise MalformedRequest("'messages' is missing. Send a list of messages.", param="messages")
    return tuple(_turn(value, f"messages[{index}]") for index, value in enumerate(messages))


def _turn(value: Json, path: str) -> Turn:
    if not isinstance(value, dict):
        raise MalformedRequest(f"{path} must be an object, not {value!r:.80}.", param=path)
    rest = Remainder(value, ORIGIN, path)
    word = rest.take("role")
    role = _ROLES.get(word) if isinstance(word, str) else None
    if role is None:
        raise rest.wrong("role", "'user', 'assistant' or 'system'", word)
    parts, is_plain = read_content(rest)
    config = open_inner(rest, "output_config")
    effort = config.text("effort") if config else None
    return Turn(role, parts, is_plain, effort=effort, extras=left_over(rest, output_config=config))


def _open_thinking(rest: Remainder) -> Remainder | None:
    """The thinking options; those of an unknown type stay in the rest."""
    options = rest.peek("thinking")
    if isinstance(options, dict) and options.get("type") not in ("enabled", "adaptive", "disabled"):
        return None
    return rest.nested("thinking")


def _reasoning(config: Remainder | None, thinking: Remainder | None) -> ReasoningOptions | None:
    effort = config.text("effort") if config else None
    if thinking is None:
        return None if effort is None else ReasoningOptions(effort=effort)
    mode = thinking.take("type")
    display = thinking.text("display")
    if display is not None:
        thinking.spell("display", display)
    return ReasoningOptions(
        effort=effort,
        budget_tokens=thinking.whole("budget_tokens"),
        mode="enabled" if mode == "enabled" else "adaptive" if mode == "adaptive" else "disabled",
        shows_thoughts=None if display is None else display != "omitted",
    )


def _format(rest: Remainder, config: Remainder | None) -> OutputFormat | None:
    """The answer's schema: `output_config.format`, or `output_format` as the first beta had it."""
    for holder, name in ((config, "format"), (rest, "output_format")):
        value = holder.peek(name) if holder else None
        if holder is None or not isinstance(value, dict) or value.get("type") != "json_schema":
            continue
        inner = Remainder(value, ORIGIN, holder.at(name))
        holder.take(name)
        inner.take("type")
        schema = inner.object("schema")
        if holder is rest:
            inner.spell(OLD_FIELD, name)
        return OutputFormat("json_schema", schema, extras=inner.extras())
    return None


def _sampling(rest: Remainder) -> Sampling:
    stop = rest.array("stop_sequences")
    words: list[str] = []
    for index, word in enumerate(stop or ()):
        if not isinstance(word, str):
            raise rest.wrong(f"stop_sequences[{index}]", "a string", word)
        words.append(word)
    return Sampling(
        temperature=rest.number("temperature"),
        top_p=rest.number("top_p"),
        top_k=rest.whole("top_k"),
        stop=None if stop is None else tuple(words),
    )
