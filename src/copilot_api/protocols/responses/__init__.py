"""The spoke of OpenAI Responses: `POST /responses`."""

from copilot_api.protocols.base import ProtocolSpec
from copilot_api.protocols.responses.errors import write_error, write_stream_error
from copilot_api.protocols.responses.request import peek
from copilot_api.protocols.responses.tap import ResponsesTap


class ResponsesIngress:
    """How Responses clients are read and answered."""

    paths: tuple[str, ...] = ("/v1/responses", "/responses")
    keepalive: bytes = b": keepalive\n\n"
    peek = staticmethod(peek)
    write_error = staticmethod(write_error)
    write_stream_error = staticmethod(write_stream_error)


class ResponsesUpstream:
    """Where Responses lives on Copilot."""

    path: str = "/responses"
    endpoints: frozenset[str] = frozenset({"/responses"})
    new_tap = ResponsesTap


PROTOCOL = ProtocolSpec(name="responses", ingress=ResponsesIngress(), upstream=ResponsesUpstream())
