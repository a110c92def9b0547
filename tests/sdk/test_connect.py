"""The guides of `copilot-api connect` for programs: each snippet is run as it is written."""

import subprocess
import sys

import pytest

from copilot_api.web.admin.connect.guide import fill
from copilot_api.web.admin.connect.guides import guide
from live import Gateway, Simulator

CASES = [
    ("openai-python", 0, "gpt-5.5", "/v1/responses"),
    ("openai-python", 1, "gpt-4.1", "/v1/chat/completions"),
    ("anthropic-python", 0, "claude-sonnet-4.6", "/v1/messages"),
    ("google-python", 0, "claude-sonnet-4.6", ":generateContent"),
    ("curl", 0, "gpt-4.1", "/v1/chat/completions"),
    ("curl", 1, "claude-sonnet-4.6", "/v1/messages"),
]


@pytest.mark.parametrize(("client", "number", "model", "path"), CASES)
def test_a_snippet_runs_as_it_is_written(
    gateway: Gateway, simulator: Simulator, client: str, number: int, model: str, path: str
) -> None:
    """With address, key and model filled in, it prints the answer to its one question."""
    found = guide(client)
    assert found is not None
    text = fill(found.snippets[number].text, address=gateway.url, key=gateway.key, model=model)
    before = simulator.count()
    simulator.script(rules=[{"contains": "Say hello.", "answer": 'text="Hello from upstream."'}])
    command = (
        [sys.executable, "-c", text] if found.snippets[number].language == "py" else ["/bin/sh", "-c", text]
    )
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={"PATH": "/usr/bin:/bin"}
    )
    assert done.returncode == 0, done.stderr
    assert "Hello from upstream." in done.stdout
    (request,) = simulator.inference(before)
    assert request.body["model"] == model
    assert any(path in exchange["path"] for exchange in gateway.exchanges())
