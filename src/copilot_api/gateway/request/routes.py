"""What we serve inference on: every POST path and what it takes to answer it.

Owns the table that the edge dispatches by. Paths of the protocols come from the registry; embeddings and token
counting are exchanges of a protocol's family without a codec.
"""

from collections.abc import Callable
from functools import partial
from typing import Literal

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import ProtocolSpec, RequestPeek, Speaker, Tap
from copilot_api.protocols.gemini import parse_path, peek_call
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.sse import Frame

Operation = Literal["inference", "embeddings", "count_tokens"]


class Route(msgspec.Struct, frozen=True):
    """One way in. A model must list one of `endpoints`; `path` is where it lives upstream."""

    protocol: ProtocolSpec
    operation: Operation
    paths: tuple[str, ...]
    endpoints: frozenset[str]
    path: str
    peek: Callable[[bytes], RequestPeek]
    new_tap: Callable[[], Tap]
    is_array: bool = False
    """A Gemini stream that is one JSON array instead of SSE frames."""

    def is_default_for(self, kind: str) -> bool:
        """Whether a model of `kind` that lists no endpoints is taken to speak this route's.

        Source: upstream contract 0.3 item 5: absent means chat completions, or embeddings by type.
        """
        if self.operation == "embeddings":
            return kind == "embeddings"
        return self.protocol.name == "chat" and kind == "chat"


class _ModelOnly(msgspec.Struct):
    model: str


def _peek_embeddings(body: bytes) -> RequestPeek:
    try:
        model = msgspec.json.decode(body, type=_ModelOnly).model
    except msgspec.DecodeError as error:
        raise MalformedRequest(f"The request body cannot be read: {error}.") from error
    return RequestPeek(model=model, stream=False, speaker=Speaker.NOBODY, has_images=False)


class EmbeddingsTap:
    """Usage of an embeddings answer, which never streams."""

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.finish: Finish | None = None
        self.model: str | None = None
        self.answer_id: str | None = None
        self.is_complete = False
        self.failure: str | None = None

    def feed(self, frame: Frame) -> None:
        """Nothing: embeddings do not stream."""

    def read_reply(self, body: bytes) -> None:
        """Read `usage.prompt_tokens` and `model`."""
        try:
            reply = msgspec.json.decode(body, type=_EmbeddingsReply)
        except msgspec.DecodeError:
            return
        self.model = reply.model
        self.usage = Usage(input_tokens=reply.usage.prompt_tokens) if reply.usage else None
        self.is_complete = True


class _EmbeddingsUsage(msgspec.Struct):
    prompt_tokens: int = 0


class _EmbeddingsReply(msgspec.Struct):
    model: str | None = None
    usage: _EmbeddingsUsage | None = None


class CountTap(EmbeddingsTap):
    """A token count costs nothing: there is only that it came."""

    def read_reply(self, body: bytes) -> None:
        """Note that the answer came."""
        self.is_complete = True


def _peek_count(body: bytes) -> RequestPeek:
    peek = PROTOCOLS["messages"].ingress.peek(body)
    return msgspec.structs.replace(peek, stream=False, background="count")


def _inference_routes() -> list[Route]:
    return [
        Route(
            protocol=spec,
            operation="inference",
            paths=spec.ingress.paths,
            endpoints=spec.upstream.endpoints,
            path=spec.upstream.path,
            peek=spec.ingress.peek,
            new_tap=spec.upstream.new_tap,
        )
        for spec in PROTOCOLS.values()
        if spec.upstream is not None
    ]


def all_routes() -> dict[str, Route]:
    """Every POST path we answer by an exchange."""
    embeddings = Route(
        protocol=PROTOCOLS["chat"],
        operation="embeddings",
        paths=("/v1/embeddings", "/embeddings"),
        endpoints=frozenset({"/embeddings"}),
        path="/embeddings",
        peek=_peek_embeddings,
        new_tap=EmbeddingsTap,
    )
    count = Route(
        protocol=PROTOCOLS["messages"],
        operation="count_tokens",
        paths=("/v1/messages/count_tokens", "/messages/count_tokens"),
        endpoints=frozenset({"/v1/messages"}),
        path="/v1/messages/count_tokens",
        peek=_peek_count,
        new_tap=CountTap,
    )
    return {path: route for route in (*_inference_routes(), embeddings, count) for path in route.paths}


def gemini_route(path: str, query: str) -> tuple[Route, JsonObject] | None:
    """The way in that a Gemini URL names, and the fields of the request that stand in it; None for other URLs."""
    called = parse_path(path, query)
    if called is None or called.method not in _GENERATING:
        return None
    route = Route(
        protocol=PROTOCOLS["gemini"],
        operation="inference",
        paths=(path,),
        endpoints=frozenset(),
        path="",
        peek=partial(peek_call, path, query),
        new_tap=CountTap,  # never asked: Copilot does not speak Gemini, so every answer is translated
        is_array=called.is_array,
    )
    return route, {"model": called.model, "stream": called.is_stream}


_GENERATING = frozenset({"generateContent", "streamGenerateContent"})
