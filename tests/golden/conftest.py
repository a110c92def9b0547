"""`pytest tests/golden --update-golden` writes the goldens anew; the difference is then reviewed like code."""

from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one option."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with a golden file, or write it."""
    is_update = bool(request.config.getoption("--update-golden", default=False))

    def compare(name: str, data: bytes) -> None:
        path = HERE / name
        if is_update:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        assert path.read_bytes() == data

    return compare
