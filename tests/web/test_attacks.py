"""What has hurt gateways of this kind: each incident is a request that must fail here."""

import asyncio
import gzip
import io
import json
import zlib
from pathlib import Path

import pytest
from backports import zstd

from copilot_api.settings import SettingsError, read_environment
from copilot_api.store.config_file import open_config
from copilot_api.web.running.listening import require_closed_door
from gate import CHAT, MESSAGES, Gate, request, running_gate

ROUTES = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/token"),
    ("GET", "/admin"),
    ("GET", "/admin/api/status"),
    ("GET", "/v1/models"),
    ("GET", "/v1beta/models"),
    ("GET", "/v1/responses"),
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/messages"),
    ("POST", "/v1/messages/count_tokens"),
    ("POST", "/v1/embeddings"),
    ("OPTIONS", "/v1/messages"),
    ("POST", "/nowhere"),
]


async def ask(gate: Gate, method: str, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """One request with the given headers; the body is a valid chat request."""
    named = {"accept-encoding": "identity"} | {name.replace("_", "-"): v for name, v in headers.items()}
    data = json.dumps(request(CHAT, "hi", stream=False)) if method == "POST" else None
    async with gate.http.request(
        method, gate.url + path, data=data, headers=named, allow_redirects=False
    ) as found:
        return found.status, await found.text(), {k.lower(): v for k, v in found.headers.items()}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_rebound_host_is_refused_on_every_route(gate: Gate, method: str, path: str) -> None:
    """DNS rebinding: the page's own name reaches us by our address."""
    status, body, _ = await ask(gate, method, path, host=f"attacker.example:{gate.port}")
    assert status == 403
    assert "ghu_" not in body
    assert gate.inference_requests() == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_foreign_page_is_refused_on_every_route(gate: Gate, method: str, path: str) -> None:
    """A web page that the user visits can neither spend the subscription nor read anything."""
    status, _, headers = await ask(
        gate, method, path, origin="https://attacker.example", content_type="text/plain"
    )
    assert status == 403
    assert "access-control-allow-origin" not in headers
    assert gate.inference_requests() == []


async def test_no_answer_has_a_wildcard_cors_header(gate: Gate) -> None:
    """Not even a good one."""
    for method, path in ROUTES:
        _, _, headers = await ask(gate, method, path)
        assert "access-control-allow-origin" not in headers


async def test_an_allowed_origin_may_read_and_only_that_one(tmp_path: Path) -> None:
    """The operator names it; the answer names it back, never a star."""
    async with running_gate(tmp_path, COPILOT_API_ALLOWED_ORIGINS="https://chat.example") as gate:
        status, _, headers = await ask(gate, "POST", CHAT, origin="https://chat.example")
        assert status == 200
        assert headers["access-control-allow-origin"] == "https://chat.example"
        status, _, headers = await ask(
            gate,
            "OPTIONS",
            CHAT,
            origin="https://chat.example",
            access_control_request_headers="authorization",
        )
        assert status == 204
        assert headers["access-control-allow-headers"] == "authorization"
        status, _, _ = await ask(gate, "POST", CHAT, origin="https://other.example")
        assert status == 403


@pytest.mark.parametrize(
    "forged",
    [
        {"x_forwarded_for": "127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"x_forwarded_host": "localhost"},
        {"forwarded": "for=127.0.0.1;host=localhost"},
    ],
)
@pytest.mark.parametrize("path", ["/token", "/admin/api/status"])
async def test_a_forged_forwarded_header_opens_nothing(gate: Gate, forged: dict[str, str], path: str) -> None:
    """It makes even a local caller a stranger."""
    status, body, _ = await ask(gate, "GET", path, **forged)
    assert status == 403
    assert "tid=" not in body


async def test_the_token_is_for_the_operator_on_this_machine(gate: Gate) -> None:
    """And for no page, whatever its origin."""
    status, body, headers = await ask(gate, "GET", "/token")
    assert status == 200
    assert json.loads(body)["token"].startswith("tid=")
    assert headers["cache-control"] == "no-store"
    status, _, _ = await ask(gate, "GET", "/token", origin=f"http://127.0.0.1:{gate.port}")
    assert status == 403
    status, _, _ = await ask(gate, "GET", "/token", sec_fetch_site="same-origin")
    assert status == 403


async def test_the_token_route_can_be_switched_off(tmp_path: Path) -> None:
    """Then it is not there."""
    async with running_gate(tmp_path, COPILOT_API_TOKEN_ENDPOINT="false") as gate:
        status, body, _ = await ask(gate, "GET", "/token")
        assert status == 404
        assert "tid=" not in body


async def test_with_an_admin_secret_only_the_secret_opens_the_admin(tmp_path: Path) -> None:
    """Wrong ones are counted by the socket's peer, whatever the headers say."""
    async with running_gate(tmp_path, ADMIN_SECRET="correct horse battery") as gate:
        assert (await ask(gate, "GET", "/token"))[0] == 401
        assert (await ask(gate, "GET", "/token", authorization="Bearer correct horse battery"))[0] == 200
        for number in range(5):
            status, _, _ = await ask(gate, "GET", "/token", authorization=f"Bearer wrong {number}")
            assert status == 401
        status, _, headers = await ask(gate, "GET", "/token", authorization="Bearer wrong again")
        assert status == 429
        assert int(headers["retry-after"]) > 500


async def test_a_client_key_is_asked_for_once_one_exists(tmp_path: Path) -> None:
    """Also from this machine; health stays open, secrets do not."""
    async with running_gate(tmp_path, COPILOT_API_KEY="cpa_0123456789abcdef0123456789abcdef") as gate:
        for method, path in (("POST", CHAT), ("GET", "/v1/models"), ("POST", "/v1/embeddings")):
            assert (await ask(gate, method, path))[0] == 401
        status, _, _ = await ask(gate, "POST", CHAT, x_api_key="cpa_0123456789abcdef0123456789abcdef")
        assert status == 200
        assert (await ask(gate, "GET", "/healthz"))[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_an_open_wide_bind_is_refused_with_the_command_that_mends_it(tmp_path: Path, host: str) -> None:
    """Nobody offers a subscription to the network by mistake."""
    environment = read_environment(
        {"COPILOT_API_HOME": str(tmp_path), "HOST": host, "COPILOT_API_KEYRING": "false"}
    )
    config = open_config(environment)
    with pytest.raises(SettingsError, match="copilot-api keys create"):
        require_closed_door(config.resolve(config.load(), environment))


def bomb(encoding: str) -> bytes:
    """Four hundred megabytes of zeros in a few hundred kilobytes."""
    block = b"\0" * 1_000_000
    if encoding == "gzip":
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6) as file:
            for _ in range(400):
                file.write(block)
        return buffer.getvalue()
    if encoding == "deflate":
        deflater = zlib.compressobj()
        return b"".join(deflater.compress(block) for _ in range(400)) + deflater.flush()
    packer = zstd.ZstdCompressor()
    return b"".join(packer.compress(block) for _ in range(400)) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
async def test_a_decompression_bomb_is_refused(gate: Gate, encoding: str) -> None:
    """413 after the limit's worth of bytes, not after all of them."""
    data = bomb(encoding)
    async with gate.http.post(
        gate.url + MESSAGES, data=io.BytesIO(data), headers={"content-encoding": encoding}
    ) as response:
        assert response.status == 413
        assert (await response.json())["type"] == "error"


async def test_a_compressed_body_is_read_like_a_plain_one(gate: Gate) -> None:
    """Codex sends zstd."""
    body = zstd.compress(json.dumps(request(CHAT, "[[sim: text=unpacked]]", stream=False)).encode())
    async with gate.http.post(gate.url + CHAT, data=body, headers={"content-encoding": "zstd"}) as response:
        assert response.status == 200
        assert "unpacked" in await response.text()


async def raw(gate: Gate, data: bytes) -> bytes:
    """Bytes on the wire, and all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.port)
    writer.write(data)
    try:
        async with asyncio.timeout(2.0):
            return await reader.read()
    except TimeoutError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked, identity\r\nContent-Length: 3\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Bad Header\r\n",
        b"X-A: 1\rContent-Length: 5\r\n",
    ],
)
async def test_a_smuggled_request_is_not_served(gate: Gate, head: bytes) -> None:
    """Ambiguous framing is an error, and the second request inside it is never answered."""
    smuggled = b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = await raw(
        gate,
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n0\r\n\r\n" + smuggled,
    )
    assert b"tid=" not in answer
    assert b" 200 " not in answer
    assert gate.inference_requests() == []


async def test_a_header_of_the_client_cannot_change_who_we_are_upstream(gate: Gate) -> None:
    """Credentials, identity and initiator are ours to say; a client may only lower the initiator."""
    hostile = {
        "authorization": "Bearer client-own-secret",
        "x-api-key": "client-own-secret",
        "editor-version": "vscode/9.9",
        "copilot-integration-id": "other",
        "x-initiator": "user",
        "x-request-id": "chosen",
        "cookie": "a=b",
        "openai-organization": "org",
    }
    body = {
        "model": "gpt-4.1",
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "done"},
        ],
    }  # fmt: skip
    status, _, _ = await gate.post(CHAT, body, hostile)
    assert status == 200
    (received,) = gate.inference_requests()
    seen = dict(received["headers"])  # type: ignore[call-overload]  # a JSON object
    assert "client-own-secret" not in json.dumps(received)
    assert seen["editor-version"].startswith("copilot-api/")
    assert seen["copilot-integration-id"] == "vscode-chat"
    assert seen["x-initiator"] == "agent"
    assert [name for name, _ in received["header_list"] if name.lower() == "x-initiator"] == ["X-Initiator"]  # type: ignore[attr-defined]  # a list of pairs
    assert seen["x-request-id"] != "chosen"
    assert "cookie" not in seen
    assert "openai-organization" not in seen


async def test_canary_secrets_appear_nowhere_outside_the_vault(tmp_path: Path) -> None:
    """GitHub token, Copilot token and client key: not in a log, an answer or a file."""
    key = "cpa_canary0123456789abcdef0123456789ab"
    answers: list[str] = []
    async with running_gate(
        tmp_path, COPILOT_API_KEY=key, VERBOSE="true", COPILOT_API_LOG_FORMAT="json"
    ) as gate:
        github_token = gate.simulator.github_token()
        copilot_token = (await gate.house.accounts.choose().credential.bearer()).token
        for method, path in ROUTES:
            if path != "/token":
                status, text, headers = await ask(gate, method, path, x_api_key=key)
                answers.append(f"{status} {text} {headers}")
        for error in ("401-token-expired", "429-rate-limited", "500-text", "400-bodyless"):
            status, _, body = await gate.post(
                CHAT, request(CHAT, f"[[sim: error={error}]]"), {"x-api-key": key}
            )
            answers.append(f"{status} {body.decode()}")
        await gate.house.ledger.flush()
    written = gate.log.getvalue()
    files = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())
    for canary in (github_token, copilot_token, copilot_token[:40], key):
        assert canary not in "".join(answers)
        assert canary not in written
        assert canary not in files
    assert "exchange.finished" in written


async def test_a_token_is_shown_in_the_log_only_when_the_operator_asks(tmp_path: Path) -> None:
    """SHOW_TOKEN is off by default."""
    async with running_gate(tmp_path / "off") as gate:
        await gate.post(CHAT, request(CHAT, "hi"))
        assert "tid=" not in gate.log.getvalue()
    async with running_gate(tmp_path / "on", SHOW_TOKEN="true") as gate:
        await gate.post(CHAT, request(CHAT, "hi"))
        assert "tid=" in gate.log.getvalue()


async def test_private_files_are_private(gate: Gate, tmp_path: Path) -> None:
    """0600 for all that we write."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir() if path.is_file()}
    assert modes["config.json"] == 0o600
    assert modes["vault.json"] == 0o600
    assert set(modes.values()) == {0o600}


async def test_the_status_page_asks_nobody_else_and_cannot_be_framed(gate: Gate) -> None:
    """A closed content policy, and headers against framing and sniffing."""
    for path in ("/admin", "/admin/", "/admin/main.js", "/admin/styles/base.css"):
        status, body, headers = await ask(gate, "GET", path)
        assert status == 200
        assert "https://" not in body
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
    assert (await ask(gate, "GET", "/admin/../../etc/passwd"))[0] == 404
    assert (await ask(gate, "GET", "/admin/%2e%2e/app.py"))[0] == 404


async def test_a_flood_of_headers_or_a_huge_one_does_not_crash_the_server(gate: Gate) -> None:
    """Whatever is answered, the next request is served."""
    await raw(gate, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: " + b"a" * 2_000_000 + b"\r\n\r\n")
    await raw(gate, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 50_000 + b"\r\n")
    assert (await ask(gate, "GET", "/healthz"))[0] == 200
