"""The two routes, and what the feed hears under the topic `approval`."""

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.gateway.admission.approvals import Approval, Approvals, Outcome
from copilot_api.web.admin.approvals.view import ApprovalView, shown
from copilot_api.web.admin.desk import AnyRequest, Desk, NotFound, answered, asks, caller_of, read_json

TAGS = ("approvals",)


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Yes or no."""

    is_approved: bool


class ApprovalsView(msgspec.Struct, frozen=True, rename="camel"):
    """Whether requests wait for a person at all, and those that do, the oldest first."""

    is_on: bool
    approvals: tuple[ApprovalView, ...]


def routes(desk: Desk, approvals: Approvals) -> list[HTTPRouteHandler]:
    """Return the routes, and let the feed hear of every request that begins or ceases to wait."""

    def tell(approval: Approval, outcome: Outcome) -> None:
        desk.feed.publish("approval", lambda: shown(approval, outcome))

    approvals.listeners.append(tell)

    def view() -> ApprovalsView:
        waiting = tuple(shown(approval) for approval in approvals.waiting)
        return ApprovalsView(desk.settings.manual_approval, waiting)

    @get("/approvals", tags=TAGS, opt=asks(), sync_to_thread=False)
    def show_waiting() -> Response[ApprovalsView]:
        """Every request that waits for a person's yes."""
        return answered(view())

    @post("/approvals/{approval_id:str}", tags=TAGS, status_code=200, opt=asks(Decision, refuses=(404,)))
    async def decide(request: AnyRequest, approval_id: FromPath[str]) -> Response[ApprovalsView]:
        """Let a request go, or refuse it."""
        body = await read_json(request, Decision)
        approval = approvals.decide(approval_id, is_approved=body.is_approved)
        if approval is None:
            raise NotFound(
                "This request does not wait any more: it was decided elsewhere, ran out of time, or its client left.",
                code="approval_gone",
            )
        action = "approvals.approve" if body.is_approved else "approvals.deny"
        await desk.note(
            caller_of(request), action, approval.trace_id, f"{approval.model} for {approval.key!r}"
        )
        return answered(view())

    return [show_waiting, decide]
