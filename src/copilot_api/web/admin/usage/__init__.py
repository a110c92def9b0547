"""Usage: what was asked, by whom, what it cost and what is left."""

from litestar.handlers import HTTPRouteHandler

from copilot_api.gateway.accounting.probe import Probe
from copilot_api.store.ledger import Book
from copilot_api.web.admin.desk import Desk
from copilot_api.web.admin.usage import routes as reading
from copilot_api.web.admin.usage import testing
from copilot_api.web.admin.usage.public import PublicUsage

__all__ = ["PublicUsage", "routes"]


def routes(desk: Desk, book: Book | None, probe: Probe) -> list[HTTPRouteHandler]:
    """Return the routes of this room; `book` is None where usage is not written down."""
    return [*reading.routes(reading.Reader(desk, book)), *testing.routes(desk, probe)]
