"""A model in plain facts: who made it, what it can do, what it costs. For pages, for the command line, for diffs.

Pure. Owns the words in which a model is told; `model.py` owns what it is.
"""

from fractions import Fraction

import msgspec

from copilot_api.copilot.catalog.model import CHAT, EMBEDDINGS, MESSAGES, RESPONSES, Model, Prices

NANO_AIU_PER_CREDIT = 10**9
_MILLION = 10**6

PROTOCOLS = ((CHAT, "chat"), (RESPONSES, "responses"), (MESSAGES, "messages"), (EMBEDDINGS, "embeddings"))
"""Copilot's endpoints that this gateway speaks, and what they are called here."""

_VENDORS = {
    "anthropic": "Anthropic",
    "google": "Google",
    "openai": "OpenAI",
    "azure openai": "OpenAI",
    "xai": "xAI",
    "microsoft": "Microsoft",
    "moonshot ai": "Moonshot AI",
}
_FAMILIES = (
    ("claude", "Anthropic"),
    ("gemini", "Google"),
    ("gpt", "OpenAI"),
    ("text-embedding", "OpenAI"),
    ("o1", "OpenAI"),
    ("o3", "OpenAI"),
    ("o4", "OpenAI"),
    ("grok", "xAI"),
    ("kimi", "Moonshot AI"),
    ("mai-", "Microsoft"),
)


class PriceList(msgspec.Struct, frozen=True, rename="camel"):
    """What tokens cost in one tier. Units: AI credits per million tokens; None where Copilot names no price."""

    input: float | None = None
    output: float | None = None
    cache_read: float | None = None
    cache_write: float | None = None


def provider_of(model: Model) -> str:
    """Who made a model: by the vendor that Copilot names, else by the family of its name; "Other" when neither says."""
    known = _VENDORS.get(model.vendor.lower())
    if known is not None:
        return known
    for beginning, provider in _FAMILIES:
        if model.id.lower().startswith(beginning):
            return provider
    return model.vendor or "Other"


def protocols_of(model: Model) -> tuple[str, ...]:
    """The protocols a model is reached by. One that lists no endpoint is known by its kind (contract 3.1)."""
    if not model.has_metadata:
        return {"chat": ("chat",), "embeddings": ("embeddings",), "completion": ()}[model.kind]
    return tuple(word for endpoint, word in PROTOCOLS if endpoint in model.endpoints)


def features_of(model: Model) -> tuple[str, ...]:
    """What a model can do, in one word each."""
    supports = model.supports
    has_thinking = supports.thinking or supports.adaptive_thinking or supports.max_thinking_budget is not None
    said = (
        ("tools", supports.tool_calls),
        ("parallel", supports.parallel_tool_calls),
        ("vision", supports.vision),
        ("structured", supports.structured_outputs),
        ("thinking", has_thinking or bool(supports.reasoning_efforts)),
        ("streaming", supports.streaming),
        ("embeddings", model.kind == "embeddings"),
    )
    return tuple(word for word, is_so in said if is_so)


def prices_of(prices: Prices | None) -> PriceList | None:
    """A tier's prices per million tokens; None for a model without any."""
    if prices is None:
        return None
    return PriceList(
        input=credits_per_million(prices.input),
        output=credits_per_million(prices.output),
        cache_read=credits_per_million(prices.cache_read),
        cache_write=credits_per_million(prices.cache_write),
    )


def credits_per_million(price: Fraction | None) -> float | None:
    """Turn nano-AIU for a token, exact, into AI credits for a million tokens."""
    return None if price is None else float(price * _MILLION / NANO_AIU_PER_CREDIT)


def facts_of(model: Model) -> dict[str, object]:
    """Everything about a model that a person would call a change, as JSON by field."""
    long = model.billing.long_context
    multiplier, discount = model.billing.multiplier, model.billing.discount_percent
    facts: dict[str, object] = {
        "name": model.name,
        "endpoints": sorted(model.endpoints),
        "contextWindow": model.limits.context_window_tokens,
        "promptTokens": model.limits.prompt_tokens,
        "outputTokens": model.limits.output_tokens,
        "features": features_of(model),
        "efforts": model.supports.reasoning_efforts,
        "policyState": model.policy_state,
        "isPreview": model.is_preview,
        "isInPicker": model.is_in_picker,
        "isPremium": model.billing.is_premium,
        "multiplier": None if multiplier is None else float(multiplier),
        "prices": prices_of(model.billing.default),
        "longContextPrices": prices_of(long),
        "discountPercent": None if discount is None else float(discount),
        "warnings": [notice.message for notice in (*model.warnings, *model.infos)],
    }
    return msgspec.json.decode(
        msgspec.json.encode(facts), type=dict[str, object]
    )  # as it is when read from a file
