"""The rooms of the admin API: what is served below /admin/api, in one list."""

from collections.abc import Sequence

from litestar import Router
from litestar.handlers import HTTPRouteHandler

from copilot_api.web.admin.desk import Desk


def rooms(_desk: Desk) -> Sequence[HTTPRouteHandler | Router]:
    """Every page of the admin API; each is given the desk it changes things at."""
    return ()
