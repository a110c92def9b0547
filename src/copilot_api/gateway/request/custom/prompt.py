"""`extraPrompts`: a text of the operator's own after a model's system text.

Owns where it stands: at the end of the top-level system text, or right behind the leading system turns where the
system text stands among the turns (chat; Responses without `instructions`). The place does not depend on how long the
conversation is, so a prompt cache keeps fitting. Only that field is touched.
"""

from typing import Final

from copilot_api.copilot.quirks.documents import Document, decode_element, elements, encode, is_document, join
from copilot_api.protocols.base import ProtocolName
from copilot_api.settings import Settings
from copilot_api.wire.body import Body

NAME: Final = "extra-prompt"
"""How the record calls it."""
_LEADING: Final = ("system", "developer")


def prompt_for(settings: Settings, model_id: str, asked: str) -> str:
    """The text for a model, else for the name that the client asked for; empty when there is none."""
    prompts = settings.extra_prompts
    return prompts.get(model_id, prompts.get(asked, "")) if prompts else ""


def add_prompt(protocol: ProtocolName, body: Body, text: str) -> None:
    """Put `text` behind the system text of a request in an upstream protocol's words."""
    if protocol == "chat":
        _add_turn(body, "messages", {"role": "system", "content": text})
    elif protocol == "messages":
        _add_to_system(body, "system", text)
    elif body.get("instructions") or not _begins_with_system(body):
        _add_to_system(body, "instructions", text)
    else:
        content = [{"type": "input_text", "text": text}]
        _add_turn(body, "input", {"type": "message", "role": "system", "content": content})


def _add_to_system(body: Body, name: str, text: str) -> None:
    blocks = elements(body, name)
    if blocks is not None:
        body.set_text(name, join([*blocks, encode({"type": "text", "text": text})]))
        return
    before = body.get(name)
    body.set(name, f"{before}\n\n{text}" if isinstance(before, str) and before else text)


def _leading_role(turn: bytes) -> object | None:
    document = decode_element(turn)
    role = document.get("role") if is_document(document) else None
    return role if role in _LEADING else None


def _begins_with_system(body: Body) -> bool:
    items = elements(body, "input") or []
    return any(_leading_role(item) is not None for item in items[:1])


def _add_turn(body: Body, name: str, turn: Document) -> None:
    """Put a turn behind the leading system turns, in the role of the last of them."""
    turns = elements(body, name)
    if turns is None:
        return
    place = 0
    while place < len(turns) and (role := _leading_role(turns[place])) is not None:
        turn["role"] = role
        place += 1
    body.set_text(name, join([*turns[:place], encode(turn), *turns[place:]]))
