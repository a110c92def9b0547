"""A request in chat's words."""

from copilot_api.protocols.chat.writing.request import write_request

__all__ = ["write_request"]
