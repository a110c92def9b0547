"""Guessing the admin's secret: five times in ten minutes, and by nothing that a caller can choose."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from copilot_api.errors import Throttled
from copilot_api.web.admin.door.throttle import MAX_FAILURES, MAX_PEERS, Throttle
from gate import Gate, running_gate
from web.admin.visiting import SECRET, Visitor


@pytest.fixture
async def locked(tmp_path: Path) -> AsyncIterator[Gate]:
    """With a secret."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as running:
        yield running


async def test_rotating_headers_do_not_help_to_guess(locked: Gate) -> None:
    """Five guesses for one socket, whatever a caller claims to be; the reference gateway counted by header."""
    statuses: list[int] = []
    for number in range(12):
        forged = {
            "x-forwarded-for": f"203.0.113.{number}", "x-real-ip": f"203.0.113.{number}",
            "user-agent": str(number), "forwarded": f"for=203.0.113.{number}",
        }  # fmt: skip
        visitor = Visitor(locked, forged if number % 2 else {})
        statuses.append((await visitor.sign_in(f"guess {number}")).status)
    assert statuses == [401] * 5 + [429] * 7
    refused = await Visitor(locked).sign_in()
    assert (refused.status, refused.code) == (429, "admin_throttled")
    assert int(refused.headers["retry-after"]) > 500
    bearer = {"authorization": f"Bearer {SECRET}"}
    assert (await Visitor(locked, bearer).get("/status")).status == 429


async def test_guesses_at_once_are_counted_each(locked: Gate) -> None:
    """None is let through because the others have not been judged yet."""
    csrf = (await Visitor(locked).get("/session")).document["csrf"]
    headers = {"x-csrf-token": csrf, "content-type": "application/json"}
    answers = await asyncio.gather(
        *(Visitor(locked).ask("POST", "/session", {"secret": f"{n}"}, headers) for n in range(40))
    )
    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 35


async def test_guesses_lock_out_no_open_session(locked: Gate) -> None:
    """Whoever is in stays in while somebody else guesses."""
    browser = Visitor(locked)
    await browser.sign_in()
    for number in range(8):
        await Visitor(locked).sign_in(f"guess {number}")
    assert (await browser.get("/status")).status == 200
    assert (await browser.write("POST", "/sessions/revoke-others")).status == 200


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


async def guess(throttle: Throttle, peer: str, *, is_right: bool = False) -> bool:
    """One guess; whether it was judged at all."""
    try:
        async with throttle.attempt(peer) as judged:
            if is_right:
                judged()
    except Throttled:
        return False
    return True


async def test_guesses_are_forgiven_after_ten_minutes_and_by_the_right_one() -> None:
    """One by one, as each grows old."""
    clock = Clock()
    throttle = Throttle(clock=clock)
    assert [await guess(throttle, "198.51.100.1") for _ in range(6)] == [True] * 5 + [False]
    assert await guess(throttle, "198.51.100.2")
    clock.now_s += 600
    assert await guess(throttle, "198.51.100.1", is_right=True)
    assert [await guess(throttle, "198.51.100.1") for _ in range(6)] == [True] * 5 + [False]


async def test_many_addresses_are_counted_as_what_they_are() -> None:
    """An IPv6 /64 is one household; an address and what it forwards are one; the table is bounded."""
    throttle = Throttle(clock=Clock())
    assert [await guess(throttle, f"2001:db8::{n:x}") for n in range(6)] == [True] * 5 + [False]
    assert await guess(throttle, "2001:db8:0:1::1")
    peers = ["192.0.2.1", "forwarded by 192.0.2.1", "::ffff:192.0.2.1"]
    assert [await guess(throttle, peer) for peer in peers * 2] == [True] * 5 + [False]
    for number in range(MAX_PEERS + 1):
        await guess(throttle, f"peer {number}")
    assert len(throttle._failures) == MAX_PEERS  # the bound cannot be seen from outside
    assert MAX_FAILURES == 5


async def test_only_so_many_secrets_are_judged_at_once() -> None:
    """Each costs tens of megabytes: the rest is told to come again."""
    throttle = Throttle(clock=Clock())
    release = asyncio.Event()

    async def hold(peer: str) -> None:
        async with throttle.attempt(peer):
            await release.wait()

    async with asyncio.TaskGroup() as group:
        for number in range(16):
            group.create_task(hold(f"192.0.2.{number}"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not await guess(throttle, "198.51.100.1")
        release.set()
    assert await guess(throttle, "198.51.100.1")
