"""Gemini requests into the hub: `generateContent`, and the request inside `countTokens`.

Owns the top level. The gateway has put "model" and "stream" into the document under those names, since Google has
them in the URL.
Source: google-genai 3.4 `models.py` (`_GenerateContentParameters_to_mldev`), `types.py`; recorded requests of Gemini
CLI 0.61 (read 2026-11).
"""

from typing import Final

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import ModelRequest, NativeNeed, Places
from copilot_api.protocols.gemini.call import bare_model
from copilot_api.protocols.gemini.reading.calls import Calls
from copilot_api.protocols.gemini.reading.fields import ORIGIN, Fields
from copilot_api.protocols.gemini.reading.options import Options, read_options
from copilot_api.protocols.gemini.reading.tools import read_choice, read_tools
from copilot_api.protocols.gemini.reading.turns import read_instructions, read_turns
from copilot_api.wire.reading import malformed

_TIERS: Final = {"STANDARD": "default"}
_NO_TIER: Final = "UNSPECIFIED"


def read_request(document: JsonObject) -> ModelRequest:
    """Read a request into the hub.

    Raises: MalformedRequest for a known field of a wrong type.
    """
    try:
        return _read(Fields(document))
    except (RecursionError, UnicodeError) as error:
        raise malformed(error) from error


def read_count(document: JsonObject) -> ModelRequest:
    """The request whose tokens `countTokens` asks for: bare contents, or a whole request one level down.

    Raises: as `read_request`
    """
    fields = Fields(document)
    inner = fields.object("generateContentRequest")
    if inner is None:
        return read_request(document)
    model = fields.text("model") or Fields(inner).text("model")
    return read_request({**inner, "model": model})


def _read(request: Fields) -> ModelRequest:
    needs = _cache_needs(request)
    calls = Calls()
    instructions, is_plain = read_instructions(request.take("systemInstruction"), calls)
    turns = read_turns(request.take("contents"), calls)
    (tools, tool_places), choice = read_tools(request), read_choice(request)
    config = request.nested("generationConfig")
    options = Options() if config is None else read_options(config)
    if config is not None:
        request.absorb(config)
    return ModelRequest(
        ORIGIN,
        bare_model(request.text("model") or ""),
        tuple(placed.turn for placed in turns),
        instructions=instructions,
        are_instructions_plain=is_plain,
        tools=tools,
        tool_choice=choice,
        output_format=options.output_format,
        reasoning=options.reasoning,
        sampling=options.sampling,
        max_output_tokens=options.max_output_tokens,
        stream=request.flag("stream"),
        metadata=_read_labels(request),
        service_tier=_read_tier(request),
        store=request.flag("store"),
        spelled={} if options.format_field is None else {"output_format": options.format_field},
        native_needs=(*needs, *options.needs),
        places=Places(
            tuple(placed.path for placed in turns), tuple(placed.parts for placed in turns), tool_places
        ),
        extras=request.extras(),
    )


def _cache_needs(request: Fields) -> tuple[NativeNeed, ...]:
    name = request.text("cachedContent")
    if not name:
        return ()
    message = (
        f"'cachedContent' names {name!r}, a cache that Google keeps and no model here can read. Send the contents "
        "themselves: repeated prefixes are cached without being asked."
    )
    return (NativeNeed("cachedContent", message),)


def _read_labels(request: Fields) -> JsonObject | None:
    labels = request.object("labels")
    if labels is not None and not all(isinstance(value, str) for value in labels.values()):
        raise MalformedRequest("labels must hold strings.", param="labels")
    return labels or None


def _read_tier(request: Fields) -> str | None:
    tier = (request.word("serviceTier") or _NO_TIER).removeprefix("SERVICE_TIER_")
    return None if tier == _NO_TIER else _TIERS.get(tier, tier.lower())
