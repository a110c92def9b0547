"""Reading a request far enough to know whose turn it is.

Owns: finding the directive of the running turn and how many answers it has already had.
Must never know: what the answers look like.

The turn begins with the newest user text that holds a directive; it has had one answer per assistant
message since. It is over once an assistant message without a tool call lies behind it, so a later
plain question gets the demo answer. A turn without a directive begins there, or with the conversation:
a rule that scripts it takes its steps one after another too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from copilot_api.simulator.script.directives import OPENING
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

Speaker = Literal["user", "assistant", "tool", "other"]


@dataclass(frozen=True, slots=True)
class Turn:
    """The running turn: its directive (None: a free question), how often it was answered, the last words."""

    directive: str | None
    answered: int
    last_text: str


@dataclass(frozen=True, slots=True)
class _Utterance:
    speaker: Speaker
    texts: tuple[str, ...] = ()
    has_call: bool = False


def read_turn(protocol: str, body: Json) -> Turn:
    """Find the running turn of a request body of one wire protocol."""
    utterances = list(_READERS[protocol](body))
    answered = 0
    last_text = ""
    position = len(utterances) - 1
    while position >= 0:
        utterance = utterances[position]
        if utterance.speaker == "assistant":
            has_call = utterance.has_call
            while position > 0 and utterances[position - 1].speaker == "assistant":
                position -= 1
                has_call = has_call or utterances[position].has_call
            if not has_call:
                return Turn(None, answered, last_text)
            answered += 1
        elif utterance.speaker == "user":
            for text in reversed(utterance.texts):
                if OPENING in text:
                    return Turn(text[text.index(OPENING) :], answered, text)
                last_text = last_text or text
        position -= 1
    return Turn(None, answered, last_text)


def _texts(content: object) -> tuple[str, ...]:
    if isinstance(content, str):
        return (content,)
    parts = (as_object(part) for part in as_list(content))
    return tuple(as_text(part.get("text")) for part in parts if part.get("text"))


def _read_chat(body: Json) -> Iterator[_Utterance]:
    for item in as_list(body.get("messages")):
        message = as_object(item)
        role = as_text(message.get("role"))
        if role == "user":
            yield _Utterance("user", _texts(message.get("content")))
        elif role == "assistant":
            yield _Utterance("assistant", has_call=bool(message.get("tool_calls")))
        else:
            yield _Utterance("tool" if role == "tool" else "other")


def _read_messages(body: Json) -> Iterator[_Utterance]:
    for item in as_list(body.get("messages")):
        message = as_object(item)
        role, content = as_text(message.get("role")), message.get("content")
        if role == "user":
            yield _Utterance("user", _texts(content))
        elif role == "assistant":
            kinds = {as_text(as_object(part).get("type")) for part in as_list(content)}
            yield _Utterance("assistant", has_call="tool_use" in kinds)
        else:
            yield _Utterance("other")


_CALLS = {"function_call", "custom_tool_call", "tool_search_call", "local_shell_call", "shell_call"}


def _read_responses(body: Json) -> Iterator[_Utterance]:
    items = body.get("input")
    if isinstance(items, str):
        yield _Utterance("user", (items,))
        return
    for entry in as_list(items):
        item = as_object(entry)
        kind = as_text(item.get("type")) or "message"
        if kind in ("message", "agent_message"):
            role = as_text(item.get("role")) if kind == "message" else "user"
            if role == "user":
                yield _Utterance("user", _texts(item.get("content")))
            elif role == "assistant":
                yield _Utterance("assistant")
            else:
                yield _Utterance("other")
        elif kind in _CALLS:
            yield _Utterance("assistant", has_call=True)
        elif kind == "reasoning":
            yield _Utterance("assistant", has_call=False)
        else:
            yield _Utterance("tool")


_READERS = {"chat": _read_chat, "messages": _read_messages, "responses": _read_responses}
