"""The pinned command-line clients, installed from npm into the repository's `.clients/` when they are missing.

No install script runs: both packages bring their native binary as a platform package, and only that is used.
So `engines` and npm's script policy do not matter.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from live import PROJECT

CACHE = PROJECT / ".clients"
_INSTALL_S = 170


@dataclass(frozen=True)
class Client:
    """One client: its npm package, the version the tests are written for, where its binary lies."""

    package: str
    version: str
    binary: str

    @property
    def directory(self) -> Path:
        """Where this version lives; another version never overwrites it."""
        return CACHE / f"{self.package.rpartition('/')[2]}-{self.version}"

    def find(self) -> Path | None:
        """The binary, if it is installed."""
        found = sorted(self.directory.glob(f"node_modules/{self.binary}"))
        return found[0] if found else None


CLAUDE_CODE = Client("@anthropic-ai/claude-code", "2.1.330", "@anthropic-ai/claude-code-*/claude")
CODEX = Client("@openai/codex", "0.169.0", "@openai/codex-*/vendor/*/bin/codex")


class CannotInstall(Exception):
    """The client cannot be had on this machine; the message says why."""


def install(client: Client) -> Path:
    """Find the client's binary, installing it first when it is missing.

    Raises: CannotInstall.
    """
    binary = client.find()
    if binary is not None:
        return binary
    npm = shutil.which("npm")
    if npm is None:
        raise CannotInstall("npm is not on PATH; install Node.js to run the command-line clients")
    client.directory.mkdir(parents=True, exist_ok=True)
    package = f"{client.package}@{client.version}"
    command = [npm, "install", "--prefix", str(client.directory), "--ignore-scripts", "--no-save", package]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise CannotInstall(f"npm did not finish installing {package} in {_INSTALL_S} s") from error
    binary = client.find()
    if done.returncode != 0 or binary is None:
        said = (done.stderr or done.stdout).strip()[-500:]
        raise CannotInstall(f"npm could not install {package}: {said or 'no binary for this platform'}")
    return binary
