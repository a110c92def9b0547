"""Fields of one protocol that may be left out for another without changing what the answer says.

Owns which they are, and why. Whatever is not named here counts: a strict client is refused rather than answered
without it.
Source: openai 3.54, anthropic 2.12, google-genai 3.4 types; recorded requests of Codex 0.169, Claude Code 2.1.330 and
opencode 1.18 (read 2026-11).
"""

from collections.abc import Mapping
from typing import Final

from copilot_api.neutral.extras import Json

_CACHING: Final = "only about caching"
_BOOKKEEPING: Final = "only for the client's or its provider's books"
_COST: Final = "only about speed, price or who pays"
_DELIVERY: Final = "only about how an answer is delivered"
_DETAIL: Final = "only about how many tokens a picture is worth"
_CONTEXT: Final = "only about what is cut from a history that grows too long: nothing is cut here"
_ABSENT: Final = "only about something that is not there: its tool, its medium, its mode"
_REPLAYED: Final = "only about how a part of the history came to be"
_LABEL: Final = "only a label: pictures have none"
_SHOWN: Final = "thinking is told wherever the model tells it"
_KNOWN: Final = "known from elsewhere in the request"

FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "chat": {
        "^audio": _ABSENT,  # the voice of an audio answer; asking for one by `modalities` is refused
        "cache_control": _CACHING,
        "copilot_cache_control": _CACHING,
        "metadata": _BOOKKEEPING,
        "prediction": _COST,
        "prompt_cache_breakpoint": _CACHING,
        "prompt_cache_options": _CACHING,
        "prompt_cache_retention": _CACHING,
        "safety_identifier": _BOOKKEEPING,
        "user": _BOOKKEEPING,
    },
    "responses": {
        "background_options": _ABSENT,
        "client_metadata": _BOOKKEEPING,
        "context_management": _CONTEXT,
        "defer_loading": _DELIVERY,
        "detail": _DETAIL,
        "image": _DETAIL,
        "internal_chat_message_metadata_passthrough": _BOOKKEEPING,
        "logprobs": _REPLAYED,
        "max_tool_calls": _ABSENT,  # it counts calls of tools that a server runs
        "namespace": _KNOWN,  # of a result: its call is in one
        "prompt_cache_breakpoint": _CACHING,
        "prompt_cache_options": _CACHING,
        "prompt_cache_retention": _CACHING,
        "context": _REPLAYED,
        "safety_identifier": _BOOKKEEPING,
        "truncation": _CONTEXT,
        "user": _BOOKKEEPING,
    },
    "messages": {
        "billing_policy": _COST,
        "block_binding": _REPLAYED,
        "cache_control": _CACHING,
        "clear_at": _CONTEXT,
        "context_management": _CONTEXT,
        "diagnostics": _BOOKKEEPING,
        "eager_input_streaming": _DELIVERY,
        "fallback_credit_token": _COST,
        "fallbacks": _ABSENT,
        "metadata": _BOOKKEEPING,
        "speed": _COST,
        "transformations": _DETAIL,
    },
    "gemini": {
        "fileData.displayName": _LABEL,
        "generationConfig.audioTimestamp": _ABSENT,
        "generationConfig.audioTranscriptionConfig": _ABSENT,
        "generationConfig.enableAffectiveDialog": _ABSENT,
        "generationConfig.mediaResolution": _DETAIL,
        "generationConfig.speechConfig": _ABSENT,
        "inlineData.displayName": _LABEL,
        "mediaResolution": _DETAIL,
        "mediaResolution.level": _DETAIL,
        "mediaResolution.numTokens": _DETAIL,
        "partMetadata": _BOOKKEEPING,
        "toolConfig.functionCallingConfig.streamFunctionCallArguments": _DELIVERY,
        "toolConfig.includeServerSideToolInvocations": _ABSENT,
        "toolConfig.retrievalConfig": _ABSENT,
    },
}
"""Fields that nobody read, by the name under which they were left over; `^` is for the top level alone."""

USUAL: Final[Mapping[str, Mapping[str, Json]]] = {
    "messages": {
        "allowed_callers": ["direct"],
        "caller": {"type": "direct"},
        "citations": {"enabled": False},
    },
    "responses": {"allowed_callers": ["direct"], "async": False, "caller": {"type": "direct"}},
    "gemini": {"behavior": "BLOCKING"},
}
"""Fields that nobody read and the value of each that says what happens anyway."""
_ANYWAY: Final = "says what happens anyway"

NOTED: Final[Mapping[str, Mapping[str, str]]] = {
    "chat": {"include_obfuscation": _DELIVERY, "index": _REPLAYED, "mode": _CACHING, "modalities": _ANYWAY},
    "messages": {"display": _SHOWN},
    "responses": {
        "@include": _ABSENT,
        "@name": _KNOWN,
        "@summary": _SHOWN,
        "client_metadata": _BOOKKEEPING,
        "id": "things in a history are told apart by their place",
        "internal_chat_message_metadata_passthrough": _BOOKKEEPING,
        "mode": _CACHING,
        "status": "whatever is replayed is whole",
        "stream_options": _DELIVERY,
    },
}
"""What a reader noted of the spelling, for its own protocol to write back, and no other has a word for."""


def why_harmless(origin: str, path: str, name: str, value: Json) -> str | None:
    """Why a field that nobody read, of the object at `path`, may be left out; None when it may change the answer."""
    known = FIELDS.get(origin, {})
    reason = known.get(name) or (None if path else known.get(f"^{name}"))
    if reason is not None:
        return reason
    usual = USUAL.get(origin, {})
    return _ANYWAY if name in usual and usual[name] == value else None
