"""What a protocol is: the half that faces our clients and, for three of four, the half that faces Copilot.

Owns the types only. Must never know which protocols exist (registry.py does) nor that Copilot does.
"""

from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from copilot_api.errors import GatewayError
from copilot_api.neutral.usage import Finish, Usage
from copilot_api.wire.sse import Frame

ProtocolName = Literal["chat", "responses", "messages", "gemini"]


class Speaker(StrEnum):
    """Who produced the newest input element of a request."""

    HUMAN = "human"
    """Human-authored content: a string, or a user turn holding something besides tool results."""
    TOOL = "tool"
    """Only tool results."""
    ASSISTANT = "assistant"
    """The model itself: a prefill, or a history that ends in its turn."""
    NOBODY = "nobody"
    """There is no input."""


class RequestPeek(msgspec.Struct, frozen=True):
    """What routing needs to know of a request, read without decoding the rest.

    `human_turn` is the newest human-authored turn: its index in the list of turns and its text, from which
    the interaction id is derived. `session` is the client's own conversation id, where its body carries one.
    `background` names a side call that no human started (title, compaction, count), where the body says so.
    """

    model: str
    stream: bool
    speaker: Speaker
    has_images: bool
    human_turn: tuple[int, str] | None = None
    session: str | None = None
    background: str | None = None


class WireError(msgspec.Struct, frozen=True):
    """An error in a protocol's own envelope, ready to send as JSON."""

    status: int
    body: bytes


class Tap(Protocol):
    """A copy-reader of one upstream answer. It observes; it never changes a byte and never raises.

    After the last frame: `is_complete` says whether the protocol's own terminal event was seen, an in-stream
    error being one. A stream that ends while it is False was cut. `failure` is the upstream's in-stream
    error, where it sent one.
    """

    usage: Usage | None
    finish: Finish | None
    model: str | None
    answer_id: str | None
    """The id that upstream gave the answer, which an error that ends the stream must repeat."""
    is_complete: bool
    failure: str | None

    def feed(self, frame: Frame) -> None:
        """Observe one frame of a stream."""
        ...

    def read_reply(self, body: bytes) -> None:
        """Observe a whole non-streaming answer."""
        ...


class IngressHalf(Protocol):
    """We are the server: how this protocol's clients are read and answered."""

    paths: tuple[str, ...]
    """Every POST path (exact) that this protocol's inference requests come in on."""
    keepalive: bytes
    """A complete SSE frame that clients ignore, sent while upstream is silent."""

    def peek(self, body: bytes) -> RequestPeek:
        """Read what routing needs.

        Raises: MalformedRequest when the body is not JSON, `model` is missing or a known field has the
        wrong type; the message names the field and the remedy.
        """
        ...

    def write_error(self, error: GatewayError) -> WireError:
        """Say `error` in this protocol's envelope, before any byte was streamed."""
        ...

    def write_stream_error(self, error: GatewayError, answer_id: str | None = None) -> bytes:
        """Write the SSE frames that end a running stream with `error`; nothing may follow them.

        `answer_id` is the id of the answer so far (`Tap.answer_id`), None where nothing was streamed yet.
        """
        ...


class UpstreamHalf(Protocol):
    """We are the client: where this protocol lives upstream and how its answers are observed."""

    path: str
    """Path on the Copilot API host."""
    endpoints: frozenset[str]
    """Normalised `supported_endpoints` entries that mean this protocol."""

    def new_tap(self) -> Tap:
        """Make a tap for one answer."""
        ...


class ProtocolSpec(msgspec.Struct, frozen=True):
    """One protocol: its name and halves. `upstream` is None for a protocol that Copilot does not speak."""

    name: ProtocolName
    ingress: IngressHalf
    upstream: UpstreamHalf | None
