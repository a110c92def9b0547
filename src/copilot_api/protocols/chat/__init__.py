"""The spoke of OpenAI Chat Completions: `POST /chat/completions`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.chat.errors import write_error, write_stream_error
from copilot_api.protocols.chat.request import peek
from copilot_api.protocols.chat.tap import ChatTap


class ChatIngress:
    """How chat clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/chat/completions", "/chat/completions")
    keepalive: bytes = b": keepalive\n\n"
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)


class ChatUpstream:
    """Where chat lives on Copilot."""

    path: str = "/chat/completions"
    endpoints: frozenset[str] = frozenset({"/chat/completions"})
    new_tap = ChatTap


PROTOCOL = ProtocolSpec(name="chat", ingress=ChatIngress(), upstream=ChatUpstream())
