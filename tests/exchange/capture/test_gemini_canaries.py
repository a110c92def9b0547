"""Secrets in Gemini's own places, and secrets that were written down in another way, are nowhere."""

import base64
import io
import json
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from exchange.capture.seeing import capture, explained
from exchange.capture.test_canaries import CANARIES, places
from exchange.limits.asking import add_key
from gate import CHAT, Gate, request, running_gate
from web.admin.visiting import SECRET, Visitor

MODELS = {"messages": "claude-sonnet-4.6", "chat": "gpt-4.1", "responses": "gpt-5.5"}
GOOGLE = "AIzaSyCANARY0123456789abcdefghijklmnopqrs"


def address(model: str, key: str, *, stream: bool) -> str:
    """Where Gemini's clients call, with the key as they say it in addresses."""
    verb = "streamGenerateContent?alt=sse&" if stream else "generateContent?"
    return f"/v1beta/models/{model}:{verb}key={key}"


def body_of(said: str, answer: str) -> dict[str, object]:
    """A conversation with secrets in the system text, a call, its result and the last turn."""
    return {
        "systemInstruction": {"parts": [{"text": f"The key is {said}"}]},
        "contents": [
            {"role": "user", "parts": [{"text": f"Look at {said}"}]},
            {"role": "model", "parts": [{"functionCall": {"name": "run", "args": {"token": said}}}]},
            {
                "role": "user",
                "parts": [
                    {"functionResponse": {"name": "run", "response": {"log": json.dumps({"l": said})}}}
                ],
            },
            {"role": "model", "parts": [{"text": "Done."}]},
            {"role": "user", "parts": [{"text": answer}]},
        ],
        "tools": [{"functionDeclarations": [{"name": "run", "parameters": {"type": "object"}}]}],
    }


@pytest.mark.parametrize("upstream", ["messages", "responses", "chat"])
@pytest.mark.parametrize("stream", [True, False])
async def test_no_canary_of_a_gemini_client_is_left(tmp_path: Path, upstream: str, stream: bool) -> None:
    """The key in the address, and other keys in the header of Google's, in parts, calls, results and the answer."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        key = await add_key(gate)
        visitor = Visitor(gate)
        await visitor.sign_in()
        await visitor.write("POST", "/capture-windows", {"keyId": None, "minutes": 10})
        canaries = {**CANARIES, "google": GOOGLE, "key": key, "admin": SECRET}
        said = " and ".join(canaries.values())
        answer = f"[[sim: text={json.dumps(f'It is {GOOGLE} so.')}; chunks=40; quirk=shred]]"
        for where, headers in (("url", {}), ("header", {"x-goog-api-key": key})):
            path = address(MODELS[upstream], key if where == "url" else GOOGLE, stream=stream)
            status, told, body = await gate.post(path, body_of(said, answer), headers)
            assert status == 200, body
            found = await places(gate, tmp_path, told["x-trace-id"], visitor)
            for place, text in found.items():
                left = [name for name, secret in canaries.items() if secret in text]
                assert left == [], (where, place)
            client = json.loads(found["document"])["client"]
            assert client["path"].endswith("key=[redacted]")
            assert dict(client["headers"]).get("x-goog-api-key", "[redacted]") == "[redacted]"


async def test_a_refused_key_of_a_gemini_client_is_not_kept(gate: Gate) -> None:
    """What somebody tried in an address may be right elsewhere."""
    await add_key(gate)
    visitor = await capture(gate)
    tried = "not-ours-0123456789abcdef"
    status, told, _ = await gate.post(address("gpt-4.1", tried, stream=True), body_of("x", "y"))
    assert status == 401
    document = await explained(gate, told["x-trace-id"], visitor)
    bundle = await visitor.get(f"/captures/{told['x-trace-id']}/bundle")
    with zipfile.ZipFile(io.BytesIO(bundle.body)) as archive:
        packed = "".join(archive.read(name).decode() for name in archive.namelist())
    assert tried not in json.dumps(document) + packed + gate.log.getvalue()
    assert document["client"]["path"].endswith("?alt=sse&key=[redacted]")


def encoded(secret: str) -> list[str]:
    """A secret as tools write it down: within longer texts in base64, three alignments, two alphabets, and quoted."""
    found = [quote(secret, safe=""), quote(secret, safe="").lower()]
    for before in ("", "a", "ab"):
        text = f"{before}{secret}:x".encode()
        found += [base64.b64encode(text).decode(), base64.urlsafe_b64encode(text).decode().rstrip("=")]
    return found


async def test_what_this_process_knows_is_found_in_other_writing(tmp_path: Path) -> None:
    """The key of the request, the account's tokens of GitHub and Copilot, and the admin secret."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        key = await add_key(gate)
        visitor = Visitor(gate)
        await visitor.sign_in()
        await visitor.write("POST", "/capture-windows", {"keyId": None, "minutes": 10})
        (account,) = gate.house.accounts.all()
        github, copilot = account.credential.tokens
        assert copilot.startswith("tid=")
        for secret in (key, github, copilot, SECRET):
            told_ways = [way for way in encoded(secret) if way != secret and way != secret.lower()]
            asked = request(CHAT, json.dumps(told_ways), stream=False)
            status, told, body = await gate.post(CHAT, asked, {"authorization": f"Bearer {key}"})
            assert status == 200, body
            found = await places(gate, tmp_path, told["x-trace-id"], visitor)
            for place, text in found.items():
                cores = [way[4:-6] for way in told_ways]
                assert [core for core in cores if core in text] == [], place


async def test_a_key_of_an_address_is_found_in_other_writing(tmp_path: Path) -> None:
    """Nothing but the address says what it is."""
    async with running_gate(tmp_path) as gate:
        key = await add_key(gate)
        visitor = await capture(gate)
        said = base64.b64encode(f"x{key}".encode()).decode()
        status, told, _ = await gate.post(address("gpt-4.1", key, stream=False), body_of(said, "Hello"))
        assert status == 200
        found = await places(gate, tmp_path, told["x-trace-id"], visitor)
    assert [place for place, text in found.items() if said[4:-6] in text] == []
