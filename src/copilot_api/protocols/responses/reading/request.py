"""A Responses request, read into the hub.

Owns the request's own fields. Must never know models, targets or accounts. Nearly no real request fits the
published schema, so nothing is refused but a known field of a wrong type.
Source: openai-python 3.54, types/responses/response_create_params; recorded requests of Codex 0.169 (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import JsonObject, Remainder
from copilot_api.neutral.parts import Text
from copilot_api.neutral.request import (
    ModelRequest,
    NativeNeed,
    OutputFormat,
    Places,
    ReasoningOptions,
    Sampling,
    Tool,
    Turn,
)
from copilot_api.protocols.openai.caching import note_caching
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.items import STATELESS, InputReader
from copilot_api.protocols.responses.reading.tools import read_choice, read_tools
from copilot_api.protocols.turns import require_model

APART: Final = "@apart"
"""Notes the items of `input` that are no turns, by their place."""
OWN_TOOLS: Final = "@tools"
"""Notes how many of the request's tools stand in `tools`, -1 without it; the others were found in items."""
OLD_SUMMARY: Final = "generate_summary"
"""What `reasoning.summary` was called first."""
ENCRYPTED: Final = "reasoning.encrypted_content"
LOGPROBS: Final = "message.output_text.logprobs"
_SILENT: Final = ("client_metadata", "stream_options")
"""Said to the server, not to the model: telemetry of Codex, and whether deltas are padded."""
_NEEDS: Final = {
    "previous_response_id": f"cannot be resolved: {STATELESS}",
    "conversation": f"cannot be resolved: {STATELESS}",
    "prompt": "names a stored prompt template, and none are stored here. Send its text as 'instructions' and 'input'.",
    "background": "asks for an answer to be kept for later, but responses are not stored. Leave it out and stream.",
}


def read_request(document: JsonObject) -> ModelRequest:
    """Read a request; the document is not changed.

    Raises: MalformedRequest for a known field of a wrong type, naming its path.
    """
    fields = Remainder(document, ORIGIN)
    model = require_model(fields.text("model"))
    tools = _read_own_tools(fields)
    items = InputReader(tools)
    spelled = _read_input(fields, items)
    fields.keep(*_SILENT)
    needs = [*items.needs, *_read_needs(fields)]
    sampling, options = _read_sampling(fields), _read_reasoning(fields)
    output_format, verbosity = _read_text(fields)
    instructions = fields.text("instructions")
    return ModelRequest(
        origin=ORIGIN,
        model=model,
        turns=tuple(items.turns),
        instructions=() if instructions is None else (Text(instructions),),
        are_instructions_plain=instructions is not None,
        tools=(*tools, *items.found),
        tool_choice=read_choice(fields.take("tool_choice"), "tool_choice"),
        parallel_tool_calls=fields.flag("parallel_tool_calls"),
        output_format=output_format,
        reasoning=options,
        sampling=_with(sampling, verbosity),
        max_output_tokens=fields.whole("max_output_tokens"),
        stream=fields.flag("stream"),
        store=fields.flag("store"),
        previous_id=fields.text("previous_response_id"),
        user=_read_user(fields, spelled),
        cache_key=fields.text("prompt_cache_key"),
        metadata=fields.object("metadata"),
        service_tier=fields.text("service_tier"),
        spelled=spelled,
        native_needs=tuple(needs),
        places=_read_places(items, len(tools)),
        extras=fields.extras(),
    )


def _read_places(items: InputReader, own_tools: int) -> Places:
    """Where everything stood; a bare string is the one turn and its one part."""
    paths, parts = items.paths, items.places
    if not paths and items.turns:
        paths, parts = ["input"], [("input",)]
    tools = [f"tools[{index}]" for index in range(own_tools)]
    return Places(tuple(paths), tuple(parts), (*tools, *items.tool_paths))


def _read_user(fields: Remainder, spelled: dict[str, str]) -> str | None:
    user = fields.text("user")
    if user is None and (user := fields.text("safety_identifier")) is not None:
        spelled["user"] = "safety_identifier"
    return user


def _read_own_tools(fields: Remainder) -> tuple[Tool, ...]:
    given = fields.array("tools")
    tools = read_tools(given or [], "tools")
    fields.spell(OWN_TOOLS, -1 if given is None else len(tools))
    return tools


def _read_input(fields: Remainder, items: InputReader) -> dict[str, str]:
    """Read the items; returns how the request was spelled."""
    spelled: dict[str, str] = {}
    note_caching(fields, spelled)
    given = fields.take("input")
    if isinstance(given, str):
        items.turns.append(Turn("user", (Text(given),), is_plain=True))
        return {**spelled, "turns": "string"}
    if given is None:
        return {**spelled, "turns": "absent"}
    if not isinstance(given, list):
        raise fields.wrong("input", "a string or a list of items", given)
    items.read(given)
    if items.apart:
        fields.spell(APART, items.apart)
    return spelled


def _read_needs(fields: Remainder) -> list[NativeNeed]:
    for name in ("background", "truncation"):
        if fields.peek(name) in (False, "disabled"):
            fields.keep(name)
    return [
        NativeNeed(name, f"{name!r} {words}")
        for name, words in _NEEDS.items()
        if fields.peek(name) is not None
    ]


def _read_sampling(fields: Remainder) -> Sampling:
    wants_logprobs = None
    include = fields.peek("include")
    if isinstance(include, list) and LOGPROBS in include:
        wants_logprobs = True
    return Sampling(
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        logprobs=wants_logprobs,
        top_logprobs=fields.whole("top_logprobs"),
    )


def _with(sampling: Sampling, verbosity: str | None) -> Sampling:
    if verbosity is None:
        return sampling
    return Sampling(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        logprobs=sampling.logprobs,
        top_logprobs=sampling.top_logprobs,
        verbosity=verbosity,
    )


def _read_reasoning(fields: Remainder) -> ReasoningOptions | None:
    include = fields.array("include")
    if include is not None:
        # What else may be included belongs to tools that run on the server, and goes or stays with them.
        fields.spell("include", include)
        if others := [name for name in include if name not in (ENCRYPTED, LOGPROBS)]:
            fields.spell("@include", others)
    given = fields.nested("reasoning")
    if given is None:
        return None
    fields.spell("reasoning", {})
    summary = given.text("summary")
    if summary is None and (summary := given.text(OLD_SUMMARY)) is not None:
        given.spell(f"@{OLD_SUMMARY}", True)
    if summary is not None:
        given.spell("@summary", summary)
    return ReasoningOptions(
        effort=given.text("effort"),
        summary=summary,
        shows_thoughts=None if summary is None else summary != "none",
        extras=given.extras(),
    )


def _read_text(fields: Remainder) -> tuple[OutputFormat | None, str | None]:
    text = fields.nested("text")
    if text is None:
        return None, None
    verbosity, form = text.text("verbosity"), text.nested("format")
    rest = text.extras()
    fields.spell("text", {} if rest is None else rest.fields)
    return (None if form is None else _read_format(form)), verbosity


def _read_format(form: Remainder) -> OutputFormat:
    kind = form.text("type")
    match kind:
        case "text" | "json_object":
            return OutputFormat(kind, extras=form.extras())
        case "json_schema":
            return OutputFormat(
                kind,
                form.object("schema"),
                form.text("name"),
                form.text("description"),
                form.flag("strict"),
                form.extras(),
            )
        case _:
            raise form.wrong("type", "one of 'text', 'json_object', 'json_schema'", kind)
