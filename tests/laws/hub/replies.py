"""Strategies: every legal event stream, and every legal completion (their fold).

Text is any text without surrogates; ids and names of calls are odd on purpose.
"""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

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
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.fold import fold
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    Citation,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.usage import Finish, FinishReason, TokenCost, Usage

T = TypeVar("T")


def made(
    build: Callable[..., T], *values: SearchStrategy[Any], **named: SearchStrategy[Any]
) -> SearchStrategy[T]:
    """`st.builds` without a look at type hints, which it cannot resolve where they are recursive."""
    drawn = st.tuples(st.tuples(*values), st.fixed_dictionaries(named))
    return drawn.map(lambda both: build(*both[0], **both[1]))


PROTOCOLS = ("chat", "responses", "messages", "gemini")
UTF8 = st.characters(codec="utf-8")
TEXTS = st.text(UTF8, max_size=12) | st.sampled_from(
    ["", "\r\n\r\n", "\u2028data: x", "\x00", "data: [DONE]\n\n", "😀" * 3, "a" * 5000]
)
WORDS = st.text(UTF8, min_size=1, max_size=8)
NAMES = st.sampled_from(["f", "get_weather", "a.b/c d", "工具", "x" * 70, "apply_patch", "ns__f"])
COUNTS = st.integers(0, 2**31)
SCALARS: SearchStrategy[Json] = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | TEXTS
JSON: SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text("abc_", max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS: SearchStrategy[JsonObject] = st.dictionaries(
    st.text("abc_", min_size=1, max_size=5), JSON, max_size=2
)
EXTRAS = made(Extras, origin=st.sampled_from(PROTOCOLS), fields=OBJECTS)
ORIGINS = st.sampled_from([*PROTOCOLS, "messages:m:1", "responses:m:1", "chat:m:1", "chat:other:2"])
BLOB_FIELDS = st.sampled_from(
    [
        "signature",
        "data",
        "id",
        "encrypted_content",
        "reasoning_opaque",
        "thoughtSignature",
        "thought_signature",
        "x",
    ]
)
OPAQUES = made(
    Opaque,
    origin=ORIGINS,
    payload=st.dictionaries(BLOB_FIELDS, st.text("abcQ=+/", min_size=1, max_size=12), max_size=3),
)
USAGES = made(
    Usage,
    input_tokens=COUNTS,
    output_tokens=COUNTS,
    cache_read_tokens=st.integers(0, 9),
    cache_write_tokens=st.integers(0, 9),
    reasoning_tokens=st.integers(0, 9),
    total_nano_aiu=st.none() | COUNTS,
    costs=st.lists(made(TokenCost, token_type=WORDS, token_count=COUNTS, nano_aiu=COUNTS), max_size=1).map(
        tuple
    ),
)
CITATIONS = made(
    Citation,
    origin=st.sampled_from(PROTOCOLS),
    document=OBJECTS,
    url=st.none() | st.just("https://example.org/a"),
    title=st.none() | TEXTS,
    quote=st.none() | TEXTS,
    start=st.none() | st.integers(0, 9),
    end=st.none() | st.integers(0, 9),
)
MAYBE_EXTRAS = st.none() | EXTRAS
TOKENS = made(
    TokenLogprob, token=WORDS, logprob=st.sampled_from([-0.5, -2, 0.0]), utf8=st.none() | st.just((72, 105))
)
LOGPROBS = st.lists(
    TOKENS
    | made(
        lambda token, top: msgspec.structs.replace(token, top=(top,)),
        TOKENS,
        TOKENS,
    ),
    max_size=2,
).map(tuple)
MAYBE_OPAQUE = st.none() | OPAQUES
NATIVE_PARTS = made(
    NativePart,
    origin=st.sampled_from(PROTOCOLS),
    document=made(
        lambda kind, rest: {**rest, "id": "n_1", **kind},
        st.sampled_from(
            [
                {"type": "web_search_call"},
                {"type": "server_tool_use", "name": "web_search", "input": {"query": "rain"}},
                {"type": "executableCode"},
                {"type": "thing"},
            ]
        ),
        OBJECTS,
    ),
    text=st.none() | TEXTS,
)
NATIVE_WORDS = OBJECTS.map(lambda document: {**document, "type": "thing"})
ARGUMENTS = st.sampled_from(
    ['{"a":1}', '{"city": "Paris", "n": [1.0, null]}', "{}", "", " ", "[]", "1", '{"a', "not json"]
)
SOURCES = st.sampled_from(
    [
        Bytes("image/png", "iVBORw0KGgo="),
        Link("https://example.org/a.png"),
        Link("https://x.org", "image/gif"),
    ]
)
WHOLE_PARTS: SearchStrategy[Part] = st.one_of(
    made(Image, source=SOURCES),
    made(File, source=SOURCES, name=st.none() | NAMES),
    made(ToolResult, call_id=WORDS, content=st.just((Text("r"),))),
)
REASONS_WITH_CALL = [reason for reason in FinishReason if reason is not FinishReason.STOP]
REASONS_WITHOUT = [reason for reason in FinishReason if reason is not FinishReason.TOOL_CALLS]


def _split(draw: st.DrawFn, text: str) -> list[str]:
    """Cut a text into deltas, empty ones among them."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@st.composite
def _text(draw: st.DrawFn, index: int) -> tuple[Part, list[Event]]:
    part: Part = draw(
        made(Text, text=st.just("") | TEXTS, extras=MAYBE_EXTRAS) | made(Refusal, text=st.just(""))
    )
    inner: list[Event] = [TextDelta(index, text) for text in draw(st.lists(TEXTS, max_size=4))]
    if isinstance(part, Text):
        inner += [TextDelta(index, text, draw(LOGPROBS)) for text in draw(st.lists(TEXTS, max_size=2))]
        inner += draw(st.lists(made(CitationAdded, st.just(index), CITATIONS), max_size=2))
        inner += draw(st.lists(made(OpaqueSet, st.just(index), OPAQUES), max_size=1))
    return part, draw(st.permutations(inner))


@st.composite
def _reasoning(draw: st.DrawFn, index: int) -> tuple[Part, list[Event]]:
    blob = [OpaqueSet(index, opaque) for opaque in draw(st.lists(OPAQUES, max_size=2))]
    if draw(st.integers(0, 4)) == 0:
        return Reasoning(opaque=draw(OPAQUES), is_redacted=True), [*blob]
    pieces = sorted(draw(st.lists(st.integers(0, 2), max_size=4)))
    ranks = {piece: rank for rank, piece in enumerate(sorted(set(pieces)))}
    inner: list[Event] = [ReasoningDelta(index, draw(TEXTS), ranks[piece]) for piece in pieces]
    inner += [ReasoningDelta(index, text, is_raw=True) for text in draw(st.lists(TEXTS, max_size=1))]
    return draw(
        made(
            Reasoning,
            summary=st.sampled_from([(), (), ("",), ("a", "b")]),
            text=st.sampled_from([None, None, "", "r"]),
            opaque=MAYBE_OPAQUE,
            extras=MAYBE_EXTRAS,
        )
    ), [*inner, *blob]


@st.composite
def _call(draw: st.DrawFn, index: int) -> tuple[Part, list[Event]]:
    kind: Literal["function", "custom"] = draw(st.sampled_from(["function", "custom"]))
    arguments = draw(ARGUMENTS if kind == "function" else TEXTS)
    identity = f"{draw(st.sampled_from(['call_', 'toolu_', 'x|y ', '']))}{index}"
    part = ToolCall(
        identity,
        draw(NAMES),
        "",
        kind,
        draw(st.none() | st.just("ns")),
        draw(MAYBE_OPAQUE),
        extras=draw(MAYBE_EXTRAS),
    )
    inner: list[Event] = [ToolInputDelta(index, text) for text in _split(draw, arguments)]
    return part, [*inner, *(OpaqueSet(index, opaque) for opaque in draw(st.lists(OPAQUES, max_size=1)))]


@st.composite
def _whole(draw: st.DrawFn, index: int) -> tuple[Part, list[Event]]:
    part = draw(NATIVE_PARTS | WHOLE_PARTS)
    inner: list[Event] = []
    if isinstance(part, NativePart):
        inner += draw(st.lists(made(OpaqueSet, st.just(index), OPAQUES), max_size=1))
    return part, inner


@st.composite
def _part(draw: st.DrawFn, index: int) -> list[Event]:
    kind = draw(st.sampled_from([_text, _text, _reasoning, _call, _call, _whole]))
    part, inner = draw(kind(index))
    natives = draw(
        st.lists(made(NativeEvent, st.sampled_from(PROTOCOLS), NATIVE_WORDS, st.just(index)), max_size=1)
    )
    events: list[Event] = [PartStarted(index, part), *inner, *natives]
    return [*events, PartEnded(index, _corrected(draw, events))]


def _corrected(draw: st.DrawFn, events: list[Event]) -> Part | None:
    """What upstream repeats at a part's end: nothing, the same, more words, or other words."""
    (whole,) = fold([*events, PartEnded(0)]).parts
    choice = draw(st.sampled_from(["none", "none", "same", "more", "other"]))
    replace = msgspec.structs.replace
    match choice, whole:
        case "none", _:
            return None
        case "more", Text() | Refusal():
            return replace(whole, text=whole.text + draw(TEXTS))
        case "other", Text() | Refusal():
            return replace(whole, text=draw(TEXTS))
        case "more", Reasoning(is_redacted=False):
            return replace(whole, summary=(*whole.summary, draw(TEXTS)))
        case "other", ToolCall():
            return replace(whole, arguments=draw(ARGUMENTS))
        case _:
            return whole


@st.composite
def replies(draw: st.DrawFn, *, may_fail: bool = True) -> list[Event]:
    """Draw a legal event stream."""
    events: list[Event] = [
        ReplyStarted(
            draw(st.just("") | WORDS), draw(st.just("") | WORDS), draw(st.none() | COUNTS), draw(MAYBE_EXTRAS)
        )
    ]
    between = st.lists(
        made(UsageSeen, USAGES) | made(NativeEvent, st.sampled_from(PROTOCOLS), NATIVE_WORDS), max_size=1
    )
    has_call = False
    for index in range(draw(st.integers(0, 4))):
        events += draw(between)
        part = draw(_part(index))
        has_call = has_call or any(
            isinstance(event, PartStarted) and isinstance(event.part, ToolCall) for event in part
        )
        events += part
    events += draw(between)
    if may_fail and draw(st.integers(0, 4)) == 0:
        failed = made(
            ReplyFailed, st.sampled_from(["cut", "error"]), TEXTS, st.just("") | WORDS, MAYBE_EXTRAS
        )
        is_interrupted = isinstance(events[-1], PartEnded) and draw(st.booleans())
        return [*(events[:-1] if is_interrupted else events), draw(failed)]
    reason = draw(st.sampled_from(REASONS_WITH_CALL if has_call else REASONS_WITHOUT))
    sequence = draw(st.none() | WORDS) if reason is FinishReason.STOP else None
    return [*events, ReplyEnded(Finish(reason, draw(WORDS)), sequence, draw(MAYBE_EXTRAS))]


COMPLETIONS = replies(may_fail=False).map(fold)
