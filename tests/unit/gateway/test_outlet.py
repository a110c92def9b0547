"""The outlet keeps order: head, whole frames, one end; keepalives only in between."""

import asyncio

from copilot_api.gateway.reply.outlet import Headers, Outlet, Stage


class Recorder:
    """A writer that keeps what it is told; `pause` makes a start wait."""

    def __init__(self) -> None:
        self.said: list[tuple[str, object]] = []
        self.pause: asyncio.Event | None = None

    async def start(self, status: int, headers: Headers) -> None:
        """Keep the head."""
        if self.pause is not None:
            await self.pause.wait()
        self.said.append(("start", status))

    async def write(self, body: bytes) -> None:
        """Keep a part."""
        self.said.append(("write", body))

    async def finish(self, body: bytes) -> None:
        """Keep the end."""
        self.said.append(("finish", body))

    def abort(self) -> None:
        """Keep the abort."""
        self.said.append(("abort", None))


def outlet(recorder: Recorder) -> Outlet:
    """An outlet whose filler is a comment."""
    return Outlet(recorder, early_head=[], filler=b": keepalive\n\n")


async def test_a_keepalive_before_the_first_byte_commits_to_the_early_head() -> None:
    """The real head is then not sent again."""
    recorder = Recorder()
    out = outlet(recorder)
    await out.keepalive()
    await out.open(201, [])
    await out.write(b"data: 1\n\n")
    await out.finish()
    assert recorder.said == [
        ("start", 200),
        ("write", b": keepalive\n\n"),
        ("write", b"data: 1\n\n"),
        ("finish", b""),
    ]


async def test_after_the_end_no_keepalive_is_sent() -> None:
    """Nothing follows the end."""
    recorder = Recorder()
    out = outlet(recorder)
    await out.open(200, [])
    await out.finish(b"{}")
    await out.keepalive()
    assert recorder.said == [("start", 200), ("finish", b"{}")]
    assert out.stage is Stage.ENDED


async def test_a_write_waits_for_a_keepalive_that_is_under_way() -> None:
    """The head of the keepalive always comes before the frames."""
    recorder = Recorder()
    recorder.pause = asyncio.Event()
    out = outlet(recorder)
    async with asyncio.TaskGroup() as group:
        group.create_task(out.keepalive())
        await asyncio.sleep(0)
        group.create_task(_open_and_write(out))
        await asyncio.sleep(0)
        recorder.pause.set()
    assert recorder.said == [("start", 200), ("write", b": keepalive\n\n"), ("write", b"data: 1\n\n")]


async def test_an_aborted_answer_says_why_and_is_left_unfinished() -> None:
    """A client must not take it for a whole one."""
    recorder = Recorder()
    out = outlet(recorder)
    await out.keepalive()
    await out.abort(b'{"error":{}}')
    assert recorder.said[-2:] == [("write", b'{"error":{}}'), ("abort", None)]


async def test_the_bytes_of_body_are_counted() -> None:
    """Keepalives count: they were sent."""
    out = outlet(Recorder())
    await out.keepalive()
    await out.write(b"12345")
    await out.finish(b"678")
    assert out.bytes_sent == 13 + 8


async def _open_and_write(out: Outlet) -> None:
    await out.open(200, [])
    await out.write(b"data: 1\n\n")
