"""Requests of the four protocols to the three upstreams, and what became of them."""

import asyncio
import json
from typing import Any

from gate import CHAT, MESSAGES, RESPONSES, Gate, until

MODELS = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "gemini-3.1-pro-preview"}
"""One model for each upstream, which it speaks alone; all of them list efforts."""
INGRESSES = ("chat", "responses", "messages", "gemini")


async def configure(gate: Gate, **document: object) -> None:
    """Change config.json as an operator does, and wait until the gateway follows."""
    before = gate.house.gateway.settings
    await asyncio.to_thread(gate.config.update, lambda found: found.update(document))
    await until(lambda: gate.house.gateway.settings is not before)


def request(ingress: str, model: str, *texts: str, system: str | None = None) -> tuple[str, dict[str, Any]]:
    """Path and body of a conversation: the user's and the model's words in turn."""
    turns = [("user" if index % 2 == 0 else "assistant", text) for index, text in enumerate(texts)]
    if ingress == "gemini":
        contents = [
            {"role": "user" if role == "user" else "model", "parts": [{"text": text}]} for role, text in turns
        ]
        body: dict[str, Any] = {"contents": contents}
        if system is not None:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        return f"/v1beta/models/{model}:generateContent", body
    messages = [{"role": role, "content": text} for role, text in turns]
    if ingress == "chat":
        leading = [] if system is None else [{"role": "system", "content": system}]
        return CHAT, {"model": model, "messages": [*leading, *messages]}
    if ingress == "responses":
        told = {} if system is None else {"instructions": system}
        return RESPONSES, {"model": model, "input": messages, **told}
    told = {} if system is None else {"system": system}
    return MESSAGES, {"model": model, "max_tokens": 500, "messages": messages, **told}


async def sent(gate: Gate, path: str, body: object, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """What reached Copilot for one request that was answered."""
    count = len(gate.inference_requests())
    status, _, answer = await gate.post(path, body, headers)
    assert status == 200, answer
    reached = gate.inference_requests()
    assert len(reached) == count + 1
    found: dict[str, Any] = json.loads(str(reached[-1]["body"]))
    return found


def _finished(gate: Gate) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in gate.log.getvalue().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == "exchange.finished"]


async def repairs(gate: Gate) -> list[str]:
    """What the log says was done to the newest request, once it has a line for each that was answered."""
    count = sum(entry["status"] == 200 for entry in gate.inference_requests())
    await until(lambda: len(_finished(gate)) >= count)
    found: list[str] = _finished(gate)[-1].get("repairs", [])
    return found
