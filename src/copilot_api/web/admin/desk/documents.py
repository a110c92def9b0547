"""Documents in and out of the admin API: JSON read strictly into a Struct, answers with their version as ETag.

    @put("/settings", opt=asks(Changes, refuses=(412, 428)))
    async def save(request: AnyRequest) -> Response[SettingsView]:
        changes = await read_json(request, Changes)
        ...desk.change(..., expected=if_match(request), is_version_required=True)
        return answered(view, view.version)

A room whose caller's copy was stale adds the document as it stands: `except Stale as stale: stale.current = view`.
The handler's own decoding of Litestar is not used: it takes `"5"` for 5, reports one wrong field at a time, and
quotes Python's names of them.
"""

from typing import TypeVar

import msgspec
from litestar import Response

from copilot_api.settings import as_object
from copilot_api.web.admin.desk.caller import AnyRequest
from copilot_api.web.admin.desk.faults import BadBody, NotAccepted, NotJson

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)

MAX_DOCUMENT_BYTES = 1024 * 1024
"""The largest body of the admin API; Litestar refuses more with 413 before it is read whole."""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request that has nothing to say: `{}`."""


def asks(body: type | None = None, *, refuses: tuple[int, ...] = ()) -> dict[str, object]:
    """Document a route, as its `opt`: the Struct that `read_json` is called with, and the statuses of its refusals.

    `dict` stands for any JSON object.

    What every route may answer (400, 401, 403, 413, 415, 422, 429, 500, 503) needs no mention; 404, 409, 412 and
    428 do.
    """
    return {"asks_body": body, "asks_refuses": refuses}


async def read_json(request: AnyRequest, kind: type[S]) -> S:
    """Read the request's body as one Struct; no body at all counts as `{}`.

    Raises: NotJson, BadBody, or NotAccepted with every wrong field by its JSON name.
    """
    body = await request.body()
    if not body:
        return _convert({}, kind)
    media_type, parameters = request.content_type
    if media_type != "application/json" or parameters.get("charset", "utf-8").lower() not in {
        "utf-8",
        "utf8",
    }:
        raise NotJson(
            f"The content type {media_type!r} is not read here.",
            remedy="Send content-type: application/json.",
        )
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise NotJson("A compressed body is not read here.", remedy="Send it without content-encoding.")
    try:
        document: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadBody(f"The body is not valid JSON: {error}", remedy="Send one JSON object.") from error
    return _convert(document, kind)


def if_match(request: AnyRequest) -> str | None:
    """Return the version that the caller saw, as `Desk.change` takes it; None when the caller did not say."""
    return request.headers.get("if-match")


def answered(document: T, version: str | None = None, *, status: int = 200) -> Response[T]:
    """Answer with a document; its version, where it has one, goes into the ETag.

    Litestar documents the status of the decorator: give @post and @delete the same `status_code` as here.
    """
    headers = {"cache-control": "no-store"}
    if version is not None:
        headers["etag"] = f'"{version}"'
    return Response(document, status_code=status, headers=headers, media_type="application/json")


def _convert(document: object, kind: type[S]) -> S:
    try:
        return msgspec.convert(document, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        table = as_object(document)
        if table is None:
            raise NotAccepted("The body is not a JSON object.", remedy="Send one JSON object.") from error
        fields = _wrong_fields(table, kind)
        words = "; ".join(f"{name}: {message}" for name, message in fields.items())
        raise NotAccepted(
            f"Some values are not accepted: {words or error}",
            remedy="Mend the fields and send it again.",
            fields=fields,
        ) from error


def _wrong_fields(table: dict[str, object], kind: type[msgspec.Struct]) -> dict[str, str]:
    """Judge each field by itself, so that one answer names all that is wrong."""
    wrong: dict[str, str] = {}
    known = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name, field in known.items():
        if name not in table:
            if field.required:
                wrong[name] = "This is required."
            continue
        try:
            msgspec.convert(table[name], field.type)
        except (msgspec.ValidationError, RecursionError) as error:
            message, _, path = str(error).partition(" - at `$")
            wrong[name + path.rstrip("`")] = message.replace("`", "'")
    for name in table.keys() - known.keys():
        wrong[name] = "This field is not known here."
    return wrong
