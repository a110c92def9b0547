"""wrk, where it is installed: a load generator that costs a fraction of ours for whole answers.

Source: wrk 4.1 SCRIPTING (the `done` call-back and its `summary` and `latency` arguments).
"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.perf.load import BadAnswer
from tests.perf.requests import Case

_DONE = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\\n@@{"requests":%d,"failed":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d}\\n',
    summary.requests, e.connect + e.read + e.write + e.status + e.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True)
class Burst:
    """What one load of whole requests came to."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float


def is_installed() -> bool:
    """Whether wrk is on the PATH."""
    return shutil.which("wrk") is not None


def write_script(directory: Path, name: str, case: Case, headers: dict[str, str]) -> Path:
    """The Lua script that sends `case`."""
    lines = ['wrk.method = "POST"', f"wrk.body = {_lua(case.body.decode())}"]
    lines += [f"wrk.headers[{_lua(key)}] = {_lua(value)}" for key, value in headers.items()]
    script = directory / f"{name}.lua"
    script.write_text("\n".join(lines) + _DONE)
    return script


def run(script: Path, url: str, connections: int, duration_s: float) -> Burst:
    """Load `url` for a while.

    Raises: BadAnswer when a request failed.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(duration_s))}s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(output.rpartition("@@")[2])
    if found["failed"] or not found["requests"]:
        raise BadAnswer(f"wrk: {found['failed']} of {found['requests']} requests to {url} failed\n{output}")
    return Burst(
        requests=found["requests"],
        per_second=found["requests"] / found["duration_us"] * 1e6,
        p50_ms=found["p50_us"] / 1000,
        p99_ms=found["p99_us"] / 1000,
    )


def _lua(text: str) -> str:
    return json.dumps(text)
