"""Gemini CLI on models of each upstream protocol."""

import dataclasses
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

pytestmark = pytest.mark.clients

SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "general": {"enableAutoUpdate": False},
    "privacy": {"usageStatisticsEnabled": False},
}


def run(scene: Scene, binary: Path, prompt: str, *model: str) -> Played:
    """Ask Gemini CLI one thing; without a model it asks a router which one to take."""
    (scene.home / ".gemini").mkdir()
    (scene.home / ".gemini" / "settings.json").write_text(json.dumps(SETTINGS))
    return scene.play(
        [str(binary), "--yolo", *(f"--model={name}" for name in model), "--prompt", prompt],
        {
            "GOOGLE_GEMINI_BASE_URL": GATEWAY_URL,
            "GEMINI_API_KEY": CLIENT_KEY,
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
        },
    )


def without_counts(played: Played) -> Played:
    """The same without what was asked about tokens; Copilot has a counter for Claude."""
    log = [line for line in played.log.splitlines() if ":countTokens" not in line]
    requests = [request for request in played.requests if not request.path.endswith("/count_tokens")]
    return dataclasses.replace(played, log="\n".join(log), requests=requests)


@TEXTS
@pytest.mark.parametrize("upstream", sorted(MODELS))
def test_a_text_answer(scene: Scene, gemini_cli: Path, upstream: str, text: str) -> None:
    """Printed once and asked for once: this client repeats what has no finish reason."""
    scene.commit(note_txt="x\n")
    played = run(scene, gemini_cli, f"Say it. [[sim: {said(text)}]]", MODELS[upstream])
    require(played, upstream, text, ["user"])


@pytest.mark.parametrize("upstream", sorted(MODELS))
def test_a_file_is_written(scene: Scene, gemini_cli: Path, upstream: str) -> None:
    """The effect is on disk."""
    scene.commit(note_txt="x\n")
    call = json.dumps({"file_path": "out.txt", "content": "written\n"})
    prompt = f'Write it. [[sim: tool=write_file{call} || text="Done writing."]]'
    require(run(scene, gemini_cli, prompt, MODELS[upstream]), upstream, "Done writing.", TWO_STEPS)
    assert (scene.repository / "out.txt").read_text() == "written\n"


@pytest.mark.parametrize("upstream", sorted(MODELS))
def test_an_image_is_read_by_tool(scene: Scene, gemini_cli: Path, upstream: str) -> None:
    """The picture stands beside the result, in the tool's turn; the client counts its tokens first, once."""
    commit_picture(scene)
    prompt = 'Look. [[sim: tool=read_file{"file_path": "dot.png"} || text="A red dot."]]'
    played = run(scene, gemini_cli, prompt, MODELS[upstream])
    counts = [exchange for exchange in played.exchanges if exchange["path"].endswith(":countTokens")]
    assert [exchange["outcome"] for exchange in counts] == ["completed"]
    require_image(without_counts(played), upstream)


@pytest.mark.parametrize("upstream", sorted(MODELS))
def test_parallel_tools_after_thinking(scene: Scene, gemini_cli: Path, upstream: str) -> None:
    """The client drops thoughts and keeps signatures: the thought comes back in the call's own."""
    commit_words(scene)
    script = loop("read_file", "file_path", "a.txt", "b.txt")
    played = run(scene, gemini_cli, f"Read both. [[sim: {script}]]", MODELS[upstream])
    require_loop(played, upstream, "the first is alpha", "the second is beta")


def test_the_router_is_asked_first(scene: Scene, gemini_cli: Path) -> None:
    """A side call with a schema of upper-case types, then the model of its choice; names are mapped."""
    scene.config["modelMapping"] = {"gemini-3.5-flash-lite": "gpt-5.5", "gemini-3*": "claude-fable-5"}
    scene.commit(note_txt="x\n")
    score = json.dumps(json.dumps({"complexity_reasoning": "simple", "complexity_score": 10}))
    scene.rules.append({"model": "gpt-5.5", "answer": f"text={score}"})
    call = json.dumps({"file_path": "out.txt", "content": "written\n"})
    played = run(scene, gemini_cli, f'Write it. [[sim: tool=write_file{call} || text="Done."]]')
    assert (played.exit_code, played.stdout.strip()) == (0, "Done.")
    assert [request.path for request in played.requests] == ["/responses", "/v1/messages", "/v1/messages"]
    assert played.initiators == ["agent", *TWO_STEPS]
    assert played.statuses == [200, 200, 200]
    schema = played.requests[0].body["text"]["format"]["schema"]
    assert schema["properties"]["complexity_score"]["type"] == "integer"
    assert (scene.repository / "out.txt").read_text() == "written\n"
