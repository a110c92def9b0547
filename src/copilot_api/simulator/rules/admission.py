"""Checks every inference route makes: model, endpoint, policy, vision header, prompt size.

Source: upstream contract §§2.5, 3, 7.1.
"""

from collections.abc import Iterator

from copilot_api.simulator import refusals
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text
from copilot_api.simulator.world.accounts import Account
from copilot_api.simulator.world.catalogue import Catalogue, Model

_BASE64_FLOOR = 1024


def check_model(catalogue: Catalogue, account: Account, model_id: str, path: str) -> Model:
    """Find the model a body names.

    Raises: Refusal when it is unknown, not for this plan or integrator, switched off, or served elsewhere.
    """
    model = catalogue.find(model_id, account.plan)
    if model is None:
        raise refusals.model_not_supported()
    if model.id in account.blocked_models:
        raise refusals.integrator(account.integrator)
    if account.policies.get(model.id, model.policy) != "enabled":
        raise refusals.model_not_supported()
    if path not in model.endpoints:
        raise refusals.wrong_endpoint(model.id, path)
    return model


def _parts(value: object) -> Iterator[Json]:
    """Walk every JSON object inside a value, itself included."""
    stack = [value]
    while stack:
        current = stack.pop()
        found = as_object(current)
        if found:
            yield found
            stack.extend(found.values())
        else:
            stack.extend(as_list(current))


def _is_image(part: Json) -> bool:
    return as_text(part.get("type")) in ("image", "image_url", "input_image")


def has_image(body: Json) -> bool:
    """Say whether any message holds an image, tool results included."""
    content = body.get("messages", body.get("input"))
    return any(_is_image(part) for part in _parts(content))


def check_vision(question: Question) -> None:
    """Refuse images that come without the vision header."""
    if question.has_vision_header or question.is_socket or not has_image(question.body):
        return
    raise refusals.invalid_body("missing required Copilot-Vision-Request header for vision requests")


def _data_length(part: Json) -> int:
    """Count the characters of base64 data a part carries itself: they are no prompt text."""
    length = 0
    for name in ("data", "url", "image_url", "file_data"):
        value = part.get(name)
        if isinstance(value, str) and len(value) > _BASE64_FLOOR:
            length += len(value)
    return length


def prompt_tokens(body: Json, raw: bytes) -> int:
    """Estimate the prompt's tokens: a quarter of its bytes, base64 data not counted."""
    size = len(raw)
    if b"base64" in raw or b'"image' in raw:
        size -= sum(_data_length(part) for part in _parts(body))
    return max(1, size // 4)


def check_prompt(question: Question, protocol: str) -> None:
    """Refuse a prompt over the model's limit, in the words of the route."""
    tokens, limit = question.prompt_tokens, question.model.max_prompt_tokens
    if tokens <= limit:
        return
    if protocol == "messages":
        raise refusals.prompt_too_long_messages(tokens, limit)
    raise refusals.prompt_too_long(tokens, limit)
