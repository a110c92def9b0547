"""What was decided and done with a request, one step at a time, each with its reason and the reason's code.

Pure. Serves what was captured and, with less to say, what only the usage log knows.
"""

from collections.abc import Iterable
from typing import Final

from copilot_api.copilot.names import Step as NameStep
from copilot_api.copilot.names import Trail
from copilot_api.gateway.capture.document import AttemptPart, Step, StepKind
from copilot_api.gateway.capture.words import DECISIONS, REPAIRS, recognised
from copilot_api.neutral.loss import Loss, worst_first
from copilot_api.protocols.spelling import title

_REASONS: Final = {
    "native": "route.native",
    "preferred": "route.preferred",
    "only way": "route.only-way",
    "counter": "route.counter",
    "freeform tools as functions": "route.freeform",
}
"""A plan's reason, as the usage log has it, and its code."""
_CARRIES: Final = "carries "
_NO_COUNTER: Final = "the model has no counter upstream"


def name_steps(trail: Trail) -> tuple[Step, ...]:
    """How the model's name was resolved."""
    return tuple(
        _decided("mapping", _way(step.source, step.to), f"mapping.{_kind_of(step)}") for step in trail.steps
    )


def plain_name_step(requested: str, mapped: str) -> tuple[Step, ...]:
    """The same where only its beginning and its end are known."""
    if not mapped or mapped == requested:
        return ()
    return (_decided("mapping", _way(requested, mapped), "mapping.resolved"),)


def route_steps(ingress: str, upstream: str, mode: str, reason: str) -> tuple[Step, ...]:
    """Which way it went, and whether somebody had to translate."""
    if not upstream:
        if mode == "local":
            if reason == _NO_COUNTER:
                return (_decided("route", title(ingress), "route.no-counter"),)
            return (_decided("route", title(ingress), "route.local", why=reason),)
        return (_decided("route", title(ingress), "route.none"),)
    way = _way(title(ingress), title(upstream))
    steps = [_route(way, reason)]
    if mode == "translated":
        steps.append(_decided("translation", way, "translation"))
    elif mode == "repaired":
        steps.append(_decided("repair", "answer", "repair.answer"))
    return tuple(steps)


def repair_steps(repairs: Iterable[str]) -> tuple[Step, ...]:
    """What was mended for Copilot or added for the operator."""
    return tuple(_repair(name) for name in repairs)


def loss_steps(losses: tuple[Loss, ...]) -> tuple[Step, ...]:
    """What could not be said, the worst first."""
    return tuple(_loss(loss) for loss in worst_first(losses))


def plain_loss_steps(losses: Iterable[str]) -> tuple[Step, ...]:
    """The same from the usage log, which has no reasons."""
    return tuple(Step("loss", loss, "") for loss in losses)


def retry_steps(attempts: tuple[AttemptPart, ...]) -> tuple[Step, ...]:
    """Why it was sent more than once."""
    return tuple(
        _decided("retry", f"attempt {number}", "retry.mended", status=str(before.status))
        for number, before in enumerate(attempts[:-1], 2)
    )


def plain_retry_steps(attempts: int) -> tuple[Step, ...]:
    """The same from the usage log."""
    if attempts < 2:
        return ()
    return (_decided("retry", f"{attempts} attempts", "retry.logged", count=str(attempts)),)


def _decided(kind: StepKind, name: str, code: str, **parameters: str) -> Step:
    return Step(kind, name, DECISIONS[code].format(**parameters), code, parameters)


def _way(before: str, after: str) -> str:
    return before if not after or before == after else f"{before} -> {after}"


def _kind_of(step: NameStep) -> str:
    """A client's note on the window is taken off a name, and may afterwards choose a variant of the model."""
    return "long-window" if step.kind == "window" and "[" not in step.source else step.kind


def _route(way: str, reason: str) -> Step:
    if reason.startswith(_CARRIES):
        return _decided("route", way, "route.carries", needs=reason.removeprefix(_CARRIES))
    code = _REASONS.get(reason)
    return Step("route", way, reason) if code is None else _decided("route", way, code)


def _repair(name: str) -> Step:
    code = f"custom.{name}"
    if code in DECISIONS:
        return _decided("custom", name, code)
    code = f"repair.{name}"
    return Step("repair", name, REPAIRS[code], code) if code in REPAIRS else Step("repair", name, "")


def _loss(loss: Loss) -> Step:
    code, parameters = recognised(loss.reason)
    return Step("loss", f"{loss.path} ({loss.handling})", loss.reason, code, parameters)
