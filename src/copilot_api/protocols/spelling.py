"""What clients of each protocol call the fields that the hub has words for, and what people call the protocols.

Owns the words of losses and refusals, nothing else: a client must find what is meant in what it sent.
Source: the SDKs' types, as named in the readers (read 2026-11).
"""

from typing import Final

TITLES: Final = {
    "chat": "Chat Completions",
    "responses": "Responses",
    "messages": "Messages",
    "gemini": "Gemini",
    "embeddings": "Embeddings",
}

WORDS: Final[dict[str, dict[str, str]]] = {
    "chat": {
        "cache_key": "prompt_cache_key",
        "candidates": "n",
        "description": "function.description",
        "detail": "image_url.detail",
        "format": "custom.format",
        "instructions": "messages",
        "is_error": "content",
        "max_output_tokens": "max_tokens",
        "opaque": "reasoning_opaque",
        "output_format": "response_format",
        "parameters": "function.parameters",
        "previous_id": "previous_response_id",
        "reasoning": "reasoning_effort",
        "reasoning.budget_tokens": "thinking_budget",
        "reasoning.effort": "reasoning_effort",
    },
    "responses": {
        "cache": "prompt_cache_breakpoint",
        "cache_key": "prompt_cache_key",
        "citations": "annotations",
        "is_error": "output",
        "logprobs": "include",
        "opaque": "encrypted_content",
        "output_format": "text.format",
        "previous_id": "previous_response_id",
        "verbosity": "text.verbosity",
    },
    "messages": {
        "instructions": "system",
        "max_output_tokens": "max_tokens",
        "metadata": "metadata",
        "opaque": "signature",
        "output_format": "output_config.format",
        "parallel_tool_calls": "tool_choice.disable_parallel_tool_use",
        "parameters": "input_schema",
        "reasoning": "thinking",
        "reasoning.budget_tokens": "thinking.budget_tokens",
        "reasoning.effort": "output_config.effort",
        "stop": "stop_sequences",
        "turn.effort": "output_config.effort",
        "user": "metadata.user_id",
    },
    "gemini": {
        "candidates": "generationConfig.candidateCount",
        "detail": "mediaResolution",
        "frequency_penalty": "generationConfig.frequencyPenalty",
        "instructions": "systemInstruction.parts",
        "is_error": "functionResponse.response.error",
        "logprobs": "generationConfig.responseLogprobs",
        "max_output_tokens": "generationConfig.maxOutputTokens",
        "metadata": "labels",
        "opaque": "thoughtSignature",
        "output_format": "generationConfig.responseSchema",
        "presence_penalty": "generationConfig.presencePenalty",
        "reasoning": "generationConfig.thinkingConfig",
        "reasoning.budget_tokens": "generationConfig.thinkingConfig.thinkingBudget",
        "reasoning.effort": "generationConfig.thinkingConfig.thinkingLevel",
        "seed": "generationConfig.seed",
        "service_tier": "serviceTier",
        "stop": "generationConfig.stopSequences",
        "temperature": "generationConfig.temperature",
        "tool_choice": "toolConfig.functionCallingConfig",
        "top_k": "generationConfig.topK",
        "top_logprobs": "generationConfig.logprobs",
        "top_p": "generationConfig.topP",
    },
}
"""Where the client's word is not the hub's own. "cache" of a part is `cache_control` unless it says otherwise."""
_USUAL: Final = {"cache": "cache_control", "turn.effort": "effort"}
_TURNS: Final = {"responses": "input", "gemini": "contents"}
_PARTS: Final = {"gemini": "parts"}
_INNER: Final = {"chat": ".content", "messages": ".content", "responses": ".output"}


def word(origin: str, name: str) -> str:
    """The client's word for one of the hub's fields."""
    return WORDS.get(origin, {}).get(name) or _USUAL.get(name, name)


def title(protocol: str) -> str:
    """What people call a protocol."""
    return TITLES.get(protocol, protocol)


def made_by(opaque_origin: str) -> str:
    """Who made a sealed blob, without the account: `messages:claude-sonnet-4.6:1` is that model over Messages."""
    protocol, _, rest = opaque_origin.partition(":")
    model = rest.rpartition(":")[0]
    return f"the model {model!r} over {title(protocol)}" if model else f"a {title(protocol)} model"


def turn_path(origin: str, turn: int, part: int | None = None) -> str:
    """Where a turn, or a part of it, usually stands: `messages[3].content[0]`."""
    path = f"{_TURNS.get(origin, 'messages')}[{turn}]"
    return path if part is None else f"{path}.{_PARTS.get(origin, 'content')}[{part}]"


def inner_path(origin: str, path: str, index: int) -> str:
    """Where a piece of a tool's result stands; Gemini's is named as a whole, since its first is the answer itself."""
    return f"{path}{_INNER[origin]}[{index}]" if origin in _INNER else path
