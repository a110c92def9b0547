"""What a protocol is: the half that faces our clients and, for three of four, the half that faces Copilot.

Owns the types only. Must never know which protocols exist (registry.py does) nor that Copilot does.
"""

from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from copilot_api.errors import GatewayError
from copilot_api.neutral.events import Event
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.fold import Completion
from copilot_api.neutral.loss import Loss
from copilot_api.neutral.request import ModelRequest
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


class Target(msgspec.Struct, frozen=True):
    """The model a request is written for, as far as a writer must know it. None: upstream did not say.

    `origin` names whose opaque blobs the model takes back: protocol, model and account in one string, such as
    "messages:claude-sonnet-4.6:1". Blobs of any other origin are dropped with a Loss.
    """

    protocol: ProtocolName
    model: str
    origin: str
    max_output_tokens: int | None = None
    reasoning_efforts: tuple[str, ...] = ()
    has_adaptive_thinking: bool = False
    min_thinking_budget: int | None = None
    max_thinking_budget: int | None = None
    has_vision: bool = True
    has_parallel_tool_calls: bool = True
    has_structured_outputs: bool = True
    max_tools: int = 128

    def takes(self, opaque_origin: str) -> bool:
        """Whether a blob of this origin may be sent: ours exactly, or unbound but of this protocol."""
        return opaque_origin in (self.origin, self.protocol)


class ToolNames(msgspec.Struct, frozen=True):
    """How tools were renamed for a target, so that answers can be named back.

    Shape: `back` maps the name that upstream knows to (the client's name, its namespace, its kind). `wrapped` are
    upstream names of functions whose arguments stand under one property (see `tools/schema.py`).
    """

    back: dict[str, tuple[str, str | None, Literal["function", "custom"]]] = {}
    wrapped: frozenset[str] = frozenset()


class Written(msgspec.Struct, frozen=True):
    """A request in an upstream protocol's words, and what could not be said."""

    document: JsonObject
    losses: tuple[Loss, ...] = ()
    names: ToolNames = ToolNames()


class EventReader(Protocol):
    """Reads one upstream answer into events, in the grammar of `neutral/events.py`."""

    def feed(self, frame: Frame) -> tuple[Event, ...]:
        """Advance by one frame. Never raises: a frame that cannot be read becomes ReplyFailed or is skipped."""
        ...

    def finish(self) -> tuple[Event, ...]:
        """The end of input: ReplyFailed("cut") closes what was not complete, and its last part stays open."""
        ...


class Voice(msgspec.Struct, frozen=True):
    """What an answer's writer needs besides events, given by the gateway (pure code has no clock and no chance).

    Units: `created_unix_s` in seconds. `answer_id` is used where upstream gave no id that fits the protocol;
    `model` is the name the client asked for, used where upstream gave none.
    """

    answer_id: str
    created_unix_s: int
    model: str


class EventWriter(Protocol):
    """Writes one answer to a streaming client. Accepts every legal event sequence (law L5)."""

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What this writer could not say so far."""
        ...

    def feed(self, event: Event) -> bytes:
        """The frames for one event, possibly none. ReplyFailed becomes the protocol's stream error."""
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

    def read_request(self, document: JsonObject) -> ModelRequest:
        """Read a request into the hub; the document is not changed.

        Raises: MalformedRequest for a known field of a wrong type; never for an unknown one.
        """
        ...

    def new_writer(self, request: ModelRequest, voice: Voice, names: ToolNames) -> EventWriter:
        """A writer of a streamed answer to `request`."""
        ...

    def write_reply(
        self, completion: Completion, request: ModelRequest, voice: Voice, names: ToolNames
    ) -> tuple[JsonObject, tuple[Loss, ...]]:
        """A whole answer. `completion.failure` is None: a failed one leaves through `write_error`."""
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

    def write_request(self, request: ModelRequest, target: Target) -> Written:
        """Say a request in this protocol's words; what cannot be said is a Loss.

        Raises: UnsupportedContent for a feature or a content part that the target cannot take at all.
        """
        ...

    def new_reader(self, origin: str) -> EventReader:
        """A reader of a streamed answer; `origin` is put on the blobs it meets (see `Target.origin`)."""
        ...

    def read_reply(self, document: JsonObject, origin: str) -> Completion:
        """Read a whole answer. Law L3: equal to the fold of the same answer streamed.

        Raises: UpstreamProtocolError when the document is not an answer of this protocol.
        """
        ...


class ProtocolSpec(msgspec.Struct, frozen=True):
    """One protocol: its name and halves. `upstream` is None for a protocol that Copilot does not speak."""

    name: ProtocolName
    ingress: IngressHalf
    upstream: UpstreamHalf | None
