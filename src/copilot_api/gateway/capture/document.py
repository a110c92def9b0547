"""What a capture says, as the admin API shows it and as it is sealed on disk. No secret is in it; prompts are."""

from typing import Final, Literal, cast

import msgspec

Pairs = tuple[tuple[str, str], ...]
StepKind = Literal["mapping", "route", "custom", "translation", "repair", "loss", "retry"]


class Frame(msgspec.Struct, frozen=True, rename="camel"):
    """What came at one moment: one event of a stream, else whatever came at once. Units: ms since the request."""

    at_ms: float
    text: str


class ClientPart(msgspec.Struct, frozen=True, rename="camel"):
    """What the client asked."""

    method: str
    path: str
    headers: Pairs
    body: str
    is_truncated: bool


class Step(msgspec.Struct, frozen=True, rename="camel"):
    """One thing that was decided or done, and why: `detail` in English, and the same as a code with its parameters.

    Shape: Step("loss", "stop (dropped)", "chat takes 4 stop sequences, not 5", "loss.stops", {"most": "4", ...}).
    The code is "" where nobody gave one (`gateway/capture/words/` has all).
    """

    kind: StepKind
    name: str
    detail: str
    code: str = ""
    parameters: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class PlanPart(msgspec.Struct, frozen=True, rename="camel"):
    """Which way the request went. `model` is the one that answered; "" for what was not reached."""

    ingress: str
    upstream: str
    mode: str
    reason: str
    requested_model: str
    mapped_model: str
    model: str
    account: str
    steps: tuple[Step, ...]


class AttemptPart(msgspec.Struct, frozen=True, rename="camel"):
    """One request to Copilot and its answer. `problem` says why there is none, or why it broke off."""

    method: str
    url: str
    headers: Pairs
    body: str
    is_truncated: bool
    started_ms: float
    status: int | None
    problem: str
    response_headers: Pairs
    frames: tuple[Frame, ...]
    frames_truncated: bool


class AnswerPart(msgspec.Struct, frozen=True, rename="camel"):
    """What the client got."""

    status: int
    headers: Pairs
    frames: tuple[Frame, ...]
    frames_truncated: bool
    is_aborted: bool


class ResultPart(msgspec.Struct, frozen=True, rename="camel"):
    """How it ended, and what it cost. Units: as in the usage log; null where nobody said."""

    started_at: str
    outcome: str
    status: int
    error_code: str
    error_message: str
    finish: str
    first_byte_ms: float | None
    total_ms: float | None
    input_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    nano_aiu: int | None


class Captured(msgspec.Struct, frozen=True, rename="camel"):
    """One captured request. `redactions` counts the secrets that were taken out."""

    trace_id: str
    client: ClientPart
    plan: PlanPart
    attempts: tuple[AttemptPart, ...]
    answer: AnswerPart | None
    result: ResultPart
    redactions: int


_BATCH: Final = 100


def encoded(document: msgspec.Struct) -> bytes:
    """Say a document in JSON, a piece at a time: one call for megabytes would hold Python's lock for 80 ms."""
    return msgspec.json.encode({name: _in_pieces(value) for name, value in _fields(document)})


def _fields(part: msgspec.Struct) -> list[tuple[str, object]]:
    return [(field.encode_name, getattr(part, field.name)) for field in msgspec.structs.fields(part)]


def _in_pieces(value: object) -> object:
    if isinstance(value, AttemptPart | AnswerPart | ClientPart):
        return msgspec.Raw(encoded(value))
    if isinstance(value, str):
        return msgspec.Raw(msgspec.json.encode(value))
    if isinstance(value, tuple):
        items = cast("tuple[object, ...]", value)
        if items and isinstance(items[0], AttemptPart):
            return [_in_pieces(item) for item in items]
        batches = (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
        return msgspec.Raw(b"[" + b",".join([msgspec.json.encode(batch)[1:-1] for batch in batches]) + b"]")
    return value
