"""The image, without a container engine: its Dockerfile is linted, its scripts run in a clean directory."""

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line.split(maxsplit=1)
    for line in DOCKERFILE.replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]


def arguments(instruction: str) -> list[str]:
    """What every use of an instruction says, in order."""
    return [rest for name, rest in INSTRUCTIONS if name == instruction]


def test_hadolint_has_nothing_to_say() -> None:
    """The Dockerfile follows the common rules."""
    hadolint = Path(sys.executable).with_name("hadolint")
    if not hadolint.exists():
        pytest.skip("hadolint has no build for this platform")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_final_stage_is_slim_unprivileged_and_checked() -> None:
    """One pinned slim base; the last user is not root; health is asked; nothing is fetched by ADD."""
    bases = [base.split()[0] for base in arguments("FROM")]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim-[a-z]+", bases[0])
    assert arguments("USER")[-1] == "10001:10001"
    assert arguments("ADD") == []
    assert len(arguments("HEALTHCHECK")) == 1
    assert arguments("VOLUME") == ['["/data"]']
    assert "XDG_DATA_HOME=/data" in DOCKERFILE
    assert not re.search(r"apt-get|\bgcc\b|build-essential", DOCKERFILE)


def test_commands_are_in_exec_form() -> None:
    """No shell stands between the container's signals and the process."""
    healthcheck = re.sub(r"^.*CMD ", "", arguments("HEALTHCHECK")[0])
    for command in [*arguments("ENTRYPOINT"), *arguments("CMD"), *arguments("RUN"), healthcheck]:
        assert command.startswith('["')


def test_everything_the_build_copies_is_let_through() -> None:
    """.dockerignore lets in what the Dockerfile copies, and nothing secret."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {path for line in arguments("COPY") if "--from" not in line for path in line.split()[:-1]}
    assert ignored[1] == "*"
    for path in copied:
        assert any(allowed == path or allowed.startswith(f"{path}/") for allowed in let_in), path


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's install step, run on a copy of what the build context holds."""
    context = tmp_path_factory.mktemp("context")
    for name in ("requirements", "deploy/container", "src"):
        shutil.copytree(ROOT / name, context / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, context / name)
    target = tmp_path_factory.mktemp("image") / "copilot-api"
    done = subprocess.run(
        ["sh", "deploy/container/install.sh", str(target)],
        cwd=context,
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target


def entrypoint(prefix: Path, data: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run the image's entry point with the image's environment."""
    environment = {
        "PATH": f"{prefix}/bin:{os.environ['PATH']}",
        "XDG_DATA_HOME": str(data),
        "HOST": "0.0.0.0",
    }
    return subprocess.run(
        [prefix / "container/entrypoint.sh", *command],
        env={**environment, "PORT": "0", "COPILOT_API_KEYRING": "false"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_installed_image_runs_the_command(prefix: Path, tmp_path: Path) -> None:
    """The entry point passes its arguments to copilot-api."""
    done = entrypoint(prefix, tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_the_image_carries_neither_pip_nor_tests(prefix: Path) -> None:
    """What is not there need not be kept patched."""
    assert not list(prefix.glob("bin/pip*"))
    assert not list(prefix.glob("lib/*/site-packages/pip"))
    assert not list(prefix.glob("lib/*/site-packages/pytest"))


def test_an_open_wide_bind_is_refused_with_the_remedy(prefix: Path, tmp_path: Path) -> None:
    """The image binds 0.0.0.0, so without a client key it must not serve."""
    done = entrypoint(prefix, tmp_path, "serve")
    assert done.returncode != 0
    assert "keys create" in done.stdout + done.stderr


def test_an_unwritable_data_directory_is_named(prefix: Path, tmp_path: Path) -> None:
    """A volume of the wrong owner is the commonest mistake; the message says whose it must be."""
    done = entrypoint(prefix, tmp_path / "missing", "serve")
    assert done.returncode == 78
    assert "chown" in done.stderr


class Health(http.server.BaseHTTPRequestHandler):
    """Answers /healthz with the server's `status`."""

    status = 200

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def health() -> Iterator[http.server.HTTPServer]:
    """A loopback server with a /healthz of its own."""
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_health_check_passes_only_on_200(health: http.server.HTTPServer) -> None:
    """The container is healthy while /healthz says so, and not when nothing listens."""
    script = ROOT / "deploy/container/healthcheck.py"

    def check(port: int) -> int:
        environment = {**os.environ, "PORT": str(port)}
        return subprocess.run([sys.executable, script], env=environment, check=False).returncode

    assert check(health.server_port) == 0
    Health.status = 503
    assert check(health.server_port) == 1
    Health.status = 200
    assert check(9) == 1


def test_compose_publishes_to_this_machine_only_and_hardens() -> None:
    """The published port is loopback's; the container can do little and has time to drain."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    service = compose["services"]["copilot-api"]
    assert service["ports"] == ["127.0.0.1:${COPILOT_API_PORT:-4141}:4141"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["copilot-data:/data"]
    assert service["stop_grace_period"] == "40s"
