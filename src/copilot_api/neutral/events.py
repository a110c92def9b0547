"""The reply stream: one union, one grammar.

    reply := ReplyStarted (part | UsageSeen | NativeEvent)* end
    part  := PartStarted(i) (TextDelta | ReasoningDelta | ToolInputDelta | CitationAdded | OpaqueSet | NativeEvent)*
             PartEnded(i)
    end   := ReplyEnded | PartStarted(i)? (...)* UsageSeen? ReplyFailed          exactly one; nothing after it

A part that ReplyFailed interrupts has no PartEnded: only what is whole ends, so that no writer can call half a text
or half a tool call complete (Claude Code and Codex keep what has ended, and ask for the rest instead of again).
Parts are numbered 0, 1, 2... and never overlap: a reader that meets interleaved deltas holds them back until
their part can speak. OpaqueSet and UsageSeen replace, never add. `fold.py` says what the events add up to.
"""

from typing import Literal

import msgspec

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Citation, Part, TokenLogprob
from copilot_api.neutral.usage import Finish, Usage


class ReplyStarted(msgspec.Struct, frozen=True):
    """The answer begins. `id` and `model` are upstream's own; empty where it gave none.

    Units: `created_unix_s` in seconds, None where upstream does not say.
    """

    id: str
    model: str
    created_unix_s: int | None = None
    extras: Extras | None = None


class PartStarted(msgspec.Struct, frozen=True):
    """A part begins. `part` is what is known at its start: usually empty text, a call's id and name."""

    index: int
    part: Part


class TextDelta(msgspec.Struct, frozen=True):
    """More words of a Text or a Refusal; `logprobs` say how likely the tokens of a Text were, and may come late."""

    index: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


class ReasoningDelta(msgspec.Struct, frozen=True):
    """More thinking. `piece` counts the summary's pieces; `is_raw` means raw reasoning instead of a summary."""

    index: int
    text: str
    piece: int = 0
    is_raw: bool = False


class ToolInputDelta(msgspec.Struct, frozen=True):
    """More of a tool call's arguments, as text."""

    index: int
    text: str


class CitationAdded(msgspec.Struct, frozen=True):
    """A source for the text so far."""

    index: int
    citation: Citation


class OpaqueSet(msgspec.Struct, frozen=True):
    """The part's blob; a later one replaces it."""

    index: int
    opaque: Opaque


class PartEnded(msgspec.Struct, frozen=True):
    """The part is whole. `part` corrects what the deltas added up to, where upstream repeats the whole at the end."""

    index: int
    part: Part | None = None


class UsageSeen(msgspec.Struct, frozen=True):
    """The newest count of tokens."""

    usage: Usage


class NativeEvent(msgspec.Struct, frozen=True):
    """Something only `origin` says. `index` is the open part it belongs to, None for the reply."""

    origin: str
    document: JsonObject
    index: int | None = None


class ReplyEnded(msgspec.Struct, frozen=True):
    """The answer is whole. `stop_sequence` is the one that was hit, where upstream says."""

    finish: Finish
    stop_sequence: str | None = None
    extras: Extras | None = None


class ReplyFailed(msgspec.Struct, frozen=True):
    """The answer broke off. `kind` "cut": upstream's stream just ended; "error": it said why."""

    kind: Literal["cut", "error"]
    message: str
    code: str = ""
    extras: Extras | None = None


Event = (
    ReplyStarted
    | PartStarted
    | TextDelta
    | ReasoningDelta
    | ToolInputDelta
    | CitationAdded
    | OpaqueSet
    | PartEnded
    | UsageSeen
    | NativeEvent
    | ReplyEnded
    | ReplyFailed
)
