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
_MOST_REQUESTS = 60
"""A scene asks for five at most; a client that never finds the end asks four times a second, on a whole core."""
_LOOK_S = 0.5
_SIOCSIFFLAGS = 0x8914
_IFF_UP_RUNNING = 0x1 | 0x40


def main() -> int:
    """Play the scene."""
    signal.signal(signal.SIGTERM, _leave)  # whoever ends this process ends the client with it
    scene = json.load(sys.stdin)
    _raise_loopback()
    room = Path(scene["room"])
    with (
        running_simulator(room / "simulator.log") as simulator,
        running_gateway(simulator, room / "gateway", port=PORT, config=scene["config"]) as gateway,
    ):
        simulator.script(rules=scene["rules"])
        result = _run_client(scene, simulator)
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


def _leave(number: int, frame: object) -> None:
    del frame
    sys.exit(128 + number)


def _run_client(scene: dict[str, Any], simulator: Simulator) -> dict[str, Any]:
    """Run the command in a session of its own, which ends with it, in time or not."""
    started_s = time.monotonic()
    stdout, stderr = (Path(scene["room"]) / name for name in ("client.out", "client.err"))
    with stdout.open("wb") as out, stderr.open("wb") as err:
        client = subprocess.Popen(
            scene["command"],
            cwd=scene["directory"],
            env=scene["environment"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        exit_code = _await_end(client, simulator, started_s + scene["timeout_s"])
    finally:
        _end_session(client.pid)
        client.wait()
    return {
        "exit_code": exit_code,
        "stdout": stdout.read_text(errors="replace"),
        "stderr": stderr.read_text(errors="replace"),
        "took_s": time.monotonic() - started_s,
    }


def _await_end(client: "subprocess.Popen[bytes]", simulator: Simulator, deadline_s: float) -> int | None:
    """Wait for the client's exit code; None when its time is over or when it asks without end."""
    while time.monotonic() < deadline_s and simulator.count() < _MOST_REQUESTS:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return client.wait(timeout=_LOOK_S)
    return None


def _end_session(process_group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process_group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
