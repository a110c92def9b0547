"""`extraPrompts`: a text of the operator's own after a model's system text.

Owns where it stands: at the end of the top-level system text, or on chat right behind the leading system turns. The
place does not depend on how long the conversation is, so a prompt cache keeps fitting. Only that field is touched.
"""

from typing import Final

from copilot_api.copilot.quirks.documents import decode_element, elements, encode, is_document, join
from copilot_api.protocols.base import ProtocolName
from copilot_api.settings import Settings
from copilot_api.wire.body import Body

NAME: Final = "extra-prompt"
"""How the record calls it."""
_LEADING: Final = frozenset({"system", "developer"})


def prompt_for(settings: Settings, model_id: str, asked: str) -> str:
    """The text for a model, else for the name that the client asked for; empty when there is none."""
    prompts = settings.extra_prompts
    return prompts.get(model_id, prompts.get(asked, "")) if prompts else ""


def add_prompt(protocol: ProtocolName, body: Body, text: str) -> None:
    """Put `text` behind the system text of a request in an upstream protocol's words."""
    if protocol == "chat":
        _add_turn(body, text)
    else:
        _add_to_system(body, "system" if protocol == "messages" else "instructions", text)


def _add_to_system(body: Body, name: str, text: str) -> None:
    blocks = elements(body, name)
    if blocks is not None:
        body.set_text(name, join([*blocks, encode({"type": "text", "text": text})]))
        return
    before = body.get(name)
    body.set(name, f"{before}\n\n{text}" if isinstance(before, str) and before else text)


def _add_turn(body: Body, text: str) -> None:
    turns = elements(body, "messages")
    if turns is None:
        return
    role: object = "system"
    place = 0
    for turn in turns:
        document = decode_element(turn)
        if not is_document(document) or document.get("role") not in _LEADING:
            break
        role = document["role"]
        place += 1
    body.set_text("messages", join([*turns[:place], encode({"role": role, "content": text}), *turns[place:]]))
