"""Whole chat answers: upstream's are read by the machine that reads streams, a client's are written.

Source: openai 3.54, types/chat/chat_completion.py; upstream contract 4.2, 4.4 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.neutral.request import ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.chat.answers.annotations import annotation
from copilot_api.protocols.chat.answers.reader import ChatReader
from copilot_api.protocols.chat.slots import FIELD, SlotWriter
from copilot_api.protocols.chat.words import ORIGIN, write_finish, write_usage
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.tools import restore_completion

BETWEEN_THOUGHTS: Final = "\n\n"
"""Between the pieces of a summary and between thoughts: a message has one string for them all."""


def read_reply(document: JsonObject, origin: str) -> Completion:
    """Read a whole answer; choices that one answer was split over become one again.

    Raises: UpstreamProtocolError when there are no choices, or an error in their place.
    """
    reader = ChatReader(origin)
    if "error" not in document and not isinstance(document.get("choices"), list):
        raise UpstreamProtocolError(
            "The answer from upstream is no chat completion: it has no 'choices'. Send the request again."
        )
    return fold(reader.read_whole(document))


def write_reply(
    completion: Completion, request: ModelRequest, voice: Voice, names: ToolNames
) -> tuple[JsonObject, tuple[Loss, ...]]:
    """A whole answer as `chat.completion`."""
    answer = _Message()
    losses = Losses(request.origin, ORIGIN)
    restored = restore_completion(completion, names)
    for at, part in enumerate(restored.parts):
        answer.say(part, f"choices[0].message[{at}]", losses, voice.answer_id)
    message = answer.message()
    finish = completion.finish or Finish(FinishReason.STOP, "")
    reason = write_finish(finish, has_calls=bool(answer.calls), has_refusal=bool(answer.refusals))
    document: JsonObject = {
        "id": completion.id or voice.answer_id,
        "object": "chat.completion",
        "created": completion.created_unix_s or voice.created_unix_s,
        "model": completion.model or voice.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
    }
    if completion.usage is not None:
        document["usage"] = write_usage(completion.usage)
    return document, losses.all


class _Message:
    """The one message of an answer in the making."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.refusals: list[str] = []
        self.thoughts: list[str] = []
        self.annotations: list[Json] = []
        self.calls: list[Json] = []
        self.slot = SlotWriter()

    def say(self, part: Part, path: str, losses: Losses, answer_id: str) -> None:
        """Add a part."""
        self.slot.add(part)
        match part:
            case Text():
                before = sum(map(len, self.texts))
                for citation in part.citations:
                    note = annotation(citation, before, before + len(part.text))
                    if note is None:
                        losses.drop(f"{path}.citations", "chat cites addresses only")
                    else:
                        self.annotations.append(note)
                self.texts.append(part.text)
            case Refusal():
                self.refusals.append(part.text)
            case Reasoning():
                self.thoughts += [thought for thought in (*part.summary, part.text) if thought]
            case ToolCall():
                self.calls.append(write_call(part, answer_id, len(self.calls)))
            case NativePart() if part.text is not None:
                losses.approximate(path, f"only {part.origin} has this part: said as text")
                self.texts.append(part.text)
            case _:
                losses.drop(path, "chat answers with text and calls only")

    def message(self) -> JsonObject:
        """The message with what is not empty."""
        message: JsonObject = {
            "role": "assistant",
            "content": "".join(self.texts) if self.texts else None,
            "refusal": "".join(self.refusals) if self.refusals else None,
        }
        if self.annotations:
            message["annotations"] = self.annotations
        thought = BETWEEN_THOUGHTS.join(self.thoughts)
        if thought:
            # Copilot's own name for it and the one most other clients read (see writer.py).
            message["reasoning_text"] = message["reasoning_content"] = thought
        slot = self.slot.write()
        if slot is not None:
            message[FIELD] = slot
        if self.calls:
            message["tool_calls"] = self.calls
        return message


def write_call(call: ToolCall, answer_id: str, position: int) -> JsonObject:
    """A tool call; one without arguments has none, which JSON spells `{}`."""
    call_id = call.id or f"call_{answer_id}_{position}"
    if call.kind == "custom":
        return {"id": call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    arguments = call.arguments or "{}"
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
