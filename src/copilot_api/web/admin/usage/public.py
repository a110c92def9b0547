"""`GET /usage`: what GitHub says of the active account's plan and quota, in GitHub's own words.

Source: the reference gateway's route of the same name; its `chat_enabled` is also false when the last real test of
the account failed. Asked at most once in a few seconds, however many ask here.
"""

import time
from collections.abc import Callable
from typing import cast

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from copilot_api.copilot.accounts import Account
from copilot_api.errors import Forbidden
from copilot_api.gateway.accounting.probe import Probe
from copilot_api.web.admin.desk import AnyRequest, Desk, answered
from copilot_api.web.admin.door import Door
from copilot_api.web.asgi import Scope
from copilot_api.web.guard import Guard, presented_key

FRESH_S = 10.0
_SCOPES = frozenset({"usage", "admin"})


class PublicUsage:
    """The route, and the answer it gave last."""

    def __init__(
        self,
        desk: Desk,
        door: Door,
        probe: Probe,
        guard: Callable[[], Guard],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._door = door
        self._probe = probe
        self._guard = guard
        self._clock = clock
        self._told: tuple[str, float, dict[str, object]] = ("", float("-inf"), {})

    def routes(self) -> list[HTTPRouteHandler]:
        """Return the route."""

        @get("/usage")
        async def usage(request: AnyRequest) -> Response[dict[str, object]]:
            """Plan and quota of the active account, as GitHub tells them."""
            await self._admit(request)
            account = self._desk.accounts.choose(None)
            document = dict(await self._document(account))
            last = self._probe.last.get(account.id)
            if last is not None and last.method == "request" and last.problem:
                document["chat_enabled"] = False
            return answered(document)

        return [usage]

    async def _admit(self, request: AnyRequest) -> None:
        """Let in who may: the operator, a key for usage, and everybody where no key is asked for at all.

        Raises: Unauthorized, Forbidden, Throttled.
        """
        if self._guard().is_open:
            return
        scope = cast(Scope, request.scope)
        headers = {name.lower(): value for name, value in request.headers.items()}
        key = self._guard().recognise(presented_key(scope, headers))
        if key is None:
            if await self._door.identify(request) is None:
                raise self._door.stranger(request)
        elif not _SCOPES.intersection(key.scopes):
            raise Forbidden(
                f"The key {key.name!r} may not read usage.",
                code="scope_missing",
                remedy="Make a key for it with: copilot-api keys create NAME --scope usage",
            )

    async def _document(self, account: Account) -> dict[str, object]:
        account_id, told_at_s, document = self._told
        if account_id == account.id and self._clock() - told_at_s < FRESH_S:
            return document
        user = await account.describe()
        self._told = (account.id, self._clock(), user.raw)
        return user.raw
