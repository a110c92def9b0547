"""What has hurt admin pages of this kind: each attack is a request that must fail here.

The routes are read from the application, so a room that is added tomorrow is tested tomorrow.
"""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from gate import Gate, running_gate
from web.admin.visiting import API, FAR, PROXY, SECRET, Visitor

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
STRANGERS_MAY = {
    ("GET", "/session"), ("POST", "/session"), ("DELETE", "/session"), ("POST", "/session/setup"),
}  # fmt: skip
FORGED = [
    {"x-forwarded-for": "127.0.0.1"},
    {"x-forwarded-for": "::1, 127.0.0.1"},
    {"x-real-ip": "127.0.0.1"},
    {"x-forwarded-host": "localhost"},
    {"forwarded": "for=127.0.0.1;host=localhost;proto=https"},
    {"cf-connecting-ip": "127.0.0.1"},
    {"true-client-ip": "127.0.0.1"},
    {"via": "1.1 localhost"},
]


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Gate]:
    """With a secret."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as running:
        yield running


def routes(gate: Gate) -> Iterator[tuple[str, str]]:
    """Every method and path below /admin/api, parameters filled in."""
    application: Litestar = gate.house.operations.litestar()
    for route in application.routes:
        if isinstance(route, HTTPRoute) and route.path.startswith(API):
            path = re.sub(r"\{[^}]+\}", "x", route.path).removeprefix(API)
            for method in sorted(route.methods & (WRITES | {"GET"})):
                yield method, path


async def test_the_list_of_routes_is_not_empty(gate: Gate) -> None:
    """Else the tests below would prove nothing."""
    found = set(routes(gate))
    assert {("GET", "/status"), ("PUT", "/secret"), ("POST", "/session"), ("DELETE", "/sessions/x")} <= found


async def test_no_route_answers_a_stranger(locked: Gate) -> None:
    """Without the secret nothing is said but what is needed, and no body is read."""
    stranger = Visitor(locked)
    csrf = (await stranger.get("/session")).document["csrf"]
    for method, path in routes(locked):
        if (method, path) in STRANGERS_MAY:
            continue
        headers = {"x-csrf-token": csrf, "content-type": "application/json"}
        answer = await stranger.ask(method, path, {} if method in WRITES else None, headers)
        assert (answer.status, answer.code) == (401, "sign_in_needed"), (method, path)
        assert set(answer.document["error"]) >= {"code", "message", "remedy", "fields"}


@pytest.mark.parametrize("forged", FORGED)
async def test_a_forged_header_makes_nobody_local(gate: Gate, forged: dict[str, str]) -> None:
    """Not for one route; it makes even a local caller a stranger. The reference gateway let such callers set it up."""
    gate.house.door.setup.offer()
    for method, path in routes(gate):
        visitor = Visitor(gate, forged)
        if (method, path) in STRANGERS_MAY - {("POST", "/session"), ("POST", "/session/setup")}:
            continue
        body = {"secret": SECRET, "token": "guess", "new": SECRET, "current": None}
        if path in {"/session", "/session/setup"}:
            body = {"secret": SECRET} | ({"token": "guess"} if path == "/session/setup" else {})
        if method == "GET":
            answer = await visitor.ask(method, path)
        else:
            answer = await visitor.write(method, path, body)
        assert answer.status in {401, 403, 429}, (method, path, answer.body)
    assert gate.house.settings.admin_secret_hash is None


@pytest.mark.parametrize(
    "host", ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example", "[::2]", ""]
)
async def test_a_forged_host_opens_no_route(gate: Gate, host: str) -> None:
    """DNS rebinding; `startsWith("localhost")` was the reference gateway's test."""
    for method, path in routes(gate):
        answer = await Visitor(gate, {"host": host}).ask(method, path, {} if method in WRITES else None)
        assert (answer.status, answer.code) == (403, "host_not_allowed"), (method, path)


async def test_a_host_that_says_localhost_makes_nobody_local(tmp_path: Path) -> None:
    """Only the socket does."""
    async with running_gate(tmp_path, **PROXY) as gate:
        for host in ("localhost", "127.0.0.1", "[::1]"):
            far = Visitor(gate, {**FAR, "host": host})
            assert (await far.get("/session")).document["signedIn"] is False
            assert (await far.get("/status")).status == 403


@pytest.mark.parametrize(
    "page",
    [
        {"origin": "https://attacker.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost.attacker.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_page_of_another_origin_reaches_no_route(gate: Gate, page: dict[str, str]) -> None:
    """With or without preflight, as JSON or as text; another port of this machine is another origin."""
    for method, path in routes(gate):
        for media_type in ("application/json", "text/plain"):
            answer = await Visitor(gate, page).ask(
                method, path, {} if method in WRITES else None, {"content-type": media_type}
            )
            assert (answer.status, answer.code) == (403, "origin_not_allowed"), (method, path)
            assert "access-control-allow-origin" not in answer.headers


async def test_a_drive_by_post_sets_nothing_up(gate: Gate) -> None:
    """text/plain needs no preflight; the reference gateway took it for setup."""
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ):
        body = json.dumps({"token": "x", "secret": SECRET, "new": SECRET, "current": None}).encode()
        for method, path in (("POST", "/session/setup"), ("PUT", "/secret"), ("POST", "/session")):
            answer = await Visitor(gate).ask(method, path, headers={"content-type": media_type}, data=body)
            assert answer.status == 403, (media_type, path)
            here = Visitor(gate)
            csrf = (await here.get("/session")).document["csrf"]
            headers = {"content-type": media_type, "x-csrf-token": csrf}
            answer = await here.ask(method, path, headers=headers, data=body)
            assert (answer.status, answer.code) == (415, "not_json"), (media_type, path)
    assert gate.house.settings.admin_secret_hash is None


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "loopback"])
async def test_every_write_wants_the_token_of_our_page(tmp_path: Path, csrf: str | None) -> None:
    """Ambient trust (loopback, a cookie) is not enough for a write, on any route there is."""
    async with running_gate(tmp_path / "loopback") as gate:
        await refuse_every_write(gate, Visitor(gate), csrf)
    async with running_gate(tmp_path / "session", ADMIN_SECRET=SECRET) as gate:
        browser = Visitor(gate)
        await browser.sign_in()
        await refuse_every_write(gate, browser, csrf)
        assert (await browser.get("/status")).status == 200


async def refuse_every_write(gate: Gate, visitor: Visitor, csrf: str | None) -> None:
    """Try all of them with this token."""
    for method, path in routes(gate):
        if method in WRITES:
            headers = {"content-type": "application/json"} | ({} if csrf is None else {"x-csrf-token": csrf})
            answer = await visitor.ask(method, path, {}, headers)
            assert (answer.status, answer.code) == (403, "csrf_invalid"), (method, path)


async def test_a_token_is_good_for_its_session_alone(locked: Gate) -> None:
    """Not a stranger's, not another browser's, not one of before the sign-in."""
    mine, other, stranger = Visitor(locked), Visitor(locked), Visitor(locked)
    before = (await mine.get("/session")).document["csrf"]
    for browser in (mine, other):
        await browser.sign_in()
    strange = (await stranger.get("/session")).document["csrf"]
    for csrf in (before, strange, other.csrf):
        headers = {"x-csrf-token": csrf, "content-type": "application/json"}
        answer = await mine.ask("POST", "/sessions/revoke-others", {}, headers)
        assert answer.code == "csrf_invalid"
    assert (await mine.write("POST", "/sessions/revoke-others")).status == 200


async def test_a_refused_write_is_refused_before_its_body_is_read(gate: Gate) -> None:
    """The answer comes while the body is still promised."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(
        b"PUT /admin/api/secret HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 900000\r\n\r\n{"
    )
    async with asyncio.timeout(5):
        head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 403 ")


async def test_a_body_is_bounded(gate: Gate) -> None:
    """1 MiB, whatever the length header says."""
    here = Visitor(gate)
    await here.get("/session")
    body = b'{"new": "' + b"x" * 1_100_000 + b'"}'
    headers = {"x-csrf-token": here.csrf, "content-type": "application/json"}
    for data in (io.BytesIO(body), parts(body)):
        async with gate.http.put(gate.url + API + "/secret", data=data, headers=headers) as found:
            assert found.status == 413


async def parts(body: bytes) -> AsyncIterator[bytes]:
    """A body of unknown length."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_a_planted_session_is_not_the_one_that_is_signed_in(locked: Gate) -> None:
    """Session fixation: every sign-in makes a new id, and ends the one that was there."""
    attacker = Visitor(locked)
    await attacker.sign_in()
    victim = Visitor(locked)
    victim.cookie = planted = attacker.cookie
    await victim.get("/session")
    await victim.sign_in()
    assert victim.cookie != planted
    assert (await victim.get("/status")).status == 200
    assert (await attacker.get("/status")).status == 401
    invented = Visitor(locked)
    invented.cookie = "A" * 43 + "." + "B" * 43
    await invented.get("/session")
    invented.cookie = "A" * 43 + "." + "B" * 43
    assert (await invented.sign_in()).status == 200
    assert invented.cookie != "A" * 43 + "." + "B" * 43


async def test_a_tampered_cookie_opens_nothing(locked: Gate) -> None:
    """Every character of it counts."""
    browser = Visitor(locked)
    await browser.sign_in()
    good = browser.cookie
    for place in (0, 1, 20, 42, 43, 44, 60, len(good) - 1):
        swapped = "A" if good[place] != "A" else "B"
        browser.cookie = good[:place] + swapped + good[place + 1 :]
        assert (await browser.get("/status")).status == 401, place
    for hostile in (good + "A", good[:-1], "null", "%00", "../../sessions.json", "'; drop table--"):
        browser.cookie = hostile
        assert (await browser.get("/status")).status == 401, hostile


async def test_nothing_of_the_admin_can_be_framed_sniffed_or_cached(gate: Gate) -> None:
    """Page, API, refusals and what is not there."""
    paths = [
        "/admin",
        "/admin/app.js",
        "/admin/api/session",
        "/admin/api/secret",
        "/admin/api/nowhere",
        "/admin/x",
    ]
    for path in paths:
        async with gate.http.get(gate.url + path) as found:
            headers = {name.lower(): value for name, value in found.headers.items()}
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert headers["cache-control"] in {"no-store", "no-cache"}, path
    async with gate.http.get(gate.url + "/admin") as found:
        policy = found.headers["content-security-policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "script-src 'self';" in policy


async def test_what_is_not_there_says_so_in_the_one_shape(gate: Gate) -> None:
    """404 and 405 of the framework, too."""
    here = Visitor(gate)
    for method, path, status in (
        ("GET", "/nowhere", 404),
        ("POST", "/nowhere/at/all", 404),
        ("POST", "/status", 405),
        ("DELETE", "/secret/x", 404),
    ):
        answer = await here.ask(method, path, headers={"content-type": "application/json"})
        assert answer.status == status, (method, path)
        assert set(answer.document["error"]) >= {"code", "message", "remedy", "fields"}


async def test_no_answer_of_a_read_holds_a_secret(gate: Gate) -> None:
    """GitHub token, Copilot token and the secret's hash: in no document of the API."""
    here = Visitor(gate)
    await here.write("PUT", "/secret", {"new": SECRET})
    hashed = gate.house.settings.admin_secret_hash
    assert hashed is not None
    canaries = [
        gate.simulator.github_token(),
        (await gate.house.accounts.choose().credential.bearer()).token,
        hashed,
        SECRET,
    ]
    for method, path in routes(gate):
        if method == "GET" and path != "/events":
            text = (await here.ask(method, path)).body.decode("utf-8", "replace")
            assert not any(canary in text for canary in canaries), path


async def test_the_file_of_sessions_is_private(locked: Gate, tmp_path: Path) -> None:
    """0600, like all that we write."""
    await Visitor(locked).sign_in()
    assert (tmp_path / "sessions.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600
