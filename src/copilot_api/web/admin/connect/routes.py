"""GET /connect: the guides, with this gateway's addresses and models."""

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from copilot_api.copilot.catalog import protocols_of
from copilot_api.web.admin.connect.guide import Guide, Snippet
from copilot_api.web.admin.connect.guides import GUIDES, needs_key, offered, suggest
from copilot_api.web.admin.desk import AnyRequest, Desk, answered
from copilot_api.web.admin.door import Door


class BaseUrls(msgspec.Struct, frozen=True):
    """What a client of each family wants as its base URL."""

    openai: str
    anthropic: str
    gemini: str


class OfferedModel(msgspec.Struct, frozen=True):
    """A model, and the protocols that it speaks itself; others are translated."""

    id: str
    protocols: tuple[str, ...]


class GuideView(msgspec.Struct, frozen=True, rename="camel"):
    """A guide, with a model to begin with; "" where no model is known yet."""

    id: str
    name: str
    client_names: tuple[str, ...]
    protocol: str
    suggested_model: str
    snippets: tuple[Snippet, ...]
    notes: tuple[str, ...]


class ConnectView(msgspec.Struct, frozen=True, rename="camel"):
    """Everything that it takes to connect a client."""

    address: str
    base_urls: BaseUrls
    needs_key: bool
    models: tuple[OfferedModel, ...]
    clients: tuple[GuideView, ...]


def routes(desk: Desk, door: Door) -> list[HTTPRouteHandler]:
    """The one page of this room."""

    @get("/connect", sync_to_thread=False)
    def connect(request: AnyRequest) -> Response[ConnectView]:
        """The exact settings of each client, with placeholders for address, key and model."""
        settings, address = desk.settings, door.address_of(request)
        active = desk.accounts.active
        models = offered(active.catalog.current if active is not None else None, settings.hidden_models)

        def shown(one: Guide) -> GuideView:
            begin = suggest(models, one.protocol) or ""
            return GuideView(one.id, one.name, one.client_names, one.protocol, begin, one.snippets, one.notes)

        return answered(
            ConnectView(
                address=address,
                base_urls=BaseUrls(openai=f"{address}/v1", anthropic=address, gemini=address),
                needs_key=needs_key(settings),
                models=tuple(OfferedModel(one.id, protocols_of(one)) for one in models),
                clients=tuple(map(shown, GUIDES)),
            )
        )

    return [connect]
