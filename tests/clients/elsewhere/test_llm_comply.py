"""llm-comply, an outside judge of four protocols, on every model that speaks another one.

What it finds must be in the list below, with the reason why it stays. Answers in the same protocol are Copilot's own
bytes, whose gaps are not ours to fill, so they are not judged here.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from clients.elsewhere.verdict import MODELS
from clients.scene import GATEWAY_URL, Scene
from live import CLIENT_KEY

pytestmark = pytest.mark.clients

FORMATS = {
    "chat": ("openai-chat", "/v1", []),
    "responses": ("open-responses", "/v1", []),
    "messages": (
        "anthropic",
        "/v1",
        ["--auth-header", "x-api-key", "--no-bearer", "--header", "anthropic-version:2023-06-01"],
    ),
    "gemini": ("google-genai", "", ["--auth-header", "x-goog-api-key", "--no-bearer"]),
}
SCHEMAS = "is not valid under any of the given schemas"
KNOWN = {
    "chat": [],
    # OpenAI's own events for a summary (openai 3.54 and Codex read no others); Open Responses has other names.
    "responses": [r"unknown SSE event type: response\.reasoning_summary_text\.(delta|done)"],
    # It wants `citations` in each text and `caller` in each call: anthropic 2.12 has both as optional, Copilot's own
    # Claude leaves both out, and clients send blocks back as they came, maybe to a backend that refuses them.
    "messages": [
        rf"content\.\d+: {{'type': 'text', 'text': '[^']*'}} {SCHEMAS}",
        rf"content\.\d+: {{'type': 'tool_use', 'id': '\w+', 'name': '\w+', 'input': {{.*}}}} {SCHEMAS}",
    ],
    "gemini": [],
}


@pytest.mark.parametrize(
    ("ingress", "upstream"),
    [(ingress, upstream) for ingress in FORMATS for upstream in MODELS if upstream != ingress],
)
def test_the_judge_finds_nothing_new(scene: Scene, llm_comply: Path, ingress: str, upstream: str) -> None:
    """Text, system prompt, many turns, tools, streams, usage, images, errors."""
    scene.commit(note_txt="x\n")
    scene.rules.append({
        "contains": "weather",
        "answer": 'tool=get_weather{"location":"San Francisco"} || text="Sunny."',
    })  # fmt: skip
    name, path, options = FORMATS[ingress]
    target = ["--base-url", GATEWAY_URL + path, "--api-key", CLIENT_KEY, "--model", MODELS[upstream]]
    played = scene.play([str(llm_comply), *target, "--format", name, "--json", *options], {})
    verdict: dict[str, Any] = json.loads(played.stdout)
    errors = [error for one in verdict["results"] if one["status"] == "failed" for error in one["errors"]]
    known = [re.compile(pattern) for pattern in KNOWN[ingress]]
    assert [error for error in errors if not any(pattern.fullmatch(error) for pattern in known)] == []
    assert verdict["summary"]["total"] >= 9
    assert verdict["summary"]["passed"] >= 3
