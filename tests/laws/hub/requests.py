"""Strategies: legal requests in the hub's vocabulary, of any origin."""

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.parts import (
    CacheHint,
    File,
    Image,
    Link,
    Part,
    Reasoning,
    Refusal,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    Namespace,
    NativeTool,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Tool,
    ToolChoice,
    Turn,
)
from laws.hub.replies import (
    ARGUMENTS,
    CITATIONS,
    MAYBE_OPAQUE,
    NAMES,
    NATIVE_PARTS,
    OBJECTS,
    OPAQUES,
    SOURCES,
    TEXTS,
    WORDS,
    made,
)

NOTHING = st.none()
FLAGS = st.none() | st.booleans()
CALL_IDS = st.sampled_from(["call_1", "call_2", "toolu_1", "a b", "x" * 80, ""])
SCHEMAS: SearchStrategy[JsonObject] = st.sampled_from(
    [
        {},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
        {"type": "string"},
        {"anyOf": [{"type": "object", "properties": {}}, {"type": "null"}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}},
    ]
)
NUMBERS = st.sampled_from([None, 0, 1, 0.5, -1, 2.0, 10**9])
SAMPLING = made(
    Sampling,
    temperature=NUMBERS,
    top_p=NUMBERS,
    top_k=NUMBERS,
    frequency_penalty=NUMBERS,
    presence_penalty=NUMBERS,
    seed=st.none() | st.integers(-9, 2**63),
    logit_bias=NOTHING | OBJECTS,
    logprobs=FLAGS,
    top_logprobs=st.sampled_from([None, 0, 5]),
    candidates=st.sampled_from([None, 1, 3]),
    stop=NOTHING | st.lists(TEXTS, max_size=6).map(tuple),
    verbosity=st.sampled_from([None, "low", "odd"]),
)


def _extras(origin: str) -> SearchStrategy[Extras | None]:
    return NOTHING | made(Extras, origin=st.just(origin), fields=OBJECTS)


def _kinds(origin: str) -> SearchStrategy[str]:
    return st.sampled_from(["function", "custom"] if origin in ("chat", "responses") else ["function"])


def _contents(origin: str) -> SearchStrategy[Part]:
    """Text, pictures, files and what only the origin knows: all that a tool may give back too."""
    extras = _extras(origin)
    cache = NOTHING
    if origin == "messages":
        cache = NOTHING | made(CacheHint, ttl=st.sampled_from([None, "5m", "1h"]), extras=extras)
    source = SOURCES | st.just(Stored(origin, "file_1"))
    cited = CITATIONS.map(lambda citation: msgspec.structs.replace(citation, origin=origin))
    return st.one_of(
        made(
            Text,
            text=TEXTS,
            citations=st.lists(cited, max_size=1).map(tuple),
            cache=cache,
            opaque=MAYBE_OPAQUE,
            extras=extras,
        ),
        made(
            Image,
            source=source,
            detail=st.sampled_from([None, "low", "high"]),
            cache=cache,
            extras=extras,
        ),
        made(
            File,
            source=NOTHING | source | st.just(Link("https://example.org/a.pdf", "application/pdf")),
            name=NOTHING | NAMES,
            text=NOTHING | TEXTS,
            cache=cache,
            extras=extras,
        ),
        NATIVE_PARTS.map(lambda part: msgspec.structs.replace(part, origin=origin)),
    )


def _parts(origin: str) -> SearchStrategy[Part]:
    contents, extras = _contents(origin), _extras(origin)
    return st.one_of(
        contents,
        contents,
        made(
            ToolCall,
            id=CALL_IDS,
            name=NAMES,
            arguments=ARGUMENTS,
            kind=_kinds(origin),
            namespace=NOTHING | st.just("ns") if origin == "responses" else NOTHING,
            opaque=MAYBE_OPAQUE,
            extras=extras,
        ),
        made(
            ToolResult,
            call_id=CALL_IDS,
            content=st.lists(contents, max_size=2).map(tuple),
            name=NOTHING | NAMES,
            is_error=FLAGS,
            kind=_kinds(origin),
            extras=extras,
        ),
        made(
            Reasoning,
            summary=st.lists(TEXTS, max_size=2).map(tuple),
            text=NOTHING | TEXTS,
            opaque=MAYBE_OPAQUE,
            extras=extras,
        ),
        made(Reasoning, opaque=OPAQUES, is_redacted=st.just(True)),
        made(Refusal, text=TEXTS, extras=extras),
    )


def _turns(origin: str) -> SearchStrategy[Turn]:
    return made(
        Turn,
        role=st.sampled_from(["system", "developer", "user", "assistant", "tool"]),
        parts=st.lists(_parts(origin), max_size=3).map(tuple),
        name=NOTHING | NAMES,
        phase=st.sampled_from([None, "commentary", "final_answer"]),
        effort=st.sampled_from([None, "low", "max"]),
        extras=_extras(origin),
    )


def _tools(origin: str) -> SearchStrategy[Tool]:
    extras = _extras(origin)
    function = made(
        FunctionTool,
        name=NAMES,
        description=NOTHING | TEXTS,
        parameters=NOTHING | SCHEMAS,
        strict=FLAGS,
        is_deferred=st.booleans(),
        extras=extras,
    )
    custom = made(
        CustomTool, name=NAMES, description=NOTHING | TEXTS, format=NOTHING | OBJECTS, extras=extras
    )
    inner = st.lists(function | custom, max_size=2).map(tuple)
    own: dict[str, list[SearchStrategy[Tool]]] = {
        "chat": [custom],
        "responses": [custom, made(Namespace, name=NAMES, tools=inner, extras=extras)],
    }
    document = OBJECTS.map(lambda fields: {**fields, "type": "web_search"})
    native = made(NativeTool, origin=st.just(origin), type=st.just("web_search"), document=document)
    return st.one_of(function, function, native, *own.get(origin, []))


def _choices(origin: str) -> SearchStrategy[ToolChoice]:
    # Chat's other choice is a parameter of its own, from before there were tools.
    words: JsonObject = {"function_call": "auto"} if origin == "chat" else {"type": "web_search"}
    native = made(Extras, st.just(origin), st.just(words))
    return st.one_of(
        made(ToolChoice, mode=st.sampled_from(["auto", "none", "required"]), extras=_extras(origin)),
        made(ToolChoice, mode=st.just("named"), names=NAMES.map(lambda name: (name,)), kind=_kinds(origin)),
        made(
            ToolChoice,
            mode=st.just("allowed"),
            names=st.lists(NAMES, min_size=1, max_size=2).map(tuple),
            is_required=st.booleans(),
        ),
        made(ToolChoice, mode=st.just("native"), native=native),
    )


def _formats(origin: str) -> SearchStrategy[OutputFormat]:
    extras = _extras(origin)
    return made(OutputFormat, kind=st.sampled_from(["text", "json_object"]), extras=extras) | made(
        OutputFormat,
        kind=st.just("json_schema"),
        schema=SCHEMAS,
        name=NOTHING | NAMES,
        description=NOTHING | TEXTS,
        strict=FLAGS,
        extras=extras,
    )


def _thinking(origin: str) -> SearchStrategy[ReasoningOptions]:
    return made(
        ReasoningOptions,
        effort=st.sampled_from([None, "none", "minimal", "low", "high", "max", "enormous"]),
        budget_tokens=st.sampled_from([None, -1, 0, 1, 1024, 2**31]),
        mode=st.sampled_from([None, "enabled", "adaptive", "disabled"]),
        summary=st.sampled_from([None, "auto", "none"]),
        shows_thoughts=FLAGS,
        extras=_extras(origin),
    )


def requests_of(origin: str) -> SearchStrategy[ModelRequest]:
    """Requests as the reader of a protocol might have read them."""
    text = made(Text, text=TEXTS, extras=_extras(origin))
    return made(
        ModelRequest,
        origin=st.just(origin),
        model=WORDS,
        turns=st.lists(_turns(origin), max_size=4).map(tuple),
        instructions=st.lists(text, max_size=2).map(tuple),
        tools=st.lists(_tools(origin), max_size=2).map(tuple),
        tool_choice=NOTHING | _choices(origin),
        parallel_tool_calls=FLAGS,
        output_format=NOTHING | _formats(origin),
        reasoning=NOTHING | _thinking(origin),
        sampling=SAMPLING,
        max_output_tokens=st.sampled_from([None, 0, 1, 4096, 10**9]),
        stream=FLAGS,
        wants_stream_usage=FLAGS,
        store=FLAGS,
        user=NOTHING | WORDS,
        session=NOTHING | WORDS,
        cache_key=NOTHING | WORDS,
        metadata=NOTHING | OBJECTS,
        service_tier=st.sampled_from([None, "auto", "flex"]),
        extras=_extras(origin),
    )
