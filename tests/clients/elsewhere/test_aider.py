"""aider, which edits by text and not by tools, in two protocols on models of others."""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import MODELS, require
from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY

PROVIDERS = {
    "chat": ("openai", {"OPENAI_API_BASE": f"{GATEWAY_URL}/v1", "OPENAI_API_KEY": CLIENT_KEY}),
    "messages": ("anthropic", {"ANTHROPIC_API_BASE": GATEWAY_URL, "ANTHROPIC_API_KEY": CLIENT_KEY}),
}
pytestmark = [
    pytest.mark.clients,
    pytest.mark.parametrize(
        ("ingress", "upstream"),
        [("chat", "messages"), ("chat", "responses"), ("messages", "responses"), ("messages", "chat")],
    ),
]


def run(scene: Scene, script: Path, ingress: str, upstream: str, prompt: str) -> Played:
    """Ask aider one thing about `note.txt`."""
    provider, environment = PROVIDERS[ingress]
    quiet = ["--no-check-update", "--no-show-model-warnings", "--no-show-release-notes", "--no-pretty"]
    how = ["--model", f"{provider}/{MODELS[upstream]}", "--edit-format", "diff", "--yes-always"]
    return scene.play(
        [
            str(script),
            *how,
            *quiet,
            "--analytics-disable",
            "--map-tokens",
            "0",
            "--message",
            prompt,
            "note.txt",
        ],
        {**environment, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
    )


def test_a_text_answer(scene: Scene, aider: Path, ingress: str, upstream: str) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="x\n")
    prompt = 'Say hello. [[sim: text="Hello from upstream."; chunks=9]]'
    require(run(scene, aider, ingress, upstream, prompt), upstream, "Hello from upstream.", ["user"])


def test_an_edit_is_applied_and_committed(scene: Scene, aider: Path, ingress: str, upstream: str) -> None:
    """The edit is on disk; a second request words its commit."""
    scene.commit(note_txt="the word is heron\n")
    scene.rules.append({"contains": "diff --git", "answer": 'text="fix: Name another bird"'})
    edit = (
        "note.txt\n```\n<<<<<<< SEARCH\nthe word is heron\n=======\nthe word is stork\n>>>>>>> REPLACE\n```\n"
    )
    prompt = f"Change it. [[sim: text={json.dumps(edit)}; chunks=20]]"
    played = run(scene, aider, ingress, upstream, prompt)
    require(played, upstream, "fix: Name another bird", ["user", "user"])
    assert (scene.repository / "note.txt").read_text() == "the word is stork\n"
