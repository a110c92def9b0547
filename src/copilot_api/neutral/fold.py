"""Events to a whole answer and back: the non-streaming form is the fold of the streaming one, so they cannot drift.

`fold` never mutates what it is given. `unfold` gives the fewest events that fold to the same completion.
"""

from collections.abc import Iterable

import msgspec

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    NativeEvent,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyFailed,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Citation,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
)
from copilot_api.neutral.usage import Finish, Usage


class Completion(msgspec.Struct, frozen=True):
    """A whole answer. Exactly one of `finish` and `failure` is set; `natives` are events only the origin knows."""

    id: str
    model: str
    parts: tuple[Part, ...]
    usage: Usage | None = None
    finish: Finish | None = None
    failure: ReplyFailed | None = None
    created_unix_s: int | None = None
    stop_sequence: str | None = None
    natives: tuple[NativeEvent, ...] = ()
    extras: Extras | None = None
    end_extras: Extras | None = None


class _Open:
    """A part that is still speaking: what it began as, and what was added."""

    __slots__ = ("citations", "deltas", "logprobs", "opaque", "part", "raw", "summary")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.deltas: list[str] = []
        self.raw: list[str] = []
        self.summary: dict[int, list[str]] = {}
        self.citations: list[Citation] = []
        self.logprobs: list[TokenLogprob] = []
        self.opaque: Opaque | None = None

    def close(self, whole: Part | None) -> Part:
        """The part with everything added; `whole` wins where upstream repeated it."""
        part = whole if whole is not None else self._added()
        if self.opaque is not None and isinstance(part, Text | Reasoning | ToolCall | NativePart):
            part = msgspec.structs.replace(part, opaque=self.opaque)
        return part

    def _added(self) -> Part:
        part, added = self.part, "".join(self.deltas)
        match part:
            case Text():
                return msgspec.structs.replace(
                    part,
                    text=part.text + added,
                    citations=(*part.citations, *self.citations),
                    logprobs=(*part.logprobs, *self.logprobs),
                )
            case Refusal():
                return msgspec.structs.replace(part, text=part.text + added)
            case ToolCall():
                return msgspec.structs.replace(part, arguments=part.arguments + added)
            case Reasoning():
                return self._thought(part)
            case _:
                return part

    def _thought(self, part: Reasoning) -> Reasoning:
        count = max(len(part.summary), max(self.summary, default=-1) + 1)
        summary = tuple(
            (part.summary[piece] if piece < len(part.summary) else "") + "".join(self.summary.get(piece, ()))
            for piece in range(count)
        )
        raw = (part.text or "") + "".join(self.raw) if self.raw or part.text is not None else None
        return msgspec.structs.replace(part, summary=summary, text=raw)


class Folder:
    """Takes events one by one; `completion` is what they add up to so far."""

    def __init__(self) -> None:
        self._started = ReplyStarted(id="", model="")
        self._parts: list[Part] = []
        self._open: _Open | None = None
        self._natives: list[NativeEvent] = []
        self._usage: Usage | None = None
        self._end: ReplyEnded | ReplyFailed | None = None

    def feed(self, event: Event) -> None:
        """Add one event."""
        match event:
            case ReplyStarted():
                self._started = event
            case PartStarted():
                self._open = _Open(event.part)
            case PartEnded():
                if self._open is not None:
                    self._parts.append(self._open.close(event.part))
                    self._open = None
            case UsageSeen():
                self._usage = event.usage
            case NativeEvent():
                self._natives.append(event)
            case ReplyEnded() | ReplyFailed():
                self._end = event
            case _:
                if self._open is not None:
                    _add(self._open, event)

    def completion(self) -> Completion:
        """The answer so far; a part that was never ended counts with what it has."""
        started, end = self._started, self._end
        parts = tuple(self._parts) if self._open is None else (*self._parts, self._open.close(None))
        return Completion(
            id=started.id,
            model=started.model,
            parts=parts,
            usage=self._usage,
            finish=end.finish if isinstance(end, ReplyEnded) else None,
            failure=end if isinstance(end, ReplyFailed) else None,
            created_unix_s=started.created_unix_s,
            stop_sequence=end.stop_sequence if isinstance(end, ReplyEnded) else None,
            natives=tuple(self._natives),
            extras=started.extras,
            end_extras=end.extras if end is not None else None,
        )


def _add(part: _Open, event: TextDelta | ReasoningDelta | ToolInputDelta | CitationAdded | OpaqueSet) -> None:
    match event:
        case TextDelta():
            part.deltas.append(event.text)
            part.logprobs += event.logprobs
        case ToolInputDelta():
            part.deltas.append(event.text)
        case ReasoningDelta():
            if event.is_raw:
                part.raw.append(event.text)
            else:
                part.summary.setdefault(event.piece, []).append(event.text)
        case CitationAdded():
            part.citations.append(event.citation)
        case _:
            part.opaque = event.opaque


def fold(events: Iterable[Event]) -> Completion:
    """What a stream of events adds up to."""
    folder = Folder()
    for event in events:
        folder.feed(event)
    return folder.completion()


def unfold(completion: Completion) -> tuple[Event, ...]:
    """The events of a whole answer: each part in one delta."""
    events: list[Event] = [
        ReplyStarted(completion.id, completion.model, completion.created_unix_s, completion.extras)
    ]
    for index, part in enumerate(completion.parts):
        events += _unfold_part(index, part)
    events += completion.natives
    if completion.usage is not None:
        events.append(UsageSeen(completion.usage))
    if completion.failure is not None:
        events.append(completion.failure)
    elif completion.finish is not None:
        events.append(ReplyEnded(completion.finish, completion.stop_sequence, completion.end_extras))
    return tuple(events)


def _unfold_part(index: int, part: Part) -> list[Event]:
    replace = msgspec.structs.replace
    bare: Part
    inner: list[Event]
    match part:
        case Text():
            bare = replace(part, text="", citations=(), opaque=None, logprobs=())
            inner = [TextDelta(index, part.text, part.logprobs)] if part.text or part.logprobs else []
            inner += [CitationAdded(index, citation) for citation in part.citations]
        case Refusal():
            bare, inner = replace(part, text=""), [TextDelta(index, part.text)] if part.text else []
        case ToolCall():
            bare = replace(part, arguments="", opaque=None)
            inner = [ToolInputDelta(index, part.arguments)] if part.arguments else []
        case Reasoning():
            bare = replace(
                part, summary=("",) * len(part.summary), text=None if part.text is None else "", opaque=None
            )
            inner = [ReasoningDelta(index, text, piece) for piece, text in enumerate(part.summary) if text]
            inner += [ReasoningDelta(index, part.text, is_raw=True)] if part.text else []
        case _:
            bare, inner = part, []
    opaque = getattr(part, "opaque", None)
    if opaque is not None and not isinstance(part, NativePart):
        inner.append(OpaqueSet(index, opaque))
    return [PartStarted(index, bare), *inner, PartEnded(index)]
