"""Claude Code on models that speak only Responses or only chat."""

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
from clients.scene import Scene
from clients.test_claude_code import run

pytestmark = [pytest.mark.clients, pytest.mark.parametrize("upstream", ["responses", "chat"])]


@TEXTS
def test_a_text_answer(scene: Scene, claude_code: Path, upstream: str, text: str) -> None:
    """A question is one request, however many deltas answer it."""
    scene.commit(note_txt="x\n")
    played = run(scene, claude_code, f"Say it. [[sim: {said(text)}]]", MODELS[upstream])
    require(played, upstream, text, ["user"])


def test_parallel_tools_after_thinking(scene: Scene, claude_code: Path, upstream: str) -> None:
    """The thought comes back in the client's signature slot; the simulator checks every byte."""
    commit_words(scene)
    paths = [str(scene.repository / name) for name in ("a.txt", "b.txt")]
    script = loop("Read", "file_path", *paths)
    played = run(scene, claude_code, f"Read both. [[sim: {script}]]", MODELS[upstream])
    require_loop(played, upstream, "the first is alpha", "the second is beta")


def test_a_file_is_written(scene: Scene, claude_code: Path, upstream: str) -> None:
    """The effect is on disk."""
    scene.commit(note_txt="x\n")
    call = json.dumps({"file_path": str(scene.repository / "out.txt"), "content": "written\n"})
    prompt = f'Write it. [[sim: tool=Write{call} || text="Done writing."]]'
    require(run(scene, claude_code, prompt, MODELS[upstream]), upstream, "Done writing.", TWO_STEPS)
    assert (scene.repository / "out.txt").read_text() == "written\n"


def test_an_image_is_read_by_tool(scene: Scene, claude_code: Path, upstream: str) -> None:
    """The picture sits in a tool result, for which chat has no place: it arrives all the same."""
    path = json.dumps({"file_path": str(commit_picture(scene))})
    prompt = f'Look. [[sim: tool=Read{path} || text="A red dot."]]'
    require_image(run(scene, claude_code, prompt, MODELS[upstream]), upstream)


def test_a_sub_agent_is_never_the_user(scene: Scene, claude_code: Path, upstream: str) -> None:
    """Two conversations on one session: each keeps its interaction, and only the first request is the user's."""
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    task = json.dumps({
        "description": "find the word",
        "prompt": f'Find it. [[sim: tool=Read{path} || text="It is heron."]]',
        "subagent_type": "general-purpose",
        "run_in_background": False,
    })  # fmt: skip
    prompt = f'Delegate. [[sim: tool=Agent{task} || text="My agent says heron."]]'
    played = run(scene, claude_code, prompt, MODELS[upstream])
    require(played, upstream, "My agent says heron.", ["user", "agent", "agent", "agent"])
    parent, child, same_child, same_parent = (request.interaction_id for request in played.requests)
    assert (parent, child) == (same_parent, same_child)
    assert parent != child


def test_a_cut_stream_is_asked_again(scene: Scene, claude_code: Path, upstream: str) -> None:
    """Half an answer is an error to the client here too."""
    scene.commit(note_txt="x\n")
    scene.rules.append({"answer": 'text="Half of an answer"; chunks=6; cut_after=6', "times": 1})
    played = run(scene, claude_code, 'Hello. [[sim: text="A whole answer."]]', MODELS[upstream])
    assert (played.exit_code, played.stdout.strip()) == (0, "A whole answer.")
    assert played.statuses == [200, 200]
    assert played.outcomes == ["cut", "completed"]
