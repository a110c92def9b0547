"""What `/chat/completions` refuses.

Source: upstream contract §§4.1, 4.3-4.5.
"""

import re
from typing import cast

from copilot_api.simulator import refusals
from copilot_api.simulator.blobs import verify_opaque
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

MAX_TOOLS = 128
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_CONTENT = "/properties/messages/items/properties/content"


def check_chat(question: Question) -> None:
    """Check a chat body.

    Raises: Refusal for the first thing Copilot would not take.
    """
    body = question.body
    messages = as_list(body.get("messages"))
    if not messages:
        raise refusals.schema("missing properties: 'messages'", "/required")
    _check_parameters(question)
    _check_tools(as_list(body.get("tools")))
    history = [as_object(message) for message in messages]
    for message in history:
        _check_content(message.get("content"))
    _check_calls(question, history)
    _check_reasoning(question, history)


def _check_parameters(question: Question) -> None:
    body, model = question.body, question.model
    effort = body.get("reasoning_effort")
    if effort is not None and not model.efforts:
        raise refusals.gate(
            f'reasoning_effort "{effort}" was provided, '
            f"but model {model.id} does not support reasoning effort",
            "invalid_reasoning_effort",
        )
    if effort is not None and effort not in model.efforts:
        raise refusals.gate(
            f'reasoning_effort "{effort}" is not supported by model {model.id}; '
            f"supported values: [{' '.join(model.efforts)}]",
            "invalid_reasoning_effort",
        )
    if "service_tier" in body:
        raise refusals.unsupported("service_tier is not supported", "service_tier")
    if "prediction" in body and not as_object(body["prediction"]).get("content"):
        raise refusals.invalid_body("prediction content must not be empty")


def _check_tools(tools: list[object]) -> None:
    if len(tools) > MAX_TOOLS:
        raise refusals.invalid_body(
            "Invalid 'tools': array too long. Expected an array with maximum length "
            f"{MAX_TOOLS}, but got an array with length {len(tools)} instead."
        )
    for index, tool in enumerate(tools):
        name = as_text(as_object(as_object(tool).get("function")).get("name"))
        if not _TOOL_NAME.fullmatch(name):
            raise refusals.invalid_body(
                f"Invalid 'tools[{index}].function.name': string does not match pattern. "
                "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            )


def _check_content(content: object) -> None:
    if content is None or isinstance(content, str):
        return
    if not isinstance(content, list):
        raise refusals.schema("got object, want string", f"{_CONTENT}/oneOf/0/type")
    for part in map(as_object, as_list(cast("object", content))):
        url = as_object(part.get("image_url")).get("url")
        if part.get("type") == "image_url" and not isinstance(url, str):
            raise refusals.schema("got array, want string", f"{_CONTENT}/oneOf/0/type")


def _check_calls(question: Question, history: list[Json]) -> None:
    """Every tool call must be answered before anyone else speaks."""
    for index, message in enumerate(history):
        wanted = [as_text(as_object(call).get("id")) for call in as_list(message.get("tool_calls"))]
        if not wanted:
            continue
        answered: set[str] = set()
        for later in history[index + 1 :]:
            if later.get("role") != "tool":
                break
            answered.add(as_text(later.get("tool_call_id")))
        missing = [call_id for call_id in wanted if call_id not in answered]
        if missing and question.model.vendor == "Anthropic":
            raise refusals.missing_results(index, missing)
        if missing:
            raise refusals.invalid_body(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
                "'tool_call_id'. "
                f"The following tool_call_ids did not have response messages: {', '.join(missing)}"
            )


def _check_reasoning(question: Question, history: list[Json]) -> None:
    vendor = question.model.vendor
    if vendor not in ("Anthropic", "Google"):
        return
    last_user = max((i for i, message in enumerate(history) if message.get("role") == "user"), default=-1)
    for index, message in enumerate(history):
        if message.get("role") != "assistant":
            continue
        opaque = as_text(message.get("reasoning_opaque"))
        has_text = bool(message.get("reasoning_text"))
        if (opaque and not verify_opaque(vendor, opaque)) or (
            vendor == "Anthropic" and has_text and not opaque
        ):
            raise refusals.invalid_body(f"messages.{index}.content.0: Invalid signature in thinking block")
        needs_signature = question.model.obeys("thought_signature") and index > last_user
        if needs_signature and message.get("tool_calls") and not opaque:
            raise refusals.invalid_body("Function call is missing a thought_signature in functionCall parts.")
