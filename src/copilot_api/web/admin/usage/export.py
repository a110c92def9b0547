"""The log as a file, written while it is read: CSV for tables, JSON for programs."""

import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec

from copilot_api.web.admin.usage.view import UsageRow, row_view

_NAMES = tuple(field.encode_name for field in msgspec.structs.fields(UsageRow))
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a text as a formula."""

MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


async def as_json(portions: AsyncIterator[list[dict[str, Any]]]) -> AsyncGenerator[bytes]:
    """One array of rows."""
    lead = b"["
    async for portion in portions:
        for row in portion:
            yield lead + msgspec.json.encode(row_view(row))
            lead = b",\n"
    yield b"]\n" if lead != b"[" else b"[]\n"


async def as_csv(portions: AsyncIterator[list[dict[str, Any]]]) -> AsyncGenerator[bytes]:
    """A head and a line for each row; lists are joined with "; "."""
    yield _line(_NAMES)
    async for portion in portions:
        lines = [_line(map(_cell, msgspec.structs.astuple(row_view(row)))) for row in portion]
        yield b"".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return _text("; ".join(map(str, value)))  # pyright: ignore[reportUnknownArgumentType]
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    return "'" + value if value.startswith(_DANGEROUS) else value


def _line(cells: object) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # type: ignore[arg-type]  # any iterable of texts
    return line.getvalue().encode("utf-8", "replace")
