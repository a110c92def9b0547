"""What we serve inference on: every POST path and what it takes to answer it.

Owns the table that the edge dispatches by. Paths of the protocols come from the registry; embeddings and token
counting are exchanges of a protocol's family without a codec.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, Literal

import msgspec

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.protocols.base import ProtocolName, ProtocolSpec, RequestPeek, Speaker, Tap
from copilot_api.protocols.gemini import parse_path, peek_call
from copilot_api.protocols.gemini.call import Method
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.reading import read
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


_MODEL_ONLY: Final = msgspec.json.Decoder(_ModelOnly)


def _peek_embeddings(body: bytes) -> RequestPeek:
    model = read(body, _MODEL_ONLY).model
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
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
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


def _peek_count(peek: Callable[[bytes], RequestPeek], body: bytes) -> RequestPeek:
    return msgspec.structs.replace(peek(body), stream=False, background="count")


class _Wrapped(msgspec.Struct, frozen=True):
    """Google's whole request, one level down, under either key style."""

    camel: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="generateContentRequest")
    snake: msgspec.Raw = msgspec.field(default=msgspec.Raw(b""), name="generate_content_request")


_WRAPPED = msgspec.json.Decoder(_Wrapped)


def _unwrapped(body: bytes) -> bytes:
    """The request whose tokens are asked for: the body itself, or what it wraps.

    Raises: MalformedRequest when the body is not a JSON object.
    """
    wrapped = read(body, _WRAPPED)
    inner = next(
        (raw for raw in (bytes(wrapped.camel), bytes(wrapped.snake)) if raw not in (b"", b"null")), None
    )
    return body if inner is None else inner


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
    counts = [
        Route(
            protocol=PROTOCOLS[name],
            operation="count_tokens",
            paths=paths,
            endpoints=frozenset(),
            path="",
            peek=partial(_peek_count, PROTOCOLS[name].ingress.peek),
            new_tap=CountTap,
        )
        for name, paths in _COUNT_PATHS.items()
    ]
    return {path: route for route in (*_inference_routes(), embeddings, *counts) for path in route.paths}


_COUNT_PATHS: dict[ProtocolName, tuple[str, ...]] = {
    "messages": ("/v1/messages/count_tokens", "/messages/count_tokens"),
    "responses": ("/v1/responses/input_tokens", "/responses/input_tokens"),
}
"""Answered by an exchange of their own (`count/exchange.py`), which needs no endpoints."""


def gemini_route(path: str, query: str) -> tuple[Route, JsonObject] | None:
    """The way in that a Gemini URL names, and the fields of the request that stand in it; None for other URLs."""
    called = parse_path(path, query)
    if called is None:
        return None
    operation, endpoint = _GOOGLE_METHODS[called.method]
    peeks: dict[Operation, Callable[[bytes], RequestPeek]] = {
        "inference": partial(peek_call, path, query),
        "count_tokens": lambda body: _peek_count(partial(peek_call, path, query), _unwrapped(body)),
        "embeddings": _peek_embeddings,
    }
    route = Route(
        protocol=PROTOCOLS["gemini"],
        operation=operation,
        paths=(path,),
        endpoints=frozenset({endpoint} - {""}),
        path=endpoint,
        peek=peeks[operation],
        # Asked for embeddings only: Copilot does not speak Gemini, so every other answer is translated.
        new_tap=EmbeddingsTap if operation == "embeddings" else CountTap,
        is_array=called.is_array,
    )
    return route, {"model": called.model, "stream": called.is_stream}


_GOOGLE_METHODS: dict[Method, tuple[Operation, str]] = {
    "generateContent": ("inference", ""),
    "streamGenerateContent": ("inference", ""),
    "countTokens": ("count_tokens", ""),
    "embedContent": ("embeddings", "/embeddings"),
    "batchEmbedContents": ("embeddings", "/embeddings"),
}
"""What each method is, and where it lives upstream when it needs no translation of its own."""
