"""Whole chat answers: upstream's are read by the machine that reads streams, a client's are written.

Source: openai 3.54, types/chat/chat_completion.py; upstream contract 4.2, 4.4 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, Text, TokenLogprob, ToolCall
from copilot_api.neutral.request import CustomTool, ModelRequest
from copilot_api.neutral.usage import Finish, FinishReason
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.chat.answers.annotations import annotation
from copilot_api.protocols.chat.answers.reader import ChatReader
from copilot_api.protocols.chat.slots import DETAILS, FIELD, SlotWriter, write_details
from copilot_api.protocols.chat.words import ORIGIN, write_finish, write_usage
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.openai.logprobs import write_logprobs
from copilot_api.protocols.tools import restore_completion, wrap_input

MESSAGE: Final = "choices[0].message"
UNCITED: Final = "chat cites addresses, for words"
ANSWER: Final = "upstream"
"""The origin of a loss that no protocol can be named for."""
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
    losses = Losses(ANSWER, ORIGIN)
    answer = _Message(losses, completion.id or voice.answer_id, freeform_tools(request))
    for part in restore_completion(completion, names).parts:
        answer.say(part)
    message = answer.message()
    finish = completion.finish or Finish(FinishReason.STOP, "")
    reason = write_finish(finish, has_calls=bool(answer.calls), has_refusal=bool(answer.refusals))
    document: JsonObject = {
        "id": completion.id or voice.answer_id,
        "object": "chat.completion",
        "created": completion.created_unix_s or voice.created_unix_s,
        "model": completion.model or voice.model,
        "choices": [{"index": 0, "message": message, "logprobs": answer.logprobs(), "finish_reason": reason}],
    }
    if completion.usage is not None:
        document["usage"] = write_usage(completion.usage)
    return document, losses.all


class _Message:
    """The one message of an answer in the making."""

    def __init__(self, losses: Losses, answer_id: str, freeform: frozenset[str]) -> None:
        self._losses = losses
        self._answer_id = answer_id
        self._freeform = freeform
        self.texts: list[str] = []
        self.tokens: list[TokenLogprob] = []
        self.refusals: list[str] = []
        self.thoughts: list[str] = []
        self.annotations: list[Json] = []
        self.calls: list[JsonObject] = []
        self.slot = SlotWriter()

    def say(self, part: Part) -> None:
        """Add a part."""
        self.slot.add(part)
        match part:
            case Text():
                self._cite(part)
                self.texts.append(part.text)
                self.tokens += part.logprobs
            case Refusal():
                self.refusals.append(part.text)
            case Reasoning():
                self.thoughts += [thought for thought in (*part.summary, part.text) if thought]
            case ToolCall():
                self.calls.append(write_call(part, self._answer_id, len(self.calls), self._freeform))
            case NativePart():
                note_native(part, self._losses)
                self.texts += [part.text] if part.text else []
            case _:
                self._losses.drop(MESSAGE, "chat answers with text and calls only")

    def _cite(self, part: Text) -> None:
        before = sum(map(len, self.texts))
        for citation in part.citations:
            note = annotation(citation, before, before + len(part.text))
            if note is None or not part.text:
                self._losses.drop(f"{MESSAGE}.annotations", UNCITED, citation.origin)
            else:
                self.annotations.append(note)

    def logprobs(self) -> Json:
        """How likely the words were; null where nobody says."""
        return write_weights(tuple(self.tokens)) if self.tokens else None

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
            message["tool_calls"] = [*self.calls]
            if slot is not None:
                message[DETAILS] = write_details(slot, str(self.calls[0]["id"]))
        return message


def write_weights(tokens: tuple[TokenLogprob, ...]) -> JsonObject:
    """The `logprobs` of a choice."""
    return {"content": write_logprobs(tokens), "refusal": None}


def freeform_tools(request: ModelRequest) -> frozenset[str]:
    """The freeform tools that the client declared: no other client knows calls of that kind."""
    return frozenset(tool.name for tool in request.tools if isinstance(tool, CustomTool))


def note_native(part: NativePart, losses: Losses) -> None:
    """Note what becomes of a part that only its origin knows."""
    if part.text:
        losses.approximate(MESSAGE, "said as text", part.origin)
    else:
        losses.drop(MESSAGE, f"only {part.origin} has a part {part.document.get('type')!r}", part.origin)


def write_call(call: ToolCall, answer_id: str, position: int, freeform: frozenset[str]) -> JsonObject:
    """A tool call; one without arguments has none, which JSON spells `{}`."""
    call_id = call.id or f"call_{answer_id}_{position}"
    if call.kind == "custom" and call.name in freeform:
        return {"id": call_id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    arguments = wrap_input(call.arguments) if call.kind == "custom" else call.arguments or "{}"
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": arguments}}
