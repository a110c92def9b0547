"""Which model a request means: the one that the client named, or a small one for its warm-up."""

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.catalog import Model
from copilot_api.copilot.names import require
from copilot_api.gateway.request.custom import SMALL_MODEL, small_model
from copilot_api.gateway.request.routes import Route
from copilot_api.protocols.base import RequestPeek
from copilot_api.settings import Settings


async def chosen_model(
    account: Account, route: Route, peek: RequestPeek, settings: Settings
) -> tuple[Model, tuple[str, ...]]:
    """The model, and by what name the choice was other than the client's.

    Raises: UnknownModel; UpstreamFault when there has never been a catalog.
    """
    resolution = await account.resolve(peek.model, settings)
    if peek.background == "warm_up":
        small = small_model(settings, account.catalog.current, route)
        if small is not None:
            return small, (SMALL_MODEL,)
    return require(resolution), ()
