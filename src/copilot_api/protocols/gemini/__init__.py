"""The spoke of Google's Gemini API. Copilot does not speak it, so there is no upstream half.

It has no inference paths: the model is part of Google's path, and every answer needs translation, which is
not built. What is here serves the routes that need no translation (model listing) with Google's error
envelope.
"""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.gemini.errors import write_error, write_stream_error
from copilot_api.protocols.gemini.request import peek


class GeminiIngress:
    """How Gemini clients are answered."""

    paths: tuple[str, ...] = ()
    keepalive: bytes = b": keepalive\n\n"
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)


PROTOCOL = ProtocolSpec(name="gemini", ingress=GeminiIngress(), upstream=None)
