"""What happens, told to pages while they are open: GET /events, and the topics that no other room tells."""

from litestar import get
from litestar.handlers import HTTPRouteHandler

from copilot_api.web.admin.desk import AnyRequest, caller_of
from copilot_api.web.admin.events.stream import EventStream, Streams
from copilot_api.web.admin.events.telling import ExchangeTeller, StatusTeller

__all__ = ["ExchangeTeller", "StatusTeller", "Streams", "routes"]


def routes(streams: Streams) -> list[HTTPRouteHandler]:
    """The one page: a stream of server-sent events."""

    @get("/events", media_type="text/event-stream")
    async def events(request: AnyRequest) -> EventStream:
        """Everything that happens, as it happens, until the caller leaves or is not in any more."""
        return streams.begin(request, caller_of(request))

    return [events]
