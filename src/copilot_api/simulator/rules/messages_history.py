"""What `/v1/messages` refuses in system, messages and their blocks.

Source: upstream contract §§6.1, 6.3-6.5.
"""

import re
from collections.abc import Iterator

from copilot_api.simulator import refusals
from copilot_api.simulator.blobs import verify_redacted, verify_thinking
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

MAX_CACHE_MARKS = 4
_TOOL_ID = re.compile(r"[a-zA-Z0-9_-]+")
_MESSAGE_FIELDS = {"role", "content"}
_INLINE_SYSTEM = (
    'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
    'not "system" as an input message role.'
)


def check_history(question: Question) -> None:
    """Check system text and all messages.

    Raises: Refusal for the first thing Copilot or the backend would not take.
    """
    messages = [as_object(message) for message in as_list(question.body.get("messages"))]
    if not messages:
        raise _reject(question, "messages: at least one message is required")
    _check_cache_marks(question)
    for index, message in enumerate(messages):
        _check_message(question, index, message)
    _check_results(question, messages)
    _check_ending(question, messages[-1])


def _reject(question: Question, message: str) -> Refusal:
    return refusals.backend(question.backend, message)


def _check_message(question: Question, index: int, message: Json) -> None:
    for name in message:
        if name not in _MESSAGE_FIELDS:
            raise refusals.extra_input(question.backend, f"messages.{index}.{name}")
    role = as_text(message.get("role"))
    if role == "system":
        if not question.model.obeys("inline_system"):
            raise _reject(question, _INLINE_SYSTEM)
    elif role not in ("user", "assistant"):
        raise _reject(question, f'messages: Unexpected role "{role}".')
    content = message.get("content")
    if content == "":
        raise _reject(question, f"messages.{index}: all messages must have non-empty content")
    for position, block in enumerate(map(as_object, as_list(content))):
        _check_block(question, f"messages.{index}.content.{position}", block)


def _check_block(question: Question, path: str, block: Json) -> None:
    kind = as_text(block.get("type"))
    if kind == "text" and not as_text(block.get("text")).strip():
        raise _reject(question, "messages: text content blocks must contain non-whitespace text")
    if kind == "thinking":
        _check_thinking(question, path, block)
    elif kind == "redacted_thinking" and not verify_redacted(as_text(block.get("data"))):
        raise _reject(question, f"{path}: Invalid `data` in `redacted_thinking` block")
    elif kind == "tool_use" and not _TOOL_ID.fullmatch(as_text(block.get("id"))):
        raise _reject(question, f"{path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    elif kind in ("image", "document") and as_object(block.get("source")).get("type") == "url":
        raise refusals.named("400-image-url")
    elif kind == "tool_result":
        for position, inner in enumerate(map(as_object, as_list(block.get("content")))):
            _check_block(question, f"{path}.content.{position}", inner)


def _check_thinking(question: Question, path: str, block: Json) -> None:
    if "cache_control" in block:
        raise refusals.extra_input(question.backend, f"{path}.thinking.cache_control")
    if not verify_thinking(as_text(block.get("thinking")), as_text(block.get("signature"))):
        raise _reject(question, f"{path}: Invalid `signature` in `thinking` block")


def _marked(question: Question) -> Iterator[tuple[str, Json]]:
    """List every block that may carry a cache mark, with its path."""
    body = question.body
    for index, tool in enumerate(as_list(body.get("tools"))):
        yield f"tools.{index}", as_object(tool)
    for index, block in enumerate(as_list(body.get("system"))):
        yield f"system.{index}", as_object(block)
    for index, message in enumerate(as_list(body.get("messages"))):
        for position, block in enumerate(as_list(as_object(message).get("content"))):
            yield f"messages.{index}.content.{position}", as_object(block)


def _check_cache_marks(question: Question) -> None:
    marks = 0
    may_last = any(beta.startswith("extended-cache-ttl-") for beta in question.betas)
    for path, block in _marked(question):
        mark = block.get("cache_control")
        if mark is None:
            continue
        marks += 1
        for name in as_object(mark):
            is_long = name == "ttl" and mark[name] != "5m"
            if name not in ("type", "ttl") or (is_long and not may_last):
                raise refusals.extra_input(question.backend, f"{path}.cache_control.ephemeral.{name}")
    if marks > MAX_CACHE_MARKS:
        raise _reject(
            question,
            f"A maximum of {MAX_CACHE_MARKS} blocks with cache_control may be provided. Found {marks}.",
        )


def _ids(message: Json, kind: str, field: str) -> list[str]:
    blocks = map(as_object, as_list(message.get("content")))
    return [as_text(block.get(field)) for block in blocks if block.get("type") == kind]


def _check_results(question: Question, messages: list[Json]) -> None:
    """Each tool_use needs its tool_result in the next message, and each result its call before."""
    spoken = [(index, message) for index, message in enumerate(messages) if message.get("role") != "system"]
    for position, (index, message) in enumerate(spoken):
        wanted = _ids(message, "tool_use", "id")
        following = spoken[position + 1][1] if position + 1 < len(spoken) else {}
        given = _ids(following, "tool_result", "tool_use_id")
        missing = [call_id for call_id in wanted if call_id not in given]
        if missing:
            raise refusals.missing_results(index, missing)
        for result in given:
            if result not in wanted:
                raise _reject(
                    question,
                    f"messages.{spoken[position + 1][0]}.content.0: unexpected `tool_use_id` found in "
                    f"`tool_result` blocks: {result}. Each `tool_result` block must have a corresponding "
                    "`tool_use` block in the previous message.",
                )


def _check_ending(question: Question, last: Json) -> None:
    if last.get("role") != "assistant":
        return
    if question.model.obeys("no_prefill"):
        raise _reject(
            question,
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message.",
        )
    content = last.get("content")
    texts = [content] if isinstance(content, str) else [
        as_text(as_object(block).get("text")) for block in as_list(content)
    ]  # fmt: skip
    if texts and texts[-1] != texts[-1].rstrip():
        raise _reject(question, "messages: final assistant content cannot end with trailing whitespace")
