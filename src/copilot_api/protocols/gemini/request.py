"""Gemini requests: refused until they can be translated."""

from copilot_api.errors import NoRoute
from copilot_api.protocols.base import RequestPeek


def peek(body: bytes) -> RequestPeek:
    """Refuse: no model on Copilot speaks this protocol.

    Raises: NoRoute, always.
    """
    raise NoRoute(
        f"The Gemini protocol is not served for inference (request of {len(body)} bytes). "
        "Use /v1/chat/completions, /v1/responses or /v1/messages."
    )
