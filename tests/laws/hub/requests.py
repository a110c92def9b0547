"""Strategies: legal requests in the hub's vocabulary, of any origin."""

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
    MAYBE_EXTRAS,
    MAYBE_OPAQUE,
    NAMES,
    NATIVE_PARTS,
    OBJECTS,
    OPAQUES,
    PROTOCOLS,
    SOURCES,
    TEXTS,
    WORDS,
    made,
)

NOTHING = st.none()
FLAGS = st.none() | st.booleans()
CACHE = NOTHING | made(CacheHint, ttl=st.sampled_from([None, "5m", "1h"]), extras=MAYBE_EXTRAS)
ANY_SOURCE = SOURCES | made(Stored, st.sampled_from(PROTOCOLS), st.just("file_1"))
TEXT_PARTS = made(
    Text,
    text=TEXTS,
    citations=st.lists(CITATIONS, max_size=1).map(tuple),
    cache=CACHE,
    opaque=MAYBE_OPAQUE,
    extras=MAYBE_EXTRAS,
)
IMAGES = made(
    Image, source=ANY_SOURCE, detail=st.sampled_from([None, "low", "high"]), cache=CACHE, extras=MAYBE_EXTRAS
)
FILES = made(
    File,
    source=NOTHING | ANY_SOURCE | st.just(Link("https://example.org/a.pdf", "application/pdf")),
    name=NOTHING | NAMES,
    text=NOTHING | TEXTS,
    cache=CACHE,
    extras=MAYBE_EXTRAS,
)
CALL_IDS = st.sampled_from(["call_1", "call_2", "toolu_1", "a b", "x" * 80, ""])
KINDS = st.sampled_from(["function", "custom"])
CALLS = made(
    ToolCall,
    id=CALL_IDS,
    name=NAMES,
    arguments=ARGUMENTS,
    kind=KINDS,
    namespace=NOTHING | st.just("ns"),
    opaque=MAYBE_OPAQUE,
    cache=CACHE,
    extras=MAYBE_EXTRAS,
)
RESULTS = made(
    ToolResult,
    call_id=CALL_IDS,
    content=st.lists(TEXT_PARTS | IMAGES | FILES | NATIVE_PARTS, max_size=2).map(tuple),
    name=NOTHING | NAMES,
    is_error=FLAGS,
    is_plain=st.booleans(),
    kind=KINDS,
    cache=CACHE,
    extras=MAYBE_EXTRAS,
)
THOUGHTS = made(
    Reasoning,
    summary=st.lists(TEXTS, max_size=2).map(tuple),
    text=NOTHING | TEXTS,
    opaque=MAYBE_OPAQUE,
    is_redacted=st.booleans(),
    cache=CACHE,
    extras=MAYBE_EXTRAS,
) | made(Reasoning, opaque=OPAQUES, is_redacted=st.just(True))
REFUSALS = made(Refusal, text=TEXTS, extras=MAYBE_EXTRAS)
PARTS: SearchStrategy[Part] = st.one_of(
    TEXT_PARTS, CALLS, RESULTS, THOUGHTS, IMAGES, FILES, REFUSALS, NATIVE_PARTS
)
TURNS = made(
    Turn,
    role=st.sampled_from(["system", "developer", "user", "assistant", "tool"]),
    parts=st.lists(PARTS, max_size=3).map(tuple),
    is_plain=st.booleans(),
    name=NOTHING | NAMES,
    phase=st.sampled_from([None, "commentary", "final_answer"]),
    effort=st.sampled_from([None, "low", "max"]),
    extras=MAYBE_EXTRAS,
)
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
FUNCTIONS = made(
    FunctionTool,
    name=NAMES,
    description=NOTHING | TEXTS,
    parameters=NOTHING | SCHEMAS,
    strict=FLAGS,
    is_deferred=st.booleans(),
    cache=CACHE,
    extras=MAYBE_EXTRAS,
)
CUSTOM = made(
    CustomTool, name=NAMES, description=NOTHING | TEXTS, format=NOTHING | OBJECTS, extras=MAYBE_EXTRAS
)
TOOLS: SearchStrategy[Tool] = st.one_of(
    FUNCTIONS,
    CUSTOM,
    made(
        Namespace, name=NAMES, tools=st.lists(FUNCTIONS | CUSTOM, max_size=2).map(tuple), extras=MAYBE_EXTRAS
    ),
    made(
        NativeTool,
        origin=st.sampled_from(PROTOCOLS),
        type=st.sampled_from(["web_search", "googleSearch", "thing"]),
        document=OBJECTS.map(lambda document: {**document, "type": "web_search"}),
    ),
)
CHOICES = st.one_of(
    made(ToolChoice, mode=st.sampled_from(["auto", "none", "required"]), extras=MAYBE_EXTRAS),
    made(ToolChoice, mode=st.just("named"), names=NAMES.map(lambda name: (name,)), kind=KINDS),
    made(
        ToolChoice,
        mode=st.just("allowed"),
        names=st.lists(NAMES, min_size=1, max_size=2).map(tuple),
        is_required=st.booleans(),
    ),
    made(
        ToolChoice,
        mode=st.just("native"),
        native=made(Extras, st.sampled_from(PROTOCOLS), st.just({"type": "web_search"})),
    ),
)
FORMATS = made(
    OutputFormat,
    kind=st.sampled_from(["text", "json_object"]),
    extras=MAYBE_EXTRAS,
) | made(
    OutputFormat,
    kind=st.just("json_schema"),
    schema=SCHEMAS,
    name=NOTHING | NAMES,
    description=NOTHING | TEXTS,
    strict=FLAGS,
)
THINKING = made(
    ReasoningOptions,
    effort=st.sampled_from([None, "none", "minimal", "low", "high", "max", "enormous"]),
    budget_tokens=st.sampled_from([None, -1, 0, 1, 1024, 2**31]),
    mode=st.sampled_from([None, "enabled", "adaptive", "disabled"]),
    summary=st.sampled_from([None, "auto", "none"]),
    shows_thoughts=FLAGS,
    wants_encrypted=FLAGS,
    extras=MAYBE_EXTRAS,
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


def requests_of(*origins: str) -> SearchStrategy[ModelRequest]:
    """Requests as the readers of these protocols might have read them."""
    return made(
        ModelRequest,
        origin=st.sampled_from(origins),
        model=WORDS,
        turns=st.lists(TURNS, max_size=5).map(tuple),
        instructions=st.lists(TEXT_PARTS, max_size=2).map(tuple),
        are_instructions_plain=st.booleans(),
        tools=st.lists(TOOLS, max_size=3).map(tuple),
        tool_choice=NOTHING | CHOICES,
        parallel_tool_calls=FLAGS,
        output_format=NOTHING | FORMATS,
        reasoning=NOTHING | THINKING,
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
        extras=MAYBE_EXTRAS,
    )
