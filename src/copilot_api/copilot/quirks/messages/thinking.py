"""Thinking, effort and token limits as each model takes them. Source: upstream contract 6.1, 6.4 (read 2026-11)."""

from typing import Final

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks.base import QuirkContext
from copilot_api.copilot.quirks.documents import Document, documents_in, integer, is_document
from copilot_api.copilot.quirks.rules import (
    effort_for_budget,
    nearest_effort,
    refuses_effort,
    refuses_manual_thinking,
)
from copilot_api.wire.body import Body

DISPLAYS: Final = ("summarized", "omitted")
DEFAULT_BUDGET_TOKENS: Final = 16000
"""The official editor's budget where the user set none (contract 6.1)."""
MIN_BUDGET_TOKENS: Final = 1024


def repair_display(body: Body, context: QuirkContext) -> str | None:
    """Say an unknown `thinking.display` as `summarized`; its beta is not let through."""
    thinking = body.get("thinking")
    if not is_document(thinking) or thinking.get("display", "omitted") in DISPLAYS:
        return None
    was = thinking["display"]
    body.set("thinking", {**thinking, "display": "summarized"})
    return f"thinking.display {was!r} sent as 'summarized'"


def manual_to_adaptive(body: Body, context: QuirkContext) -> str | None:
    """Turn manual thinking into adaptive for models that refuse the former."""
    return force_adaptive(body, context.model) if refuses_manual_thinking(context.model) else None


def force_adaptive(body: Body, model: Model) -> str | None:
    """Turn manual thinking into adaptive thinking with the effort that stands for its budget.

    Manual thinking shows its text by default and adaptive thinking of these models does not: the display is set.
    """
    thinking = body.get("thinking")
    if not is_document(thinking) or thinking.get("type") != "enabled":
        return None
    body.set("thinking", {"type": "adaptive", "display": thinking.get("display", "summarized")})
    config = body.get("output_config")
    config = config if is_document(config) else {}
    budget = integer(thinking.get("budget_tokens"))
    if "effort" not in config and budget is not None:
        effort = effort_for_budget(budget)
        body.set(
            "output_config",
            {**config, "effort": nearest_effort(effort, model.supports.reasoning_efforts) or effort},
        )
    return "manual thinking sent as adaptive"


def adaptive_to_manual(body: Body, context: QuirkContext) -> str | None:
    """Give models without adaptive thinking a budget, within the model's and the request's limits."""
    thinking = body.get("thinking")
    if not refuses_effort(context.model) or not is_document(thinking) or thinking.get("type") != "adaptive":
        return None
    supports = context.model.supports
    ceiling = integer(body.get("max_tokens"))
    budgets = [DEFAULT_BUDGET_TOKENS, supports.max_thinking_budget, None if ceiling is None else ceiling - 1]
    budget = min(budget for budget in budgets if budget is not None)
    if budget < (supports.min_thinking_budget or MIN_BUDGET_TOKENS):
        body.drop("thinking")
        return "adaptive thinking dropped: max_tokens leaves no room for the smallest budget"
    shown = {"display": thinking["display"]} if "display" in thinking else {}
    body.set("thinking", {"type": "enabled", "budget_tokens": budget, **shown})
    return f"adaptive thinking sent as a budget of {budget} tokens"


def repair_effort(body: Body, context: QuirkContext) -> str | None:
    """Lower an effort that the catalog does not list; drop it where the model takes none."""
    config = body.get("output_config")
    if not is_document(config) or not isinstance(effort := config.get("effort"), str):
        return None
    if refuses_effort(context.model):
        return drop_effort(body, config)
    nearest = nearest_effort(effort, context.model.supports.reasoning_efforts)
    if nearest is None:
        return None
    body.set("output_config", {**config, "effort": nearest})
    return f"effort {effort!r} sent as {nearest!r}"


def drop_effort(body: Body, config: Document) -> str:
    """Take `effort` out of `output_config`, and that too once it is empty; `format` stays: it is a feature."""
    rest = {key: value for key, value in config.items() if key != "effort"}
    if rest:
        body.set("output_config", rest)
    else:
        body.drop("output_config")
    return "output_config.effort dropped: the model takes none"


def clamp_max_tokens(body: Body, context: QuirkContext) -> str | None:
    """Lower `max_tokens` to what the catalog lets the model write, and a thinking budget below it."""
    limit, notes = context.model.limits.output_tokens, list[str]()
    wanted = integer(body.get("max_tokens"))
    if limit is not None and wanted is not None and wanted > limit:
        body.set("max_tokens", limit)
        notes.append(f"max_tokens {wanted} sent as {limit}")
    notes += _clamp_budget(body, context.model)
    return "; ".join(notes) or None


def _clamp_budget(body: Body, model: Model) -> list[str]:
    thinking = body.get("thinking")
    budget = integer(thinking.get("budget_tokens")) if is_document(thinking) else None
    if budget is None or not is_document(thinking):
        return []
    ceiling = integer(body.get("max_tokens"))
    limits = [budget, model.supports.max_thinking_budget, None if ceiling is None else ceiling - 1]
    lowest = min(limit for limit in limits if limit is not None)
    if lowest == budget or lowest < (model.supports.min_thinking_budget or MIN_BUDGET_TOKENS):
        return []
    body.set("thinking", {**thinking, "budget_tokens": lowest})
    return [f"thinking.budget_tokens {budget} sent as {lowest}"]


def drop_idle_clearing(body: Body, context: QuirkContext) -> str | None:
    """Drop the `clear_thinking_*` edits of a request that does not think."""
    thinking = body.get("thinking")
    if is_document(thinking) and thinking.get("type") in ("enabled", "adaptive"):
        return None
    management = body.get("context_management")
    edits = documents_in(management.get("edits")) if is_document(management) else []
    kept = [edit for edit in edits if not str(edit.get("type")).startswith("clear_thinking_")]
    if len(kept) == len(edits) or not is_document(management):
        return None
    if kept:
        body.set("context_management", {**management, "edits": kept})
    else:
        body.drop("context_management")
    return "clear_thinking edits dropped: the request does not think"
