"""llm-comply, an outside judge of four protocols, on every model that speaks another one.

What it finds must be in the list below, with the reason why it stays. Answers in the same protocol are Copilot's own
bytes, whose gaps are not ours to fill, so they are not judged here.
"""

import json
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
KNOWN = {
    "chat": [],
    # OpenAI's own events for a summary, which every client of it reads; Open Responses has other names.
    "responses": ["unknown SSE event type: response.reasoning_summary_text."],
    # Its schema wants `citations` in each text and `caller` in each call, which Copilot's own Claude leaves out too:
    # clients send blocks back as they came, and nobody knows whether Copilot takes these two.
    "messages": [
        "is not valid under any of the given schemas",
        "usage: 'cache_creation' is a required property",
        "usage: 'inference_geo' is a required property",
        "usage: 'server_tool_use' is a required property",
        "usage: 'service_tier' is a required property",
        "'container' is a required property",
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
    found = {
        f"{result['id']}: {error}"
        for result in verdict["results"]
        if result["status"] == "failed"
        for error in result["errors"]
    }
    assert [error for error in sorted(found) if not any(known in error for known in KNOWN[ingress])] == []
    assert verdict["summary"]["total"] >= 9
    assert verdict["summary"]["passed"] >= 3
