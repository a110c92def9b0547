"""Claude Code against the gateway and the simulated Copilot.

Exit code and text are not enough: Claude Code repeats requests until a faulty server seems to work. So each
scene counts what reached upstream.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from clients.scene import GATEWAY_URL, Played, Scene
from live import CLIENT_KEY, PIXEL, PROJECT

pytestmark = pytest.mark.clients


PLUGIN = PROJECT / "plugins" / "copilot-api-subagent-marker"


def run(scene: Scene, binary: Path, prompt: str, model: str = "claude-sonnet-4-6", *options: str) -> Played:
    """Ask Claude Code one thing, without a person beside it."""
    return scene.play(
        [
            str(binary),
            "--print",
            prompt,
            "--model",
            model,
            "--permission-mode",
            "bypassPermissions",
            *options,
        ],
        {
            "ANTHROPIC_BASE_URL": GATEWAY_URL,
            "ANTHROPIC_AUTH_TOKEN": CLIENT_KEY,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "IS_SANDBOX": "1",
        },
    )


def require(played: Played, text: str, initiators: list[str]) -> None:
    """The client was content at once: one answer for each request, none refused, the turn told truthfully."""
    assert (played.exit_code, played.stdout.strip()) == (0, text)
    assert played.initiators == initiators
    assert played.statuses == [200] * len(initiators)
    assert played.outcomes == ["completed"] * len(initiators)


def require_one_interaction(played: Played) -> None:
    """All requests belong to one human turn."""
    assert len({request.interaction_id for request in played.requests}) == 1


def tool_results(body: dict[str, Any]) -> list[str]:
    """The text of each tool result in a request."""
    blocks = [
        block for turn in body["messages"] if isinstance(turn["content"], list) for block in turn["content"]
    ]
    return [json.dumps(block["content"]) for block in blocks if block["type"] == "tool_result"]


def test_smoke_a_text_answer(scene: Scene, claude_code: Path) -> None:
    """A question is one request and its answer is printed."""
    scene.commit(note_txt="the word is heron\n")
    played = run(scene, claude_code, 'Say hello. [[sim: text="Hello from upstream."]]')
    require(played, "Hello from upstream.", ["user"])
    assert played.requests[0].body["model"] == "claude-sonnet-4.6"


def test_smoke_a_file_is_read_by_tool(scene: Scene, claude_code: Path) -> None:
    """The tool call reaches the client, its result reaches upstream, as the agent's turn."""
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    played = run(scene, claude_code, f'Which word? [[sim: tool=Read{path} || text="The word is heron."]]')
    require(played, "The word is heron.", ["user", "agent"])
    require_one_interaction(played)
    (result,) = tool_results(played.requests[1].body)
    assert "the word is heron" in result


def test_parallel_tools_are_answered_together(scene: Scene, claude_code: Path) -> None:
    """Two calls in one answer are two results in one request."""
    scene.commit(a_txt="alpha\n", b_txt="beta\n")
    calls = "; ".join(
        f"tool=Read{json.dumps({'file_path': str(scene.repository / name)})}" for name in ("a.txt", "b.txt")
    )
    played = run(scene, claude_code, f'Read both. [[sim: {calls} || text="alpha and beta"]]')
    require(played, "alpha and beta", ["user", "agent"])
    require_one_interaction(played)
    results = sorted(tool_results(played.requests[1].body))  # in the order in which the client's tools ended
    assert len(results) == 2
    assert "alpha" in results[0]
    assert "beta" in results[1]


def test_a_file_is_written_by_tool(scene: Scene, claude_code: Path) -> None:
    """The effect is on disk."""
    scene.commit(note_txt="x\n")
    call = json.dumps({"file_path": str(scene.repository / "out.txt"), "content": "written\n"})
    played = run(scene, claude_code, f'Write it. [[sim: tool=Write{call} || text="Done writing."]]')
    require(played, "Done writing.", ["user", "agent"])
    assert (scene.repository / "out.txt").read_text() == "written\n"


def test_a_sub_agent_is_never_the_user(scene: Scene, claude_code: Path) -> None:
    """The sub-agent's own requests, and what follows its report, are the agent's."""
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    task = json.dumps({
        "description": "find the word",
        "prompt": f'Find it. [[sim: tool=Read{path} || text="It is heron."]]',
        "subagent_type": "general-purpose",
        "run_in_background": False,
    })  # fmt: skip
    played = run(scene, claude_code, f'Delegate. [[sim: tool=Agent{task} || text="My agent says heron."]]')
    require(played, "My agent says heron.", ["user", "agent", "agent", "agent"])
    parent, child, same_child, same_parent = (request.interaction_id for request in played.requests)
    assert (parent, child) == (same_parent, same_child)
    assert any("It is heron." in result for result in tool_results(played.requests[3].body))


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "claude-opus-5-5"])
def test_the_plugin_marks_a_sub_agent_and_the_marker_stays_here(
    scene: Scene, claude_code: Path, model: str
) -> None:
    """Its requests are a sub-agent's, in one interaction, and the prompt that leaves does not tell."""
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    task = json.dumps({
        "description": "find the word",
        "prompt": f'Find it. [[sim: tool=Read{path} || text="It is heron."]]',
        "subagent_type": "general-purpose",
        "run_in_background": False,
    })  # fmt: skip
    prompt = f'Delegate. [[sim: tool=Agent{task} || text="My agent says heron."]]'
    played = run(scene, claude_code, prompt, model, "--plugin-dir", str(PLUGIN))
    require(played, "My agent says heron.", ["user", "agent", "agent", "agent"])
    assert [one.get("repairs", []).count("subagent-marker") for one in played.exchanges] == [0, 1, 1, 0]
    assert played.requests[1].interaction_id == played.requests[2].interaction_id
    assert not any("SUBAGENT_MARKER" in json.dumps(request.body) for request in played.requests)


def test_a_background_agents_report_is_not_the_users_word(scene: Scene, claude_code: Path) -> None:
    """Claude Code delivers the report in a user turn of its own making: it stays in the human's interaction."""
    scene.commit(note_txt="the word is heron\n")
    scene.rules.append({"contains": "<task-notification>", "answer": 'text="It came: heron."'})
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    task = json.dumps({
        "description": "find the word",
        "prompt": f'Find it. [[sim: tool=Read{path} || text="It is heron."]]',
        "subagent_type": "general-purpose",
    })  # fmt: skip
    played = run(scene, claude_code, f'Delegate. [[sim: tool=Agent{task} || text="I wait."]]')
    assert played.exit_code == 0
    assert "It came: heron." in played.stdout
    assert played.initiators == ["user", "agent", "agent", "agent", "agent"]
    assert played.statuses == [200] * 5
    assert played.requests[4].interaction_id == played.requests[0].interaction_id


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "claude-opus-4-8", "claude-sonnet-4-5-20250929"])
def test_thinking_is_replayed_with_its_signature(scene: Scene, claude_code: Path, model: str) -> None:
    """The simulator signs thinking and refuses a replay that differs by a byte."""
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    script = f'[[sim: thinking="Which file?"; tool=Read{path} || thinking="Now I know."; text="heron"]]'
    played = run(scene, claude_code, f"Think. {script}", model)
    require(played, "heron", ["user", "agent"])
    require_one_interaction(played)
    spoken = [turn for turn in played.requests[1].body["messages"] if turn["role"] == "assistant"]
    assert [block["type"] for block in spoken[0]["content"]] == ["thinking", "tool_use"]
    assert spoken[0]["content"][0]["signature"]


def test_a_mapped_name_answers_under_the_model_it_stands_for(scene: Scene, claude_code: Path) -> None:
    """`modelMapping` of config.json decides, whatever the client calls the model."""
    scene.config["modelMapping"] = {"claude-haiku-*": "claude-opus-4.8"}
    scene.commit(note_txt="x\n")
    played = run(scene, claude_code, 'Hello. [[sim: text="mapped"]]', "claude-haiku-4-5-20251001")
    require(played, "mapped", ["user"])
    assert played.requests[0].body["model"] == "claude-opus-4.8"


def test_inline_system_turns_reach_a_model_that_has_none(scene: Scene, claude_code: Path) -> None:
    """For a name it does not know Claude Code sends `role: system` turns, which older models refuse."""
    scene.config["modelMapping"] = {"claude-newest": "claude-sonnet-4.6"}
    scene.commit(note_txt="the word is heron\n")
    path = json.dumps({"file_path": str(scene.repository / "note.txt")})
    prompt = f'Which word? [[sim: tool=Read{path} || text="heron"]]'
    played = run(scene, claude_code, prompt, "claude-newest")
    require(played, "heron", ["user", "agent"])
    require_one_interaction(played)
    assert [turn["role"] for turn in played.requests[0].body["messages"]] == ["user"]


def test_a_rate_limit_is_waited_out(scene: Scene, claude_code: Path) -> None:
    """`Retry-After` passes through: one more request, after that time, and the answer."""
    scene.commit(note_txt="x\n")
    prompt = "Hello. [[sim: error=429-rate-limited; retry_after=3; times=1; text=At last.]]"
    played = run(scene, claude_code, prompt)
    assert (played.exit_code, played.stdout.strip()) == (0, "At last.")
    assert played.statuses == [429, 200]
    assert played.outcomes == ["failed", "completed"]
    assert 3.0 <= played.pause_s() < 6.0


def test_a_cut_stream_is_asked_again(scene: Scene, claude_code: Path) -> None:
    """Half an answer is an error to the client: it asks once more and prints the whole."""
    scene.commit(note_txt="x\n")
    scene.rules.append({"answer": 'text="Half of an answer"; chunks=6; cut_after=4', "times": 1})
    played = run(scene, claude_code, 'Hello. [[sim: text="A whole answer."]]')
    assert (played.exit_code, played.stdout.strip()) == (0, "A whole answer.")
    assert played.statuses == [200, 200]
    assert played.outcomes == ["cut", "completed"]


def test_an_image_is_read_by_tool(scene: Scene, claude_code: Path) -> None:
    """The picture sits inside a tool result; upstream must be told of it there too."""
    scene.commit(note_txt="x\n")
    (scene.repository / "dot.png").write_bytes(base64.b64decode(PIXEL))
    path = json.dumps({"file_path": str(scene.repository / "dot.png")})
    played = run(scene, claude_code, f'Look. [[sim: tool=Read{path} || text="A red dot."]]')
    require(played, "A red dot.", ["user", "agent"])
    assert "copilot-vision-request" not in played.requests[0].headers
    assert played.requests[1].headers["copilot-vision-request"] == "true"


def test_a_prompt_that_is_too_long_is_understood(scene: Scene, claude_code: Path) -> None:
    """The client reads both numbers out of the message; it asks once and says what to do."""
    scene.commit(note_txt="x\n")
    played = run(scene, claude_code, "Hello. [[sim: error=400-anthropic-prompt-too-long]]")
    assert played.exit_code == 1
    assert "the request is ~210194 tokens (limit 200000)" in played.stdout
    assert played.statuses == [400]
