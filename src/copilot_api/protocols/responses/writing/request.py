"""A request in the words of `POST /responses`.

Owns the request's own fields. Must never know Copilot's oddities: they are repaired afterwards, on the document.
One that our own reader made is written as it was read and gets nothing added; for another one the API's own
requirements are met and everything else that cannot be said is noted.
Source: openai-python 3.54, types/responses/response_create_params; upstream contract 5.1 (read 2026-11).
"""

import hashlib
from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import Extras, Json, JsonObject
from copilot_api.neutral.parts import Text
from copilot_api.neutral.request import ModelRequest, OutputFormat, ReasoningOptions
from copilot_api.protocols.base import Target, Written
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.responses.reading.content import ORIGIN
from copilot_api.protocols.responses.reading.request import (
    APART,
    ENCRYPTED,
    LOGPROBS,
    OLD_SUMMARY,
    OWN_TOOLS,
)
from copilot_api.protocols.responses.writing.content import note_cache
from copilot_api.protocols.responses.writing.effort import write_reasoning
from copilot_api.protocols.responses.writing.items import ItemWriter
from copilot_api.protocols.responses.writing.tools import ToolWriter, own_choice, own_tool
from copilot_api.protocols.tools import Naming

_MIN_OUTPUT_TOKENS: Final = 16
"""The API refuses less. Source: upstream contract 5.2."""
_MAX_ID_CHARS: Final = 64
"""Of `prompt_cache_key` and `safety_identifier`; longer ones are refused. Source: OpenAI API reference."""
_SERVICE_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority"})
_DEFAULT_NAME: Final = "response"
"""A schema needs a name here; Messages and Gemini give none."""


def write_request(request: ModelRequest, target: Target) -> Written:
    """Say a request in this protocol's words.

    Raises: UnsupportedContent for a feature or a content part that cannot be said.
    """
    losses = Losses.of(request, ORIGIN)
    if request.origin == ORIGIN:
        return Written(_write_own(request, target, losses), losses.all)
    if request.native_needs:
        need = request.native_needs[0]
        raise UnsupportedContent(need.message, param=need.path)
    naming = Naming(request.tools, keeps_custom=True, keeps_namespaces=True)
    document = _write_foreign(request, target, naming, losses)
    return Written(document, losses.all, naming.names)


def _write_own(request: ModelRequest, target: Target, losses: Losses) -> JsonObject:
    extras = request.extras or Extras(ORIGIN, {})
    if extras.origin != ORIGIN:
        losses.drop_extras("", extras)
        extras = Extras(ORIGIN, {})
    document: JsonObject = {"model": target.model}
    apart = extras.spelled.get(APART)
    if request.spelled.get("turns") == "string" and isinstance(first := request.turns[0].parts[0], Text):
        document["input"] = first.text
    elif request.spelled.get("turns") != "absent":
        items = ItemWriter(request, target, None, losses).items(apart if isinstance(apart, dict) else {})
        document["input"] = items
    document.update(own_fields(request))
    document.update(extras.fields)
    return document


def own_fields(request: ModelRequest) -> JsonObject:
    """Every field of a request besides model and input, as it was read; an answer repeats them."""
    extras = request.extras
    spelled = extras.spelled if extras is not None and extras.origin == ORIGIN else {}
    document = _plain_fields(request)
    count = spelled.get(OWN_TOOLS)
    tools = request.tools[: max(count, 0)] if isinstance(count, int) else request.tools
    if tools or count == 0:
        document["tools"] = [own_tool(tool) for tool in tools]
    if request.tool_choice is not None:
        document["tool_choice"] = own_choice(request.tool_choice)
    text, reasoning = _write_text(request, None), _own_reasoning(request.reasoning)
    _put(
        document,
        instructions="\n\n".join(part.text for part in request.instructions if isinstance(part, Text))
        or None,
        store=request.store,
        previous_response_id=request.previous_id,
        prompt_cache_key=request.cache_key,
        metadata=request.metadata,
        service_tier=request.service_tier,
    )
    if request.are_instructions_plain:
        document.setdefault("instructions", "")
    if request.user is not None:
        document[request.spelled.get("user", "user")] = request.user
    for name, value in spelled.items():
        if not name.startswith("@"):
            document[name] = value
    for name, read in (("text", text), ("reasoning", reasoning)):
        rest = spelled.get(name)
        if read or rest is not None:
            document[name] = {**read, **rest} if isinstance(rest, dict) else read
    return document


def _own_reasoning(options: ReasoningOptions | None) -> JsonObject:
    """`reasoning` as it was read, its summary under the name it had."""
    document: JsonObject = {}
    if options is not None:
        noted = options.extras or Extras(ORIGIN, {})
        name = OLD_SUMMARY if f"@{OLD_SUMMARY}" in noted.spelled else "summary"
        _put(document, effort=options.effort, **{name: options.summary})
        document.update(noted.fields if noted.origin == ORIGIN else {})
    return document


def _plain_fields(request: ModelRequest) -> JsonObject:
    sampling = request.sampling
    document: JsonObject = {}
    _put(
        document,
        parallel_tool_calls=request.parallel_tool_calls,
        max_output_tokens=request.max_output_tokens,
        stream=request.stream,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_logprobs=sampling.top_logprobs,
    )
    return document


def _write_foreign(request: ModelRequest, target: Target, naming: Naming, losses: Losses) -> JsonObject:
    document: JsonObject = {"model": target.model}
    instructions = _write_instructions(request, losses)
    _put(document, instructions=instructions or None)
    document["input"] = ItemWriter(request, target, naming, losses).items({})
    document.update(_plain_fields(request))
    _raise_limit(document, losses)
    writer = ToolWriter(request, target, naming, losses)
    tools = writer.tools()
    if tools:
        document["tools"] = tools
    if not tools or not target.has_parallel_tool_calls:
        is_wanted = document.pop("parallel_tool_calls", None)
        if tools and is_wanted:
            losses.approximate(losses.word("parallel_tool_calls"), "the model calls one tool at a time")
    _put(document, tool_choice=writer.choice(tools))
    _put(document, text=_write_text(request, target) or None)
    if request.output_format is not None:
        losses.drop_extras(losses.word("output_format"), request.output_format.extras)
    _put(document, reasoning=write_reasoning(request, target, losses))
    _drop_knobs(request, losses)
    # Required of a stateless upstream: it refuses to store, and gives back only encrypted what must be replayed.
    document["store"] = False
    if request.store:
        losses.spare(losses.word("store"), "answers are not stored: send the whole history each time")
    wants_logprobs = request.sampling.logprobs or request.sampling.top_logprobs
    document["include"] = [ENCRYPTED, LOGPROBS] if wants_logprobs else [ENCRYPTED]
    _write_hints(document, request, losses)
    losses.drop_extras("", request.extras)
    return document


def _put(document: JsonObject, **fields: Json) -> None:
    """Add the fields that have a value."""
    for name, value in fields.items():
        if value is not None:
            document[name] = value


def _write_instructions(request: ModelRequest, losses: Losses) -> str:
    texts: list[str] = []
    for index, part in enumerate(request.instructions):
        path = losses.instruction(index)
        if not isinstance(part, Text):
            raise UnsupportedContent(
                f"{path!r} is no text, and instructions can only be text. Send it in a user turn.", param=path
            )
        if part.cache is not None:
            note_cache(losses, path)
        if part.citations:
            losses.drop(losses.at(path, "citations"), "only an answer's links can be cited")
        losses.drop_extras(path, part.extras)
        texts.append(part.text)
    return "\n\n".join(texts)


def _raise_limit(document: JsonObject, losses: Losses) -> None:
    limit = document.get("max_output_tokens")
    if isinstance(limit, int) and limit < _MIN_OUTPUT_TOKENS:
        said = f"the least that can be asked for is {_MIN_OUTPUT_TOKENS}"
        losses.approximate(losses.word("max_output_tokens"), said)
        document["max_output_tokens"] = _MIN_OUTPUT_TOKENS


def _write_text(request: ModelRequest, target: Target | None) -> JsonObject:
    """`text`: the output format and the verbosity; `target` is None where nothing may be added."""
    text: JsonObject = {}
    form = request.output_format
    if form is not None:
        text["format"] = _write_format(form, target)
    _put(text, verbosity=request.sampling.verbosity)
    return text


def _write_format(form: OutputFormat, target: Target | None) -> JsonObject:
    document: JsonObject = {"type": form.kind}
    _put(document, schema=form.schema, name=form.name, description=form.description, strict=form.strict)
    if form.extras is not None and form.extras.origin == ORIGIN:
        document.update(form.extras.fields)
    if target is not None and form.kind == "json_schema":
        if not target.has_structured_outputs:
            raise UnsupportedContent(
                f"The model {target.model!r} takes no output schema. Choose one with structured outputs, or ask for "
                "the shape in words.",
                param="response_format",
            )
        document.setdefault("name", _DEFAULT_NAME)
        document.setdefault("schema", {})
    return document


def _drop_knobs(request: ModelRequest, losses: Losses) -> None:
    """Note the knobs that this API lacks. `stop` is not among them: the gateway itself watches for it.

    Raises: UnsupportedContent for more than one candidate.
    """
    sampling = request.sampling
    if sampling.candidates is not None and sampling.candidates > 1:
        raise UnsupportedContent(
            f"The model {request.model!r} gives one answer at a time, not {sampling.candidates}. Ask again for more.",
            param=losses.word("candidates"),
        )
    knobs: dict[str, object] = {
        "top_k": sampling.top_k,
        "frequency_penalty": sampling.frequency_penalty or None,  # 0 is what happens anyway
        "presence_penalty": sampling.presence_penalty or None,
        "seed": sampling.seed,
        "logit_bias": sampling.logit_bias or None,
    }
    for name, value in knobs.items():
        if value is not None:
            losses.drop(losses.word(name), "the Responses API has no such knob")


def _write_hints(document: JsonObject, request: ModelRequest, losses: Losses) -> None:
    key = request.cache_key or request.session
    _put(
        document,
        prompt_cache_key=None if key is None else _short(key),
        safety_identifier=None if request.user is None else _short(request.user),
    )
    metadata = request.metadata or {}
    words: JsonObject = {name: value for name, value in metadata.items() if isinstance(value, str)}
    if len(words) < len(metadata):
        losses.spare(losses.word("metadata"), "only texts can be values")
    _put(document, metadata=words or None)
    tier = request.service_tier
    if tier in _SERVICE_TIERS:
        document["service_tier"] = tier
    elif tier is not None:
        losses.spare(losses.word("service_tier"), f"there is no tier {tier!r}")


def _short(text: str) -> str:
    """A text, or its hash where it is longer than an id may be."""
    return text if len(text) <= _MAX_ID_CHARS else hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
