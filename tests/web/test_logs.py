"""The canonical line: every fact, one line, whatever a client put into it."""

import io
import json
import logging

import pytest
import structlog

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.neutral.usage import Usage
from copilot_api.web.running.logs import ExchangeLog, LogFormat, configure


def record(**changes: object) -> UsageRecord:
    """A finished exchange at the first second of 2026."""
    facts: dict[str, object] = {
        "trace_id": "t1",
        "ingress": "messages",
        "path": "/v1/messages",
        "upstream": "messages",
        "mode": "verbatim",
        "started_unix_s": 1767225600.0,
        "total_ms": 1500.0,
        "status": 200,
        "usage": Usage(input_tokens=3, output_tokens=4, total_nano_aiu=5),
        **changes,
    }
    return UsageRecord(**facts)  # type: ignore[arg-type]  # by field name


async def written(log_format: LogFormat, *records: UsageRecord) -> str:
    """What the log says of them."""
    stream = io.StringIO()
    await ExchangeLog(log_format, stream)(records)
    return stream.getvalue()


async def test_the_json_form_has_the_facts_and_leaves_empty_ones_out() -> None:
    """One object per line."""
    first, second = (await written("json", record(), record(outcome="failed"))).splitlines()
    assert json.loads(first) == {
        "event": "exchange.finished",
        "level": "info",
        "timestamp": "2026-01-01T00:00:01.500Z",
        "trace_id": "t1",
        "path": "/v1/messages",
        "route": "messages->messages",
        "mode": "verbatim",
        "status": 200,
        "outcome": "completed",
        "first_byte_ms": 0.0,
        "total_ms": 1500.0,
        "input_tokens": 3,
        "cache_read_tokens": 0,
        "output_tokens": 4,
        "nano_aiu": 5,
    }
    assert json.loads(second)["level"] == "warning"


async def test_the_console_form_reads_like_the_other_lines() -> None:
    """Time, level, event, facts."""
    line = await written("console", record())
    assert line.startswith("2026-01-01T00:00:01.500Z [info     ] exchange.finished  trace_id=t1 ")
    assert line.count("\n") == 1


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_a_client_can_neither_forge_a_line_nor_steer_a_terminal(log_format: LogFormat) -> None:
    """Control characters are quoted in both forms."""
    line = await written(log_format, record(requested_model="x\nfake [info] \x1b[2J"))
    assert line.count("\n") == 1
    assert "\x1b" not in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_any_other_line_is_one_write_too(log_format: LogFormat) -> None:
    """Canonical lines are written by a thread: between a text and its line end they would spoil both lines."""
    pieces: list[str] = []

    class Unbuffered(io.StringIO):
        def write(self, text: str) -> int:
            pieces.append(text)
            return len(text)

    before, library = structlog.get_config(), logging.getLogger("uvicorn.error")
    level = library.level
    try:
        configure(log_format, is_verbose=False, stream=Unbuffered())
        structlog.get_logger().info("thing.happened")
    finally:
        structlog.configure(**before)
        library.setLevel(level)
    (line,) = pieces
    assert "thing.happened" in line
    assert line.endswith("\n")
