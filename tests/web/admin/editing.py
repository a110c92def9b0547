"""config.json edited as another process does it, while the gateway runs."""

import asyncio
from collections.abc import Callable

from copilot_api.settings import Settings
from gate import Gate, until


async def edit_file(gate: Gate, is_in_force: Callable[[Settings], bool], **fields: object) -> None:
    """Write top-level keys, and wait until the gateway has noticed by itself."""
    await asyncio.to_thread(gate.config.update, lambda document: document.update(fields))
    await until(lambda: is_in_force(gate.house.settings))
