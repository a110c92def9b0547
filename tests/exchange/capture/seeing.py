"""Windows opened as the page opens them, and explanations read as the page reads them."""

from typing import Any

from gate import Gate, until
from web.admin.visiting import Visitor

SECRET = "gho_16C7e42F292c6912E7710c838347Ae178B4a"


async def capture(gate: Gate, key_id: str | None = None) -> Visitor:
    """Open a window of ten minutes, for one key or for every request."""
    visitor = Visitor(gate)
    answer = await visitor.write("POST", "/capture-windows", {"keyId": key_id, "minutes": 10})
    assert answer.status == 201, answer.body
    return visitor


async def explained(gate: Gate, trace_id: str, visitor: Visitor | None = None) -> dict[str, Any]:
    """Wait until a request's capture is there, and read its explanation."""
    asking = visitor or Visitor(gate)
    found: dict[str, Any] = {}
    for _ in range(500):
        answer = await asking.get(f"/captures/{trace_id}")
        if answer.status == 200:
            found = answer.document
            if found["isCaptured"] and found["record"] is not None:
                return found
        await _soon()
    raise AssertionError(f"{trace_id} was not captured: {found.get('advice')}")


async def _soon() -> None:
    ticks = iter([False, True])
    await until(lambda: next(ticks))


def texts(frames: list[dict[str, Any]]) -> str:
    """Everything that came, as one text."""
    return "".join(frame["text"] for frame in frames)


def kinds(told: dict[str, Any]) -> list[str]:
    """The kinds of the plan's steps."""
    return [step["kind"] for step in told["plan"]["steps"]]
