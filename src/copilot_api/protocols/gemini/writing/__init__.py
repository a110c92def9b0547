"""Gemini answers out of the hub: streamed, whole, and the array form of a stream."""

from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import ToolNames, Voice
from copilot_api.protocols.gemini.writing.framing import JsonArray
from copilot_api.protocols.gemini.writing.stream import StreamWriter
from copilot_api.protocols.gemini.writing.whole import write_reply


def new_writer(request: ModelRequest, voice: Voice, names: ToolNames) -> StreamWriter:
    """A writer of a streamed answer to `request`."""
    return StreamWriter(request, voice, names)


__all__ = ["JsonArray", "StreamWriter", "new_writer", "write_reply"]
