"""Plays one scene inside a network namespace: loopback up, simulator, gateway, one client run.

Reads the scene as JSON on standard input and writes what happened as JSON on standard output. It is started by
`conftest.py` under `unshare`, so that nothing it starts can reach anything but this loopback, and whoever
phones home reaches nobody.
"""

import contextlib
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from live import Simulator, running_gateway, running_simulator

PORT = 4141
"""A namespace has every port to itself, so clients are pointed at the default one."""
_SIOCSIFFLAGS = 0x8914
_IFF_UP_RUNNING = 0x1 | 0x40


def main() -> int:
    """Play the scene."""
    scene = json.load(sys.stdin)
    _raise_loopback()
    room = Path(scene["room"])
    with (
        running_simulator(room / "simulator.log") as simulator,
        running_gateway(simulator, room / "gateway", port=PORT, config=scene["config"]) as gateway,
    ):
        simulator.script(rules=scene["rules"])
        result = _run_client(scene)
        result["requests"] = _requests(simulator)
    result["log"] = gateway.log()  # whole only now: its records are written in batches
    json.dump(result, sys.stdout)
    return 0


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", _IFF_UP_RUNNING)
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)


def _requests(simulator: Simulator) -> list[dict[str, Any]]:
    return [
        {"path": one.path, "headers": one.headers, "body": one.body, "status": one.status}
        for one in simulator.inference()
    ]


def _run_client(scene: dict[str, Any]) -> dict[str, Any]:
    """Run the command in a session of its own, which ends with it."""
    started_s = time.monotonic()
    client = subprocess.Popen(
        scene["command"],
        cwd=scene["directory"],
        env=scene["environment"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    has_timed_out = False
    try:
        stdout, stderr = client.communicate(timeout=scene["timeout_s"])
    except subprocess.TimeoutExpired:
        has_timed_out = True
        _end_session(client.pid)
        stdout, stderr = client.communicate()
    _end_session(client.pid)
    return {
        "exit_code": None if has_timed_out else client.returncode,
        "stdout": stdout.decode(errors="replace"),
        "stderr": stderr.decode(errors="replace"),
        "took_s": time.monotonic() - started_s,
    }


def _end_session(process_group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process_group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
