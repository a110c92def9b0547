"""The `output` of an answer, item by item, and a whole answer.

Owns what an output item says. Its id is left out: Copilot's differ between events, and only reasoning needs its own
again, which stays with the ciphertext it is bound to.
Source: openai-python 3.54, types/responses/response_output_item; upstream contract 5.2, 5.3 (read 2026-11).
"""

from typing import Final

import msgspec

from copilot_api.errors import MalformedRequest, UpstreamProtocolError
from copilot_api.neutral.events import ReplyFailed
from copilot_api.neutral.extras import Extras, JsonObject, Remainder
from copilot_api.neutral.fold import Completion
from copilot_api.neutral.opaque import open_sealed
from copilot_api.neutral.parts import NativePart, Part, Reasoning, Refusal, Text, ToolCall
from copilot_api.protocols.billing import add_price
from copilot_api.protocols.openai.logprobs import read_logprobs
from copilot_api.protocols.responses.reading.content import (
    ORIGIN,
    native_blob,
    object_at,
    read_content,
    read_custom_call,
    read_function_call,
    read_reasoning,
    read_search_call,
)
from copilot_api.protocols.responses.tap import CANCELLED, read_failure, read_finish, read_usage

LOGPROBS: Final = "logprobs"
PHASE: Final = "phase"
"""Noted on a text: "commentary" or "final_answer", as its message says."""


def read_item(item: JsonObject, origin: str) -> tuple[Part, ...]:
    """The parts of one finished output item: a message has as many as its content.

    Raises: MalformedRequest for a known field of a wrong type.
    """
    fields = Remainder(item, ORIGIN)
    match item.get("type"):
        case "message":
            content = fields.array("content") or []
            phase = phase_of(item)
            return tuple(_trimmed(part, phase) for part in read_content(content, "content", "output_text"))
        case "reasoning":
            return (_trimmed(read_reasoning(fields, origin)),)
        case "function_call":
            return (_trimmed(read_function_call(fields)),)
        case "custom_tool_call":
            return (_trimmed(read_custom_call(fields)),)
        case "tool_search_call" if item.get("execution") == "client":
            return (read_search_call(fields),)
        case _:
            return (read_native(item, origin),)


def phase_of(item: JsonObject) -> str | None:
    """A message's phase."""
    phase = item.get("phase")
    return phase if isinstance(phase, str) else None


def read_native(item: JsonObject, origin: str) -> NativePart:
    """An item that only this protocol knows; its pair of id and ciphertext, if any, as a blob."""
    content = item.get("encrypted_content")
    rest = {name: value for name, value in item.items() if name not in ("id", "encrypted_content")}
    if not isinstance(content, str) or not content:
        return NativePart(ORIGIN, rest)
    opaque = open_sealed(content) or native_blob(content, item.get("id"), origin)
    return NativePart(ORIGIN, rest, opaque=opaque)


def _trimmed(part: Part, phase: str | None = None) -> Part:
    """The part without what was noted for writing a request back, and without nulls."""
    if isinstance(part, NativePart) or not isinstance(part, Text | Refusal | Reasoning | ToolCall):
        return part
    fields = part.extras.fields if part.extras is not None else {}
    if isinstance(part, Text) and LOGPROBS in fields:
        part = msgspec.structs.replace(part, logprobs=read_logprobs(fields[LOGPROBS]))
        fields = {name: value for name, value in fields.items() if name != LOGPROBS}
    said: JsonObject = {name: value for name, value in fields.items() if value is not None}
    spelled: JsonObject = {} if phase is None else {PHASE: phase}
    extras = Extras(ORIGIN, said, spelled) if said or spelled else None
    trimmed = msgspec.structs.replace(part, extras=extras)
    # Reasoning that is not summarised is not redacted: it just has no words.
    return msgspec.structs.replace(trimmed, is_redacted=False) if isinstance(trimmed, Reasoning) else trimmed


def created_at(response: JsonObject) -> int | None:
    """When the answer was begun."""
    created = response.get("created_at")
    return int(created) if isinstance(created, int | float) and not isinstance(created, bool) else None


def text_field(document: JsonObject, name: str) -> str:
    """A string field; empty when it is something else."""
    value = document.get(name)
    return value if isinstance(value, str) else ""


def read_reply(document: JsonObject, origin: str) -> Completion:
    """Read a whole answer.

    Raises: UpstreamProtocolError when the document is not a finished answer.
    """
    output, status = document.get("output"), document.get("status", "completed")
    if not isinstance(output, list):
        raise UpstreamProtocolError("The upstream's answer has no 'output' list. Try again.")
    try:
        items = [object_at(item, f"output[{index}]") for index, item in enumerate(output)]
        parts = tuple(part for item in items for part in read_item(item, origin))
    except MalformedRequest as error:
        raise UpstreamProtocolError(f"The upstream's answer cannot be read: {error.message}") from error
    completion = Completion(
        id=text_field(document, "id"),
        model=text_field(document, "model"),
        parts=parts,
        usage=add_price(read_usage(document.get("usage")), document.get("copilot_usage")),
        created_unix_s=created_at(document),
    )
    match status:
        case "completed" | "incomplete":
            is_calling = any(isinstance(part, ToolCall) for part in parts)
            finish = read_finish(status, document.get("incomplete_details"), is_calling=is_calling)
            return msgspec.structs.replace(completion, finish=finish)
        case "failed":
            failure = ReplyFailed("error", *read_failure(document.get("error")))
        case "cancelled":
            failure = ReplyFailed("error", CANCELLED, "cancelled")
        case _:
            raise UpstreamProtocolError(f"The upstream's answer is not finished: its status is {status!r}.")
    return msgspec.structs.replace(completion, failure=failure)


def bare(part: Part) -> Part:
    """A part as it begins."""
    replace = msgspec.structs.replace
    match part:
        case Text():
            return replace(part, text="", citations=(), logprobs=())
        case Refusal():
            return replace(part, text="")
        case ToolCall():
            return replace(part, arguments="")
        case Reasoning():
            return Reasoning()
        case _:
            return part
