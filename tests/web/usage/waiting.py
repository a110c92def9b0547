"""Waiting for the ledger of a gateway under test."""

from gate import Gate, until


async def written(gate: Gate, count: int) -> None:
    """Wait until so many records are in the ledger."""
    assert gate.house.shelf is not None
    book = gate.house.shelf.book
    await until(lambda: book.written == count, patience_s=30)
