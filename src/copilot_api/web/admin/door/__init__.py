"""The door of the admin: who is in, what a browser may do with our answers, and the ways in and out."""

from litestar.handlers import HTTPRouteHandler

from copilot_api.web.admin.desk import Desk
from copilot_api.web.admin.door.entry import OPEN, Connection, Door, has_secret
from copilot_api.web.admin.door.headers import guarded
from copilot_api.web.admin.door.pages import Facts, Pages
from copilot_api.web.admin.door.setup import Setup

__all__ = ["OPEN", "Connection", "Door", "Facts", "Setup", "guarded", "has_secret", "routes"]


def routes(desk: Desk, door: Door, facts: Facts) -> list[HTTPRouteHandler]:
    """The pages of the door itself."""
    return Pages(desk, door, facts).routes()
