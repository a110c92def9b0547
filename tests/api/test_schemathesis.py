"""The admin API against its own description, by a judge that knows nothing else of it (make test-api).

Schemathesis makes requests from the document, good and bad ones, and follows what they create. Nothing may be a 500,
and no status, media type or document may be one that the description does not have.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from live import Gateway, running_gateway, running_simulator

pytestmark = pytest.mark.api

SECRET = "correct horse"
HASH = (  # of it, by node:crypto as the reference gateway calls it
    "scrypt$AAECAwQFBgcICQoLDA0ODw$"
    "JbN2hANm9NOw4h5BRHZnbjzQ6Jr0QwNWojTOC2WgIbViM-ewsk8HvJNAGV8ZyQodp1YlFO0HYqba48J_9bB9Yg"
)
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance", "negative_data_rejection", "missing_required_header", "unsupported_method",
)  # fmt: skip
"""Left out: that valid data is accepted (a name may be taken, and 422 says so), that a wrong secret is a 401 (the
sixth is a 429; tests/web/admin/test_guesses.py), that what was deleted is gone (a login that was cancelled is shown
for ten minutes)."""
EXAMPLES = os.environ.get("API_EXAMPLES", "15")


def attack(gateway: Gateway, room: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis on the gateway's own description."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{gateway.url}/admin/api/openapi.json",
        "--checks", ",".join(CHECKS), "--max-examples", EXAMPLES, "--request-timeout", "30", "--no-color",
        "--exclude-path", "/admin/api/events",  # it does not end; tests/web/admin/test_events.py
        *more,
    ]  # fmt: skip
    return subprocess.run(command, cwd=room, capture_output=True, text=True, check=False, timeout=1200)


def test_no_request_is_answered_as_it_should_not(tmp_path: Path) -> None:
    """With the secret, so that everything is reached; also what a request leaves behind is used by others."""
    config = {"adminAuth": {"secretHash": HASH}}
    with (
        running_simulator(tmp_path / "simulator.log") as simulator,
        running_gateway(simulator, tmp_path / "home", config=config) as gateway,
    ):
        done = attack(gateway, tmp_path, "-H", f"Authorization: Bearer {SECRET}")
        log = gateway.log()
    bugs = [json.loads(line) for line in log.splitlines() if "admin.failed" in line]
    assert bugs == []
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stranger_meets_nothing_but_refusals(tmp_path: Path) -> None:
    """Without the secret: 401, 403 or 429, documented each, and nothing has changed afterwards."""
    config = {"adminAuth": {"secretHash": HASH}}
    with (
        running_simulator(tmp_path / "simulator.log") as simulator,
        running_gateway(simulator, tmp_path / "home", config=config) as gateway,
    ):
        before = (tmp_path / "home" / "config.json").read_text()
        document = tmp_path / "openapi.json"
        document.write_text(described(gateway))
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")), "run", str(document), "--url", gateway.url,
                "--checks", "not_a_server_error,status_code_conformance,response_schema_conformance",
                "--max-examples", "5", "--phases", "coverage,fuzzing", "--request-timeout", "30", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=1200,
        )  # fmt: skip
        after = (tmp_path / "home" / "config.json").read_text()
        sessions = (tmp_path / "home" / "sessions.json").exists()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (after, sessions) == (before, False)


def described(gateway: Gateway) -> str:
    """The description, as the operator reads it."""
    request = urllib.request.Request(
        f"{gateway.url}/admin/api/openapi.json", headers={"authorization": f"Bearer {SECRET}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: str = answer.read().decode()
    return found
