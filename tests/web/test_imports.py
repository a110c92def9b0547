"""What a server loads that nobody has asked for anything yet: its memory is what others on the machine go without."""

import subprocess
import sys

import pytest

_ASK = "import sys; {}; print(*sorted({} & set(sys.modules)))"


@pytest.mark.parametrize(
    "road",
    [
        "import copilot_api.web.running.serve",
        "import copilot_api.cli.app, copilot_api.store.config_file, copilot_api.web.running.serve",
    ],
)
def test_a_server_does_without_packages_that_only_tracebacks_pages_and_questions_need(road: str) -> None:
    """Optional needs of libraries, and SQLAlchemy before the first question, are 20 MB together."""
    heavy = {"rich", "pygments", "greenlet", "sqlalchemy", "alembic", "opentelemetry.sdk"}
    found = subprocess.run(  # our own interpreter, our own words
        [sys.executable, "-c", _ASK.format(road, heavy)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert found.stdout.split() == []


def test_what_was_left_out_can_be_imported_later() -> None:
    """The command line and SQLAlchemy use rich and greenlet where they are installed."""
    words = "import copilot_api.web.running.serve, rich, greenlet; print(rich.__name__, greenlet.__name__)"
    found = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=60
    )
    assert found.stdout.split() == ["rich", "greenlet"]
