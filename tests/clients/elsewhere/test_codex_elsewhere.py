"""Codex on models that speak only Messages or only chat, with classic tools and in code mode."""

import json
from pathlib import Path

import pytest

from clients.elsewhere.verdict import (
    MODELS,
    TEXTS,
    TWO_STEPS,
    commit_picture,
    commit_words,
    require,
    require_image,
    require_loop,
    require_one_interaction,
    said,
)
from clients.scene import Played, Scene
from clients.test_codex import run
from live import UpstreamRequest

pytestmark = [pytest.mark.clients, pytest.mark.parametrize("upstream", ["messages", "chat"])]

CLASSIC, CODE_MODE = "gpt-5.5", "gpt-5.6-sol"
"""By the model's name Codex decides what it sends: top-level tools, or one `additional_tools` item."""
PATCH = "*** Begin Patch\n*** Add File: hello.txt\n+hello\n*** Update File: note.txt\n@@\n-old\n+new\n*** End Patch\n"


def ask(scene: Scene, codex: Path, upstream: str, prompt: str, name: str = CLASSIC) -> Played:
    """Ask a model of that upstream protocol under a name that Codex knows."""
    scene.config["modelMapping"] = {name: MODELS[upstream]}
    return run(scene, codex, prompt, model=name)


def tools(request: UpstreamRequest) -> set[str]:
    """The names of the tools in a request, in either protocol."""
    return {tool.get("name") or tool["function"]["name"] for tool in request.body["tools"]}


@TEXTS
@pytest.mark.parametrize("name", [CLASSIC, CODE_MODE])
def test_a_text_answer(scene: Scene, codex: Path, upstream: str, text: str, name: str) -> None:
    """A question is one request, however many deltas answer it."""
    scene.commit(note_txt="x\n")
    played = ask(scene, codex, upstream, f"Say it. [[sim: {said(text)}]]", name)
    require(played, upstream, text, ["user"])


def test_an_image_is_read_by_tool(scene: Scene, codex: Path, upstream: str) -> None:
    """The picture is the whole output of the call."""
    call = json.dumps({"path": str(commit_picture(scene))})
    played = ask(scene, codex, upstream, f'Look. [[sim: tool=view_image{call} || text="A red dot."]]')
    require_image(played, upstream)


def test_code_mode_runs_two_commands_and_shows_a_picture(scene: Scene, codex: Path, upstream: str) -> None:
    """It allows no parallel calls: one script runs both commands, and its one output has words and picture."""
    path = json.dumps(str(commit_picture(scene)))
    code = (
        'const both = await Promise.all(["echo alpha", "echo beta"].map((cmd) => tools.exec_command({cmd}))); '
        f"text(both[0].output + both[1].output); image(await tools.view_image({{path: {path}}}));"
    )
    call = json.dumps({"input": code})
    played = ask(
        scene, codex, upstream, f'Run it. [[sim: tool=functions__exec{call} || text="A red dot."]]', CODE_MODE
    )
    require_image(played, upstream)
    assert "alpha" in json.dumps(played.requests[1].body)
    assert "beta" in json.dumps(played.requests[1].body)


def test_parallel_commands_after_thinking(scene: Scene, codex: Path, upstream: str) -> None:
    """The thought comes back in an (id, encrypted_content) pair; the simulator checks every byte."""
    commit_words(scene)
    calls = 'tool=exec_command{"cmd":"cat a.txt"}; tool=exec_command{"cmd":"cat b.txt"}'
    script = f'thinking="Hm."; text="I look."; {calls} || thinking="Now."; text="alpha and beta"'
    played = ask(scene, codex, upstream, f"Read both. [[sim: {script}]]")
    require_loop(played, upstream, "the first is alpha", "the second is beta")


def test_a_freeform_patch_is_applied(scene: Scene, codex: Path, upstream: str) -> None:
    """The custom tool is a function upstream and freeform again for the client, byte for byte."""
    scene.commit(note_txt="old\n")
    call = json.dumps({"input": PATCH})
    played = ask(scene, codex, upstream, f'Patch it. [[sim: tool=apply_patch{call} || text="Patched."]]')
    require(played, upstream, "Patched.", TWO_STEPS)
    require_one_interaction(played)
    assert "apply_patch" in tools(played.requests[0])
    assert (scene.repository / "hello.txt").read_text() == "hello\n"
    assert (scene.repository / "note.txt").read_text() == "new\n"


def test_code_mode_runs_its_script(scene: Scene, codex: Path, upstream: str) -> None:
    """`additional_tools` in the input: namespaced upstream, its own again for the client, which runs the code."""
    scene.commit(note_txt="old\n")
    code = (
        'const r = await tools.exec_command({cmd: "cat note.txt"}); '
        f"await tools.apply_patch({json.dumps(PATCH)}); text(r.output);"
    )
    call = json.dumps({"input": code})
    prompt = f'Run it. [[sim: thinking="Hm."; tool=functions__exec{call} || text="Ran."]]'
    played = ask(scene, codex, upstream, prompt, CODE_MODE)
    require(played, upstream, "Ran.", TWO_STEPS)
    require_one_interaction(played)
    assert "functions__exec" in tools(played.requests[0])
    assert [len(request.proofs()) for request in played.requests] == [0, 1]
    assert "Script completed" in json.dumps(played.requests[1].body)
    assert (scene.repository / "hello.txt").read_text() == "hello\n"
    assert (scene.repository / "note.txt").read_text() == "new\n"


def test_a_cut_stream_is_asked_again(scene: Scene, codex: Path, upstream: str) -> None:
    """Half an answer is an error to the client here too."""
    scene.commit(note_txt="x\n")
    scene.rules.append({"answer": 'text="Half of an answer"; chunks=6; cut_after=6', "times": 1})
    played = ask(scene, codex, upstream, 'Hello. [[sim: text="A whole answer."]]')
    assert (played.exit_code, played.stdout.strip()) == (0, "A whole answer.")
    assert played.statuses == [200, 200]
    assert played.outcomes == ["cut", "completed"]
