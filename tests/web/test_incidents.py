"""What has happened to other gateways of this kind: the cases that no other room's tests cover already."""

import ast
import hashlib
import socket
from pathlib import Path
from urllib.parse import quote

import pytest

import copilot_api
from copilot_api.settings import ClientKeyEntry
from copilot_api.store.keys import KeyRing
from gate import CHAT, MESSAGES, Gate, request, running_gate, until
from web.admin.accounts.scene import three
from web.admin.visiting import Visitor

PACKAGE = Path(copilot_api.__file__).parent
HOSTILE = (
    "' OR '1'='1",
    "'; DROP TABLE requests;--",
    '" UNION SELECT * FROM facets--',
    "%' --",
    "\\",
    "a\x00b",
    "0x27",
)


@pytest.mark.parametrize("key", [*HOSTILE, "sk-" + "a" * 5000])
async def test_a_hostile_key_is_only_an_unknown_key(tmp_path: Path, key: str) -> None:
    """CVE-2026-42208: the check of a key is no place for SQL. It is a digest and a look-up here."""
    async with running_gate(tmp_path, COPILOT_API_KEY="the-real-key-0123456789") as gate:
        presented = key.replace("\x00", "").strip()
        status, _, body = await gate.post(CHAT, request(CHAT, "hi"), {"authorization": f"Bearer {presented}"})
        assert status == 401, body
        async with gate.http.get(f"{gate.url}/v1/models?key={quote(key)}") as response:
            assert response.status == 401


@pytest.mark.parametrize("said", [*HOSTILE, "%", "_", "%" * 200])
async def test_hostile_filters_find_nothing_and_harm_nothing(tmp_path: Path, said: str) -> None:
    """CVE-2026-25591 and its kind: words of a filter are bound, and no pattern of theirs is one."""
    async with running_gate(tmp_path) as gate:
        await gate.post(CHAT, request(CHAT, "hi"))
        assert gate.house.shelf is not None
        book = gate.house.shelf.book
        await until(lambda: book.written == 1)
        visitor = Visitor(gate)
        for name in ("model", "client", "key", "outcome", "q", "upstream"):
            answer = await visitor.get(f"/usage/log?{name}={quote(said)}")
            assert answer.status in {200, 400, 422}, (name, answer.body)
            assert answer.status != 200 or answer.document["rows"] == [], name
        assert (await visitor.get(f"/usage/log?cursor={quote(said)}")).status in {200, 400, 422}
        assert len((await visitor.get("/usage/log")).document["rows"]) == 1


def test_keys_that_begin_alike_are_told_apart() -> None:
    """CVE-2026-35030: whoever is looked up by a part of a secret is somebody else one day."""
    stem = "cpa_" + "a" * 60
    keys = [
        ClientKeyEntry(str(n), f"key {n}", hashlib.sha256(f"{stem}{n}".encode()).hexdigest())
        for n in range(3)
    ]
    ring = KeyRing(keys)
    assert [found.name for n in range(3) if (found := ring.verify(f"{stem}{n}"))] == [
        "key 0",
        "key 1",
        "key 2",
    ]
    assert ring.verify(stem) is None


async def test_an_upgrade_to_a_web_socket_from_another_page_is_refused(tmp_path: Path) -> None:
    """CVE-2025-52882: browsers ask nobody before they open one, so the origin is looked at here."""
    async with running_gate(tmp_path) as gate:
        for origin, host in (
            ("https://evil.example", f"127.0.0.1:{gate.port}"),
            ("null", f"127.0.0.1:{gate.port}"),
        ):
            status = await _upgrade(gate, origin, host)
            assert status == 403, origin
        assert await _upgrade(gate, "", "rebound.example") in {403, 421}
        assert await _upgrade(gate, "", f"127.0.0.1:{gate.port}") != 101


async def _upgrade(gate: Gate, origin: str, host: str) -> int:
    headers = {"host": host, "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
               "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="} | ({"origin": origin} if origin else {})  # fmt: skip
    async with gate.http.get(gate.url + "/v1/responses", headers=headers) as response:
        return response.status


async def test_nobody_else_is_asked_to_count(tmp_path: Path) -> None:
    """A key for Anthropic is kept for a configuration that is shared; no prompt goes there for it."""
    async with running_gate(tmp_path, document=three() | {"anthropicApiKey": "sk-ant-canary"}) as gate:
        body = {"model": "gpt-5.5", "messages": [{"role": "user", "content": "a private prompt"}]}
        status, _, _ = await gate.post("/v1/messages/count_tokens", body)
        assert status == 200
        assert not any("sk-ant-canary" in str(entry.headers) for entry in gate.simulator.recorder.entries)


@pytest.mark.parametrize("empty", ["", " "])
async def test_an_empty_secret_opens_nothing(tmp_path: Path, empty: str) -> None:
    """A webhook was forged with an empty secret elsewhere; here an empty one is none, never one that fits."""
    async with running_gate(
        tmp_path, document=three() | {"auth": {"apiKeys": [empty, "the-real-key-0123456789"]}}
    ) as gate:
        for presented in ({"authorization": "Bearer "}, {"x-api-key": empty}, {}):
            status, _, _ = await gate.post(MESSAGES, request(MESSAGES, "hi"), presented)
            assert status == 401
        stranger = Visitor(gate, {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer "})
        assert (await stranger.get("/settings")).status in {401, 403}


def test_no_request_can_start_a_program_or_run_code() -> None:
    """CVE-2026-30623 and -40217: two places start a process, both with commands of our own; none evaluates text."""
    starts, evaluates = set(), set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                if modules & {"subprocess", "pty", "pickle", "marshal", "shelve"}:
                    starts.add(name)
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"eval", "exec"}
            ):
                evaluates.add(name)
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.system", "os.popen", "os.execv"}:
                starts.add(name)
    assert starts == {"cli/terminal.py", "gateway/count/tokenizer.py"}
    assert evaluates == set()


def test_nothing_of_ours_runs_when_python_starts() -> None:
    """MAL-2026-2144 came as a .pth file: the package has none, and nothing in it is a hook of the interpreter."""
    assert [path.name for path in PACKAGE.rglob("*") if path.suffix == ".pth"] == []
    assert not {path.name for path in PACKAGE.rglob("*.py")} & {"sitecustomize.py", "usercustomize.py"}


async def test_the_default_is_this_machine_alone(tmp_path: Path) -> None:
    """GHSA-gr74-4xfh-6jw9 and many more: nobody on the network reaches a gateway that was just started."""
    async with running_gate(tmp_path) as gate:
        assert gate.house.settings.host == "127.0.0.1"
        own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in own - {"127.0.0.1", "127.0.1.1"}:
            with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
                socket.create_connection((str(address), gate.port), 2).close()
