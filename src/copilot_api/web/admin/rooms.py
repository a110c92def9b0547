"""The rooms of the admin API: what is served below /admin/api, in one list."""

from collections.abc import Sequence

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from copilot_api.store.keys import KeyUses
from copilot_api.web.admin import accounts, events, keys, mappings, models, options, signins
from copilot_api.web.admin import door as door_room
from copilot_api.web.admin.desk import Desk
from copilot_api.web.admin.door import Door, Facts
from copilot_api.web.admin.models import History


def rooms(
    desk: Desk, door: Door, facts: Facts, history: History, uses: KeyUses
) -> Sequence[HTTPRouteHandler | Router]:
    """Every page of the admin API; each is given the desk it changes things at."""
    return (
        *door_room.routes(desk, door, facts),
        *events.routes(desk, door, facts.version),
        *accounts.routes(desk),
        *signins.routes(desk),
        *keys.routes(desk, uses),
        *mappings.routes(desk),
        *models.routes(desk, history),
        *options.routes(desk),
    )
