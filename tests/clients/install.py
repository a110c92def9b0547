"""The pinned command-line clients, installed from npm or PyPI into the repository's `.clients/` when they are missing.

No npm install script runs: native clients bring their binary as a platform package, and only that is used.
So `engines` and npm's script policy do not matter. A Python client gets a virtual environment of its own.
"""

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from live import PROJECT

CACHE = PROJECT / ".clients"
_INSTALL_S = 280


@dataclass(frozen=True)
class Client:
    """One client: its package, the version the tests are written for, where its binary lies, who serves it."""

    package: str
    version: str
    binary: str
    registry: Literal["npm", "pypi"] = "npm"

    @property
    def directory(self) -> Path:
        """Where this version lives; another version never overwrites it."""
        return CACHE / f"{self.package.rpartition('/')[2]}-{self.version}"

    def find(self) -> Path | None:
        """The binary, if it is installed."""
        found = sorted(self.directory.glob(self.binary))
        return found[0] if found else None


CLAUDE_CODE = Client(
    "@anthropic-ai/claude-code", "2.1.330", "node_modules/@anthropic-ai/claude-code-*/claude"
)
CODEX = Client("@openai/codex", "0.169.0", "node_modules/@openai/codex-*/vendor/*/bin/codex")
GEMINI_CLI = Client("@google/gemini-cli", "0.61.0", "node_modules/.bin/gemini")
OPENCODE = Client("opencode-ai", "1.18.33", "node_modules/opencode-linux-*/bin/opencode")
PI = Client("@mariozechner/pi-coding-agent", "0.73.1", "node_modules/.bin/pi")
COPILOT_CLI = Client("@github/copilot", "1.0.102", "node_modules/@github/copilot-*/copilot")
AIDER = Client("aider-chat", "0.86.2", "bin/aider", "pypi")
LLM_COMPLY = Client("llm-comply", "0.5.0", "bin/llm-comply", "pypi")


class CannotInstall(Exception):
    """The client cannot be had on this machine; the message says why."""


def install(client: Client) -> Path:
    """Find the client's binary, installing it first when it is missing.

    Raises: CannotInstall.
    """
    binary = client.find()
    if binary is not None:
        return binary
    client.directory.mkdir(parents=True, exist_ok=True)
    done = _run(_npm(client) if client.registry == "npm" else _pip(client), client)
    binary = client.find()
    if done.returncode != 0 or binary is None:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise CannotInstall(
            f"{client.registry} could not install {client.package} {client.version}: "
            f"{said or 'no binary for this platform'}"
        )
    return binary


def _npm(client: Client) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstall("npm is not on PATH; install Node.js to run the command-line clients")
    package = f"{client.package}@{client.version}"
    return [npm, "install", "--prefix", str(client.directory), "--ignore-scripts", "--no-save", package]


def _pip(client: Client) -> list[str]:
    if sys.version_info >= (3, 13) and client is AIDER:
        raise CannotInstall("aider-chat 0.86.2 needs Python 3.12 or older")
    venv.create(client.directory, with_pip=True)
    python = client.directory / "bin" / "python"
    return [str(python), "-m", "pip", "install", "--quiet", f"{client.package}=={client.version}"]


def _run(command: list[str], client: Client) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotInstall(
            f"{client.registry} did not finish installing {client.package} in {_INSTALL_S} s"
        ) from error
