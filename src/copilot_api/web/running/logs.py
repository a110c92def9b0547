"""How the server speaks to its operator: structlog set up once, and the canonical line of each exchange.

Never bodies, tokens or keys. Tracebacks show code, not values.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import Any, Literal, TextIO

import msgspec
import structlog

from copilot_api.gateway.ledger import UsageRecord

LogFormat = Literal["console", "json"]


def configure(log_format: LogFormat, *, is_verbose: bool, stream: TextIO | None = None) -> None:
    """Set structlog up for this process, and route the libraries' warnings through it."""
    stream = stream or sys.stderr
    level = logging.DEBUG if is_verbose else logging.INFO
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor
    if log_format == "json":
        shared.append(structlog.processors.format_exc_info)
        renderer = structlog.processors.JSONRenderer(serializer=_to_json)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=stream, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)


def _to_json(document: Any, **_: object) -> str:
    return msgspec.json.encode(document, enc_hook=repr).decode()


async def log_exchanges(records: Sequence[UsageRecord]) -> None:
    """A ledger sink: one canonical line per exchange, written off the event loop."""
    await asyncio.to_thread(_write_lines, records)


def _write_lines(records: Sequence[UsageRecord]) -> None:
    log: structlog.stdlib.BoundLogger = structlog.get_logger()
    for record in records:
        say = log.info if record.outcome in {"completed", "client_gone"} else log.warning
        say("exchange.finished", **_line(record))


def _line(record: UsageRecord) -> dict[str, object]:
    """What the canonical line says; empty facts are left out."""
    usage = record.usage
    facts: dict[str, object] = {
        "trace_id": record.trace_id,
        "path": record.path,
        "route": f"{record.ingress}->{record.upstream}" if record.upstream else record.ingress,
        "mode": record.mode,
        "requested_model": record.requested_model,
        "mapped_model": record.mapped_model,
        "answering_model": record.answering_model,
        "account": record.account,
        "key": record.key,
        "initiator": record.initiator,
        "status": record.status,
        "outcome": record.outcome,
        "error_code": record.error_code,
        "error": record.error_message,
        "first_byte_ms": round(record.first_byte_ms, 1),
        "total_ms": round(record.total_ms, 1),
        "input_tokens": usage.input_tokens if usage else None,
        "cache_read_tokens": usage.cache_read_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "nano_aiu": usage.total_nano_aiu if usage else None,
        "attempts": record.attempts if record.attempts > 1 else None,
        "repairs": record.repairs,
        "losses": record.losses,
        "upstream_request_id": record.upstream_request_id,
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [])}
