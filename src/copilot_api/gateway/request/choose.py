"""Which model a request means, and whether its key may use it.

It is the one that the client named, or a small one for its warm-up.
"""

from functools import lru_cache

from copilot_api.copilot.accounts import Account
from copilot_api.copilot.catalog import Model
from copilot_api.copilot.names import require
from copilot_api.copilot.names.resolution import fits
from copilot_api.errors import Forbidden
from copilot_api.gateway.request.custom import SMALL_MODEL, small_model
from copilot_api.gateway.request.routes import Route
from copilot_api.protocols.base import RequestPeek
from copilot_api.settings import ClientKeyEntry, Settings


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


def require_allowed(key: ClientKeyEntry | None, requested: str, model_id: str) -> None:
    """Return when the key may use the model, under the name it asked for or under its own.

    Raises: Forbidden with what the key may use.
    """
    if key is None or not key.models or is_allowed(key.models, requested, model_id):
        return
    raise Forbidden(
        f"The key {key.name!r} may not use the model {requested!r}. It may use {', '.join(key.models)} (GET /v1/models "
        "lists them); the operator can change that in the admin.",
        code="model_not_allowed",
        param="model",
    )


@lru_cache(maxsize=1024)
def is_allowed(patterns: tuple[str, ...], *names: str) -> bool:
    """Whether one of the names fits one of the patterns, in which `*` stands for anything."""
    return any(fits(pattern.strip().lower(), name.lower()) for pattern in patterns for name in names)
