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
from copilot_api.protocols.losses import Losses, turn_path
from copilot_api.protocols.tools import Naming

_ERROR_WORDS: Final = ("error", "<tool_use_error")


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
        if request.instructions:
            self._speak("system", request.instructions, "instructions")
        for at, turn in enumerate(request.turns):
            path = turn_path(request.origin, at)
            self._losses.drop_extras(path, turn.extras)
            if turn.role == "assistant":
                self._settle()
                self._answer(turn, path, may_join=at > 0 and request.turns[at - 1].role == "assistant")
            else:
                self._ask(turn, path)
            if turn.phase is not None:
                self._losses.drop(f"{path}.phase", "chat tells no commentary from answers")
        self._settle()
        return self.messages

    def _settle(self) -> None:
        """Say the pictures of the results so far: only now may a user message stand between."""
        if self._pictures:
            self.messages.append({"role": "user", "content": [*self._pictures]})
            self._pictures = []

    def _ask(self, turn: Turn, path: str) -> None:
        said: list[Part] = []
        for at, part in enumerate(turn.parts):
            if isinstance(part, ToolResult):
                self._result(part, f"{path}.content[{at}]" if len(turn.parts) > 1 else path)
            else:
                said.append(part)
        if turn.role == "tool" and not said:
            return
        self._settle()
        role = "system" if turn.role in ("system", "developer") else "user"
        self._speak(role, tuple(said), path, turn.name)

    def _speak(self, role: str, parts: tuple[Part, ...], path: str, name: str | None = None) -> None:
        content: list[Json] = []
        for at, part in enumerate(parts):
            if isinstance(part, Text | Image | File | Refusal | NativePart):
                content.append(foreign_part(part, f"{path}.content[{at}]", self._target, self._losses))
            else:
                self._losses.drop(f"{path}.content[{at}]", f"the role {role!r} cannot say this")
        if not content:
            return
        message: JsonObject = {"role": role, "content": _plain(content, role)}
        if name is not None:
            message["name"] = name
        self._hint(message, parts, path)
        self.messages.append(message)

    def _hint(self, message: JsonObject, parts: tuple[Part, ...], path: str) -> None:
        """A cache mark anywhere in a turn marks its message: chat's marks only prime the cache (contract 4.1)."""
        marks = [mark for part in parts if (mark := _cache_of(part)) is not None]
        if not marks:
            return
        message["copilot_cache_control"] = {"type": "ephemeral"}
        if any(mark.ttl not in (None, "5m") for mark in marks):
            self._losses.approximate(f"{path}.cache_control", "chat's cache marks name no time")

    def _result(self, result: ToolResult, path: str) -> None:
        self._losses.drop_extras(path, result.extras)
        texts: list[str] = []
        pictures: list[JsonObject] = []
        for at, part in enumerate(result.content):
            document = foreign_part(part, f"{path}.content[{at}]", self._target, self._losses)
            if isinstance(part, Image):
                pictures.append(document)
            else:
                texts.append(str(document["text"]))
        text = "\n\n".join(texts)
        if result.is_error and not text.lstrip().lower().startswith(_ERROR_WORDS):
            text = f"Error: {text}"
        if result.is_error:
            self._losses.approximate(f"{path}.is_error", "chat has no failed results: said in the text")
        if pictures:
            text = text or "The result is a picture. It follows."
            self._losses.approximate(f"{path}.content", "a result holds text only: its pictures follow")
            self._pictures.append(
                {"type": "text", "text": f"From the result of the tool call {result.call_id}:"}
            )
            self._pictures += pictures
        message: JsonObject = {"role": "tool", "tool_call_id": result.call_id, "content": text}
        self._hint(message, (result, *result.content), path)
        self.messages.append(message)

    def _answer(self, turn: Turn, path: str, *, may_join: bool) -> None:
        answer = _Answer(self._target, self._naming, self._losses)
        for at, part in enumerate(turn.parts):
            answer.say(part, f"{path}.content[{at}]")
        message = answer.message()
        if message is None:
            return
        if turn.name is not None:
            message["name"] = turn.name
        self._hint(message, turn.parts, path)
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
                        self._losses.drop(f"{path}.citations", "chat's requests carry no citations")
                if self._calls and part.text:
                    self._losses.approximate(path, "what was said after a tool call is said before it")
                self._texts.append(part.text)
            case NativePart() if part.text is not None:
                self._losses.approximate(path, f"only {part.origin} has this part: said as text")
                self._texts.append(part.text)
            case NativePart():
                kind = part.document.get("type")
                self._losses.drop(path, f"{kind!r} was run by a {part.origin} server: chat cannot tell of it")
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
            self._losses.drop(
                path, f"this reasoning is {opaque.origin}'s: {self._target.model!r} cannot verify it"
            )
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
