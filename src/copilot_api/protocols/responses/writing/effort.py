"""How much to think, in the words a Responses model lists.

Owns the order of efforts and what a budget is worth. Source: openai-python 3.54, shared_params/reasoning; upstream
contract 3.2, 5.1 (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import ModelRequest, ReasoningOptions
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses

_ORDER: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS: Final = ((0, "none"), (4_096, "low"), (16_384, "medium"))
"""Up to so many tokens mean so much effort, more is "high". Clients' own steps lie between: opencode asks for 16,000
(high of its Anthropic form), Claude Code for 31,999 at most (recorded requests, 2026-11)."""
_SUMMARIES: Final = frozenset({"auto", "concise", "detailed"})


def write_reasoning(request: ModelRequest, target: Target, losses: Losses) -> JsonObject | None:
    """`reasoning` for another protocol's request; None where there is nothing to say."""
    options = request.reasoning or ReasoningOptions()
    word = losses.word
    losses.drop_extras("reasoning", options.extras)
    wanted = _wanted_effort(request, options, losses)
    if options.mode == "adaptive" and wanted is None:
        losses.spare(word("reasoning"), "the model thinks as much as it likes anyway")
    listed = [effort for effort in target.reasoning_efforts if effort in _ORDER]
    if not listed:
        if wanted not in (None, "none"):
            losses.drop(word("reasoning"), f"the model {target.model!r} lists no reasoning efforts")
        return None
    document: JsonObject = {}
    if wanted is not None:
        effort = nearest_effort(wanted, listed)
        if effort is None:
            losses.drop(word("reasoning.effort"), "there is no such effort")
        else:
            if effort != wanted:
                said = f"the nearest that the model lists is {effort!r}"
                losses.approximate(word("reasoning.effort"), said)
            document["effort"] = effort
    if options.summary in _SUMMARIES:
        document["summary"] = options.summary
    elif options.summary is None and options.shows_thoughts:
        # Without a word of it no thinking is shown at all, and it was asked for.
        document["summary"] = "auto"
    return document or None


def _wanted_effort(request: ModelRequest, options: ReasoningOptions, losses: Losses) -> str | None:
    said = [turn.effort for turn in request.turns if turn.effort is not None]
    if said and (options.effort is not None and options.effort != said[-1]):
        said_why = "one effort holds for the whole request: the newest turn's"
        losses.approximate(losses.word("reasoning.effort"), said_why)
    if said:
        return said[-1]
    if options.effort is not None:
        return options.effort
    if options.mode == "disabled":
        return "none"
    budget = options.budget_tokens
    if budget is None or budget < 0:
        return None
    effort = next((effort for limit, effort in _BUDGETS if budget <= limit), "high")
    losses.approximate(losses.word("reasoning.budget_tokens"), f"a budget became the effort {effort!r}")
    return effort


def nearest_effort(wanted: str, listed: list[str]) -> str | None:
    """The wanted effort, else the nearest lower one that is listed, else the lowest; None for an unknown word.

    Whoever wants to think a little is not switched off: "none" is chosen for "none" only, or when it stands alone.
    """
    if wanted not in _ORDER:
        return None
    if wanted in listed:
        return wanted
    rank = _ORDER.index
    thinking = [effort for effort in listed if effort != "none"] or listed
    lower = [effort for effort in thinking if rank(effort) < rank(wanted)]
    return max(lower, key=rank) if lower else min(thinking, key=rank)
