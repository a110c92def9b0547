"""Turns of other protocols as Messages wants them: roles alternate, the user begins, every call is answered.

Owns order and repair. Must never know what a block holds. Whatever it adds stands at the same place in every
longer history (law L7); so nothing is added behind the newest results, nor behind calls that end the history.

    messages := user (assistant user)* [assistant]
    user     := tool_result* block*     one result for each call of the assistant's turn before it
Source: Anthropic API reference, messages and tool use; upstream contract 6.1 (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.parts import Part, Reasoning, Text, ToolCall, ToolResult
from copilot_api.neutral.request import ModelRequest, Turn
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.messages.writing.parts import Blocks, PartWriter

REMINDER: Final = "<system-reminder>\n{text}\n</system-reminder>"
"""How Claude Code puts system notes into user turns: Claude models know the form."""
START: Final = "[The conversation starts here.]"
"""The user's turn where a history begins with the assistant's or holds nobody's."""
NO_RESULT: Final = "[The tool gave no result.]"

_SYSTEM: Final = ("system", "developer")


class _Conversation:
    """Messages in the making: the user's turn is held open until the assistant speaks."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self.unanswered: dict[str, str] = {}  # ids of the newest calls, each with its path
        self._assistant: list[Json] | None = None
        self._results: list[Json] = []
        self._words: list[Json] = []

    def speak(self, block: JsonObject) -> None:
        """A block of the assistant's. A client may have kept the same thinking twice: beside and in a part."""
        if self._assistant is None:
            self._assistant = []
            self.messages.append({"role": "assistant", "content": self._assistant})
        last = self._assistant[-1] if self._assistant else None
        if not (isinstance(last, dict) and _blob(block) is not None and _blob(last) == _blob(block)):
            self._assistant.append(block)

    def say(self, block: JsonObject) -> None:
        """A block of the user's."""
        self._words.append(block)

    def answer(self, call_id: str, block: JsonObject) -> None:
        """The result of an unanswered call."""
        del self.unanswered[call_id]
        self._results.append(block)

    def end_user(self, *, is_last: bool) -> list[str]:
        """The user's turn is whole; calls still unanswered get a result that says so. Returns their paths.

        Not where the history ends in results alone: the rest may be on its way.
        """
        filled = [] if is_last and not self._words else [*self.unanswered.items()]
        for call_id, _ in filled:
            self._results.append({"type": "tool_result", "tool_use_id": call_id, "content": NO_RESULT})
        content = [*self._results, *self._words]
        self.messages.append({"role": "user", "content": content or [{"type": "text", "text": START}]})
        self.unanswered, self._assistant, self._results, self._words = {}, None, [], []
        return [path for _, path in filled]

    def forget_bare_thought(self) -> bool:
        """Let go of an assistant's turn at the end that holds thinking alone: its answer was cut behind it."""
        is_bare = all(_is_thought(block) for block in self._assistant or ())
        if is_bare:
            self.messages.pop()
        return is_bare

    @property
    def is_users(self) -> bool:
        """Whether the user's turn is open, as it is at the very beginning."""
        return bool(self._results or self._words or not self.messages)


def arrange(request: ModelRequest, writer: PartWriter, losses: Losses) -> tuple[Blocks, list[Json]]:
    """The system blocks and the messages of a request from another protocol.

    Raises: UnsupportedContent
    """
    system: Blocks = []
    for index, part in enumerate(request.instructions):
        system += writer.blocks(part, losses.instruction(index), "system")
    conversation = _Conversation()
    is_leading = True
    for index, turn in enumerate(request.turns):
        _note_lost(turn, losses.turn(index), losses)
        is_leading = is_leading and turn.role in _SYSTEM
        for at, part in enumerate(turn.parts):
            part_path = losses.part(index, at)
            if is_leading:
                system += writer.blocks(part, part_path, "system")
            else:
                _place(conversation, turn, part, part_path, writer, losses)
    if conversation.is_users:
        _end_user(conversation, losses, is_last=True)
    elif conversation.forget_bare_thought():
        losses.drop(losses.turn(len(request.turns) - 1), "Messages cannot go on from a thought")
    return system, conversation.messages


def _note_lost(turn: Turn, path: str, losses: Losses) -> None:
    if turn.name is not None:
        losses.drop(f"{path}.name", "Messages' turns have no names")
    if turn.phase is not None:
        losses.spare(f"{path}.phase", "Messages' turns have no phases")
    losses.drop_extras(path, turn.extras)


def _place(
    conversation: _Conversation, turn: Turn, part: Part, path: str, writer: PartWriter, losses: Losses
) -> None:
    match part:
        case ToolResult():
            _answer(conversation, part, path, writer)
        case ToolCall() | Reasoning():
            _speak(conversation, part, path, writer, losses)
        case _ if turn.role == "assistant":
            _speak(conversation, part, path, writer, losses)
        case Text() if turn.role in _SYSTEM:
            if part.text.strip():
                reminder = Text(REMINDER.format(text=part.text), cache=part.cache, extras=part.extras)
                for block in writer.blocks(reminder, path, "user"):
                    conversation.say(block)
        case _:
            for block in writer.blocks(part, path, turn.role):
                conversation.say(block)


def _speak(conversation: _Conversation, part: Part, path: str, writer: PartWriter, losses: Losses) -> None:
    for block in writer.blocks(part, path, "assistant"):
        if conversation.is_users:
            _end_user(conversation, losses, is_last=False)
        conversation.speak(block)
        if block.get("type") == "tool_use":
            conversation.unanswered[str(block["id"])] = path


def _answer(conversation: _Conversation, part: ToolResult, path: str, writer: PartWriter) -> None:
    (block,) = writer.blocks(part, path, "tool")
    call_id = str(block["tool_use_id"])
    if call_id in conversation.unanswered:
        conversation.answer(call_id, block)
        return
    for words in writer.orphan(part, path, "tool"):
        conversation.say(words)


def _end_user(conversation: _Conversation, losses: Losses, *, is_last: bool) -> None:
    for path in conversation.end_user(is_last=is_last):
        losses.approximate(path, "the call has no result: one that says so was added")


def _is_thought(block: Json) -> bool:
    return isinstance(block, dict) and block.get("type") in ("thinking", "redacted_thinking")


def _blob(block: JsonObject) -> Json:
    return block.get("signature") or block.get("data")
