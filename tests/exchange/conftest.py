"""A gateway with its simulator for each test of whole exchanges."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gate import Gate, running_gate


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """Default settings, but with patience short enough to test."""
    async with running_gate(
        tmp_path,
        COPILOT_API_KEEPALIVE_S="0.2",
        COPILOT_API_IDLE_TIMEOUT_S="1.5",
        COPILOT_API_FIRST_BYTE_TIMEOUT_S="1.5",
    ) as running:
        yield running
