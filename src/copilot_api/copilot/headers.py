"""The headers Copilot expects, and the truth about who speaks.

Pure. Identity is data in one place. Must never see a token: the client adds Authorization last.
Source: upstream contract 2.2 to 2.5 and 8 (read 2026-11).
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from copilot_api import __version__
from copilot_api.protocols.base import RequestPeek, Speaker
from copilot_api.settings import Identity as IdentityName

API_VERSION = "2026-08-01"
"""What the newest official client seen sends (Copilot CLI 1.0.86). A stale one shortens the model list or is
refused with 466 (contract 0.3 facts 4 and 11, 2.2). Raise it when an official client does."""

Initiator = Literal["user", "agent"]
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class Identity(msgspec.Struct, frozen=True):
    """Who we say we are."""

    editor_version: str
    editor_plugin_version: str
    user_agent: str
    integration_id: str


IDENTITIES: dict[IdentityName, Identity] = {
    # Our own name and version, in the name/version form that Copilot parses, plus the integration id it asks
    # for.
    "gateway": Identity(
        editor_version=f"copilot-api/{__version__}",
        editor_plugin_version=f"copilot-api/{__version__}",
        user_agent=f"copilot-api/{__version__}",
        integration_id="vscode-chat",
    ),
    # The reference gateway's profile, for who must have it. Its versions are retired upstream sooner or later
    # (466).
    "editor": Identity(
        editor_version="vscode/1.109.2",
        editor_plugin_version="copilot-chat/0.35.0",
        user_agent="GitHubCopilotChat/0.35.0",
        integration_id="vscode-chat",
    ),
}


class Initiation(msgspec.Struct, frozen=True):
    """Who caused a request: the value of X-Initiator and of X-Interaction-Type."""

    initiator: Initiator
    interaction_type: str


_HUMAN = Initiation(initiator="user", interaction_type="conversation-user")
_AGENT = Initiation(initiator="agent", interaction_type="conversation-agent")
_SUB_AGENT = Initiation(initiator="agent", interaction_type="conversation-subagent")
_COMPACTION = Initiation(initiator="agent", interaction_type="conversation-compaction")
_BACKGROUND = Initiation(initiator="agent", interaction_type="conversation-background")

SUB_AGENT_HEADERS = ("x-claude-code-agent-id", "x-openai-subagent")
"""What Claude Code and Codex send on requests of a sub-agent (read from recordings, 2026-11)."""


def judge(peek: RequestPeek, client_headers: Mapping[str, str]) -> Initiation:
    """Say truthfully who caused a request (contract 8.1): `user` only for what a human has just written.

    A client's own `x-initiator` may only lower it to `agent`.
    """
    for name in SUB_AGENT_HEADERS:
        if client_headers.get(name):
            return _SUB_AGENT
    if peek.background is not None:
        return _COMPACTION if "compact" in peek.background else _BACKGROUND
    if client_headers.get("x-claude-code-request-class") == "auxiliary":
        return _BACKGROUND
    if peek.speaker is not Speaker.HUMAN:
        return _AGENT
    if client_headers.get("x-initiator", "").strip().lower() == "agent":
        return _AGENT
    return _HUMAN


def build(
    *,
    identity: IdentityName,
    initiation: Initiation,
    interaction_id: str,
    request_id: str,
    is_stream: bool,
    has_images: bool = False,
    anthropic_beta: str | None = None,
    intent: str = "conversation-agent",
) -> dict[str, str]:
    """Return the headers of one inference request, without Authorization; a new dict the caller may add to.

    Shape: names in the case Copilot's own clients use; `anthropic_beta` already filtered (quirks), None omits
    it.
    """
    headers = _BASE[identity].copy()
    headers["Accept"] = "text/event-stream" if is_stream else "application/json"
    headers["OpenAI-Intent"] = intent
    headers["X-Initiator"] = initiation.initiator
    headers["X-Interaction-Type"] = initiation.interaction_type
    headers["X-Interaction-Id"] = interaction_id
    headers["X-Request-Id"] = request_id
    headers["X-Agent-Task-Id"] = request_id
    if has_images:
        headers["Copilot-Vision-Request"] = "true"
    if anthropic_beta:
        headers["anthropic-beta"] = anthropic_beta
    return headers


def build_catalog(identity: IdentityName, request_id: str) -> dict[str, str]:
    """Return the headers of `GET /models`."""
    headers = _BASE[identity].copy()
    del headers["Content-Type"]
    headers["Accept"] = "application/json"
    headers["OpenAI-Intent"] = "model-access"
    headers["X-Interaction-Type"] = "model-access"
    headers["X-Request-Id"] = request_id
    return headers


def _base(identity: Identity) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",  # so that bytes can be forwarded as they are
        "User-Agent": identity.user_agent,
        "Editor-Version": identity.editor_version,
        "Editor-Plugin-Version": identity.editor_plugin_version,
        "Copilot-Integration-Id": identity.integration_id,
        "X-GitHub-Api-Version": API_VERSION,
    }


_BASE = {name: _base(identity) for name, identity in IDENTITIES.items()}


class Interactions:
    """One uuid for everything that one human turn causes: the answer, its tool loop, a client's retry.

    Bounded: the least recently used interaction is forgotten. A turn is known by a hash of the client's
    session, its index and its text; the text itself is not kept. The same words said again after the tool
    loop moved on are a new interaction.
    """

    def __init__(self, new_id: Callable[[], str], max_entries: int = 4096) -> None:
        self._new_id = new_id
        self._max_entries = max_entries
        self._known: OrderedDict[int, tuple[str, bool]] = OrderedDict()

    def id_for(self, peek: RequestPeek, client_headers: Mapping[str, str]) -> str:
        """Return the interaction id of a request; a client's own valid `x-interaction-id` is kept."""
        own = client_headers.get("x-interaction-id")
        if own is not None and _UUID.fullmatch(own):
            return own
        if peek.human_turn is None:
            return self._new_id()
        turn = _turn_of(peek, client_headers)
        has_spoken = peek.speaker is Speaker.HUMAN
        known = self._known.get(turn)
        if known is None or (has_spoken and known[1]):
            known = (self._new_id(), not has_spoken)
        elif not has_spoken and not known[1]:
            known = (known[0], True)
        self._known[turn] = known
        self._known.move_to_end(turn)
        if len(self._known) > self._max_entries:
            self._known.popitem(last=False)
        return known[0]


def _turn_of(peek: RequestPeek, client_headers: Mapping[str, str]) -> int:
    """Python's own hash: keyed by a secret of this process, and a tenth of the price of a digest."""
    session = (
        peek.session
        or client_headers.get("x-claude-code-session-id")
        or client_headers.get("session-id")
        or ""
    )
    return hash((session, client_headers.get("x-claude-code-agent-id", ""), peek.human_turn))
