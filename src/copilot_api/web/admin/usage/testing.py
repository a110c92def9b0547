"""`/admin/api/usage/test`: how often usage is tested, in which way, what that costs, and how it went."""

from typing import Literal

import msgspec
from litestar import Response, get, post, put
from litestar.handlers import HTTPRouteHandler

from copilot_api.gateway.accounting.probe import Cost, Probe
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import (
    AnyRequest,
    Desk,
    NotAccepted,
    Nothing,
    answered,
    asks,
    caller_of,
    read_json,
)
from copilot_api.web.admin.desk.instants import iso

TAGS = ("usage",)


class TestView(msgspec.Struct, frozen=True, rename="camel"):
    """The usage test. `last_result` is "ok" or what was wrong, null before the first; `cost` is of one test."""

    interval_minutes: int | None
    method: str
    last_at: str | None
    last_result: str | None
    cost: Cost


class TestWish(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How usage is to be tested. A null interval switches it off."""

    interval_minutes: int | None
    method: Literal["quota", "request"] = "quota"


def routes(desk: Desk, probe: Probe) -> list[HTTPRouteHandler]:
    """Return the routes of the usage test."""

    @get("/usage/test", tags=TAGS, sync_to_thread=False)
    def show() -> Response[TestView]:
        """How usage is tested, and how the last test went."""
        return answered(_view(desk, probe))

    @put("/usage/test", tags=TAGS, opt=asks(TestWish))
    async def choose(request: AnyRequest) -> Response[TestView]:
        """Choose how often and in which way usage is tested."""
        wish = await read_json(request, TestWish)
        minutes = wish.interval_minutes
        if minutes is not None and not 1 <= minutes <= 2**31 - 1:
            raise NotAccepted(
                "Nothing was changed.", fields={"intervalMinutes": "Give whole minutes from 1, or null."}
            )

        def edit(document: Document) -> None:
            document.update(usageTestIntervalMinutes=minutes, usageTestMethod=wish.method)

        detail = f"{'off' if minutes is None else f'every {minutes} min'}, {wish.method}"
        await desk.change(caller_of(request), "usage.test", "usage test", edit, detail=detail)
        return answered(_view(desk, probe))

    @post("/usage/test", tags=TAGS, status_code=200, opt=asks(Nothing))
    async def test(request: AnyRequest) -> Response[TestView]:
        """Test now."""
        await read_json(request, Nothing)
        await probe.test()
        return answered(_view(desk, probe))

    return [show, choose, test]


def _view(desk: Desk, probe: Probe) -> TestView:
    active = desk.accounts.active
    last = probe.last.get(active.id) if active is not None else None
    return TestView(
        interval_minutes=desk.settings.usage_test_interval_minutes,
        method=desk.settings.usage_test_method,
        last_at=iso(last.at_unix_s) if last is not None else None,
        last_result=None if last is None else last.problem or "ok",
        cost=probe.cost(),
    )
