"""GitHub Copilot CLI, offline with a provider of one's own, in three protocols, each on a model of another one."""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import (
    IMAGES,
    MODELS,
    TEXTS,
    TWO_STEPS,
    commit_picture,
    commit_words,
    loop,
    require,
    require_loop,
    said,
)
from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY

PATCH = "*** Begin Patch\n*** Add File: out.txt\n+written\n*** End Patch\n"
PROVIDERS = {
    "chat": {"COPILOT_PROVIDER_TYPE": "openai", "COPILOT_PROVIDER_WIRE_API": "completions"},
    "responses": {"COPILOT_PROVIDER_TYPE": "openai", "COPILOT_PROVIDER_WIRE_API": "responses"},
    "messages": {"COPILOT_PROVIDER_TYPE": "anthropic"},
}
pytestmark = [
    pytest.mark.clients,
    pytest.mark.parametrize(
        ("ingress", "upstream"), [("chat", "messages"), ("responses", "chat"), ("messages", "responses")]
    ),
]


def run(scene: Scene, binary: Path, ingress: str, upstream: str, prompt: str, *options: str) -> Played:
    """Ask Copilot CLI one thing."""
    path = "" if ingress == "messages" else "/v1"
    return scene.play(
        [str(binary), "--allow-all-tools", "--no-color", *options, "--prompt", prompt],
        {
            **PROVIDERS[ingress],
            "COPILOT_OFFLINE": "true",
            "COPILOT_PROVIDER_BASE_URL": GATEWAY_URL + path,
            "COPILOT_PROVIDER_API_KEY": CLIENT_KEY,
            "COPILOT_MODEL": MODELS[upstream],
            "COPILOT_AUTO_UPDATE": "false",
        },
    )


@TEXTS
def test_a_text_answer(scene: Scene, copilot_cli: Path, ingress: str, upstream: str, text: str) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="x\n")
    played = run(scene, copilot_cli, ingress, upstream, f"Say it. [[sim: {said(text)}]]")
    require(played, upstream, text, ["user"])


def test_parallel_tools_after_thinking(scene: Scene, copilot_cli: Path, ingress: str, upstream: str) -> None:
    """Two calls in one answer are two results in one request."""
    commit_words(scene)
    paths = [str(scene.repository / name) for name in ("a.txt", "b.txt")]
    script = loop("view", "path", *paths)
    played = run(scene, copilot_cli, ingress, upstream, f"Read both. [[sim: {script}]]")
    require_loop(played, upstream, "the first is alpha", "the second is beta")


def test_a_file_is_written(scene: Scene, copilot_cli: Path, ingress: str, upstream: str) -> None:
    """The effect is on disk. Models of OpenAI get a patch tool instead, as a function where it cannot be freeform."""
    scene.commit(note_txt="x\n")
    if upstream == "responses":
        call = "apply_patch" + json.dumps({"input": PATCH})
    else:
        path = str(scene.repository / "out.txt")
        call = "create" + json.dumps({"path": path, "file_text": "written\n"})
    prompt = f'Write it. [[sim: tool={call} || text="Done writing."]]'
    require(run(scene, copilot_cli, ingress, upstream, prompt), upstream, "Done writing.", TWO_STEPS)
    assert (scene.repository / "out.txt").read_text() == "written\n"


def test_an_image_is_attached(scene: Scene, copilot_cli: Path, ingress: str, upstream: str) -> None:
    """By the human: with a provider of one's own the client's viewing tool keeps pictures to itself."""
    picture = commit_picture(scene)
    prompt = 'Look. [[sim: text="A red dot."]]'
    played = run(scene, copilot_cli, ingress, upstream, prompt, "--attachment", str(picture))
    require(played, upstream, "A red dot.", ["user"])
    assert IMAGES[upstream] in json.dumps(played.requests[0].body)
    assert played.requests[0].headers["copilot-vision-request"] == "true"
