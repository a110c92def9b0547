"""Turns of another protocol as chat messages.

Owns the order chat asks for: an assistant message with all calls of one go, directly after it one `tool` message
for each result, and only then whoever speaks next. Pictures that a tool gave back follow in a user message, since
a `tool` message holds text only (VS Code and opencode do the same). System turns stay in their places.
Source: upstream contract 4.1, 4.3; openai 3.54, types/chat/chat_completion_tool_message_param.py (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    CacheHint,
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
from copilot_api.protocols.chat.slots import FIELD
from copilot_api.protocols.chat.writing.content import foreign_part
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.spelling import inner_path, made_by
from copilot_api.protocols.tools import Naming

_ERROR_WORDS: Final = ("error", "<tool_use_error")
_Placed = tuple[Part, str]
"""A part, and where it stood in the client's document."""


class TurnWriter:
    """Writes turns one after the other; `messages` is what they became."""

    def __init__(self, target: Target, naming: Naming, losses: Losses) -> None:
        self._target = target
        self._naming = naming
        self._losses = losses
        self._pictures: list[JsonObject] = []
        self.messages: list[JsonObject] = []

    def write(self, request: ModelRequest) -> list[JsonObject]:
        """All messages of a request.

        Raises: UnsupportedContent for a part that chat cannot carry.
        """
        losses = self._losses
        if request.instructions:
            places = [losses.instruction(at) for at in range(len(request.instructions))]
            self._speak("system", [*zip(request.instructions, places, strict=True)])
        for at, turn in enumerate(request.turns):
            losses.drop_extras(losses.turn(at), turn.extras)
            said = [(part, losses.part(at, index)) for index, part in enumerate(turn.parts)]
            if turn.role == "assistant":
                self._settle()
                self._answer(turn, said, may_join=at > 0 and request.turns[at - 1].role == "assistant")
            else:
                self._ask(turn, said)
            if turn.phase is not None:
                losses.spare(f"{losses.turn(at)}.phase", "chat tells no commentary from answers")
        self._settle()
        return self.messages

    def _settle(self) -> None:
        """Say the pictures of the results so far: only now may a user message stand between."""
        if self._pictures:
            self.messages.append({"role": "user", "content": [*self._pictures]})
            self._pictures = []

    def _ask(self, turn: Turn, parts: list[_Placed]) -> None:
        said: list[_Placed] = []
        for part, path in parts:
            if isinstance(part, ToolResult):
                self._result(part, path)
            else:
                said.append((part, path))
        if turn.role == "tool" and not said:
            return
        self._settle()
        role = "system" if turn.role in ("system", "developer") else "user"
        self._speak(role, said, turn.name)

    def _speak(self, role: str, parts: list[_Placed], name: str | None = None) -> None:
        content: list[Json] = []
        for part, path in parts:
            if isinstance(part, Text | Image | File | Refusal | NativePart):
                content.append(foreign_part(part, path, self._target, self._losses))
            else:
                self._losses.drop(path, f"the role {role!r} cannot say this")
        if not content:
            return
        message: JsonObject = {"role": role, "content": _plain(content, role)}
        if name is not None:
            message["name"] = name
        self._hint(message, parts)
        self.messages.append(message)

    def _hint(self, message: JsonObject, parts: list[_Placed]) -> None:
        """A cache mark anywhere in a turn marks its message: chat's marks only prime the cache (contract 4.1)."""
        for part, path in parts:
            mark = _cache_of(part)
            if mark is None:
                continue
            message["copilot_cache_control"] = {"type": "ephemeral"}
            place = self._losses.at(path, "cache")
            self._losses.drop_extras(place, mark.extras)
            if mark.ttl is not None:
                self._losses.spare(f"{place}.ttl", "chat's cache marks name no time")

    def _result(self, result: ToolResult, path: str) -> None:
        self._losses.drop_extras(path, result.extras)
        texts: list[str] = []
        pictures: list[JsonObject] = []
        inner = [inner_path(self._losses.origin, path, at) for at in range(len(result.content))]
        for part, place in zip(result.content, inner, strict=True):
            document = foreign_part(part, place, self._target, self._losses)
            if isinstance(part, Image):
                pictures.append(document)
            else:
                texts.append(str(document["text"]))
        text = "\n\n".join(texts)
        if result.is_error and not text.lstrip().lower().startswith(_ERROR_WORDS):
            text = f"Error: {text}"
        if result.is_error:
            place = self._losses.at(path, "is_error")
            self._losses.approximate(place, "chat has no failed results: said in the text")
        if pictures:
            text = text or "The result is a picture. It follows."
            self._losses.approximate(path, "a result holds text only: its pictures follow")
            self._pictures.append(
                {"type": "text", "text": f"From the result of the tool call {result.call_id}:"}
            )
            self._pictures += pictures
        message: JsonObject = {"role": "tool", "tool_call_id": result.call_id, "content": text}
        self._hint(message, [(result, path), *zip(result.content, inner, strict=True)])
        self.messages.append(message)

    def _answer(self, turn: Turn, parts: list[_Placed], *, may_join: bool) -> None:
        answer = _Answer(self._target, self._naming, self._losses)
        for part, path in parts:
            answer.say(part, path)
        message = answer.message()
        if message is None:
            return
        if turn.name is not None:
            message["name"] = turn.name
        self._hint(message, parts)
        last = self.messages[-1] if self.messages else None
        if may_join and last is not None and last["role"] == "assistant":
            _join(last, message)
        else:
            self.messages.append(message)


class _Answer:
    """One assistant message in the making."""

    def __init__(self, target: Target, naming: Naming, losses: Losses) -> None:
        self._target = target
        self._naming = naming
        self._losses = losses
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._blobs: list[str] = []
        self._calls: list[Json] = []

    def say(self, part: Part, path: str) -> None:
        """Add a part."""
        match part:
            case Reasoning():
                self._think(part, path)
            case ToolCall():
                self._losses.drop_extras(path, part.extras)
                self._prove(part.opaque, path)
                function: Json = {
                    "name": self._naming.call_name(part),
                    "arguments": self._naming.arguments(part),
                }
                self._calls.append({"id": part.id, "type": "function", "function": function})
            case Text() | Refusal():
                self._losses.drop_extras(path, part.extras)
                if isinstance(part, Text):
                    self._prove(part.opaque, path)
                    if part.citations:
                        place = self._losses.at(path, "citations")
                        self._losses.drop(place, "chat's requests carry no citations")
                if self._calls and part.text:
                    self._losses.approximate(path, "what was said after a tool call is said before it")
                self._texts.append(part.text)
            case NativePart():
                words = self._losses.native_words(part, path, "assistant", self._target)
                self._texts += [] if words is None else [words]
            case _:
                self._losses.drop(path, "chat's assistant says text and calls only")

    def _think(self, part: Reasoning, path: str) -> None:
        """Reasoning goes back to whoever signed it and to nobody else; without a signature Claude refuses it."""
        self._losses.drop_extras(path, part.extras)
        if self._prove(part.opaque, path) and not part.is_redacted:
            self._thoughts.append("".join(part.summary) + (part.text or ""))
        elif part.opaque is None:
            self._losses.drop(path, f"the model {self._target.model!r} takes no reasoning without its proof")

    def _prove(self, opaque: Opaque | None, path: str) -> bool:
        if opaque is None:
            return False
        blob = opaque.payload.get(FIELD) if self._target.takes(opaque.origin) else None
        if blob is None:
            said = f"this reasoning was sealed by {made_by(opaque.origin)}, which alone can read it"
            self._losses.drop(path, said)
            return False
        self._blobs.append(blob)
        return True

    def message(self) -> JsonObject | None:
        """The message; None when nothing of it could be said."""
        text = "".join(self._texts)
        if not (text or self._calls or self._blobs):
            return None
        message: JsonObject = {"role": "assistant", "content": text or None}
        if self._blobs:
            if any(self._thoughts):
                message["reasoning_text"] = "".join(self._thoughts)
            message[FIELD] = "".join(self._blobs)
        if self._calls:
            message["tool_calls"] = self._calls
        return message


def _plain(content: list[Json], role: str) -> Json:
    """A bare string where one says the same; system content is always one, as every model takes it."""
    texts = [part["text"] for part in content if isinstance(part, dict) and part["type"] == "text"]
    if len(texts) == len(content) and (len(texts) == 1 or role == "system"):
        return "\n\n".join(str(text) for text in texts)
    return content


def _cache_of(part: Part) -> CacheHint | None:
    return None if isinstance(part, Refusal | NativePart) else part.cache


def _join(last: JsonObject, more: JsonObject) -> None:
    """Add to an assistant message what the same speaker said on: protocols of items give each a turn."""
    for name, value in more.items():
        held = last.get(name)
        if isinstance(held, str) and isinstance(value, str) and name not in ("role", "name"):
            last[name] = held + value
        elif isinstance(held, list) and isinstance(value, list):
            last[name] = [*held, *value]
        elif held is None:
            last[name] = value
