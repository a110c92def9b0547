"""`modelReasoningEfforts`: how hard a model thinks where the client does not say.

Owns what counts as having said: any word about effort, budget or thinking, for the request or for one turn. Fields
that are null say nothing.
"""

from typing import Final

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks.documents import decode_element, elements, is_document
from copilot_api.copilot.quirks.rules import nearest_effort
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import ProtocolName
from copilot_api.settings import Settings
from copilot_api.wire.body import Body

NAME: Final = "reasoning-effort"
"""How the record calls it."""
_EFFORT: Final = b'"effort"'


def effort_for(settings: Settings, model: Model, asked: str) -> str | None:
    """The effort for a model, else for the name that the client asked for; None when there is none it supports.

    One that the model lacks becomes the nearest lower one, or the lowest there is.
    """
    efforts = settings.model_reasoning_efforts
    wanted = efforts.get(model.id) or efforts.get(asked) if efforts else None
    supported = model.supports.reasoning_efforts
    if not wanted or not supported:
        return None
    return wanted if wanted in supported else nearest_effort(wanted, supported)


def is_said(request: ModelRequest) -> bool:
    """Whether a request that is translated says how hard to think."""
    if any(turn.effort is not None for turn in request.turns):
        return True
    options = request.reasoning
    if options is None:
        return False
    said = options.effort, options.budget_tokens, options.mode
    # Responses' `summary` and Messages' `display` are no efforts; Gemini's thinkingConfig is one statement.
    is_config = request.origin == "gemini" and options.shows_thoughts is not None
    return is_config or any(word is not None for word in said)


def is_said_natively(protocol: ProtocolName, body: Body) -> bool:
    """Whether a request in an upstream protocol's words says how hard to think."""
    match protocol:
        case "chat":
            names = ("reasoning_effort", "thinking_budget", "reasoning", "thinking")
            return any(body.get(name) is not None for name in names)
        case "responses":
            return _field(body, "reasoning") is not None
        case _:
            if body.get("thinking") is not None or _field(body, "output_config") is not None:
                return True
            return _EFFORT in body.text("messages") and any(
                _says_in_turn(turn) for turn in elements(body, "messages") or []
            )


def _field(body: Body, name: str) -> object:
    options = body.get(name)
    return options.get("effort") if is_document(options) else None


def _says_in_turn(text: bytes) -> bool:
    turn = decode_element(text) if _EFFORT in text else None
    options = turn.get("output_config") if is_document(turn) else None
    return is_document(options) and options.get("effort") is not None


def set_effort(protocol: ProtocolName, body: Body, effort: str) -> None:
    """Say the effort in an upstream protocol's words, and nothing else."""
    if protocol == "chat":
        body.set("reasoning_effort", effort)
        return
    name = "reasoning" if protocol == "responses" else "output_config"
    options = body.get(name)
    body.set(name, {**(options if is_document(options) else {}), "effort": effort})
