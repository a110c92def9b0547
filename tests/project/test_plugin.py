"""The Claude Code plugin: its files fit together, and its hook's words are what the gateway recognises."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from copilot_api.gateway.request.custom import take_marker

ROOT = Path(__file__).resolve().parents[2]
NAME = "copilot-api-subagent-marker"
PLUGIN = ROOT / "plugins" / NAME
STARTED = {
    "session_id": "5b50de1d-83bf-4af2-88b1-4ba59517f0a2",
    "transcript_path": "/home/someone/.claude/projects/p/t.jsonl",
    "cwd": "/home/someone/p",
    "hook_event_name": "SubagentStart",
    "agent_id": "ab67711153f6341b0",
    "agent_type": "general-purpose",
}
"""What Claude Code 2.1.330 writes to a SubagentStart hook."""


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text())


def run_hook(said: str) -> str:
    """What the hook prints; it never fails."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed; Claude Code brings hooks their shell, not their node")
    script = PLUGIN / "scripts" / "subagent-start-marker.js"
    done = subprocess.run(
        [node, str(script)], input=said, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout


def test_the_marketplace_lists_the_plugin_where_it_is() -> None:
    """`/plugin marketplace add` reads this file, `/plugin install NAME@copilot-api-marketplace` follows it."""
    marketplace = read(ROOT / ".claude-plugin" / "marketplace.json")
    assert marketplace["name"] == "copilot-api-marketplace"
    (entry,) = marketplace["plugins"]
    assert entry["name"] == NAME
    assert (ROOT / entry["source"]).resolve() == PLUGIN
    assert read(PLUGIN / ".claude-plugin" / "plugin.json")["name"] == NAME


def test_the_hook_runs_for_every_sub_agent() -> None:
    """The command names a script that is there."""
    (hook,) = read(PLUGIN / "hooks" / "hooks.json")["hooks"]["SubagentStart"]
    (command,) = hook["hooks"]
    assert hook["matcher"] == "*"
    assert command["command"] == 'node "${CLAUDE_PLUGIN_ROOT}/scripts/subagent-start-marker.js"'


def test_the_gateway_recognises_what_the_hook_prints() -> None:
    """In the reminder in which Claude Code puts it before the prompt."""
    printed = json.loads(run_hook(json.dumps(STARTED)))["hookSpecificOutput"]
    assert printed["hookEventName"] == "SubagentStart"
    context = f"SubagentStart hook additional context: {printed['additionalContext']}"
    turn = {"role": "user", "content": f"<system-reminder>\n{context}\n</system-reminder>\n\nFind it."}
    body, headers, is_marked = take_marker("messages", json.dumps({"messages": [turn]}).encode(), {})
    assert is_marked
    assert json.loads(body) == {"messages": [{"role": "user", "content": "Find it."}]}
    assert headers["x-claude-code-agent-id"] == "ab67711153f6341b0"


@pytest.mark.parametrize("field", ["session_id", "agent_id", "agent_type"])
@pytest.mark.parametrize("value", ["", None, 7])
def test_the_hook_says_nothing_when_it_does_not_know_all(field: str, value: object) -> None:
    """Half a marker would only be text in the prompt."""
    assert run_hook(json.dumps({**STARTED, field: value})) == ""


@pytest.mark.parametrize("said", ["", "null", "[]", "no json", '"text"'])
def test_the_hook_says_nothing_to_what_it_cannot_read(said: str) -> None:
    """A sub-agent starts as it would without the plugin."""
    assert run_hook(said) == ""
