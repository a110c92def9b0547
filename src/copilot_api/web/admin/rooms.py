"""The rooms of the admin API: what is served below /admin/api, in one list."""

from collections.abc import Sequence

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from copilot_api.gateway.accounting.probe import Probe
from copilot_api.gateway.gateway import Gateway
from copilot_api.store.keys import KeyUses
from copilot_api.store.ledger import Book
from copilot_api.web.admin import (
    about,
    accounts,
    approvals,
    captures,
    events,
    keys,
    limits,
    mappings,
    models,
    options,
    playground,
    signins,
    usage,
)
from copilot_api.web.admin import door as door_room
from copilot_api.web.admin.connect import routes as connect
from copilot_api.web.admin.desk import Desk
from copilot_api.web.admin.door import Door, Facts
from copilot_api.web.admin.events import Streams
from copilot_api.web.admin.models import History
from copilot_api.web.ingress import Ingress


def rooms(
    desk: Desk,
    door: Door,
    facts: Facts,
    *,
    streams: Streams,
    ingress: Ingress,
    history: History,
    uses: KeyUses,
    book: Book | None,
    probe: Probe,
    gateway: Gateway,
) -> Sequence[HTTPRouteHandler | Router]:
    """Every page of the admin API; each is given the desk it changes things at."""
    return (
        *door_room.routes(desk, door, facts),
        *events.routes(streams),
        *about.routes(desk, facts.version),
        *connect.routes(desk, door),
        *playground.routes(ingress),
        *accounts.routes(desk),
        *signins.routes(desk),
        *keys.routes(desk, uses),
        *mappings.routes(desk),
        *models.routes(desk, history),
        *options.routes(desk),
        *usage.routes(desk, book, probe),
        *approvals.routes(desk, gateway.admission.approvals),
        *limits.routes(desk, gateway.admission),
        *captures.routes(captures.CaptureRoom(desk, door, gateway, book)),
    )
