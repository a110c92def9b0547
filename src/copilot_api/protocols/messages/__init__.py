"""The spoke of Anthropic Messages: `POST /v1/messages`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.messages.errors import write_error, write_stream_error
from copilot_api.protocols.messages.request import peek
from copilot_api.protocols.messages.tap import MessagesTap


class MessagesIngress:
    """How Messages clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/messages", "/messages")
    keepalive: bytes = b'event: ping\ndata: {"type":"ping"}\n\n'
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)


class MessagesUpstream:
    """Where Messages lives on Copilot."""

    path: str = "/v1/messages"
    endpoints: frozenset[str] = frozenset({"/v1/messages"})
    new_tap = MessagesTap


PROTOCOL = ProtocolSpec(name="messages", ingress=MessagesIngress(), upstream=MessagesUpstream())
