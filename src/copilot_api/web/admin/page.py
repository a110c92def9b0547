"""The files of the admin page, as they stand in the package: nothing is built, nothing is fetched from elsewhere.

Owns which files are served (all below `web/ui`), their types, their ETags and their compressed forms.
"""

import gzip
import hashlib
from collections.abc import Iterator
from importlib.abc import Traversable
from importlib.resources import files

import msgspec
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.errors import UnknownRoute
from copilot_api.web.admin.desk import AnyRequest

_INDEX = "index.html"
_MEDIA_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
    "txt": "text/plain; charset=utf-8",
    "webmanifest": "application/manifest+json",
}
_PACKED = ("html", "js", "css", "json", "svg", "txt", "webmanifest")


class PageFile(msgspec.Struct, frozen=True):
    """One file. `packed` is its gzip form, where that is smaller."""

    media_type: str
    etag: str
    body: bytes
    packed: bytes | None


class Page:
    """Serves the files. A file is read anew at each request and packed anew only when its bytes changed."""

    def __init__(self, root: Traversable | None = None) -> None:
        self._root = root or files("copilot_api.web").joinpath("ui")
        self._packed: dict[str, PageFile] = {}

    def routes(self) -> list[HTTPRouteHandler]:
        """`/admin` and everything below it that is not the API."""

        @get("/admin", sync_to_thread=True, include_in_schema=False)
        def index(request: AnyRequest) -> Response[bytes]:
            return self._answer(request, _INDEX)

        @get("/admin/{name:path}", sync_to_thread=True, include_in_schema=False)
        def file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
            return self._answer(request, name.strip("/") or _INDEX)

        return [index, file]

    def _answer(self, request: AnyRequest, name: str) -> Response[bytes]:
        found = self._look_up(name)
        if found is None:
            raise UnknownRoute(f"There is no page {name!r} in the admin.")
        headers = {"cache-control": "no-cache", "etag": found.etag, "vary": "accept-encoding"}
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(found.packed, media_type=found.media_type, headers=headers)
        return Response(found.body, media_type=found.media_type, headers=headers)

    def _look_up(self, name: str) -> PageFile | None:
        """Only names that a walk through the folder gives exist: a path cannot lead out of it."""
        entry = next((entry for path, entry in _walk(self._root) if path == name), None)
        if entry is None:
            return None
        body = entry.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        known = self._packed.get(name)
        if known is None or known.etag != etag:
            known = self._packed[name] = _pack(name, body, etag)
        return known


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, path + "/")
        elif path.rpartition(".")[2] in _MEDIA_TYPES:
            yield path, entry


def _pack(name: str, body: bytes, etag: str) -> PageFile:
    kind = name.rpartition(".")[2]
    packed = gzip.compress(body, mtime=0) if kind in _PACKED else body
    return PageFile(_MEDIA_TYPES[kind], etag, body, packed if len(packed) < len(body) else None)
