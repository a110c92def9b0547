"""`generationConfig`: sampling, limits, the form of the output, thinking.

Owns its words. What only Google could do (several candidates, audio) is a need, which the writers of other protocols
refuse.
Source: google-genai 3.4 `types.GenerationConfig`, `types.TextResponseFormat`, `types.ThinkingConfig` (read 2026-11).
"""

from typing import Final, Literal

import msgspec

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import NativeNeed, OutputFormat, ReasoningOptions, Sampling
from copilot_api.protocols.gemini.reading.fields import Fields
from copilot_api.protocols.gemini.reading.schemas import from_dialect, lower_types

_LEVELS: Final = frozenset(("MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH", "MAX", "NONE"))
_UNSPECIFIED: Final = "THINKING_LEVEL_UNSPECIFIED"
_TEXT: Final = "text/plain"
_JSON: Final = "application/json"
_MEDIA_TYPES: Final = {"TEXT_PLAIN": _TEXT, "APPLICATION_JSON": _JSON}
"""As `responseFormat` spells them."""
_SAID: Final = frozenset(("TEXT", "MODALITY_UNSPECIFIED"))


class Options(msgspec.Struct, frozen=True):
    """What `generationConfig` says."""

    sampling: Sampling = Sampling()
    max_output_tokens: int | None = None
    output_format: OutputFormat | None = None
    format_field: str | None = None
    """Where the output's form was asked for: Google has four fields for it."""
    reasoning: ReasoningOptions | None = None
    needs: tuple[NativeNeed, ...] = ()


def read_options(config: Fields) -> Options:
    """All of it; what is left in `config` is for the extras.

    Raises: MalformedRequest
    """
    needs = [*_candidate_needs(config), *_modality_needs(config)]
    output_format, format_field = _read_format(config, needs)
    sampling = Sampling(
        temperature=config.number("temperature"),
        top_p=config.number("topP"),
        top_k=config.whole("topK"),
        frequency_penalty=config.number("frequencyPenalty"),
        presence_penalty=config.number("presencePenalty"),
        seed=config.whole("seed"),
        logprobs=config.flag("responseLogprobs"),
        top_logprobs=config.whole("logprobs"),
        stop=config.texts("stopSequences") or None,
    )
    limit, thinking = config.whole("maxOutputTokens"), _read_thinking(config)
    return Options(sampling, limit, output_format, format_field, thinking, tuple(needs))


def _candidate_needs(config: Fields) -> list[NativeNeed]:
    count = config.whole("candidateCount")
    if count is None or count <= 1:
        return []
    path = config.at("candidateCount")
    message = f"{path} is {count}, but one answer at a time is what can be served. Leave it out and ask {count} times."
    return [NativeNeed(path, message)]


def _modality_needs(config: Fields) -> list[NativeNeed]:
    wanted = config.texts("responseModalities") or ()
    other = [word for word in wanted if word.upper() not in _SAID]
    if not other:
        return []
    path = config.at("responseModalities")
    message = f"{path} asks for {other[0]!r}, but these models answer in text only. Ask for ['TEXT'] or leave it out."
    return [NativeNeed(path, message)]


def _read_format(config: Fields, needs: list[NativeNeed]) -> tuple[OutputFormat | None, str | None]:
    """The form of the output, and the field that asks for it."""
    for wanted in config.several("responseFormat"):
        text = wanted.nested("text")
        needs += [_medium_need(wanted.at(medium), medium) for medium in wanted.rest()]
        if text is not None:
            return _of_type(
                text.text("mimeType"), text.object("schema"), text.at("mimeType"), needs
            ), text.path
    media_type = config.text("responseMimeType") or None
    dialect = config.object("responseSchema")
    json_schema = config.object("responseJsonSchema")
    schema = from_dialect(dialect) if json_schema is None and dialect is not None else json_schema
    name = (
        "responseMimeType"
        if schema is None
        else "responseSchema"
        if json_schema is None
        else "responseJsonSchema"
    )
    return _of_type(media_type, schema, config.at("responseMimeType"), needs), config.at(name)


def _of_type(
    media_type: str | None, schema: JsonObject | None, path: str, needs: list[NativeNeed]
) -> OutputFormat | None:
    """The format that a media type, spelled in one of two ways, and a schema stand for."""
    known = _MEDIA_TYPES.get(media_type or "", media_type)
    if known not in (None, _TEXT, _JSON):
        message = (
            f"{path} is {media_type!r}, which no model here can be held to. Ask for {_JSON!r}, with a schema "
            f"where the shape matters, or for {_TEXT!r}."
        )
        needs.append(NativeNeed(path, message))
        return None
    if schema is not None:
        return OutputFormat("json_schema", lower_types(schema))
    if known == _JSON:
        return OutputFormat("json_object")
    return OutputFormat("text") if known == _TEXT else None


def _medium_need(path: str, medium: str) -> NativeNeed:
    message = (
        f"{path} asks for {medium!r}, but these models answer in text only. Ask for 'text' or leave it out."
    )
    return NativeNeed(path, message)


def _read_thinking(config: Fields) -> ReasoningOptions | None:
    thinking = config.nested("thinkingConfig")
    if thinking is None:
        return None
    budget = thinking.whole("thinkingBudget")
    options = ReasoningOptions(
        effort=_read_level(thinking),
        budget_tokens=budget,
        mode=_mode(budget),
        shows_thoughts=thinking.flag("includeThoughts"),
    )
    config.absorb(thinking)
    return options


def _read_level(thinking: Fields) -> str | None:
    level = thinking.word("thinkingLevel")
    if level is None or level == _UNSPECIFIED:
        return None
    if level not in _LEVELS:
        path = thinking.at("thinkingLevel")
        raise MalformedRequest(
            f"{path} must be 'MINIMAL', 'LOW', 'MEDIUM', 'HIGH' or 'XHIGH', not {level!r}.", param=path
        )
    return level.lower()


def _mode(budget: int | None) -> Literal["enabled", "adaptive", "disabled"] | None:
    """0 turns thinking off, -1 leaves its length to the model."""
    if budget is None:
        return None
    if budget == 0:
        return "disabled"
    return "enabled" if budget > 0 else "adaptive"
