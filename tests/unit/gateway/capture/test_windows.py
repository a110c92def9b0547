"""Windows open and end; what is seen in one is bounded, alone and together."""

from copilot_api.gateway.capture.seen import SLACK_BYTES, Allowance, CapturedClient, Part, Seen
from copilot_api.gateway.capture.telling import told
from copilot_api.gateway.capture.windows import Captures
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.gateway.request.call import Call
from copilot_api.gateway.request.routes import all_routes
from copilot_api.settings import ClientKeyEntry

LAPTOP = ClientKeyEntry(id="key_1", name="laptop", sha256="0" * 64)
PHONE = ClientKeyEntry(id="key_2", name="phone", sha256="1" * 64)
BIG = 10_000_000


class Client:
    """A client that takes everything."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def start(self, status: int, headers: Headers) -> None:
        """Take the head."""

    async def write(self, body: bytes) -> None:
        """Take part of the body."""
        self.got.append(body)

    async def finish(self, body: bytes) -> None:
        """Take the last part."""
        self.got.append(body)

    def abort(self) -> None:
        """Be left."""

    async def until_gone(self) -> None:
        """Stay."""


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now_s


def call(key: ClientKeyEntry | None, body: bytes = b"{}") -> Call:
    """One request."""
    return Call(
        route=all_routes()["/v1/messages"],
        path="/v1/messages",
        headers={"user-agent": "test"},
        body=body,
        key=key,
        trace_id="t1",
        client=Client(),
        started_s=0.0,
        started_unix_s=1000.0,
    )


def is_captured(captures: Captures, key: ClientKeyEntry | None) -> bool:
    """Whether a request with this key would be seen."""
    return captures.begin(call(key)) is not None


def test_a_window_is_for_one_key_or_for_everybody() -> None:
    """Also for requests without a key, where everybody's are captured."""
    captures = Captures()
    captures.open("key_1", "laptop", 5)
    assert [is_captured(captures, key) for key in (LAPTOP, PHONE, None)] == [True, False, False]
    captures.open(None, "", 5)
    assert [is_captured(captures, key) for key in (LAPTOP, PHONE, None)] == [True, True, True]
    assert captures.close("key_1")
    assert not captures.close("key_1")
    assert captures.close(None)
    assert captures.register == {}


def test_a_window_ends_by_itself_and_says_so() -> None:
    """Also when nobody looks after it: an ended window captures nothing."""
    clock, told_of = Clock(), list[int]()
    captures = Captures(clock=clock)
    captures.tell = lambda: told_of.append(len(captures.register))
    window = captures.open("key_1", "laptop", 2)
    assert (window.since_unix_s, window.until_unix_s) == (1000.0, 1120.0)
    assert captures.close_ended() == 120.0
    clock.now_s = 1120.0
    assert not is_captured(captures, LAPTOP)
    assert captures.close_ended() is None
    assert captures.register == {}
    assert told_of == [1, 0]


def test_no_window_is_longer_than_an_hour() -> None:
    """Whoever asks."""
    assert Captures(clock=Clock()).open(None, "", 10_000).until_unix_s == 4600.0


def test_a_part_is_bounded_and_nothing_follows_what_was_left_out() -> None:
    """A stream with a hole would mislead."""
    seen = Seen(Allowance(BIG), "t", 0.0, 0.0)
    part = Part(seen, 10)
    part.add(b"12345678")
    part.add(b"x" * SLACK_BYTES)
    part.add(b"more")
    assert part.is_truncated
    assert sum(len(data) for _, data in part.chunks) == 10 + SLACK_BYTES
    assert b"more" not in b"".join(data for _, data in part.chunks)


def test_everything_that_is_held_is_bounded_together_and_given_back() -> None:
    """A thousand requests in a window cost no more than is allowed; afterwards there is room again."""
    captures = Captures(max_held_bytes=5000)
    captures.open(None, "", 5)
    first = captures.begin(call(None, b"a" * 4000))
    second = captures.begin(call(None, b"b" * 4000))
    assert first is not None
    assert second is not None
    assert not first.body.is_truncated
    assert second.body.is_truncated
    assert sum(len(data) for _, data in second.body.chunks) < 1000
    first.let_go()
    second.let_go()
    third = captures.begin(call(None, b"c" * 4000))
    assert third is not None
    assert not third.body.is_truncated


async def test_a_seen_client_gets_every_byte() -> None:
    """Also those that are too many to be kept."""
    seen, client = Seen(Allowance(300), "t", 0.0, 0.0), Client()
    watched = CapturedClient(client, seen)
    await watched.start(200, [(b"content-type", b"text/plain")])
    await watched.write(b"a" * 1000)
    await watched.finish(b"end")
    assert client.got == [b"a" * 1000, b"end"]
    assert seen.answer.is_truncated


def test_what_is_cut_short_loses_half_a_secret_at_its_edge() -> None:
    """The bound falls into a token: nothing of it is left."""
    secret = b"gho_" + b"A1b2" * 9
    for limit in range(95, 140, 3):
        seen = Seen(Allowance(BIG), "t", 0.0, 0.0)
        seen.record = UsageRecord(trace_id="t", ingress="messages", path="/v1/messages")
        seen.body = Part(seen, limit)
        seen.body.add(b"x" * 99 + b" " + secret + b" " + b"y" * (SLACK_BYTES + 500))
        _, captured = told(seen, ())
        assert captured.client.is_truncated
        assert "gho_" not in captured.client.body
        assert captured.client.body.startswith("x" * 60)


def test_frames_that_are_cut_short_lose_half_a_secret_at_their_edge_too() -> None:
    """The bound falls into a token that came in two chunks."""
    secret = b"gho_" + b"A1b2" * 9
    for limit in range(95, 140, 3):
        seen = Seen(Allowance(BIG), "t", 0.0, 0.0)
        seen.record = UsageRecord(trace_id="t", ingress="messages", path="/v1/messages")
        seen.answer_status = 200
        seen.answer = Part(seen, limit)
        for chunk in (
            b"x" * 60,
            b"x" * 39 + b" " + secret[:20],
            secret[20:] + b" ",
            b"y" * 3000,
            b"z" * 3000,
        ):
            seen.answer.add(chunk)
        _, captured = told(seen, ())
        assert captured.answer is not None
        assert captured.answer.frames_truncated
        shown = "".join(frame.text for frame in captured.answer.frames)
        assert "gho_" not in shown
        assert "A1b2" not in shown
        assert shown.startswith("x" * 60)
        assert len(shown) <= limit
