"""A chat request's own fields.

Owns nothing of models, targets or accounts. What only chat has (audio, predictions, web search) is carried as it
is. `thinking_budget` and `top_k` are no fields of OpenAI's, and yet sent.
Source: openai 3.54, types/chat/completion_create_params.py; upstream contract 4.1 for `thinking_budget` (read
2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Json, JsonObject, Remainder
from copilot_api.neutral.request import (
    ModelRequest,
    NativeNeed,
    OutputFormat,
    ReasoningOptions,
    Sampling,
    Turn,
)
from copilot_api.protocols.chat.reading.places import read_places
from copilot_api.protocols.chat.reading.tools import read_choice, read_tools
from copilot_api.protocols.chat.reading.turns import TurnReader
from copilot_api.protocols.chat.words import ORIGIN, rest
from copilot_api.protocols.openai.caching import note_caching
from copilot_api.protocols.turns import require_model

_KINDS: Final = ("text", "json_object", "json_schema")
_LIMITS: Final = ("max_completion_tokens", "max_tokens")
_USERS: Final = ("user", "safety_identifier")
_MODALITIES: Final = (
    "'modalities' asks for {other!r}, but these models answer in text only. Ask for ['text'] or leave it out."
)


def read_request(document: JsonObject) -> ModelRequest:
    """Read a request; the document is not changed.

    Raises: MalformedRequest for a known field of a wrong type, naming its path.
    """
    request = Remainder(document, ORIGIN)
    spelled: dict[str, str] = {}
    model = require_model(request.text("model"))
    messages = request.array("messages")
    if messages is None:
        raise MalformedRequest("'messages' is missing. Send a list of messages.", param="messages")
    note_caching(request, spelled)
    turns = _read_turns(messages)
    spelled |= {name: "empty" for name in ("tools", "functions") if request.peek(name) == []}
    tools = read_tools(request)
    user = _first_text(request, spelled)
    options, format_ = request.nested("stream_options"), request.nested("response_format")
    return ModelRequest(
        origin=ORIGIN,
        model=model,
        turns=turns,
        tools=tools,
        tool_choice=read_choice(request),
        parallel_tool_calls=request.flag("parallel_tool_calls"),
        output_format=_read_format(format_),
        reasoning=_read_reasoning(request),
        sampling=_read_sampling(request, spelled),
        max_output_tokens=_first(request, _LIMITS, "max_output_tokens", spelled),
        stream=request.flag("stream"),
        wants_stream_usage=_read_stream_usage(options, spelled),
        store=request.flag("store"),
        user=user,
        cache_key=request.text("prompt_cache_key"),
        metadata=request.object("metadata"),
        service_tier=request.text("service_tier"),
        spelled=spelled,
        native_needs=_read_needs(request),
        places=read_places(turns, tools),
        extras=rest(request, stream_options=options, response_format=format_),
    )


def _read_turns(messages: list[Json]) -> tuple[Turn, ...]:
    reader = TurnReader()
    return tuple([reader.read(message, f"messages[{at}]") for at, message in enumerate(messages)])


def _first(request: Remainder, names: tuple[str, ...], neutral: str, spelled: dict[str, str]) -> int | None:
    """The first of several spellings that is there; the others stay where they were."""
    for name in names:
        value = request.whole(name)
        if value is not None:
            spelled[neutral] = name
            for other in names:
                # The same limit a second time is not lost where it is said once.
                if request.peek(other) == value:
                    request.spell(other, request.take(other))
            return value
    return None


def _first_text(request: Remainder, spelled: dict[str, str]) -> str | None:
    for name in _USERS:
        value = request.text(name)
        if value is not None:
            spelled["user"] = name
            return value
    return None


def _read_needs(request: Remainder) -> tuple[NativeNeed, ...]:
    """Answers that are no text: only a chat model could give them."""
    wanted = request.peek("modalities")
    if wanted == ["text"]:
        request.keep("modalities")
    other = [word for word in wanted if word != "text"] if isinstance(wanted, list) else []
    return (NativeNeed("modalities", _MODALITIES.format(other=other[0])),) if other else ()


def _read_stream_usage(options: Remainder | None, spelled: dict[str, str]) -> bool | None:
    if options is None:
        return None
    spelled["stream_options"] = "object"
    # Padding of the chunks, a matter between us and the client: no other upstream need hear of it.
    options.keep("include_obfuscation")
    return options.flag("include_usage")


def _read_format(format_: Remainder | None) -> OutputFormat | None:
    if format_ is None:
        return None
    kind = format_.text("type")
    if kind not in _KINDS:
        raise MalformedRequest(
            f"response_format.type must be one of {', '.join(_KINDS)}, not {kind!r}.",
            param="response_format.type",
        )
    if kind != "json_schema":
        return OutputFormat("text" if kind == "text" else "json_object")
    inner = format_.nested("json_schema")
    if inner is None:
        raise MalformedRequest(
            "response_format.json_schema is missing. Give it a 'name' and a 'schema'.",
            param="response_format.json_schema",
        )
    return OutputFormat(
        "json_schema",
        inner.object("schema"),
        inner.text("name"),
        inner.text("description"),
        inner.flag("strict"),
        inner.extras(),
    )


def _read_reasoning(request: Remainder) -> ReasoningOptions | None:
    effort, budget = request.text("reasoning_effort"), request.whole("thinking_budget")
    if effort is None and budget is None:
        return None
    return ReasoningOptions(effort=effort, budget_tokens=budget)


def _read_sampling(request: Remainder, spelled: dict[str, str]) -> Sampling:
    given = request.take("stop")
    words: list[Json] | None = given if isinstance(given, list) else None
    if isinstance(given, str):
        spelled["stop"] = "text"
        words = [given]
    stop = [word for word in words or () if isinstance(word, str)]
    if given is not None and stop != words:
        raise request.wrong("stop", "a string or a list of strings", given)
    return Sampling(
        temperature=request.number("temperature"),
        top_p=request.number("top_p"),
        top_k=request.whole("top_k"),
        frequency_penalty=request.number("frequency_penalty"),
        presence_penalty=request.number("presence_penalty"),
        seed=request.whole("seed"),
        logit_bias=request.object("logit_bias"),
        logprobs=request.flag("logprobs"),
        top_logprobs=request.whole("top_logprobs"),
        candidates=request.whole("n"),
        stop=None if words is None else tuple(stop),
        verbosity=request.text("verbosity"),
    )
