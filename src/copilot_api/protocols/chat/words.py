"""Chat's own words for what the hub has words for too: how an answer ended, and what it cost.

Source: openai 3.54, types/chat/chat_completion.py and types/completion_usage.py; upstream contract 4.2-4.5 (read
2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import Extras, Json, JsonObject, Remainder
from copilot_api.neutral.usage import Finish, FinishReason, Usage
from copilot_api.protocols.billing import as_count, as_fields

ORIGIN: Final = "chat"

_REASONS: Final = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
    "error": FinishReason.ERROR,
}
_WORDS: Final = {
    FinishReason.LENGTH: "length",
    FinishReason.CONTEXT: "length",
    FinishReason.CONTENT_FILTER: "content_filter",
    # Chat has no word for these two. Clients take "content_filter" for an end that is none of the good ones; an
    # unknown word makes some of them ask again for ever (client survey: opencode).
    FinishReason.REFUSAL: "content_filter",
    FinishReason.ERROR: "content_filter",
}


def read_finish(word: str) -> Finish:
    """An upstream `finish_reason` in the hub's words."""
    return Finish(_REASONS.get(word, FinishReason.OTHER), word)


def write_finish(finish: Finish, *, has_calls: bool, has_refusal: bool) -> str:
    """The `finish_reason` that fits what was said: "tool_calls" exactly where there are calls to make."""
    if finish.reason is FinishReason.REFUSAL and has_refusal and not has_calls:
        return "stop"
    word = _WORDS.get(finish.reason)
    if word is not None:
        return word
    return "tool_calls" if has_calls else "stop"


def read_usage(document: object) -> Usage | None:
    """None for null and for the zeros that Gemini's chunks carry until the last.

    `output_tokens` is `completion_tokens` as sent: it includes reasoning on every vendor but Gemini.
    """
    usage = as_fields(document)
    inputs = as_count(usage.get("prompt_tokens"))
    outputs = as_count(usage.get("completion_tokens"))
    if not inputs and not outputs:
        return None
    details = as_fields(usage.get("prompt_tokens_details"))
    reasoning = as_fields(usage.get("completion_tokens_details")).get("reasoning_tokens")
    return Usage(
        input_tokens=inputs,
        output_tokens=outputs,
        cache_read_tokens=as_count(details.get("cached_tokens")),
        reasoning_tokens=as_count(reasoning) or as_count(usage.get("reasoning_tokens")),
    )


def write_usage(usage: Usage) -> JsonObject:
    """A count as clients read it. `cache_write_tokens` as openai 3.54 knows it, where there were any."""
    details: JsonObject = {"cached_tokens": usage.cache_read_tokens}
    if usage.cache_write_tokens:
        details["cache_write_tokens"] = usage.cache_write_tokens
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": details,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def rest(outer: Remainder, **inner: Remainder | None) -> Extras | None:
    """What was not understood of an object and of the objects in it, each under its own name.

    Notes on the spelling, whose names begin with "@", are kept together; a field that was kept stays in its place.
    """
    extras = outer.extras()
    fields: JsonObject = {} if extras is None else extras.fields
    spelled: JsonObject = {} if extras is None else extras.spelled
    for name, remainder in inner.items():
        left = None if remainder is None else remainder.extras()
        if left is None:
            continue
        kept = {key: value for key, value in left.spelled.items() if not key.startswith("@")}
        notes = {key: value for key, value in left.spelled.items() if key.startswith("@")}
        fields = {**fields, name: left.fields} if left.fields else fields
        spelled = {**spelled, **notes, name: kept} if kept else {**spelled, **notes}
    return Extras(ORIGIN, fields, spelled) if fields or spelled else None


def completed(document: JsonObject, extras: Extras | None) -> JsonObject:
    """A chat object with the fields that its reader did not understand, or only kept, back in their places."""
    if extras is not None and extras.origin == ORIGIN:
        _merge(document, extras.fields)
        if extras.spelled:
            _merge(document, {name: value for name, value in extras.spelled.items() if name[:1] != "@"})
    return document


def _merge(document: JsonObject, fields: JsonObject) -> None:
    for name, value in fields.items():
        held = document.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            held = document[name] = dict(held)
            _merge(held, value)
        else:
            document[name] = value


def spelled(extras: Extras | None, name: str) -> Json:
    """How chat wrote something; None for what another protocol wrote."""
    return extras.spelled.get(name) if extras is not None and extras.origin == ORIGIN else None
