"""What `/responses` refuses.

Source: upstream contract §§5.1, 5.2, 5.4.
"""

import re

from copilot_api.simulator import refusals
from copilot_api.simulator.blobs import inspect_item, matches
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text

MAX_ID_LENGTH = 64
MIN_OUTPUT_TOKENS = 16
_OPAQUE_ID = re.compile(r"[A-Za-z0-9+/=]{33,64}")
_SEALED = {"reasoning", "compaction"}


def check_responses(question: Question) -> None:
    """Check a Responses body.

    Raises: Refusal for the first thing Copilot would not take.
    """
    body = question.body
    if not isinstance(body.get("input"), str | list):
        raise refusals.invalid_body("Missing required parameter: 'input'.")
    _check_parameters(question)
    for index, tool in enumerate(as_list(body.get("tools"))):
        _check_tool(index, as_object(tool))
    for index, item in enumerate(as_list(body.get("input"))):
        _check_item(question, index, as_object(item))


def _check_parameters(question: Question) -> None:
    body, model = question.body, question.model
    if body.get("store") is True:
        raise refusals.named("400-store")
    if "service_tier" in body:
        raise refusals.unsupported("service_tier is not supported", "service_tier")
    previous = body.get("previous_response_id")
    if previous is not None and not question.is_socket:
        raise refusals.gate(
            f"Previous response with id '{previous}' not found.",
            "previous_response_not_found",
            param="previous_response_id",
            type="invalid_request_error",
        )
    limit = body.get("max_output_tokens")
    if isinstance(limit, int) and limit < MIN_OUTPUT_TOKENS:
        raise refusals.gate(
            "Invalid 'max_output_tokens': integer below minimum value. "
            f"Expected a value >= {MIN_OUTPUT_TOKENS}, but got {limit} instead.",
            "integer_below_min_value",
            param="max_output_tokens",
            type="invalid_request_error",
        )
    effort = as_object(body.get("reasoning")).get("effort")
    if effort is not None and model.efforts and effort not in model.efforts:
        raise refusals.gate(
            f'reasoning.effort "{effort}" is not supported by model {model.id}; '
            f"supported values: [{' '.join(model.efforts)}]",
            "invalid_reasoning_effort",
        )


def _check_tool(index: int, tool: Json) -> None:
    kind = as_text(tool.get("type"))
    if kind == "image_generation":
        raise refusals.unsupported("The requested tool image_generation is not supported.", "tools")
    if kind == "function" and tool.get("name") == "tool_search":
        raise refusals.invalid_body("Function name 'tool_search' is reserved.")
    if kind != "namespace":
        return
    if not as_text(tool.get("description")):
        raise refusals.gate(
            f"Invalid 'tools[{index}].description': empty string. "
            "Expected a string with minimum length 1, but got an empty string instead.",
            "empty_string",
            param=f"tools[{index}].description",
            type="invalid_request_error",
        )
    if tool.get("name") == "collaboration":
        raise refusals.invalid_body("Namespace 'collaboration' is reserved.")


def _check_item(question: Question, index: int, item: Json) -> None:
    kind = as_text(item.get("type")) or "message"
    if kind == "item_reference":
        raise refusals.named("400-item-id-connection")
    item_id = as_text(item.get("id"))
    if kind in _SEALED:
        _check_sealed(question, item_id, item)
        return
    if len(item_id) > MAX_ID_LENGTH:
        raise _id_too_long(question, index, len(item_id))
    if _OPAQUE_ID.fullmatch(item_id):
        # An opaque id cut to size: it names an item of a connection that is gone.
        raise refusals.named("400-item-id-connection")


def _id_too_long(question: Question, index: int, length: int) -> Refusal:
    if question.is_socket:
        message = f"[ApiIdParam] [input[{index}].id] [string_above_max_length] string too long: {length}"
        return refusals.gate(message, "bad_request", type="websocket_error")
    return refusals.gate(
        f"Invalid 'input[{index}].id': string too long. Expected a string with maximum length "
        f"{MAX_ID_LENGTH}, but got a string with length {length} instead.",
        "string_above_max_length",
        param=f"input[{index}].id",
        type="invalid_request_error",
    )


def _check_sealed(question: Question, item_id: str, item: Json) -> None:
    """Only the exact (id, encrypted_content) pair this account was given replays."""
    content = item.get("encrypted_content")
    if not isinstance(content, str) or not content:
        return
    bound = inspect_item(content)
    if bound is None or not matches(question.owner, bound[1]):
        raise refusals.gate(
            "The encrypted content could not be decrypted.",
            "invalid_encrypted_content",
            type="invalid_request_error",
        )
    if item_id and not matches(item_id, bound[0]):
        raise refusals.gate(
            f"The encrypted content for item {item_id} could not be verified. "
            "Reason: Encrypted content item_id did not match the target item id.",
            "invalid_request_error",
            type="invalid_request_error",
        )
