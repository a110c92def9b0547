"""The playground: the operator's own request, on the same line as every client's."""

import io
import json
from pathlib import Path

import pytest

from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate
from web.admin.visiting import SECRET, Visitor

KEY = "cpa_0123456789abcdef0123456789abcdef"


def last_exchange(gate: Gate) -> dict[str, object]:
    """The canonical line of the newest exchange."""
    lines = [json.loads(line) for line in gate.log.getvalue().splitlines() if "exchange.finished" in line]
    found: dict[str, object] = lines[-1]
    return found


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
@pytest.mark.parametrize("stream", [True, False])
async def test_an_answer_is_the_protocols_own(tmp_path: Path, path: str, stream: bool) -> None:
    """Without a client key, also where clients need one, and recorded as the playground's."""
    async with running_gate(tmp_path, COPILOT_API_KEY=KEY) as gate:
        body = request(path, "[[sim: text=greetings]]", stream=stream)
        answer = await Visitor(gate).write("POST", f"/playground{path}", body)
        assert answer.status == 200
        assert "greetings" in answer.body.decode()
        assert answer.headers["content-type"].startswith(
            "text/event-stream" if stream else "application/json"
        )
        assert answer.headers["x-trace-id"]
        assert "x-copilot-api-route" in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        await gate.house.ledger.flush()
        line = last_exchange(gate)
        assert (line["path"], line["key"], line["status"]) == (path, "playground", 200)


async def test_gemini_names_its_model_in_the_path(tmp_path: Path) -> None:
    """With the query of a stream, too."""
    async with running_gate(tmp_path) as gate:
        body = {"contents": [{"role": "user", "parts": [{"text": "[[sim: text=greetings]]"}]}]}
        for call in ("generateContent", "streamGenerateContent?alt=sse"):
            answer = await Visitor(gate).write(
                "POST", f"/playground/v1beta/models/claude-sonnet-4.6:{call}", body
            )
            assert answer.status == 200, answer.body
            assert "greetings" in answer.body.decode()


async def test_a_refusal_of_the_line_is_the_protocols_own(tmp_path: Path) -> None:
    """And one of the playground itself is the admin's."""
    async with running_gate(tmp_path) as gate:
        here = Visitor(gate)
        answer = await here.write(
            "POST", f"/playground{MESSAGES}", request(MESSAGES, "x") | {"model": "no-such-model"}
        )
        assert answer.status == 404
        assert answer.document["type"] == "error"
        answer = await here.write("POST", "/playground/v1/nowhere", {})
        assert (answer.status, answer.code) == (404, "not_found")


async def test_the_operators_credentials_stay_here(tmp_path: Path) -> None:
    """Cookie, CSRF token and bearer are the admin's, and nobody else's."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        browser = Visitor(gate)
        await browser.sign_in()
        answer = await browser.write("POST", f"/playground{CHAT}", request(CHAT, "hi", stream=False))
        assert answer.status == 200
        bearer = Visitor(gate, {"authorization": f"Bearer {SECRET}"})
        answer = await bearer.ask(
            "POST",
            f"/playground{CHAT}",
            request(CHAT, "hi", stream=False),
            {"content-type": "application/json"},
        )
        assert answer.status == 200
        received = json.dumps(gate.inference_requests())
        for secret in (browser.cookie, browser.csrf, SECRET):
            assert secret not in received


async def test_a_picture_may_be_larger_than_the_admins_documents(tmp_path: Path) -> None:
    """The limit is that of inference, not the admin's megabyte."""
    async with running_gate(tmp_path) as gate:
        body = request(CHAT, "x" * 2_000_000, stream=False)
        async with gate.http.get(
            gate.url + "/admin/api/session", headers={"accept-encoding": "identity"}
        ) as found:
            csrf = (await found.json())["csrf"]
        async with gate.http.post(
            gate.url + f"/admin/api/playground{CHAT}",
            data=io.BytesIO(json.dumps(body).encode()),
            headers={"x-csrf-token": csrf, "content-type": "application/json"},
        ) as found:
            assert found.status in {200, 400}  # too long for the model, perhaps; not for the gateway
