"""The spoke of OpenAI Responses: `POST /responses`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.responses.errors import write_error, write_stream_error
from copilot_api.protocols.responses.reading.output import read_reply
from copilot_api.protocols.responses.reading.request import read_request
from copilot_api.protocols.responses.reading.stream import ResponsesReader
from copilot_api.protocols.responses.request import peek
from copilot_api.protocols.responses.tap import ResponsesTap
from copilot_api.protocols.responses.writing.request import write_request
from copilot_api.protocols.responses.writing.stream import ResponsesWriter, write_reply


class ResponsesIngress:
    """How Responses clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/responses", "/responses")
    keepalive: bytes = b": keepalive\n\n"
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)
    read_request = staticmethod(read_request)
    new_writer = ResponsesWriter
    write_reply = staticmethod(write_reply)


class ResponsesUpstream:
    """Where Responses lives on Copilot."""

    path: str = "/responses"
    endpoints: frozenset[str] = frozenset({"/responses"})
    new_tap = ResponsesTap
    write_request = staticmethod(write_request)
    new_reader = ResponsesReader
    read_reply = staticmethod(read_reply)


PROTOCOL = ProtocolSpec(name="responses", ingress=ResponsesIngress(), upstream=ResponsesUpstream())
