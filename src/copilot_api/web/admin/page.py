"""The files of the admin page, as they stand in the package: nothing is built, nothing is fetched from elsewhere.

Owns which files are served (all below `web/ui`), their types, their ETags, how long a browser keeps them, and their
compressed forms. The table is made once: a path is looked up in it and can lead nowhere else.
"""

import gzip
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.abc import Traversable
from importlib.resources import files
from typing import cast

import brotli  # type: ignore[import-untyped]  # pyright: ignore[reportMissingTypeStubs]  # ships no types
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from copilot_api.errors import UnknownRoute
from copilot_api.web.admin.desk import AnyRequest

_INDEX = "index.html"
_MEDIA_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "json": "application/json",
    "svg": "image/svg+xml",
    "txt": "text/plain",
}
"""What is served at all. Litestar adds the charset, which is UTF-8, to every text."""
_VERSIONED = re.compile(r"vendor/.*-\d+(\.\d+)+\.(js|css)")
_KEPT = "public, max-age=31536000, immutable"
_ASKED_AFTER = "no-cache"
_BROTLI_QUALITY = 9
"""Within 3 % of the smallest form for these files, and made in a fifth of the time: a few milliseconds each."""


class PageFile:
    """One file. It is compressed when it is first asked for in that form, and then never again."""

    def __init__(self, name: str, body: bytes) -> None:
        self.media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        self.lifetime = _KEPT if _VERSIONED.fullmatch(name) else _ASKED_AFTER
        self.body = body
        self._digest = hashlib.sha256(body).hexdigest()[:20]

    @cached_property
    def _brotli(self) -> bytes:
        packed = brotli.compress(self.body, quality=_BROTLI_QUALITY)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return cast(bytes, packed)

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self.body, mtime=0)

    def form(self, accepted: str) -> tuple[str, bytes]:
        """Return the smallest form that a client accepts.

        Shape: `accepted` is its Accept-Encoding; ("br", bytes), ("gzip", bytes) or ("", bytes as they are).
        """
        if _accepts(accepted, "br") and len(self._brotli) < len(self.body):
            return "br", self._brotli
        if _accepts(accepted, "gzip") and len(self._gzip) < len(self.body):
            return "gzip", self._gzip
        return "", self.body

    def etag(self, encoding: str) -> str:
        """Each form has a tag of its own, as RFC 9110 §8.8.3.3 asks."""
        return f'"{self._digest}-{encoding}"' if encoding else f'"{self._digest}"'


class Page:
    """Serves the files, read once when it is made."""

    def __init__(self, root: Traversable | None = None) -> None:
        folder = root or files("copilot_api.web").joinpath("ui")
        self._files: Mapping[str, PageFile] = {
            name: PageFile(name, entry.read_bytes()) for name, entry in _walk(folder)
        }

    def routes(self) -> list[HTTPRouteHandler]:
        """`/admin` and everything below it that is not the API."""

        @get("/admin", sync_to_thread=False, include_in_schema=False)
        def index(request: AnyRequest) -> Response[bytes]:
            return self._answer(request, _INDEX)

        @get("/admin/{name:path}", sync_to_thread=False, include_in_schema=False)
        def file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
            return self._answer(request, name.strip("/") or _INDEX)

        return [index, file]

    def _answer(self, request: AnyRequest, name: str) -> Response[bytes]:
        found = self._files.get(name)
        if found is None:
            raise UnknownRoute(f"There is no page {name!r} in the admin.")
        encoding, body = found.form(request.headers.get("accept-encoding", ""))
        etag = found.etag(encoding)
        headers = {"cache-control": found.lifetime, "etag": etag, "vary": "accept-encoding"}
        if _names(request.headers.get("if-none-match", ""), etag):
            return Response(b"", status_code=304, headers=headers)
        if encoding:
            headers["content-encoding"] = encoding
        return Response(body, media_type=found.media_type, headers=headers)


def _names(if_none_match: str, etag: str) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


def _accepts(accepted: str, encoding: str) -> bool:
    for offer in accepted.split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        path = prefix + entry.name
        if entry.is_dir():
            yield from _walk(entry, path + "/")
        elif path.rpartition(".")[2] in _MEDIA_TYPES:
            yield path, entry
