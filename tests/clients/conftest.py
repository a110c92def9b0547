"""Fixtures of the command-line clients: their binaries, and a scene to play them in."""

from pathlib import Path

import pytest

from clients.install import CLAUDE_CODE, CODEX, CannotInstall, Client, install
from clients.scene import Scene, why_no_namespace


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
    return _installed(CLAUDE_CODE)


@pytest.fixture(scope="session")
def codex() -> Path:
    """The Codex binary."""
    return _installed(CODEX)


def _installed(client: Client) -> Path:
    try:
        return install(client)
    except CannotInstall as reason:
        pytest.skip(str(reason))
