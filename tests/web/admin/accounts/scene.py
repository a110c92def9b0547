"""Three accounts of the simulator behind one gateway: two that work, and one whose token is dead."""

from typing import Any

from copilot_api.simulator import Simulator
from gate import Document, Gate

ANN, BOB, EVE = "9000001", "9000004", "9000005"
"""individual, free and free-legacy: the plans that live on one Copilot host."""


def entry(account_id: str, login: str, token: str) -> Document:
    """One account as config.json has it."""
    return {"id": account_id, "login": login, "token": token, "createdAt": "2026-01-02T03:04:05.678Z"}


def three() -> Document:
    """Ann is active, Bob works too, Eve's token is nobody's."""
    return {
        "accounts": [
            entry(ANN, "octo-dev", Simulator.github_token("individual")),
            entry(BOB, "octo-free", Simulator.github_token("free")),
            entry(EVE, "octo-free-legacy", "ghu_0123456789012345678901234567890123456789"),
        ],
        "activeAccountId": ANN,
    }


def ids(document: dict[str, Any]) -> list[str]:
    """The accounts of a page, in order."""
    return [account["id"] for account in document["accounts"]]


def by_id(document: dict[str, Any], account_id: str) -> dict[str, Any]:
    """One account of a page."""
    found: dict[str, Any] = next(one for one in document["accounts"] if one["id"] == account_id)
    return found


def count(gate: Gate, path: str) -> int:
    """How often GitHub or Copilot was asked for a path."""
    return sum(entry.target.split("?")[0].endswith(path) for entry in gate.simulator.recorder.entries)
