"""The spoke of Anthropic Messages: `POST /v1/messages`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.messages.errors import write_error, write_stream_error
from copilot_api.protocols.messages.reading.reply import read_reply
from copilot_api.protocols.messages.reading.request import read_request
from copilot_api.protocols.messages.reading.stream import MessagesReader
from copilot_api.protocols.messages.request import peek
from copilot_api.protocols.messages.tap import MessagesTap
from copilot_api.protocols.messages.writing.reply import write_reply
from copilot_api.protocols.messages.writing.request import write_request
from copilot_api.protocols.messages.writing.stream import MessagesWriter


class MessagesIngress:
    """How Messages clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/messages", "/messages")
    keepalive: bytes = b'event: ping\ndata: {"type":"ping"}\n\n'
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)
    read_request = staticmethod(read_request)
    new_writer = MessagesWriter
    write_reply = staticmethod(write_reply)


class MessagesUpstream:
    """Where Messages lives on Copilot."""

    path: str = "/v1/messages"
    endpoints: frozenset[str] = frozenset({"/v1/messages"})
    new_tap = MessagesTap
    write_request = staticmethod(write_request)
    new_reader = MessagesReader
    read_reply = staticmethod(read_reply)


PROTOCOL = ProtocolSpec(name="messages", ingress=MessagesIngress(), upstream=MessagesUpstream())
