"""A waiting request as the page shows it: who asks for what, and until when."""

import msgspec

from copilot_api.gateway.admission.approvals import Approval, Outcome
from copilot_api.gateway.estimate import Price
from copilot_api.web.admin.desk.instants import iso


class EstimateView(msgspec.Struct, frozen=True, rename="camel"):
    """What a request comes to, by our own count and the catalogue's prices; null where it is unknown.

    Units: AI credits of the input, none of it cached, and of the whole with the longest answer that may come.
    Shape: `problem` says why something is unknown: "late", "no_price", "not_counted" or the code of an error.
    """

    input_tokens: int | None
    credits: float | None
    most_credits: float | None
    problem: str


class ApprovalView(msgspec.Struct, frozen=True, rename="camel"):
    """One request that waits, or how it ceased to (`outcome`). `account` is its login, `client` a User-Agent.

    `estimate` is null while it is being counted.
    """

    id: str
    outcome: Outcome
    asked_at: str | None
    expires_at: str | None
    trace_id: str
    key: str
    account: str
    model: str
    requested_model: str
    path: str
    client: str
    is_stream: bool
    request_bytes: int
    estimate: EstimateView | None


def shown(approval: Approval, outcome: Outcome = "waiting") -> ApprovalView:
    """Show one."""
    return ApprovalView(
        id=approval.id,
        outcome=outcome,
        asked_at=iso(approval.asked_at_unix_s),
        expires_at=iso(approval.expires_at_unix_s),
        trace_id=approval.trace_id,
        key=approval.key,
        account=approval.account,
        model=approval.model,
        requested_model=approval.requested_model,
        path=approval.path,
        client=approval.client,
        is_stream=approval.is_stream,
        request_bytes=approval.request_bytes,
        estimate=None if approval.price is None else _estimate(approval.price),
    )


def _estimate(price: Price) -> EstimateView:
    return EstimateView(price.input_tokens, price.credits, price.most_credits, price.problem)
