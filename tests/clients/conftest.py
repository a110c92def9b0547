"""Fixtures of the command-line clients: their binaries, and a scene to play them in."""

from pathlib import Path

import pytest

from clients import install as clients
from clients.install import CannotInstall, Client, install
from clients.scene import Scene, why_no_namespace

pytest.register_assert_rewrite("clients.elsewhere.verdict")


@pytest.fixture(scope="session")
def namespace() -> None:
    """Clients run confined to loopback or not at all."""
    reason = why_no_namespace()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture
def scene(namespace: None, tmp_path: Path) -> Scene:
    """A fresh home and repository, with a simulator and a gateway of their own."""
    del namespace
    return Scene(tmp_path)


@pytest.fixture(scope="session")
def claude_code() -> Path:
    """The Claude Code binary."""
    return _installed(clients.CLAUDE_CODE)


@pytest.fixture(scope="session")
def codex() -> Path:
    """The Codex binary."""
    return _installed(clients.CODEX)


@pytest.fixture(scope="session")
def gemini_cli() -> Path:
    """Gemini CLI's script."""
    return _installed(clients.GEMINI_CLI)


@pytest.fixture(scope="session")
def opencode() -> Path:
    """The opencode binary."""
    return _installed(clients.OPENCODE)


@pytest.fixture(scope="session")
def pi() -> Path:
    """Pi's script."""
    return _installed(clients.PI)


@pytest.fixture(scope="session")
def copilot_cli() -> Path:
    """The Copilot CLI binary."""
    return _installed(clients.COPILOT_CLI)


@pytest.fixture(scope="session")
def aider() -> Path:
    """Aider's script, in an environment of its own."""
    return _installed(clients.AIDER)


@pytest.fixture(scope="session")
def llm_comply() -> Path:
    """The compliance judge's script, in an environment of its own."""
    return _installed(clients.LLM_COMPLY)


def _installed(client: Client) -> Path:
    try:
        return install(client)
    except CannotInstall as reason:
        pytest.skip(str(reason))
