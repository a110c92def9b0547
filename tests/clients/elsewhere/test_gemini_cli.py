"""Gemini CLI on models of each upstream protocol."""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import MODELS, TWO_STEPS, commit_words, loop, require, require_loop
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


@pytest.mark.parametrize("upstream", sorted(MODELS))
def test_a_long_text_answer(scene: Scene, gemini_cli: Path, upstream: str) -> None:
    """Printed once and asked for once: this client repeats what has no finish reason."""
    scene.commit(note_txt="x\n")
    text = " ".join(f"word{number}" for number in range(400))
    prompt = f'Say much. [[sim: text="{text}"; chunks=400]]'
    played = run(scene, gemini_cli, prompt, MODELS[upstream])
    require(played, upstream, text, ["user"])
    assert played.stdout.count("word399") == 1


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
