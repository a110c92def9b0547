"""How the page's files are served: exactly those of the folder, packed, kept by the browser as long as they hold."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from litestar import Litestar, Response
from litestar.testing import TestClient

from copilot_api.errors import UnknownRoute
from copilot_api.web.admin.page import Page, PageFile

Client = TestClient[Litestar]
LONG = "const answer = 42;\n" * 100


def say(_: object, error: UnknownRoute) -> Response[str]:
    """What the operations make of it."""
    return Response(error.message, status_code=error.status)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A page of four files and one that is none of its business."""
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "secret.py").write_text("TOKEN = 1")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/preact-11.2.0.js").write_text(LONG)
    (tmp_path / "vendor/versions.json").write_text("[]")
    (tmp_path / "icon.svg").write_text("<svg/>")
    with TestClient(Litestar(Page(tmp_path).routes(), exception_handlers={UnknownRoute: say})) as client:
        yield client


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/index.html"])
def test_the_page_is_at_its_address(client: Client, path: str) -> None:
    """With or without a slash, as HTML."""
    answer = client.get(path)
    assert answer.text == "<!doctype html>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "/admin/secret.py",
        "/admin/../index.html",
        "/admin/%2e%2e/index.html",
        "/admin/vendor",
        "/admin//etc/passwd",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    """No other file, no folder, no way out of the folder."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip")]
)
def test_a_file_leaves_in_its_smallest_form(accepted: str, encoding: str) -> None:
    """Of those that the browser takes."""
    found, body = PageFile("app.js", LONG.encode()).form(accepted)
    assert found == encoding
    assert len(body) < 100
    assert (brotli.decompress(body) if encoding == "br" else gzip.decompress(body)) == LONG.encode()


@pytest.mark.parametrize("accepted", ["", "identity", "zstd", "br;q=0"])
def test_a_file_leaves_as_it_is_for_those_who_take_nothing_else(accepted: str) -> None:
    """And so does one that packing would make larger."""
    assert PageFile("app.js", LONG.encode()).form(accepted) == ("", LONG.encode())
    assert PageFile("app.js", b"a").form("br, gzip") == ("", b"a")


def test_a_browser_that_has_it_is_told_so(client: Client) -> None:
    """Nothing is sent twice; each form has a tag of its own."""
    first = client.get("/admin/vendor/preact-11.2.0.js", headers={"accept-encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    assert first.headers["vary"] == "accept-encoding"
    headers = {"accept-encoding": "br", "if-none-match": f'"other", W/{first.headers["etag"]}'}
    again = client.get("/admin/vendor/preact-11.2.0.js", headers=headers)
    assert again.status_code == 304
    assert again.content == b""
    plain = client.get("/admin/vendor/preact-11.2.0.js", headers={**headers, "accept-encoding": "identity"})
    assert plain.status_code == 200


def test_only_what_has_its_version_in_its_name_is_kept_unasked(client: Client) -> None:
    """Everything else is asked after, so that an update is seen at the next visit."""
    kept = client.get("/admin/vendor/preact-11.2.0.js").headers["cache-control"]
    assert kept == "public, max-age=31536000, immutable"
    for path in ("/admin", "/admin/icon.svg", "/admin/vendor/versions.json"):
        assert client.get(path).headers["cache-control"] == "no-cache"
