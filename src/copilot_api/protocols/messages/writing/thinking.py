"""How much to think, in the words a Messages model takes: adaptive thinking, a budget, an effort.

Owns the table between efforts and budgets. Must never know tools; whoever writes the request drops the thinking
where something else in it forbids thinking.
Source: Anthropic extended and adaptive thinking documentation; upstream contract 6.1, 6.4 (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import ReasoningOptions
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses

EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Weakest first."""
BUDGET_TOKENS: Final = {
    "minimal": 1024,
    "low": 4096,
    "medium": 16000,
    "high": 31999,
    "xhigh": 47999,
    "max": 63999,
}
"""1,024 is Anthropic's least; 4,096 and 16,000 are the official editor's small and default budget (contract 6.1),
31,999 is Claude Code 2.1.330's. A model's own limits are applied afterwards."""
_MIN_BUDGET_TOKENS: Final = 1024
_SHOWN: Final = ("auto", "concise", "detailed")


def write_thinking(
    options: ReasoningOptions | None, target: Target, max_tokens: int, losses: Losses
) -> tuple[JsonObject | None, str | None]:
    """The `thinking` object and the effort for `output_config`; None where there is nothing to say.

    Without `thinking` a Messages model does not think: whoever asks for none gets no field at all.
    """
    if options is None:
        return None, None
    word = losses.word("reasoning")
    losses.drop_extras("reasoning", options.extras)
    if not _is_wanted(options):
        return None, None
    if not (target.reasoning_efforts or target.has_adaptive_thinking or target.max_thinking_budget):
        losses.drop(word, f"the model {target.model!r} does not think")
        return None, None
    effort = _effort(options, target, losses)
    if target.has_adaptive_thinking:
        thinking: JsonObject = {"type": "adaptive"}
        if _shows(options):
            # Newer models leave the thinking's text out unless asked (contract 6.4).
            thinking["display"] = "summarized"
        return thinking, effort
    budget = _budget(options, target, max_tokens)
    if budget is None:
        if effort is None:
            losses.drop(word, f"{max_tokens} output tokens leave no room for thinking")
        return None, effort
    return {"type": "enabled", "budget_tokens": budget}, effort


def _is_wanted(options: ReasoningOptions) -> bool:
    if options.effort == "none" or options.budget_tokens == 0 or options.mode == "disabled":
        return False
    is_sized = options.effort is not None or options.budget_tokens is not None or options.mode is not None
    # Elsewhere a reasoning model thinks unasked: there the wish to see its thoughts implies that it has some.
    return is_sized or _shows(options)


def _shows(options: ReasoningOptions) -> bool:
    return bool(options.shows_thoughts) or options.summary in _SHOWN


def _effort(options: ReasoningOptions, target: Target, losses: Losses) -> str | None:
    """The wanted effort, or the one a budget stands for, where the model lists efforts: the nearest lower one."""
    listed = [effort for effort in EFFORTS if effort in target.reasoning_efforts and effort != "none"]
    wanted = options.effort
    if wanted is None and options.budget_tokens is not None and options.budget_tokens > 0:
        wanted = next(
            (word for word, tokens in BUDGET_TOKENS.items() if options.budget_tokens <= tokens), "max"
        )
        if listed and target.has_adaptive_thinking:
            place = losses.word("reasoning.budget_tokens")
            losses.approximate(place, f"the budget became the effort {wanted!r}")
    if wanted not in EFFORTS or not listed:
        return None
    weaker = [effort for effort in listed if EFFORTS.index(effort) <= EFFORTS.index(wanted)]
    chosen = weaker[-1] if weaker else listed[0]
    if chosen != wanted:
        said = f"{wanted!r} became {chosen!r}, the nearest effort of the model"
        losses.approximate(losses.word("reasoning.effort"), said)
    return chosen


def _budget(options: ReasoningOptions, target: Target, max_tokens: int) -> int | None:
    """The budget within the model's limits and below `max_tokens`, of which a quarter is left for the answer."""
    if target.max_thinking_budget is None:
        return None
    wanted = options.budget_tokens
    if wanted is None or wanted < 0:
        wanted = BUDGET_TOKENS.get(options.effort or "", BUDGET_TOKENS["medium"])
    least = max(target.min_thinking_budget or 0, _MIN_BUDGET_TOKENS)
    budget = max(least, min(wanted, target.max_thinking_budget))
    if budget >= max_tokens:
        budget = max_tokens * 3 // 4
    return budget if budget >= least else None
