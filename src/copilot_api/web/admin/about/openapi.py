"""The admin API described by itself: OpenAPI 3.1, made from the routes that are served.

Parameters come from Litestar, which reads them from the handlers; documents from the Structs that are read and
answered (msgspec's own JSON Schema); refusals from `opt=asks(...)`. Nothing is written twice, so nothing drifts.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

import msgspec
from litestar import Litestar, Response
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from copilot_api.web.admin.desk import SaidFault

Json = dict[str, object]
References = dict[type, Json]
_BASE = "/admin/api"
_ALWAYS = (400, 401, 403, 422, 429, 500, 503)
_WITH_BODY = (413, 415)
_INTRODUCTION = (
    "Everything that the admin page and the command line can do. A caller on the gateway's own machine is in until an "
    "admin secret is set; everybody else signs in, or sends the secret as a bearer. Writes without a bearer need the "
    "CSRF token of GET /session, and JSON as content type."
)
_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The admin secret, or a client key that may read.",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "copilot_api_session"},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "x-csrf-token",
        "description": "`csrf` of GET /session.",
    },
}


def describe(application: Litestar, version: str) -> Json:
    """Describe every route below /admin/api. The application needs an `openapi_config`, for its parameters."""
    known = cast(
        "dict[str, dict[str, dict[str, list[Json]]]]", application.openapi_schema.to_schema()["paths"]
    )
    routes = list(_routes(application))
    kinds = [kind for _, _, handler in routes for kind in (_body_of(handler), _answer_of(handler))]
    structs = list(dict.fromkeys([*(kind for kind in kinds if kind and _is_document(kind)), SaidFault]))
    schemas, components = msgspec.json.schema_components(
        structs, schema_hook=_schema_of, ref_template="#/components/schemas/{name}"
    )
    references = dict(zip(structs, schemas, strict=True))
    paths: dict[str, Json] = {}
    for path, method, handler in routes:
        parameters = list(known.get(path, {}).get(method, {}).get("parameters") or ())
        paths.setdefault(path, {})[method] = _operation(path, method, handler, references, parameters)
    return {
        "openapi": "3.1.0",
        "info": {"title": "copilot-api admin", "version": version, "description": _INTRODUCTION},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SCHEMES},
    }


def _routes(application: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in application.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(_BASE):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS" and handler.resolve_include_in_schema():
                    yield route.path_format, method.lower(), handler


def _operation(
    path: str, method: str, handler: HTTPRouteHandler, references: References, parameters: list[Json]
) -> Json:
    is_write = method != "get"
    body, refusals = _body_of(handler), cast("tuple[int, ...]", handler.opt.get("asks_refuses", ()))
    statuses = {*_ALWAYS, *refusals, *(_WITH_BODY if is_write else ()), *((404,) if "{" in path else ())}
    summary = (handler.fn.__doc__ or "").strip().partition("\n")[0]
    operation: Json = {
        "operationId": _name(path, method),
        "summary": summary.rstrip("."),
        "tags": [path.removeprefix(_BASE).strip("/").partition("/")[0]],
        "parameters": [*parameters, *([_IF_MATCH] if {412, 428} & set(refusals) else [])],
        "responses": {
            str(handler.status_code): _answer(handler, references),
            **{str(status): _refusal(status, handler, references) for status in sorted(statuses)},
        },
        "security": _security(is_write=is_write),
    }
    if body is not None:
        schema = references.get(body, {"type": "object"})
        is_required = _is_document(body) and any(field.required for field in msgspec.structs.fields(body))
        content = {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": is_required, "content": content}
    return operation


_IF_MATCH: Json = {
    "name": "if-match",
    "in": "header",
    "required": False,
    "description": "The version that was read (its ETag): 412 when it is not the current one any more.",
    "schema": {"type": "string"},
}


def _answer(handler: HTTPRouteHandler, references: References) -> Json:
    kind = _answer_of(handler)
    if kind is not None and _is_document(kind):
        return {"description": "The document.", "content": {"application/json": {"schema": references[kind]}}}
    media_type = str(getattr(handler.media_type, "value", handler.media_type) or "*/*")
    return {"description": "The content.", "content": {media_type: {}}}


def _refusal(status: int, handler: HTTPRouteHandler, references: References) -> Json:
    """In the one shape, but where an answer is another's: the playground's is the protocol's own."""
    phrase = HTTPStatus(status).phrase
    if handler.opt.get("asks_foreign"):
        return {"description": phrase, "content": {"*/*": {}}}
    return {"description": phrase, "content": {"application/json": {"schema": references[SaidFault]}}}


def _security(*, is_write: bool) -> list[Json]:
    """What lets a caller in; the last is the gateway's own machine, while no secret is set."""
    if is_write:
        return [{"bearer": []}, {"session": [], "csrf": []}, {"csrf": []}]
    return [{"bearer": []}, {"session": []}, {}]


def _body_of(handler: HTTPRouteHandler) -> type | None:
    return cast("type | None", handler.opt.get("asks_body"))


def _answer_of(handler: HTTPRouteHandler) -> type | None:
    returned = handler.parsed_fn_signature.return_type
    inner: object = returned.args[0] if returned.is_subclass_of(Response) and returned.args else None
    return inner if isinstance(inner, type) else None


def _is_document(kind: type | None) -> bool:
    return kind is not None and issubclass(kind, msgspec.Struct)


def _schema_of(kind: type) -> Json:
    """`object` is any JSON value: a setting's value, or the current document beside a refusal."""
    if kind is object:
        return {"description": "Any JSON value."}
    raise NotImplementedError


def _name(path: str, method: str) -> str:
    """`PATCH /admin/api/keys/{key_id}` is `patchKeysKeyId`."""
    words = path.removeprefix(_BASE).replace("{", "").replace("}", "").replace(".", "-").replace("_", "-")
    return method + "".join(word.capitalize() for part in words.split("/") for word in part.split("-"))
