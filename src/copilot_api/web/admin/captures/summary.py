"""A request in a few sentences, and what to do about it: each a code with parameters, and its English. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from copilot_api.gateway.capture.document import AttemptPart, PlanPart, ResultPart
from copilot_api.gateway.capture.words import ADVICE, SUMMARY
from copilot_api.neutral.loss import Handling
from copilot_api.protocols.spelling import title

_NANO: Final = 1_000_000_000
_BY_ERROR: Final = {
    "client_gone": "advice.client-gone",
    "rate_limited": "advice.slow-down",
    "upstream_cut": "advice.broke-off",
    "upstream_stream_cut": "advice.broke-off",
}


class Phrase(msgspec.Struct, frozen=True, rename="camel"):
    """One sentence: `text` in English, and the same as a code with its parameters ("" where it has none)."""

    code: str
    parameters: dict[str, str]
    text: str


def summary_of(
    plan: PlanPart, result: ResultPart, *, count: int, was_sent: bool, last: AttemptPart | None = None
) -> tuple[Phrase, ...]:
    """Tell the way, what was changed, how Copilot took it, and what it cost.

    `count` says how often it was sent; `last` is the last attempt, where one was captured.
    """
    found = [_way(plan, was_sent=was_sent)]
    if plan.upstream and was_sent:
        found += _changes(plan)
        found += [_summed("again", count=str(count))] if count > 1 else []
    found += [] if last is None else _taken(last)
    found += _cost(result)
    return tuple(found)


def advice_on(result: ResultPart, attempts: Sequence[AttemptPart], plan: PlanPart) -> tuple[Phrase, ...]:
    """What to do about it; the message of an error of ours says that itself."""
    if result.outcome == "completed" and result.status < 400:
        return _on_losses(plan)
    code = _BY_ERROR.get(result.error_code)
    if code is not None:
        return (advised(code),)
    if attempts and attempts[-1].status is not None and 400 <= attempts[-1].status < 500:
        return (advised("advice.refused"),)
    return (advised("advice.read-error"),) if result.error_message else ()


def advised(code: str, **parameters: str) -> Phrase:
    """Say a piece of advice."""
    return Phrase(code, parameters, ADVICE[code].format(**parameters))


def _on_losses(plan: PlanPart) -> tuple[Phrase, ...]:
    """What was harmless needs nobody's attention."""
    for handling, code in ((Handling.DROPPED, "advice.lost"), (Handling.APPROXIMATED, "advice.near")):
        count = _losses(plan, handling)
        if count:
            return (advised(code, count=str(count)),)
    return ()


def _losses(plan: PlanPart, handling: Handling) -> int:
    return sum(step.kind == "loss" and step.name.endswith(f"({handling})") for step in plan.steps)


def _way(plan: PlanPart, *, was_sent: bool) -> Phrase:
    if plan.mode == "local":
        return _summed("local")
    if not plan.upstream or not was_sent:
        return _summed("refused")
    if any(step.kind == "translation" for step in plan.steps):
        return _summed("translated", client=title(plan.ingress), upstream=title(plan.upstream))
    return _summed("native", protocol=title(plan.ingress))


def _taken(last: AttemptPart) -> list[Phrase]:
    """How Copilot took it, where not well."""
    if last.status is None:
        return [_summed("no-answer")]
    if last.status >= 400:
        return [_summed("not-taken", status=str(last.status))]
    return [_summed("cut")] if last.problem else []


def _changes(plan: PlanPart) -> list[Phrase]:
    """What there was none of is not told."""
    counts = {"repaired": sum(step.kind == "repair" for step in plan.steps)}
    counts |= {handling.value: _losses(plan, handling) for handling in Handling}
    told = [_summed(name, count=str(count)) for name, count in counts.items() if count]
    return told or [_summed("unchanged")]


def _cost(result: ResultPart) -> list[Phrase]:
    if result.input_tokens is None or result.output_tokens is None:
        return []
    tokens = {"input": f"{result.input_tokens}", "output": f"{result.output_tokens}"}
    if result.nano_aiu is None:
        return [_summed("tokens", **tokens)]
    return [_summed("cost", credits=f"{result.nano_aiu / _NANO:g}", **tokens)]


def _summed(name: str, **parameters: str) -> Phrase:
    code = f"summary.{name}"
    return Phrase(code, parameters, SUMMARY[code].format(**parameters))
