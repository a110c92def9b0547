"""A chat request, read into the hub."""

from copilot_api.protocols.chat.reading.request import read_request

__all__ = ["read_request"]
