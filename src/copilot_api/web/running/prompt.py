"""Approvals at the terminal: one question at a time, answered with a line.

The page may answer as well; the first counts.

Only where both ends are a person's: input and output are a terminal, and the system can tell when a line has come.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Generator
from typing import TextIO

from copilot_api.gateway.admission.approvals import Approval, Approvals, Outcome
from copilot_api.gateway.estimate import Price

_YES = frozenset({"y", "yes"})
_NO = frozenset({"", "n", "no"})
_ENDS: dict[Outcome, str] = {"expired": "ran out of time", "gone": "its client left"}


class Prompt:
    """Asks for what waits, the oldest first; other answers than yes and no ask again."""

    def __init__(self, approvals: Approvals, say: Callable[[str], object]) -> None:
        self._approvals = approvals
        self._say = say
        self._asked: Approval | None = None
        approvals.listeners.append(self.hear)

    def answer(self, line: str) -> None:
        """Take a line of the person's; without a question it says nothing."""
        asked, word = self._asked, line.strip().lower()
        if asked is None:
            return
        if word not in _YES | _NO:
            self._say("Answer y or n: ")
            return
        self._asked = None  # before the register tells us of our own decision
        self._approvals.decide(asked.id, is_approved=word in _YES)
        self._next()

    def hear(self, approval: Approval, outcome: Outcome) -> None:
        """Follow the register: ask for what waits and has a price, and stop asking for what ceased to."""
        if outcome == "waiting":
            self._next()
        elif self._asked is not None and self._asked.id == approval.id:
            self._say(f"\n  {_ENDS.get(outcome, 'decided on the page')}\n")
            self._asked = None
            self._next(leaving=approval.id)

    def _next(self, leaving: str = "") -> None:
        waiting = [approval for approval in self._approvals.waiting if approval.id != leaving]
        if self._asked is None and waiting and waiting[0].price is not None:
            self._asked = waiting[0]
            self._say(question(self._asked))


def question(approval: Approval) -> str:
    """One request in one line. What a client says of itself is quoted: it could steer a terminal."""
    who = f" for the key {approval.key!r}" if approval.key else ""
    kib = max(1, round(approval.request_bytes / 1024))
    client = f", {approval.client[:60]!r}" if approval.client else ""
    price = "" if approval.price is None else f"; {priced(approval.price)}"
    return f"Let {approval.model!r} answer{who} ({approval.path!r}, {kib} KiB{client}{price})? [y/N] "


def priced(price: Price) -> str:
    """What a request comes to, in a few words."""
    tokens = "" if price.input_tokens is None else f"{price.input_tokens:,} tokens in, "
    if price.credits is None:
        return f"{tokens}price unknown: {price.reason}"
    most = "" if price.most_credits is None else f", at most {price.most_credits:,.4f}"
    return f"{tokens}from {price.credits:,.4f} AI credits{most}"


@contextlib.contextmanager
def asking_at_terminal(
    approvals: Approvals, source: TextIO | None = None, out: TextIO | None = None
) -> Generator[bool]:
    """Ask at the terminal until the block ends; False where there is none, and only the page can answer."""
    lines, screen = source or sys.stdin, out or sys.stderr
    if sys.platform == "win32" or not (lines.isatty() and screen.isatty()):
        yield False
        return
    loop, descriptor = asyncio.get_running_loop(), lines.fileno()

    def say(text: str) -> None:
        screen.write(text)
        screen.flush()

    prompt, rest = Prompt(approvals, say), b""

    def take() -> None:
        nonlocal rest
        read = os.read(descriptor, 4096)
        if not read:  # the terminal has gone; the page can still answer
            loop.remove_reader(descriptor)
        *whole, rest = (rest + read).split(b"\n")
        for line in whole:
            prompt.answer(line.decode("utf-8", "replace"))

    loop.add_reader(descriptor, take)
    try:
        yield True
    finally:
        loop.remove_reader(descriptor)
        approvals.listeners.remove(prompt.hear)
