"""The spoke of Google's Gemini API. Copilot does not speak it, so there is no upstream half.

It has no exact paths, since the model is part of Google's path: the gateway asks `parse_path`, and puts "model" and
"stream" into the document that `read_request` gets. Writers always write SSE; `JsonArray` reframes a whole stream,
errors and keepalives included, for callers that did not ask for `alt=sse`.
"""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.gemini.call import GeminiCall, parse_path
from copilot_api.protocols.gemini.embeddings import (
    read_embeddings,
    write_embeddings,
)
from copilot_api.protocols.gemini.errors import write_error, write_stream_error
from copilot_api.protocols.gemini.peek import peek, peek_call
from copilot_api.protocols.gemini.reading import read_count, read_request
from copilot_api.protocols.gemini.writing import JsonArray, new_writer, write_reply


class GeminiIngress:
    """How Gemini clients are read and answered."""

    paths: tuple[str, ...] = ()
    keepalive: bytes = b"\n"
    """A blank line, which ends nothing: google-genai (Python) takes a comment line for broken JSON and gives up."""
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)
    read_request = staticmethod(read_request)
    new_writer = staticmethod(new_writer)
    write_reply = staticmethod(write_reply)


PROTOCOL = ProtocolSpec(name="gemini", ingress=GeminiIngress(), upstream=None)

__all__ = [
    "PROTOCOL",
    "GeminiCall",
    "GeminiIngress",
    "JsonArray",
    "parse_path",
    "peek_call",
    "read_count",
    "read_embeddings",
    "write_embeddings",
]
