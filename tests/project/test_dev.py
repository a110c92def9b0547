"""`make dev`: the server comes up again after a change, and nothing is left behind."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 20.0
SERVER = """#!/bin/sh
echo "$$ $*" >> "$STARTS"
exec sleep 60
"""


def wait_for_starts(log: Path, count: int) -> list[str]:
    """Return the lines of `log` once it has `count` of them."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        lines = log.read_text().splitlines() if log.exists() else []
        if len(lines) >= count:
            return lines
        time.sleep(0.05)
    raise AssertionError(f"{count} starts were not seen in {PATIENCE_S} s")


def is_running(pid: int) -> bool:
    """Whether a process of that id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_change_restarts_the_server_and_the_end_takes_it_along(tmp_path: Path) -> None:
    """Options are passed on; the old process is gone before the new one; SIGTERM ends both."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "scripts/dev", tmp_path / "scripts/dev")
    source = tmp_path / "src/line.py"
    source.write_text("x = 1\n")
    python = tmp_path / "bin/python"
    python.symlink_to(sys.executable)
    command = tmp_path / "bin/copilot-api"
    command.write_text(SERVER)
    command.chmod(0o755)
    log = tmp_path / "starts"
    environment = {**os.environ, "STARTS": str(log)}
    dev = subprocess.Popen([python, tmp_path / "scripts/dev", "--demo"], env=environment)
    try:
        (first,) = wait_for_starts(log, 1)
        source.write_text("x = 22\n")
        second = wait_for_starts(log, 2)[1]
        dev.terminate()
        assert dev.wait(PATIENCE_S) == 0
    finally:
        dev.kill()
        dev.wait()
    assert [line.split(maxsplit=1)[1] for line in (first, second)] == ["serve --demo", "serve --demo"]
    assert not is_running(int(first.split()[0]))
    assert not is_running(int(second.split()[0]))
