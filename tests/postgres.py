"""A PostgreSQL server of the tests' own: a private cluster in a temporary directory, on a Unix socket only.

Owns: finding the server's programs (Debian: package `postgresql`), a user that may run them, start and end.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

MISSING = "no PostgreSQL server on this machine (Debian: apt-get install postgresql; then make test-servers)"
_START_S = 30.0
_OWNER = "postgres"


@dataclass(frozen=True)
class Server:
    """A running server. `process` is for tests that take it away and bring it back."""

    programs: Path
    directory: Path
    numbers: Iterator[int]

    def new_database(self) -> str:
        """Make an empty database; the address as an operator writes it."""
        name = f"usage_{next(self.numbers)}"
        self._run("createdb", "-h", str(self.directory), "-U", _OWNER, name)
        return f"postgresql://{_OWNER}@/{name}?host={self.directory}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-k {self.directory} -c listen_addresses='' -c fsync=off"
        log = str(self.directory / "log")
        self._run("pg_ctl", "start", "-w", "-t", "30", "-D", self._data, "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop it at once; its clients see a connection that breaks."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self.directory / "data")

    def make(self) -> None:
        """Make the cluster."""
        self._run("initdb", "-D", self._data, "-U", _OWNER, "--auth=trust", "--encoding=UTF8", "--no-sync")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_owner(), str(self.programs / program), *arguments]
        done = subprocess.run(
            command,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            check=False,
            timeout=_START_S * 2,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {(done.stderr or b'').decode(errors='replace')}")


def programs() -> Path | None:
    """Where the server's programs are; None where it is not installed, or nobody may run it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parent.parent.name)
    if found:
        directory = found[-1].parent
    elif (initdb := shutil.which("initdb")) is not None:
        directory = Path(initdb).resolve().parent
    else:
        return None
    return directory if os.geteuid() != 0 or (_as_owner() and _has_owner()) else None


@contextmanager
def running_server() -> Iterator[Server]:
    """Run a server until the block ends."""
    directory = programs()
    assert directory is not None, MISSING
    home = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    server = Server(directory, home, count(1))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, _OWNER)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _has_owner() -> bool:
    try:
        pwd.getpwnam(_OWNER)
    except KeyError:
        return False
    return True


def _as_owner() -> list[str]:
    """How root runs it, which the server itself refuses."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--reuid={_OWNER}", f"--regid={_OWNER}", "--clear-groups"] if setpriv else []
