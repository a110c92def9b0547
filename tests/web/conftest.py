"""A gateway with its simulator for each test of the edge."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate import Gate, running_gate


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Default settings: loopback, no key, no secret."""
    async with running_gate(tmp_path) as running:
        yield running
