"""What goes upstream: the client's body, spliced and mended where a quirk asks for it, and the headers beside it.

Owns the order: model, quirks, images, encode. A retry is shaped from the original body again, never from a
mended one.
"""

import time
from functools import partial
from typing import NamedTuple

import msgspec

from copilot_api.copilot.headers import Interactions, build, judge
from copilot_api.copilot.quirks import (
    LEARNABLE,
    ImageFetch,
    QuirkContext,
    QuirkRoute,
    allowed_betas,
    before_send,
    inline_images,
    on_rejection,
    refused_betas,
)
from copilot_api.errors import UpstreamFault
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.request.apart import apart
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.ids import new_uuid
from copilot_api.gateway.request.plan import Plan
from copilot_api.protocols.base import RequestPeek
from copilot_api.settings import Identity, Settings
from copilot_api.wire.body import Body


class Shaped(msgspec.Struct, frozen=True):
    """One attempt, ready to send. `repairs` names the quirks that were applied."""

    body: bytes
    headers: dict[str, str]
    repairs: list[str]
    initiator: str
    interaction_id: str

    def note(self, record: UsageRecord) -> None:
        """Note in the record what is about to be sent."""
        record.attempts += 1
        if record.trace_context is not None and not record.sent_unix_s:
            record.sent_unix_s = time.time()
        record.initiator = self.initiator
        record.interaction_id = self.interaction_id
        record.repairs += [repair for repair in self.repairs if repair not in record.repairs]


class Shaper:
    """Shapes requests; remembers which interaction each human turn began."""

    def __init__(self, fetch_image: ImageFetch) -> None:
        self._fetch_image = fetch_image
        self._interactions = Interactions(new_id=new_uuid)
        self._learned: dict[str, frozenset[str]] = {}

    async def shape(
        self,
        call: Call,
        plan: Plan,
        peek: RequestPeek,
        settings: Settings,
        begin: bytes,
        fault: UpstreamFault | None = None,
    ) -> Shaped | None:
        """One attempt: the first, or with upstream's `fault` the second, None when nothing can be mended.

        `begin` is the client's body, or its translation; each attempt starts from it anew.

        Raises: a ClientFault where a quirk knows that upstream cannot take the request.
        """
        learned = self._learned.get(plan.model.id, frozenset())
        context = QuirkContext(model=plan.model, headers=call.headers, learned=learned)
        name = "" if plan.is_translated or peek.model == plan.model.id else plan.model.id
        body, repairs = await apart(begin, partial(_edited, begin, name, plan.quirks, context))
        if plan.quirks == "messages":
            repairs += await inline_images(body, context, self._fetch_image)
        refused: frozenset[str] = frozenset()
        if fault is not None:
            mended = await apart(begin, partial(on_rejection, plan.quirks, body, context, fault))
            if not mended:
                return None
            repairs += mended
            refused = refused_betas(fault.message)
            self._learned[plan.model.id] = learned | LEARNABLE.intersection(mended)
        betas = _betas(call, plan, body, refused)
        headers = _Said(settings.identity, betas, peek.stream or plan.is_translated)
        return self._with_headers(call, peek, headers, body.encode(), repairs)

    def _with_headers(
        self, call: Call, peek: RequestPeek, said: "_Said", body: bytes, repairs: list[str]
    ) -> Shaped:
        initiation = judge(peek, call.headers)
        interaction_id = self._interactions.id_for(peek, call.headers)
        headers = build(
            identity=said.identity,
            initiation=initiation,
            interaction_id=interaction_id,
            request_id=new_uuid(),
            is_stream=said.is_stream,
            has_images=peek.has_images,
            anthropic_beta=said.betas,
        )
        return Shaped(body, headers, repairs, initiation.initiator, interaction_id)


def _edited(begin: bytes, name: str, route: QuirkRoute, context: QuirkContext) -> tuple[Body, list[str]]:
    """A body with the model's name, where that is another one, and with every quirk repaired that is certain."""
    body = Body(begin)
    if name:
        body.set("model", name)
    return body, before_send(route, body, context)


class _Said(NamedTuple):
    """What the headers say that the request's peek does not."""

    identity: Identity
    betas: str | None
    is_stream: bool


def _betas(call: Call, plan: Plan, body: Body, refused: frozenset[str]) -> str | None:
    if plan.quirks != "messages":
        return None
    asked = None if plan.is_translated else call.headers.get("anthropic-beta")
    return allowed_betas(asked, body, refused)
