"""pi, the strictest reader of streams, in four protocols, each on a model of another one."""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import (
    MODELS,
    TEXTS,
    TWO_STEPS,
    commit_picture,
    commit_words,
    loop,
    require,
    require_image,
    require_loop,
    said,
)
from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY

APIS = {
    "chat": ("openai-completions", "/v1"),
    "responses": ("openai-responses", "/v1"),
    "messages": ("anthropic-messages", ""),
    "gemini": ("google-generative-ai", "/v1beta"),
}
pytestmark = [
    pytest.mark.clients,
    pytest.mark.parametrize(
        ("ingress", "upstream"),
        [("chat", "responses"), ("responses", "messages"), ("messages", "chat"), ("gemini", "responses")],
    ),
]


def run(scene: Scene, binary: Path, ingress: str, upstream: str, prompt: str) -> Played:
    """Ask pi one thing."""
    api, path = APIS[ingress]
    model = {
        "id": MODELS[upstream],
        "name": "A model",
        "reasoning": True,
        "input": ["text", "image"],
        "contextWindow": 200000,
        "maxTokens": 32000,
        "cost": {"input": 0, "output": 0, "cacheRead": 0, "cacheWrite": 0},
    }
    provider = {"baseUrl": GATEWAY_URL + path, "apiKey": "GATEWAY_KEY", "api": api, "models": [model]}
    models = scene.home / ".pi" / "agent" / "models.json"
    models.parent.mkdir(parents=True)
    models.write_text(json.dumps({"providers": {"gateway": provider}}))
    return scene.play(
        [str(binary), "--provider", "gateway", "--model", MODELS[upstream], "--print", prompt],
        {"GATEWAY_KEY": CLIENT_KEY, "PI_OFFLINE": "1", "PI_SKIP_VERSION_CHECK": "1"},
    )


@TEXTS
def test_a_text_answer(scene: Scene, pi: Path, ingress: str, upstream: str, text: str) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="x\n")
    played = run(scene, pi, ingress, upstream, f"Say it. [[sim: {said(text)}]]")
    require(played, upstream, text, ["user"])


def test_parallel_tools_after_thinking(scene: Scene, pi: Path, ingress: str, upstream: str) -> None:
    """Two calls in one answer are two results in one request."""
    commit_words(scene)
    script = loop("read", "path", "a.txt", "b.txt")
    played = run(scene, pi, ingress, upstream, f"Read both. [[sim: {script}]]")
    require_loop(played, upstream, "the first is alpha", "the second is beta")


def test_a_file_is_written(scene: Scene, pi: Path, ingress: str, upstream: str) -> None:
    """The effect is on disk."""
    scene.commit(note_txt="x\n")
    call = json.dumps({"path": "out.txt", "content": "written\n"})
    prompt = f'Write it. [[sim: tool=write{call} || text="Done writing."]]'
    require(run(scene, pi, ingress, upstream, prompt), upstream, "Done writing.", TWO_STEPS)
    assert (scene.repository / "out.txt").read_text() == "written\n"


def test_an_image_is_read_by_tool(scene: Scene, pi: Path, ingress: str, upstream: str) -> None:
    """The picture sits in a tool result, or beside it where the protocol has no place for one."""
    call = json.dumps({"path": str(commit_picture(scene))})
    played = run(scene, pi, ingress, upstream, f'Look. [[sim: tool=read{call} || text="A red dot."]]')
    require_image(played, upstream)
