"""The routes: windows, the list, one explanation, and the same as a file."""

import asyncio
from typing import Annotated, cast

import msgspec
from litestar import Response, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.errors import Forbidden
from copilot_api.gateway.capture.document import encoded
from copilot_api.gateway.capture.windows import MAX_MINUTES
from copilot_api.store.keys import plain_entry
from copilot_api.web.admin.captures.bundle import bundle
from copilot_api.web.admin.captures.room import CaptureRoom
from copilot_api.web.admin.captures.view import CapturesView, Explanation, WindowView, window_view
from copilot_api.web.admin.desk import AnyRequest, NotAccepted, NotFound, answered, asks, caller_of, read_json

TAGS = ("captures",)
EVERY = "all"
"""What the window of every request is called in a path."""


class NewWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Whose requests to capture, null for everybody's, and how long."""

    minutes: Annotated[int, msgspec.Meta(ge=1, le=MAX_MINUTES)]
    key_id: str | None = None


def routes(room: CaptureRoom) -> list[HTTPRouteHandler]:
    """Return the routes."""
    return [*_windows(room), *_list(room), *_one(room)]


def _windows(room: CaptureRoom) -> list[HTTPRouteHandler]:
    @post("/capture-windows", tags=TAGS, status_code=201, opt=asks(NewWindow))
    async def begin(request: AnyRequest) -> Response[WindowView]:
        """Capture the requests of one key, or all requests, for some minutes."""
        wanted = await read_json(request, NewWindow)
        name = "" if wanted.key_id is None else _name_of(room, wanted.key_id)
        window = room.captures.open(wanted.key_id, name, wanted.minutes)
        whose = wanted.key_id or EVERY
        await room.desk.note(
            caller_of(request), "captures.open", whose, f"{wanted.minutes} min {name}".rstrip()
        )
        return answered(window_view(window), status=201)

    @delete("/capture-windows/{key_id:str}", tags=TAGS, status_code=200, opt=asks(refuses=(404,)))
    async def end(request: AnyRequest, key_id: FromPath[str]) -> Response[CapturesView]:
        """Capture no more: `all` ends the window of every request. What was captured stays."""
        if not room.captures.close(None if key_id == EVERY else key_id):
            raise NotFound("This window is not open, or not any more.", code="window_gone")
        await room.desk.note(caller_of(request), "captures.close", key_id)
        return answered(await room.view())

    return [begin, end]


def _list(room: CaptureRoom) -> list[HTTPRouteHandler]:
    @get("/captures", tags=TAGS)
    async def show() -> Response[CapturesView]:
        """What is captured now, and what was."""
        return answered(await room.view())

    @delete("/captures", tags=TAGS, status_code=200)
    async def clear(request: AnyRequest) -> Response[CapturesView]:
        """Forget everything that was captured. Windows stay open."""
        count = await asyncio.to_thread(room.folder.clear)
        await room.desk.note(caller_of(request), "captures.clear", EVERY, f"{count} captures")
        room.tell()
        return answered(await room.view())

    return [show, clear]


def _one(room: CaptureRoom) -> list[HTTPRouteHandler]:
    @get("/captures/{trace_id:str}", tags=TAGS, opt=asks(refuses=(404,)))
    async def explain(request: AnyRequest, trace_id: FromPath[str]) -> Response[Explanation]:
        """Why one request went as it did: from its capture, else from the usage log. Not for client keys."""
        told = await _explained(room, request, trace_id)
        body = await asyncio.to_thread(encoded, told)  # megabytes, for which nobody else should wait
        return cast("Response[Explanation]", answered(body))

    @delete("/captures/{trace_id:str}", tags=TAGS, status_code=200, opt=asks(refuses=(404,)))
    async def forget(request: AnyRequest, trace_id: FromPath[str]) -> Response[CapturesView]:
        """Forget one capture; its line in the usage log stays."""
        if not await asyncio.to_thread(room.folder.remove, trace_id):
            raise _not_captured(trace_id)
        await room.desk.note(caller_of(request), "captures.remove", trace_id)
        room.tell()
        return answered(await room.view())

    @get(
        "/captures/{trace_id:str}/bundle",
        tags=TAGS,
        media_type="application/zip",
        opt=asks(refuses=(404,)),
    )
    async def take_home(request: AnyRequest, trace_id: FromPath[str]) -> Response[bytes]:
        """One capture as a ZIP for a bug report. Secrets are not in it; prompts and answers are."""
        told = await _explained(room, request, trace_id)
        if not told.is_captured:
            raise _not_captured(trace_id)
        body = await asyncio.to_thread(bundle, told)
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="explain-{told.trace_id}.zip"',
        }
        return Response(body, media_type="application/zip", headers=headers)

    return [explain, forget, take_home]


async def _explained(room: CaptureRoom, request: AnyRequest, trace_id: str) -> Explanation:
    caller = caller_of(request)
    if caller.is_read_only:
        raise Forbidden(
            f"The key {caller.who!r} may not read this: what was captured has prompts and answers in it.",
            code="read_only",
            remedy="Sign in with the admin secret. The key may read GET /admin/api/usage/log/TRACE_ID.",
        )
    found = await room.explain(trace_id)
    if found is None:
        raise NotFound(
            f"No request {trace_id!r} was captured, and none is in the usage log.",
            remedy="Clients find the trace id in the answer's x-trace-id header; captures are kept for a day.",
        )
    return found


def _not_captured(trace_id: str) -> NotFound:
    return NotFound(
        f"The request {trace_id!r} was not captured, or is not kept any more.",
        remedy="Open a window with POST /admin/api/capture-windows, and send the request again.",
    )


def _name_of(room: CaptureRoom, key_id: str) -> str:
    settings = room.desk.settings
    named = (*settings.client_keys, *(plain_entry(plain, at) for at, plain in enumerate(settings.plain_keys)))
    for entry in named:
        if entry.id == key_id:
            return entry.name
    raise NotAccepted(
        f"There is no key {key_id!r}.",
        remedy="GET /admin/api/keys lists them; null stands for every request.",
        fields={"keyId": "There is no such key."},
    )
