"""A gateway that says nothing before it has something to say: refusals are then whole answers with heads."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate import Gate, running_gate


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Default settings."""
    async with running_gate(tmp_path) as running:
        yield running
