"""The `input` list of a request, read item by item: each is a turn of its own.

Owns which item types there are. Must never know which of them a target can take: what only a Responses server can
do is noted as a need. Items are read as clients send them, without `type` too.
Source: openai-python 3.54, types/responses/response_input_item_param; recorded requests of Codex 0.169, opencode
1.18 and Copilot CLI 1.0.102 (read 2026-11).
"""

from collections.abc import Callable
from typing import Final, cast

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras, Json, JsonObject, Remainder
from copilot_api.neutral.opaque import Opaque, open_sealed
from copilot_api.neutral.parts import File, Image, NativePart, Part, Reasoning, Text, ToolCall, ToolResult
from copilot_api.neutral.request import NativeNeed, Role, Tool, Turn
from copilot_api.protocols.responses.reading.content import (
    BOOKKEEPING,
    ORIGIN,
    TOOL_SEARCH,
    native_blob,
    object_at,
    read_content,
    read_custom_call,
    read_function_call,
    read_reasoning,
    read_search_call,
)
from copilot_api.protocols.responses.reading.tools import WHOLE, only_new, read_tools

MESSAGE: Final = "@message"
"""Notes that a turn was a message, and whether it said so: "typed", "untyped"."""
BESIDE: Final = "@beside"
"""Marks the blob of the item before it, which has no place for one of its own (a signature on a call)."""
STATELESS: Final = (
    "responses are not stored. Send the whole history in 'input', with store=false and "
    "include=['reasoning.encrypted_content'] so that reasoning can be replayed."
)
_ROLES: Final = ("system", "developer", "user", "assistant")
_COMPACTIONS: Final = frozenset({"compaction", "compaction_summary", "context_compaction"})
_AUDIO: Final = "input_audio"
_COMPACTED: Final = (
    "holds a conversation in a form that only Responses models can read. Choose one of them, or begin anew with a "
    "summary in words."
)
_NEEDS: Final = {
    **dict.fromkeys(_COMPACTIONS, _COMPACTED),
    "compaction_trigger": "asks the server to compact the conversation, which the models that answer other protocols "
    "cannot do. Ask for a summary in a user message, or choose a model that is served over Responses.",
    "item_reference": f"refers to a stored item, but {STATELESS}",
    _AUDIO: "is audio, which no other protocol here can carry. Send a transcript as text.",
}


class InputReader:
    """Reads one `input` list.

    `turns` are its items in order; `found` are the tools that items bring along; `apart` are the items that are no
    turn, by their place in the list; `paths` and `places` say where turns and their parts stood.
    """

    def __init__(self, tools: tuple[Tool, ...]) -> None:
        self.turns: list[Turn] = []
        self.found: list[Tool] = []
        self.apart: JsonObject = {}
        self.needs: list[NativeNeed] = []
        self.paths: list[str] = []
        self.places: list[tuple[str, ...]] = []
        self.tool_paths: list[str] = []
        self._known: set[tuple[str | None, str]] = set()
        only_new(tools, self._known)

    def read(self, items: list[Json]) -> None:
        """Read every item.

        Raises: MalformedRequest for an item that is no object or names no type, and for a known field of a wrong type.
        """
        for index, element in enumerate(items):
            path = f"input[{index}]"
            document = object_at(element, path)
            kind = _kind(document, path)
            if kind == "additional_tools":
                self._find(document, path)
                self.apart[str(index)] = document
                continue
            reader = _READERS.get(kind)
            if reader is not None:
                turn = reader(Remainder(document, ORIGIN, path), document)
            else:
                turn = _read_native(document, kind)
            if kind == "tool_search_output" and document.get("execution") == "client":
                self._find(document, path)
            self._note_needs(turn, kind, path)
            if not self._give_back(turn):
                self.turns.append(turn)
                self.paths.append(path)
                self.places.append(_places(turn, kind, path))

    def _find(self, document: JsonObject, path: str) -> None:
        tools = Remainder(document, ORIGIN, path).array("tools") or []
        new = only_new(read_tools(tools, f"{path}.tools"), self._known)
        self.found += new
        self.tool_paths += [f"{path}.tools"] * len(new)

    def _give_back(self, turn: Turn) -> bool:
        """Give the blob that a reasoning item carries for its neighbour back to it."""
        part = turn.parts[0] if turn.parts else None
        if not isinstance(part, Reasoning) or part.opaque is None or BESIDE not in part.opaque.payload:
            return False
        last = self.turns[-1] if self.turns else None
        owner = last.parts[-1] if last is not None and last.parts else None
        if last is None or not isinstance(owner, Text | ToolCall):
            return True  # its owner is gone
        payload = {name: value for name, value in part.opaque.payload.items() if name != BESIDE}
        owner = msgspec.structs.replace(owner, opaque=Opaque(part.opaque.origin, payload))
        self.turns[-1] = msgspec.structs.replace(last, parts=(*last.parts[:-1], owner))
        return True

    def _note_needs(self, turn: Turn, kind: str, path: str) -> None:
        if kind in _NEEDS:
            self._need(kind, path)
        for index, part in enumerate(turn.parts):
            if isinstance(part, NativePart) and part.document.get("type") == _AUDIO:
                self._need(_AUDIO, f"{path}.content[{index}]")

    def _need(self, kind: str, path: str) -> None:
        self.needs.append(NativeNeed(path, f"{path!r} {_NEEDS[kind]}"))


def _places(turn: Turn, kind: str, path: str) -> tuple[str, ...]:
    """Where the parts of an item stood: a message's content is numbered, other items are one thing."""
    if turn.is_plain:
        return (f"{path}.content",)
    if kind == "message":
        return tuple(f"{path}.content[{index}]" for index in range(len(turn.parts)))
    if kind == "agent_message":
        return (path, *(f"{path}.content[{index}]" for index in range(len(turn.parts) - 1)))
    return (path,) * len(turn.parts)


def _kind(document: JsonObject, path: str) -> str:
    kind = document.get("type")
    if isinstance(kind, str):
        return kind
    if kind is not None:
        raise Remainder(document, ORIGIN, path).wrong("type", "a string", kind)
    if "role" in document:
        return "message"
    if "id" in document:
        return "item_reference"
    raise MalformedRequest(
        f"{path} has neither 'type' nor 'role'. Give an item's 'type', or the 'role' of a message.",
        param=path,
    )


def _read_message(fields: Remainder, document: JsonObject) -> Turn:
    role = fields.text("role")
    if role not in _ROLES:
        raise fields.wrong("role", "one of 'system', 'developer', 'user', 'assistant'", role)
    fields.spell(MESSAGE, "typed" if "type" in document else "untyped")
    fields.keep(*BOOKKEEPING)
    content = fields.take("content")
    parts: tuple[Part, ...] = ()
    if isinstance(content, str):
        parts = (Text(content),)
    elif isinstance(content, list):
        expected = "output_text" if role == "assistant" else "input_text"
        parts = read_content(content, fields.at("content"), expected)
    elif content is not None:
        raise fields.wrong("content", "a string or a list of parts", content)
    speaker: Role = cast("Role", role)
    phase = fields.text("phase")
    return Turn(speaker, parts, isinstance(content, str), phase=phase, extras=fields.extras())


def _read_reasoning(fields: Remainder, document: JsonObject) -> Turn:
    return Turn("assistant", (read_reasoning(fields, ORIGIN),))


def _read_function_call(fields: Remainder, document: JsonObject) -> Turn:
    return Turn("assistant", (read_function_call(fields),))


def _read_custom_call(fields: Remainder, document: JsonObject) -> Turn:
    return Turn("assistant", (read_custom_call(fields),))


def _read_result(fields: Remainder, document: JsonObject) -> Turn:
    kind = fields.peek("type")
    fields.keep(*BOOKKEEPING)
    call_id, name = fields.text("call_id") or "", fields.text("name")
    if name is not None:
        fields.spell("@name", name)
    output = fields.take("output")
    content: tuple[Text | Image | File | NativePart, ...] = ()
    if isinstance(output, str):
        content = (Text(output),)
    elif isinstance(output, list):
        parts = read_content(output, fields.at("output"), "input_text")
        content = tuple(_as_result(part, output[index]) for index, part in enumerate(parts))
    elif output is not None:
        raise fields.wrong("output", "a string or a list of parts", output)
    return Turn(
        "tool",
        (
            ToolResult(
                call_id,
                content,
                name,
                is_plain=isinstance(output, str),
                kind="custom" if kind == "custom_tool_call_output" else "function",
                extras=fields.extras(),
            ),
        ),
    )


def _as_result(part: Part, document: Json) -> Text | Image | File | NativePart:
    if isinstance(part, Text | Image | File | NativePart):
        return part
    return NativePart(ORIGIN, cast("JsonObject", document))


def _read_search_call(fields: Remainder, document: JsonObject) -> Turn:
    """A tool search that the client runs, as the call of a function; the server's own is carried whole."""
    if document.get("execution") != "client":
        return _read_native(document, "tool_search_call")
    call = msgspec.structs.replace(read_search_call(fields), extras=_whole(document))
    return Turn("assistant", (call,))


def _read_search_output(fields: Remainder, document: JsonObject) -> Turn:
    """What the client found, as the result of that call: the names are said, the tools join the request's."""
    if document.get("execution") != "client":
        return _read_native(document, "tool_search_output")
    call_id, tools = fields.text("call_id") or "", fields.array("tools") or []
    names = [str(tool.get("name", tool.get("type", ""))) for tool in tools if isinstance(tool, dict)]
    said = f"Tools found: {', '.join(names)}." if names else "No tools found."
    return Turn("tool", (ToolResult(call_id, (Text(said),), TOOL_SEARCH, extras=_whole(document)),))


def _read_agent_message(fields: Remainder, document: JsonObject) -> Turn:
    """Codex: one agent writes to another. Said as a user's message that names both."""
    author, recipient = fields.text("author") or "another agent", fields.text("recipient") or "you"
    parts = read_content(fields.array("content") or [], fields.at("content"), "input_text")
    head = Text(f"Message from {author} to {recipient}:")
    return Turn("user", (head, *parts), extras=_whole(document))


def _read_compaction(fields: Remainder, document: JsonObject) -> Turn:
    content = fields.text("encrypted_content")
    opaque: Opaque | None = None
    if content:
        opaque = open_sealed(content) or native_blob(content, document.get("id"), ORIGIN)
    return Turn("assistant", (NativePart(ORIGIN, document, opaque=opaque),))


def _read_shell_call(fields: Remainder, document: JsonObject) -> Turn:
    action = document.get("action")
    command = action.get("command") if isinstance(action, dict) else None
    words = [word for word in command if isinstance(word, str)] if isinstance(command, list) else []
    return Turn("assistant", (NativePart(ORIGIN, document, f"Shell command: {' '.join(words)}"),))


def _read_shell_output(fields: Remainder, document: JsonObject) -> Turn:
    output = document.get("output")
    text = f"Output of the shell command: {output}" if isinstance(output, str) else None
    return Turn("user", (NativePart(ORIGIN, document, text),))


def _read_native(document: JsonObject, kind: str) -> Turn:
    return Turn("user" if kind.endswith("_output") else "assistant", (NativePart(ORIGIN, document),))


def _whole(document: JsonObject) -> Extras:
    return Extras(ORIGIN, {}, {WHOLE: document})


_READERS: Final[dict[str, Callable[[Remainder, JsonObject], Turn]]] = {
    "message": _read_message,
    "reasoning": _read_reasoning,
    "function_call": _read_function_call,
    "custom_tool_call": _read_custom_call,
    "function_call_output": _read_result,
    "custom_tool_call_output": _read_result,
    "tool_search_call": _read_search_call,
    "tool_search_output": _read_search_output,
    "agent_message": _read_agent_message,
    "local_shell_call": _read_shell_call,
    "local_shell_call_output": _read_shell_output,
    **dict.fromkeys(_COMPACTIONS, _read_compaction),
}
