"""Secrets that were planted everywhere are nowhere: not in the document, the file, the bundle, the lists or the log."""

import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest

from copilot_api.store.captures.form import open_document
from exchange.capture.seeing import capture, explained, texts
from exchange.limits.asking import add_key
from gate import CHAT, MESSAGES, RESPONSES, Gate, request, running_gate
from web.admin.visiting import SECRET, Visitor

CANARIES = {
    "oauth": "gho_CANARYaaaa1111bbbb2222cccc3333dddd44",
    "user": "ghu_CANARYaaaa1111bbbb2222cccc3333dddd55",
    "personal": "ghp_CANARYaaaa1111bbbb2222cccc3333dddd66",
    "server": "ghs_CANARYaaaa1111bbbb2222cccc3333dddd77",
    "refresh": "ghr_CANARYaaaa1111bbbb2222cccc3333dddd88",
    "fine": "github_pat_11CANARY0_aaaa1111bbbb2222cccc3333dddd",
    "copilot": "tid=CANARY01;exp=1790000000;sku=copilot;st=dotcom;8kp=1:canary0123456789",
}
MODELS = {MESSAGES: "claude-sonnet-4.6", CHAT: "gpt-4.1", RESPONSES: "gpt-5.5"}
PLAIN_KEY = "canary plain key / 0123"


def body_of(path: str, model: str, said: str, answer: str) -> dict[str, object]:
    """A conversation with secrets in a tool's result, in nested JSON and in the words of the last turn."""
    nested = json.dumps({"env": {"TOKEN": said}, "log": json.dumps({"line": said})})
    if path == RESPONSES:
        told: list[dict[str, object]] = [
            {"role": "user", "content": f"Look at {said}"},
            {
                "type": "function_call",
                "call_id": "c1",
                "name": "run",
                "arguments": json.dumps({"token": said}),
            },
            {"type": "function_call_output", "call_id": "c1", "output": nested},
            {"role": "user", "content": answer},
        ]
        return {"model": model, "input": told, "stream": True}
    if path == CHAT:
        call = {
            "id": "c1",
            "type": "function",
            "function": {"name": "run", "arguments": json.dumps({"t": said})},
        }
        turns: list[dict[str, object]] = [
            {"role": "user", "content": f"Look at {said}"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": nested},
            {"role": "user", "content": answer},
        ]
        return {"model": model, "messages": turns, "stream": True}
    blocks: list[dict[str, object]] = [
        {"role": "user", "content": f"Look at {said}"},
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "c1", "name": "run", "input": {"t": said}}],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": nested}]},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": answer},
    ]
    return {"model": model, "max_tokens": 500, "messages": blocks, "stream": True}


async def places(gate: Gate, home: Path, trace_id: str, visitor: Visitor) -> dict[str, str]:
    """Everything that is written or told of a capture."""
    told = await explained(gate, trace_id, visitor)
    bundle = await visitor.get(f"/captures/{trace_id}/bundle")
    with zipfile.ZipFile(io.BytesIO(bundle.body)) as archive:
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    key = gate.config.vault.derive("captures")
    files = sorted((home / "captures").iterdir())
    return {
        "answer": "".join(
            [texts(told["answer"]["frames"]), *(texts(one["frames"]) for one in told["attempts"])]
        ),
        "document": json.dumps(told, ensure_ascii=False),
        "list": (await visitor.get("/captures")).body.decode(),
        "log": gate.log.getvalue(),
        "sealed": "".join(path.read_bytes().decode("latin-1") for path in files),
        "opened": "".join(open_document(key, path.stem, path.read_bytes()).decode() for path in files),
        **packed,
    }


@pytest.mark.parametrize("path", [MESSAGES, CHAT, RESPONSES])
@pytest.mark.parametrize("upstream", [MESSAGES, CHAT, RESPONSES])
@pytest.mark.parametrize("stream", [True, False])
async def test_no_canary_is_left_on_any_way(tmp_path: Path, path: str, upstream: str, stream: bool) -> None:
    """Native and translated: in headers, prompts, tool results, nested JSON, and answers split in the middle."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        key = await add_key(gate)
        visitor = Visitor(gate)
        await visitor.sign_in()
        await visitor.write("POST", "/capture-windows", {"keyId": None, "minutes": 10})
        said = " and ".join([*CANARIES.values(), key, SECRET, visitor.cookie])
        echoed = " ".join(CANARIES.values())
        answer = f"[[sim: text={json.dumps(f'It is {echoed} so.')}; chunks=40; quirk=shred]]"
        headers = {
            "authorization": f"Bearer {key}",
            "x-api-key": CANARIES["oauth"],
            "x-goog-api-key": CANARIES["user"],
            "cookie": f"session={CANARIES['personal']}",
            "proxy-authorization": f"Basic {CANARIES['fine']}",
            "x-note": f"the token {CANARIES['server']}",
            "user-agent": f"client {CANARIES['refresh']}",
        }
        asked = body_of(path, MODELS[upstream], said, answer) | {"stream": stream}
        status, told, body = await gate.post(path, asked, headers)
        assert status == 200, body
        found = await places(gate, tmp_path, told["x-trace-id"], visitor)
    canaries = {**CANARIES, "key": key, "admin": SECRET, "session": visitor.cookie}
    for place, text in found.items():
        left = [
            name for name, secret in canaries.items() if secret in text and not _is_of_the_log(place, name)
        ]
        assert left == [], place
    assert "[redacted]" in found["client-request.json"]
    assert "CANARY" not in _said(found["answer"])


def _is_of_the_log(place: str, name: str) -> bool:
    """The log's own line of a request has the client's User-Agent, capture or not."""
    return place == "log" and name == "refresh"


def _said(answer: str) -> str:
    """Every string of a stream, one after the other under its name, as a reader of the deltas would join them."""
    joined: dict[str, str] = {}

    def walk(name: str, value: object) -> None:
        if isinstance(value, dict):
            for inner_name, inner in value.items():
                walk(inner_name, inner)
        elif isinstance(value, list):
            for inner in value:
                walk(name, inner)
        elif isinstance(value, str):
            joined[name] = joined.get(name, "") + value

    for line in answer.splitlines():
        if line.startswith("data: {"):
            walk("", json.loads(line.removeprefix("data: ")))
    return "\n".join(joined.values())


async def test_a_key_without_our_form_is_taken_out_where_it_is_said(tmp_path: Path) -> None:
    """Keys of the reference format are any text at all."""
    async with running_gate(tmp_path) as gate:
        begin = gate.house.settings
        import asyncio  # noqa: PLC0415 - used here only

        await asyncio.to_thread(gate.config.update, lambda doc: doc.update(auth={"apiKeys": [PLAIN_KEY]}))
        while gate.house.settings is begin:
            await asyncio.sleep(0.01)
        visitor = await capture(gate)
        asked = request(MESSAGES, json.dumps({"key": PLAIN_KEY}))
        status, told, _ = await gate.post(MESSAGES, asked, {"authorization": f"Bearer {PLAIN_KEY}"})
        assert status == 200
        found = await places(gate, tmp_path, told["x-trace-id"], visitor)
    for place, text in found.items():
        assert PLAIN_KEY not in text.replace("\\/", "/"), place


async def test_what_is_sealed_is_not_merely_packed(tmp_path: Path) -> None:
    """The prompt stands in the document, and not in the file."""
    async with running_gate(tmp_path) as gate:
        visitor = await capture(gate)
        _, told, _ = await gate.post(CHAT, request(CHAT, "a very special sentence"))
        found = await places(gate, tmp_path, told["x-trace-id"], visitor)
    assert "a very special sentence" in found["document"]
    assert "a very special sentence" in found["opened"]
    assert "very special" not in found["sealed"]
    with pytest.raises(zlib.error):
        zlib.decompress(found["sealed"].encode("latin-1")[200:])
