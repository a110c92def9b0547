"""The halves that translate, as the registry has them, and how to drive them."""

from collections.abc import Iterable
from typing import cast

import msgspec

from copilot_api.grammars import checker_for
from copilot_api.neutral.events import Event
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import (
    IngressHalf,
    ProtocolName,
    Target,
    ToolNames,
    UpstreamHalf,
    Voice,
)
from copilot_api.protocols.registry import PROTOCOLS
from copilot_api.wire.sse import SseDecoder
from recorded import STREAM_NAMES, protocol_of, stream

SPECS = {spec.name: spec for spec in PROTOCOLS.values()}
INGRESSES: list[ProtocolName] = [
    name for name, spec in SPECS.items() if hasattr(spec.ingress, "read_request")
]
"""Protocols whose clients can be served by another protocol's model."""
UPSTREAMS: list[ProtocolName] = [
    name for name, spec in SPECS.items() if hasattr(spec.upstream, "write_request")
]
"""Protocols that can carry another protocol's clients."""
PAIRS = [(ingress, upstream) for ingress in INGRESSES for upstream in UPSTREAMS]
VOICE = Voice(answer_id="answer_1", created_unix_s=1788300000, model="gpt-5")
STREAMS = [
    (ingress, name) for ingress in INGRESSES for name in STREAM_NAMES if protocol_of(name) in UPSTREAMS
]
"""Every recorded upstream stream, for every ingress."""


def ingress_of(name: str) -> IngressHalf:
    """The half that serves a protocol's clients."""
    return cast("IngressHalf", SPECS[cast("ProtocolName", name)].ingress)


def upstream_of(name: str) -> UpstreamHalf:
    """The half that calls a protocol's models."""
    return cast("UpstreamHalf", SPECS[cast("ProtocolName", name)].upstream)


def target_of(upstream: str) -> Target:
    """A capable model behind a protocol; its blobs are bound to model and account."""
    return Target(
        protocol=cast("ProtocolName", upstream),
        model="upstream-model",
        origin=f"{upstream}:m:1",
        max_output_tokens=8192,
        reasoning_efforts=("low", "medium", "high"),
        has_adaptive_thinking=False,
        min_thinking_budget=1024,
        max_thinking_budget=32000,
    )


def asked(ingress: str, *, is_stream: bool = True) -> ModelRequest:
    """A small request of an ingress; its clients want usage."""
    return ModelRequest(origin=ingress, model="gpt-5", turns=(), stream=is_stream, wants_stream_usage=True)


def read_events(upstream: str, data: bytes) -> list[Event]:
    """A whole upstream stream as events, the end of input included."""
    reader = upstream_of(upstream).new_reader(f"{upstream}:m:1")
    events = [event for frame in SseDecoder().feed(data) for event in reader.feed(frame)]
    return [*events, *reader.finish()]


def read_recording(name: str) -> list[Event]:
    """A recorded stream as events."""
    return read_events(protocol_of(name), stream(name))


def written(ingress: str, events: Iterable[Event]) -> tuple[bytes, tuple[Loss, ...]]:
    """The bytes that a client of `ingress` gets for these events, and what they leave out."""
    writer = ingress_of(ingress).new_writer(asked(ingress), VOICE, ToolNames())
    data = b"".join(writer.feed(event) for event in events)
    return data, writer.losses


def judged(ingress: str, data: bytes) -> list[str]:
    """What the protocol's checker says about a stream; unfinished bytes are a fault too."""
    checker, decoder = checker_for(cast("ProtocolName", ingress)), SseDecoder()
    faults = [fault for frame in decoder.feed(data) for fault in checker.feed(frame)]
    if decoder.finish():
        faults.append("bytes after the last frame")
    return [*faults, *checker.finish()]


def decoded(data: bytes) -> JsonObject:
    """A JSON object as plain values."""
    return cast("JsonObject", msgspec.json.decode(data))
