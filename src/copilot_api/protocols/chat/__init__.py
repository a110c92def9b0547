"""The spoke of OpenAI Chat Completions: `POST /chat/completions`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.chat.answers import ChatReader, ChatWriter, read_reply, write_reply
from copilot_api.protocols.chat.errors import write_error, write_stream_error
from copilot_api.protocols.chat.reading import read_request
from copilot_api.protocols.chat.request import peek
from copilot_api.protocols.chat.tap import ChatTap
from copilot_api.protocols.chat.writing import write_request


class ChatIngress:
    """How chat clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/chat/completions", "/chat/completions")
    keepalive: bytes = b": keepalive\n\n"
    peek = staticmethod(peek)
    read_request = staticmethod(read_request)
    new_writer = ChatWriter
    write_reply = staticmethod(write_reply)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)


class ChatUpstream:
    """Where chat lives on Copilot."""

    path: str = "/chat/completions"
    endpoints: frozenset[str] = frozenset({"/chat/completions"})
    new_tap = ChatTap
    write_request = staticmethod(write_request)
    new_reader = ChatReader
    read_reply = staticmethod(read_reply)


PROTOCOL = ProtocolSpec(name="chat", ingress=ChatIngress(), upstream=ChatUpstream())
