"""What happens, told while it happens: GET /admin/api/events."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from copilot_api.web.admin.door.entry import COOKIE
from copilot_api.web.admin.events.stream import MAX_STREAMS
from gate import CHAT, Gate, request, running_gate, until
from web.admin.visiting import API, SECRET, Visitor


class Listener:
    """One open stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.seen: list[tuple[str, Any]] = []

    async def next(self) -> tuple[str, Any]:
        """The next event as (topic, data); ("", None) at the end. Comments are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            while True:
                line = (await self.response.content.readline()).decode()
                if not line:
                    return "", None
                if line == "\n":
                    if "event" in fields:
                        found = fields["event"], json.loads(fields["data"])
                        self.seen.append(found)
                        return found
                    fields = {}
                    continue
                name, _, value = line.rstrip("\n").partition(": ")
                fields[name] = value

    async def until(self, topic: str) -> Any:
        """The data of the next event of a topic."""
        while True:
            found, data = await self.next()
            assert found, f"the stream ended before {topic!r}: {self.seen}"
            if found == topic:
                return data


@contextlib.asynccontextmanager
async def listening(gate: Gate, headers: Mapping[str, str] | None = None) -> AsyncIterator[Listener]:
    """Open a stream."""
    async with gate.http.get(gate.url + API + "/events", headers=headers) as response:
        assert response.status == 200, await response.text()
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-store"
        yield Listener(response)


async def test_a_stream_greets_and_tells_of_an_exchange(tmp_path: Path) -> None:
    """A row of the usage log, without bodies, as soon as it ended."""
    async with running_gate(tmp_path) as gate, listening(gate) as listener:
        greeting = await listener.until("hello")
        assert list(greeting) == ["version"]
        status, headers, _ = await gate.post(CHAT, request(CHAT, "my secret prompt", stream=False))
        assert status == 200
        row = await listener.until("exchange")
        assert row["traceId"] == headers["x-trace-id"]
        assert (row["path"], row["status"], row["outcome"]) == (CHAT, 200, "completed")
        assert (row["requestedModel"], row["account"]) == ("gpt-4.1", "octo-dev")
        assert row["outputTokens"] > 0
        assert "my secret prompt" not in json.dumps(row)


async def test_a_stream_tells_of_the_state_of_the_server(tmp_path: Path) -> None:
    """The first look, and again when it changes."""
    async with running_gate(tmp_path) as gate, listening(gate) as listener:
        status = await listener.until("status")
        assert status["isReady"] is True
        gate.house.inspector.is_draining = True
        status = await listener.until("status")
        assert (status["isReady"], status["isDraining"]) == (False, True)


async def test_every_event_has_a_number_of_its_own(tmp_path: Path) -> None:
    """They rise, so that a reader can tell a gap."""
    async with running_gate(tmp_path) as gate:
        async with gate.http.get(gate.url + API + "/events") as response:
            await response.content.readuntil(b"\n\n")
            for number in range(3):
                gate.house.feed.publish("keys", {"version": str(number)})
            lines = [await response.content.readuntil(b"\n\n") for _ in range(3)]
        ids = [int(line.split(b"\n")[0].removeprefix(b"id: ")) for line in lines]
        assert ids == sorted(set(ids))


async def test_a_stranger_hears_nothing(tmp_path: Path) -> None:
    """And nobody asks the rooms on their behalf."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        async with gate.http.get(gate.url + API + "/events") as response:
            assert response.status == 401
        assert not gate.house.feed.is_heard


async def test_a_revoked_session_hears_that_and_nothing_more(tmp_path: Path) -> None:
    """Its stream ends at once; the others go on."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        stays, leaves = Visitor(gate), Visitor(gate)
        await stays.sign_in()
        await leaves.sign_in()
        async with (
            listening(gate, {"cookie": f"{COOKIE}={stays.cookie}"}) as first,
            listening(gate, {"cookie": f"{COOKIE}={leaves.cookie}"}) as second,
        ):
            await first.until("hello")
            await second.until("hello")
            await stays.write("POST", "/sessions/revoke-others")
            await second.until("session")
            assert await second.next() == ("", None)
            await first.until("session")
            gate.house.feed.publish("keys", {"version": "1"})
            assert await first.until("keys") == {"version": "1"}


async def test_a_secret_that_is_set_ends_the_streams_of_this_machine(tmp_path: Path) -> None:
    """Who was in without one is not in any more."""
    async with running_gate(tmp_path) as gate, listening(gate) as listener:
        await listener.until("hello")
        await Visitor(gate).write("PUT", "/secret", {"new": SECRET})
        await listener.until("session")
        assert await listener.next() == ("", None)


async def test_a_right_that_ended_elsewhere_is_noticed_at_the_next_comment(tmp_path: Path) -> None:
    """A session that ran out, or was revoked by the command line."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        browser = Visitor(gate)
        await browser.sign_in()
        streams = gate.house.streams
        streams.quiet_s = 0.05
        async with listening(gate, {"cookie": f"{COOKIE}={browser.cookie}"}) as listener:
            await listener.until("hello")
            comment = await listener.response.content.readuntil(b"\n\n")
            assert comment == b": still here\n\n"
            await asyncio.to_thread(gate.house.door.sessions.end_all)
            assert await listener.next() == ("", None)


async def test_a_reader_that_lags_is_dropped(tmp_path: Path) -> None:
    """Its queue does not grow; it connects again and reads anew."""
    async with running_gate(tmp_path) as gate, listening(gate) as listener:
        await listener.until("hello")
        for number in range(300):
            gate.house.feed.publish("keys", {"version": str(number)})
        seen = 0
        while (await listener.next())[0]:
            seen += 1
        assert seen == 256
        await until(lambda: not gate.house.feed.is_heard)


async def test_there_is_room_for_so_many_streams_and_no_more(tmp_path: Path) -> None:
    """One more is told to come again, and a place that is left is free."""
    async with running_gate(tmp_path) as gate:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http, contextlib.AsyncExitStack() as stack:
            opened = [
                await stack.enter_async_context(http.get(gate.url + API + "/events"))
                for _ in range(MAX_STREAMS)
            ]
            assert {response.status for response in opened} == {200}
            async with http.get(gate.url + API + "/events") as response:
                assert response.status == 503
                assert (await response.json())["error"]["code"] == "too_many_streams"
            opened[0].close()
            await until(lambda: gate.house.streams.open_count == MAX_STREAMS - 1)
            async with http.get(gate.url + API + "/events") as response:
                assert response.status == 200
        await until(lambda: gate.house.streams.open_count == 0)
        assert not gate.house.feed.is_heard


async def test_a_server_that_drains_is_not_held_up_by_streams(tmp_path: Path) -> None:
    """They end at once, and none begins."""
    async with running_gate(tmp_path) as gate, listening(gate) as listener:
        await listener.until("hello")
        gate.house.feed.close()
        assert await listener.next() == ("", None)
        async with listening(gate) as late:
            assert (await late.next())[0] == "hello"
            assert await late.next() == ("", None)


async def test_an_exchange_costs_nothing_while_nobody_listens(tmp_path: Path) -> None:
    """The teller does not even look at it."""
    async with running_gate(tmp_path) as gate:
        await gate.post(CHAT, request(CHAT, "hi", stream=False))
        await gate.house.ledger.flush()
        gate.house.feed.publish("exchange", _never)
        async with listening(gate) as listener:
            await listener.until("hello")
            gate.house.feed.publish("exchange", lambda: {"told": True})
            assert await listener.until("exchange") == {"told": True}


def _never() -> msgspec.Raw:
    raise AssertionError("asked although nobody listens")
