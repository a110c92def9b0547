"""What was decided and done with a request, one step at a time, each with its reason.

Pure. Serves what was captured and, with less to say, what only the usage log knows.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from copilot_api.copilot.names import Trail
from copilot_api.copilot.quirks.registry import ASYNC_QUIRKS, FRAME_QUIRKS, REJECTION_QUIRKS, REQUEST_QUIRKS
from copilot_api.gateway.capture.document import AttemptPart, Step
from copilot_api.gateway.request.custom import effort, freeform, prompt, subagent, warmup
from copilot_api.neutral.loss import Loss, worst_first

CUSTOM: Final = {
    effort.NAME: "modelReasoningEfforts names an effort for this model, and the client named none.",
    prompt.NAME: "extraPrompts has a text for this model; it follows the system text.",
    warmup.NAME: "It is a client's warm-up, and smallModel says who answers those.",
    subagent.NAME: "A sub-agent's marker was taken out of the prompt; the request counts as the agent's.",
    freeform.NAME: "Freeform editing tools travel as functions.",
}
"""What the operator asked for, by the names that the usage log has."""
REASONS: Final = {
    "native": "the model speaks the client's own protocol",
    "preferred": "of the protocols that the model speaks, this one loses least",
    "only way": "it is the only protocol that the model speaks",
    "counter": "Copilot's counter takes this protocol",
}


def name_steps(trail: Trail) -> tuple[Step, ...]:
    """How the model's name was resolved."""
    return tuple(
        Step(
            "mapping", step.kind, f"{step.source!r} -> {step.to!r}: {step.detail}" if step.to else step.detail
        )
        for step in trail.steps
    )


def plain_name_step(requested: str, mapped: str) -> tuple[Step, ...]:
    """The same where only its beginning and its end are known."""
    if not mapped or mapped == requested:
        return ()
    return (Step("mapping", "resolved", f"{requested!r} -> {mapped!r}"),)


def route_steps(ingress: str, upstream: str, mode: str, reason: str) -> tuple[Step, ...]:
    """Which way it went, and whether somebody had to translate."""
    if not upstream:
        return (Step("route", mode or "none", reason or "it did not come so far"),)
    words = REASONS.get(reason, reason)
    steps = [Step("route", f"{ingress} -> {upstream}", words)]
    if mode == "translated":
        steps.append(
            Step("translation", f"{ingress} -> {upstream}", "request and answer are said in other words")
        )
    elif mode == "repaired":
        steps.append(Step("repair", "answer", "what Copilot distorts in answers is mended (docs/quirks.md)"))
    return tuple(steps)


def repair_steps(repairs: Iterable[str]) -> tuple[Step, ...]:
    """What was mended for Copilot or added for the operator."""
    symptoms = _symptoms()
    return tuple(
        Step("custom", name, CUSTOM[name]) if name in CUSTOM else Step("repair", name, symptoms.get(name, ""))
        for name in repairs
    )


def loss_steps(losses: tuple[Loss, ...]) -> tuple[Step, ...]:
    """What could not be said, the worst first."""
    return tuple(Step("loss", f"{loss.path} ({loss.handling})", loss.reason) for loss in worst_first(losses))


def plain_loss_steps(losses: Iterable[str]) -> tuple[Step, ...]:
    """The same from the usage log, which has no reasons."""
    return tuple(Step("loss", loss, "") for loss in losses)


def retry_steps(attempts: tuple[AttemptPart, ...]) -> tuple[Step, ...]:
    """Why it was sent more than once."""
    return tuple(
        Step(
            "retry",
            f"attempt {number}",
            f"the one before was answered {before.status}; mended and sent again",
        )
        for number, before in enumerate(attempts[:-1], 2)
    )


def plain_retry_steps(attempts: int) -> tuple[Step, ...]:
    """The same from the usage log."""
    return (Step("retry", f"{attempts} attempts", "a refusal was mended"),) if attempts > 1 else ()


@lru_cache(maxsize=1)
def _symptoms() -> dict[str, str]:
    tables = (REQUEST_QUIRKS, REJECTION_QUIRKS, FRAME_QUIRKS, ASYNC_QUIRKS)
    return {quirk.name: quirk.symptom for table in tables for quirks in table.values() for quirk in quirks}
