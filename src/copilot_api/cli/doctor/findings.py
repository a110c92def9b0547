"""What the doctor found: one line per check, with the remedy where something is wrong."""

from typing import Literal

import msgspec

Verdict = Literal["pass", "warn", "fail", "skip"]


class Finding(msgspec.Struct, frozen=True):
    """One check and how it ended. `remedy` is empty when there is nothing to do."""

    name: str
    verdict: Verdict
    message: str
    remedy: str = ""


def split_remedy(message: str) -> tuple[str, str]:
    """Split our own error messages, which say what is wrong first and then what to do."""
    said, dot, remedy = message.partition(". ")
    return (said + ".", remedy) if dot else (message, "")


def failed(name: str, error: Exception) -> Finding:
    """Make a finding of an error whose message ends in its remedy."""
    said, remedy = split_remedy(str(error))
    return Finding(name, "fail", said, remedy)
