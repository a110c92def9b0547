"""What a refusal of `/v1/messages` leads to. Source: upstream contract 6.2-6.6, 7.1 (read 2026-11)."""

from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.messages.betas import (
    CONTEXT_MANAGEMENT,
    EXTENDED_CACHE_TTL,
    allowed_betas,
    refused_betas,
)
from copilot_api.copilot.quirks.messages.cache import drop_ttl
from copilot_api.copilot.quirks.messages.thinking import drop_idle_clearing, force_adaptive
from copilot_api.copilot.quirks.messages.turns import (
    ask_to_continue,
    drop_attribution,
    drop_thinking,
    fold_inline_system,
)
from copilot_api.errors import UpstreamFault
from copilot_api.wire.body import Body


def drop_refused_betas(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Leave the refused values out, and the fields that need them.

    The header itself is `allowed_betas(..., refused=refused_betas(fault.message))`.
    """
    sent = frozenset((allowed_betas(context.headers.get("anthropic-beta"), body) or "").split(","))
    refused = refused_betas(fault.message) & sent
    if not refused:
        return None
    if CONTEXT_MANAGEMENT in refused:
        body.drop("context_management")
    if EXTENDED_CACHE_TTL in refused:
        drop_ttl(body)
    return f"anthropic-beta without {', '.join(sorted(refused))}"


def fold_refused_system(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Fold inline system turns for a model that turns out to refuse them."""
    return fold_inline_system(body) if "role" in fault.message and "system" in fault.message else None


def drop_refused_thinking(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the thinking whose signature does not verify; with one retry, all of it."""
    if "thinking" not in fault.message or "signature" not in fault.message:
        return None
    note = drop_thinking(body)
    if note is not None:
        drop_idle_clearing(body, context)
    return note


def adapt_refused_thinking(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Turn manual thinking into adaptive for a model that turns out to refuse the former."""
    if "thinking" not in fault.message or not ("enabled" in fault.message or "adaptive" in fault.message):
        return None
    return force_adaptive(body, context.model)


def continue_refused_prefill(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Ask to continue where a trailing assistant turn is refused."""
    return ask_to_continue(body) if "prefill" in fault.message.lower() else None


def drop_refused_attribution(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop the attribution block where its first word is reserved."""
    return (
        drop_attribution(body) if "billing-header" in fault.message or "reserved" in fault.message else None
    )


def drop_refused_ttl(body: Body, context: QuirkContext, fault: UpstreamFault) -> str | None:
    """Drop `ttl` where it is refused in spite of its beta."""
    return "ttl dropped from cache_control" if "ttl" in fault.message and drop_ttl(body) else None
