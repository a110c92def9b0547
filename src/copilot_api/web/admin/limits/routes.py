"""The view of all limits, and the one thing a person may do here: lift a pause."""

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from copilot_api.gateway.admission.admission import Admission
from copilot_api.gateway.admission.budgets import Standing
from copilot_api.gateway.admission.pauses import Pause
from copilot_api.web.admin.desk import AnyRequest, Desk, NotFound, answered, asks, caller_of, read_json
from copilot_api.web.admin.desk.instants import iso

TAGS = ("limits",)


class PauseView(msgspec.Struct, frozen=True, rename="camel"):
    """A model that Copilot asked to leave alone. `reason` is its word, such as rate_limited."""

    account_id: str
    account: str
    model: str
    ends_at: str | None
    reason: str


class Queues(msgspec.Struct, frozen=True, rename="camel"):
    """How many requests wait, and for what."""

    minute: int
    slot: int
    spacing: int
    pause: int
    approval: int


class LimitsView(msgspec.Struct, frozen=True, rename="camel"):
    """The limits at this moment.

    Shape: `paused_requests` counts what was refused in pauses since the start; `shared_problem` says why this gateway
    counts minutes for itself, null where it shares nothing or all is well.
    """

    queues: Queues
    pauses: tuple[PauseView, ...]
    paused_requests: int
    budgets: tuple[Standing, ...]
    shared_problem: str | None


class Lift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Which pause."""

    account_id: str
    model: str


def view_of(admission: Admission) -> LimitsView:
    """Look at everything."""
    return LimitsView(
        queues=Queues(
            minute=admission.rates.waiting,
            slot=admission.slots.waiting,
            spacing=admission.spacing.waiting,
            pause=admission.pauses.waiting,
            approval=len(admission.approvals.waiting),
        ),
        pauses=tuple(_shown(pause) for pause in admission.pauses.current()),
        paused_requests=admission.pauses.refused,
        budgets=admission.budgets.standings(),
        shared_problem=admission.shared_problem,
    )


def routes(desk: Desk, admission: Admission) -> list[HTTPRouteHandler]:
    """Return the routes."""

    @get("/limits", tags=TAGS, opt=asks(), sync_to_thread=False)
    def show() -> Response[LimitsView]:
        """What waits, what is paused, how budgets stand."""
        return answered(view_of(admission))

    @post("/limits/lift", tags=TAGS, status_code=200, opt=asks(Lift, refuses=(404,)))
    async def lift(request: AnyRequest) -> Response[LimitsView]:
        """End a pause before its time."""
        body = await read_json(request, Lift)
        if not admission.pauses.lift(body.account_id, body.model):
            raise NotFound("This model is not paused, or not any more.", code="pause_gone")
        await desk.note(caller_of(request), "limits.lift", body.model, f"account {body.account_id}")
        return answered(view_of(admission))

    return [show, lift]


def _shown(pause: Pause) -> PauseView:
    return PauseView(pause.account_id, pause.account, pause.model, iso(pause.ends_at_unix_s), pause.reason)
