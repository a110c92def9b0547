"""Turns as the `input` list of a Responses request.

Owns how a conversation is laid out in items. A turn that our own reader made is one item again; another one becomes
as many items as it has kinds of things, in its order. Nothing depends on what comes later, so that a longer history
begins with the items of a shorter one.
Source: openai-python 3.54, types/responses/response_input_item_param; upstream contract 5.1, 5.2 (read 2026-11).
"""

import hashlib
from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.opaque import Opaque
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
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.items import MESSAGE
from copilot_api.protocols.responses.writing.content import ContentWriter, is_own, note_cache, rejoin
from copilot_api.protocols.spelling import inner_path, made_by
from copilot_api.protocols.tools import Naming

_MAX_CALL_ID_CHARS: Final = 64
_BLOB: Final = ("id", "encrypted_content")


class ItemWriter:
    """Writes the turns of one request; `naming` is None where nothing is to be renamed."""

    def __init__(self, request: ModelRequest, target: Target, naming: Naming | None, losses: Losses) -> None:
        self._request = request
        self._target = target
        self._naming = naming
        self._losses = losses
        self._content = ContentWriter(target, losses)
        self._custom_calls: set[str] = set()

    def items(self, apart: JsonObject) -> list[Json]:
        """Every item; `apart` are those that are no turn, by their place in the list that was read."""
        items: list[Json] = []
        place = 0
        for index, turn in enumerate(self._request.turns):
            while (kept := apart.get(str(place))) is not None:
                items.append(kept)
                place += 1
            places = [self._losses.part(index, at) for at in range(len(turn.parts))]
            items += _Layout(self, turn, self._losses.turn(index), places).items()
            place += 1
        while (kept := apart.get(str(place))) is not None:
            items.append(kept)
            place += 1
        return items

    def content(
        self, part: Text | Refusal | Image | File | NativePart, path: str, *, is_output: bool
    ) -> JsonObject | None:
        """A part as it stands in a message or in a tool's output; None where it is lost.

        Raises: UnsupportedContent for an image or a file in the model's own words, or one that cannot be sent.
        """
        match part:
            case Text():
                return self._content.text(part, path, is_output=is_output)
            case Refusal() if is_output or is_own(part.extras):
                return self._content.refusal(part, path)
            case Refusal():
                return self._content.text(Text(part.text), path, is_output=False)
            case Image() | File():
                return self._file(part, path, is_output=is_output)
            case _:
                return self._native_content(part, path, is_output=is_output)

    def _file(self, part: Image | File, path: str, *, is_output: bool) -> JsonObject:
        if is_output and not is_own(part.extras):
            raise UnsupportedContent(
                f"{path!r} is a file in the assistant's own turn, which cannot be sent back. "
                "Send it in a user turn.",
                param=path,
            )
        if isinstance(part, Image):
            return self._content.image(part, path)
        return self._content.file(part, path)

    def _native_content(self, part: NativePart, path: str, *, is_output: bool) -> JsonObject | None:
        if part.origin == ORIGIN:
            return part.document
        role = "assistant" if is_output else "user"
        words = self._losses.native_words(part, path, role, self._target)
        return None if words is None else self._content.text(Text(words), path, is_output=is_output)

    def native(self, part: NativePart, path: str) -> JsonObject | None:
        """An item that only this protocol knows; None when its blob is not this model's."""
        if part.opaque is None:
            return part.document
        if not self._target.takes(part.opaque.origin):
            self._losses.drop(
                path, f"it was sealed by {made_by(part.opaque.origin)}, which alone can read it"
            )
            return None
        return {**_without_blob(part.document), **_blob(part.opaque)}

    def call(self, part: ToolCall, path: str) -> JsonObject:
        """`function_call` or `custom_tool_call`."""
        naming = self._naming
        if part.opaque is not None:
            self._losses.drop(self._losses.at(path, "opaque"), "a call has no place for a signature")
        self._note(part, path)
        if part.kind == "custom":
            self._custom_calls.add(part.id)
        arguments = part.arguments if naming is None else naming.arguments(part)
        document: JsonObject = {
            "type": "custom_tool_call" if part.kind == "custom" else "function_call",
            "call_id": part.id if naming is None else _call_id(part.id),
            "name": part.name if naming is None else naming.call_name(part),
            "input" if part.kind == "custom" else "arguments": arguments,
        }
        if part.namespace is not None:
            document["namespace"] = part.namespace
        return rejoin(document, part.extras)

    def result(self, part: ToolResult, path: str) -> JsonObject:
        """`function_call_output` or `custom_tool_call_output`."""
        self._note(part, path)
        # Only here do results differ by the kind of their call; chat tells them apart by id alone.
        is_custom = part.kind == "custom" or part.call_id in self._custom_calls
        document: JsonObject = {
            "type": "custom_tool_call_output" if is_custom else "function_call_output",
            "call_id": part.call_id if self._naming is None else _call_id(part.call_id),
            "output": self._output(part, path),
        }
        if part.name is not None and self._naming is None:
            document["name"] = part.name
        return rejoin(document, part.extras)

    def _output(self, part: ToolResult, path: str) -> Json:
        places = [inner_path(self._losses.origin, path, index) for index in range(len(part.content))]
        written = [
            self.content(one, place, is_output=False) for one, place in zip(part.content, places, strict=True)
        ]
        contents: list[Json] = [document for document in written if document is not None]
        if part.is_error:
            # There is no flag for it; what the tool said is nearly always an error's words.
            place = self._losses.at(path, "is_error")
            self._losses.approximate(place, "the result's text says that it is an error")
            if not contents:
                return "The tool failed and said nothing."
        if is_own(part.extras) and not part.is_plain:
            return contents
        if not contents:
            return ""
        first = part.content[0]
        return first.text if len(part.content) == 1 and isinstance(first, Text) else contents

    def reasoning(self, part: Reasoning, path: str) -> JsonObject | None:
        """`reasoning`; None when it may not be sent. Unencrypted thinking is refused, and is never said as text."""
        if part.opaque is not None and not self._target.takes(part.opaque.origin):
            self._losses.drop(
                path, f"it was sealed by {made_by(part.opaque.origin)}, which alone can read it"
            )
            return None
        if part.opaque is None and self._naming is not None:
            if part.summary or part.text:
                self._losses.drop(path, "reasoning can only be replayed in encrypted form")
            return None
        self._note(part, path)
        pieces: list[Json] = [{"type": "summary_text", "text": text} for text in part.summary]
        document = rejoin({"type": "reasoning", "summary": pieces}, part.extras)
        return document if part.opaque is None else {**_without_blob(document), **_blob(part.opaque)}

    def _note(self, part: ToolCall | ToolResult | Reasoning, path: str) -> None:
        if part.cache is not None:
            note_cache(self._losses, path)
        if not is_own(part.extras):
            self._losses.drop_extras(path, part.extras)

    def note_turn(self, turn: Turn, path: str) -> None:
        """Note what a turn of another protocol has that an item has not."""
        if turn.name is not None:
            self._losses.drop(f"{path}.name", "messages bear no names")
        if not is_own(turn.extras):
            self._losses.drop_extras(path, turn.extras)


class _Layout:
    """One turn: message parts are gathered until something comes that is an item of its own."""

    def __init__(self, writer: ItemWriter, turn: Turn, path: str, places: list[str]) -> None:
        self._writer = writer
        self._turn = turn
        self._path = path
        self._places = places
        self._items: list[Json] = []
        self._gathered: list[Json] = []
        self._is_message = is_own(turn.extras) and turn.extras is not None and MESSAGE in turn.extras.spelled

    def items(self) -> list[Json]:
        """The items of the turn."""
        turn = self._turn
        self._writer.note_turn(turn, self._path)
        for part, place in zip(turn.parts, self._places, strict=True):
            self._add(part, place)
        if self._gathered or self._is_message:
            self._close()
        return self._items

    def _add(self, part: Part, path: str) -> None:
        item: JsonObject | None
        match part:
            case ToolCall():
                item = self._writer.call(part, path)
            case ToolResult():
                item = self._writer.result(part, path)
            case Reasoning():
                item = self._writer.reasoning(part, path)
            case NativePart() if part.origin == ORIGIN and not self._is_message:
                item = self._writer.native(part, path)
            case _:
                content = self._writer.content(part, path, is_output=self._turn.role == "assistant")
                if content is not None:
                    self._gathered.append(content)
                return
        if self._gathered:
            self._close()
        if item is not None:
            self._items.append(item)

    def _close(self) -> None:
        turn, first = self._turn, self._turn.parts[0] if self._turn.parts else None
        content: Json = self._gathered
        if self._is_message and turn.is_plain and isinstance(first, Text):
            content = first.text
        document: JsonObject = {
            "type": "message",
            "role": "user" if turn.role == "tool" else turn.role,
            "content": content,
        }
        if turn.phase is not None:
            document["phase"] = turn.phase
        document = rejoin(document, turn.extras)
        if turn.extras is not None and turn.extras.spelled.get(MESSAGE) == "untyped":
            del document["type"]
        self._items.append(document)
        self._gathered = []


def _without_blob(document: JsonObject) -> JsonObject:
    """A document without its id and ciphertext: only the exact pair replays (contract 5.2)."""
    return {name: value for name, value in document.items() if name not in _BLOB}


def _blob(opaque: Opaque) -> JsonObject:
    return {name: opaque.payload[name] for name in _BLOB if name in opaque.payload}


def _call_id(call_id: str) -> str:
    """A call's id, or a short one made from it where it is longer than the API's limit."""
    if len(call_id) <= _MAX_CALL_ID_CHARS:
        return call_id
    return "call_" + hashlib.sha256(call_id.encode("utf-8", "replace")).hexdigest()[:32]
