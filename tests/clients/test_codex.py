"""Codex against the gateway and the simulated Copilot, over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY

pytestmark = pytest.mark.clients

CONFIG = f"""
model_provider = "gateway"

[model_providers.gateway]
name = "gateway"
base_url = "{GATEWAY_URL}/v1"
env_key = "GATEWAY_KEY"
wire_api = "responses"
"""
ANALYTICS_OFF = """
[analytics]
enabled = false  # it waits five seconds at its end for a host that nobody can reach here
"""


def run(scene: Scene, binary: Path, prompt: str, more_config: str = "", model: str = "gpt-5.5") -> Played:
    """Ask Codex one thing, without a person beside it; `more_config` belongs to the provider."""
    (scene.home / ".codex").mkdir()
    (scene.home / ".codex" / "config.toml").write_text(
        f'model = "{model}"\n' + CONFIG + more_config + ANALYTICS_OFF
    )
    return scene.play(
        [str(binary), "exec", "--dangerously-bypass-approvals-and-sandbox", prompt],
        {"GATEWAY_KEY": CLIENT_KEY},
    )


def require(played: Played, text: str, initiators: list[str]) -> None:
    """The client was content at once: one answer for each request, none refused, one truthful human turn."""
    assert (played.exit_code, played.stdout.strip()) == (0, text)
    assert played.initiators == initiators
    assert played.statuses == [200] * len(initiators)
    assert played.outcomes == ["completed"] * len(initiators)
    assert len({request.interaction_id for request in played.requests}) == 1
    assert "Reconnecting" not in played.stderr


def items(played: Played, number: int, kind: str) -> list[dict[str, Any]]:
    """The input items of one type in one request."""
    return [item for item in played.requests[number].body["input"] if item.get("type") == kind]


def test_a_text_answer(scene: Scene, codex: Path) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="x\n")
    played = run(scene, codex, 'Say hello. [[sim: text="Hello from upstream."]]')
    require(played, "Hello from upstream.", ["user"])


def test_a_shell_command_is_run(scene: Scene, codex: Path) -> None:
    """The call reaches the client, its output reaches upstream, as the agent's turn."""
    scene.commit(note_txt="the word is heron\n")
    played = run(
        scene,
        codex,
        'Which word? [[sim: tool=exec_command{"cmd":"cat note.txt"} || text="The word is heron."]]',
    )
    require(played, "The word is heron.", ["user", "agent"])
    (output,) = items(played, 1, "function_call_output")
    assert "the word is heron" in json.dumps(output)


def test_parallel_shell_commands_are_answered_together(scene: Scene, codex: Path) -> None:
    """Two calls in one answer are two outputs in one request."""
    scene.commit(a_txt="alpha\n", b_txt="beta\n")
    calls = 'tool=exec_command{"cmd":"cat a.txt"}; tool=exec_command{"cmd":"cat b.txt"}'
    played = run(scene, codex, f'Read both. [[sim: {calls} || text="alpha and beta"]]')
    require(played, "alpha and beta", ["user", "agent"])
    first, second = items(played, 1, "function_call_output")
    assert "alpha" in json.dumps(first)
    assert "beta" in json.dumps(second)


def test_a_patch_is_applied(scene: Scene, codex: Path) -> None:
    """The freeform `apply_patch` tool keeps its text byte for byte, and the file is there."""
    scene.commit(note_txt="old\n")
    patch = json.dumps(
        "*** Begin Patch\n*** Add File: hello.txt\n+hello\n*** Update File: note.txt\n@@\n-old\n+new\n*** End Patch\n"
    )
    played = run(scene, codex, f'Patch it. [[sim: custom=apply_patch{patch} || text="Patched."]]')
    require(played, "Patched.", ["user", "agent"])
    assert (scene.repository / "hello.txt").read_text() == "hello\n"
    assert (scene.repository / "note.txt").read_text() == "new\n"


def test_reasoning_is_replayed_with_its_ciphertext(scene: Scene, codex: Path) -> None:
    """The simulator binds each ciphertext to one id and refuses any other pair: three turns replay two of them."""
    scene.commit(note_txt="the word is heron\n")
    script = (
        '[[sim: thinking="Which file?"; tool=exec_command{"cmd":"ls"} '
        '|| thinking="This one."; text="I look."; tool=exec_command{"cmd":"cat note.txt"} '
        '|| thinking="Now I know."; text="heron"]]'
    )
    played = run(scene, codex, f"Think. {script}")
    require(played, "heron", ["user", "agent", "agent"])
    assert [len(items(played, number, "reasoning")) for number in range(3)] == [0, 1, 2]
    assert all(item["encrypted_content"] for item in items(played, 2, "reasoning"))


def test_a_rate_limit_is_waited_out(scene: Scene, codex: Path) -> None:
    """`Retry-After` passes through: one more request, after that time, and the answer."""
    scene.commit(note_txt="x\n")
    played = run(
        scene, codex, "Hello. [[sim: error=429-rate-limited; retry_after=3; times=1; text=At last.]]"
    )
    assert (played.exit_code, played.stdout.strip()) == (0, "At last.")
    assert played.statuses == [429, 200]
    assert 3.0 <= played.pause_s() < 6.0


def test_a_cut_stream_is_asked_again(scene: Scene, codex: Path) -> None:
    """Half an answer is an error to the client: it asks once more and prints the whole."""
    scene.commit(note_txt="x\n")
    scene.rules.append({"answer": 'text="Half of an answer"; chunks=6; cut_after=8', "times": 1})
    played = run(scene, codex, 'Hello. [[sim: text="A whole answer."]]')
    assert (played.exit_code, played.stdout.strip()) == (0, "A whole answer.")
    assert played.statuses == [200, 200]
    assert played.outcomes == ["cut", "completed"]


def test_a_prompt_that_is_too_long_is_understood(scene: Scene, codex: Path) -> None:
    """The code `context_length_exceeded` is what the client acts on; it asks once."""
    scene.commit(note_txt="x\n")
    played = run(scene, codex, "Hello. [[sim: error=400-prompt-tokens]]")
    assert played.exit_code == 1
    assert "Codex ran out of room in the model's context window" in played.stderr
    assert played.statuses == [400]


def test_the_websocket_it_would_rather_have_is_declined_at_once(scene: Scene, codex: Path) -> None:
    """426 sends the client to HTTP without further tries; another refusal costs it seven."""
    scene.commit(note_txt="x\n")
    played = run(scene, codex, 'Hello. [[sim: text="Over HTTP."]]', "supports_websockets = true\n")
    require(played, "Over HTTP.", ["user"])
