"""What was seen becomes a document: events with their times, headers, and how it ended."""

from collections.abc import Coroutine
from pathlib import Path

import msgspec
import structlog.testing

from copilot_api.copilot.names import Trail
from copilot_api.gateway.capture.document import Captured, Frame, encoded
from copilot_api.gateway.capture.keeper import MAX_WAITING, Keeper
from copilot_api.gateway.capture.seen import Allowance, Attempt, Part, Seen
from copilot_api.gateway.capture.telling import MAX_FRAMES, told
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.neutral.usage import Usage
from copilot_api.store.captures import CaptureFolder

SSE = [(b"content-type", b"text/event-stream; charset=utf-8")]


def answered(chunks: list[tuple[float, bytes]], headers: list[tuple[bytes, bytes]]) -> Seen:
    """A request that was answered with these chunks."""
    seen = Seen(Allowance(1_000_000), "t1", 0.0, 1_800_000_000.0)
    seen.ask("/v1/messages", {"user-agent": "test/1", "authorization": "Bearer x"}, b'{"a":1}', None)
    seen.record = UsageRecord(trace_id="t1", ingress="messages", path="/v1/messages")
    seen.answer_status, seen.answer_headers = 200, headers
    seen.answer = Part(seen, 1000)
    seen.answer.chunks = chunks
    return seen


def frames(chunks: list[tuple[float, bytes]], headers: list[tuple[bytes, bytes]]) -> tuple[Frame, ...]:
    """The frames that are shown of an answer."""
    _, captured = told(answered(chunks, headers), ())
    assert captured.answer is not None
    return captured.answer.frames


def test_a_stream_is_cut_into_its_events_with_the_time_of_their_end() -> None:
    """Whatever the network made of them."""
    chunks = [
        (1.0, b"data: a\n"),
        (2.0, b"\ndata: b\r\n\r"),
        (3.004, b"\ndata: c\n\ndata: d"),
        (4.0, b"\n\nrest"),
    ]
    assert frames(chunks, SSE) == (
        Frame(2.0, "data: a\n\n"),
        Frame(3.0, "data: b\r\n\r\n"),
        Frame(3.0, "data: c\n\n"),
        Frame(4.0, "data: d\n\n"),
        Frame(4.0, "rest"),
    )


def test_letters_that_were_cut_in_half_are_whole() -> None:
    """UTF-8 needs up to four bytes for one."""
    snow = "☃".encode()
    assert frames([(1.0, b"data: " + snow[:1]), (2.0, snow[1:] + b"\n\n")], SSE) == (
        Frame(2.0, "data: ☃\n\n"),
    )
    assert frames([(1.0, b"half " + snow[:2])], []) == (Frame(1.0, "half \N{REPLACEMENT CHARACTER}"),)


def test_what_is_no_stream_stays_in_one_piece() -> None:
    """A JSON document with blank lines in it is one document."""
    assert frames([(5.0, b'{\n\n"a": 1}')], [(b"content-type", b"application/json")]) == (
        Frame(5.0, '{\n\n"a": 1}'),
    )


def test_a_head_is_for_lists_and_the_result_says_how_it_ended() -> None:
    """Numbers are null where nobody said."""
    seen = answered([], SSE)
    assert seen.record is not None
    seen.record.outcome, seen.record.status, seen.record.error_code = "failed", 429, "rate_limited"
    seen.record.error_message = "Slow down, gho_0123456789abcdef."
    head, captured = told(seen, ())
    assert (head.trace_id, head.client, head.status, head.error_code) == ("t1", "test/1", 429, "rate_limited")
    assert (captured.result.started_at, captured.result.outcome) == ("1970-01-01T00:00:00Z", "failed")
    assert captured.result.error_message == "Slow down, [redacted]."
    assert (captured.result.first_byte_ms, captured.result.input_tokens, captured.result.nano_aiu) == (
        None,
        None,
        None,
    )
    seen.record.usage = Usage(input_tokens=10, output_tokens=3)
    assert told(seen, ())[1].result.input_tokens == 10


def test_a_request_that_came_nowhere_has_a_plan_that_says_so() -> None:
    """Refused at the door: no account, no model, no way."""
    _, captured = told(answered([], SSE), ())
    assert [(step.kind, step.code) for step in captured.plan.steps] == [("route", "route.none")]


async def test_a_keeper_that_cannot_keep_loses_and_says_so(tmp_path: Path) -> None:
    """Never an error for the request; what was held is given back."""
    allowance = Allowance(1000)

    def no_more(_: object) -> None:
        raise RuntimeError("TaskGroup is shutting down")

    folder = CaptureFolder(tmp_path, lambda: ("", b""))
    keeper = Keeper(folder, spawn=no_more, secrets=tuple, tell=lambda: None)  # type: ignore[arg-type]
    seen = Seen(allowance, "t", 0.0, 0.0)
    seen.ask("/x", {}, b"a" * 500, None)
    keeper.take(seen)
    assert keeper.lost == 1
    assert allowance.take(1000) == 1000


async def test_a_bug_is_told_by_its_place_and_never_by_its_words(tmp_path: Path) -> None:
    """Its words may quote what was captured."""

    def broken() -> Trail:
        raise ValueError("a very private prompt")

    waiting: list[Coroutine[object, object, None]] = []
    told_of: list[int] = []
    keeper = Keeper(
        CaptureFolder(tmp_path, lambda: ("0" * 32, b"k" * 32)),
        spawn=waiting.append,  # type: ignore[arg-type]  # a task is made of it below
        secrets=tuple,
        tell=lambda: told_of.append(1),
    )
    seen = answered([], SSE)
    seen.resolve = broken
    with structlog.testing.capture_logs() as logged:
        keeper.take(seen)
        keeper.take(answered([], SSE))
        assert len(waiting) == 1
        await waiting[0]
    assert (keeper.lost, len(told_of)) == (1, 2)
    assert [(line["event"], line["trace_id"]) for line in logged] == [("capture.lost", "t1")]
    assert str(logged[0]["reason"]).startswith("ValueError at test_telling.py:")
    assert "private" not in str(logged)
    assert [kept.head.trace_id for kept in keeper.folder.listing().captures] == ["t1"]


async def test_more_than_are_kept_do_not_wait(tmp_path: Path) -> None:
    """The disk is slow, the requests are many: the newest are lost, and counted."""
    waiting: list[Coroutine[object, object, None]] = []
    folder = CaptureFolder(tmp_path, lambda: ("0" * 32, b"k" * 32))
    keeper = Keeper(folder, spawn=waiting.append, secrets=tuple, tell=lambda: None)  # type: ignore[arg-type]
    for _ in range(MAX_WAITING + 3):
        keeper.take(answered([], SSE))
    assert keeper.lost == 3
    waiting[0].close()


def test_a_stream_of_very_many_events_has_fewer_frames_and_every_byte() -> None:
    """Nobody reads more, and a page could not show them."""
    body = b"".join(b"data: %d\n\n" % number for number in range(10_000))
    seen = answered([(1.0, body)], SSE)
    _, captured = told(seen, ())
    assert captured.answer is not None
    assert len(captured.answer.frames) == MAX_FRAMES
    assert "".join(frame.text for frame in captured.answer.frames) == body.decode()


def test_a_document_said_in_pieces_is_the_same_document() -> None:
    """Byte for byte what one call says."""
    chunks = [(float(number), b"data: %d\n\n" % number) for number in range(250)]
    seen = answered(chunks, SSE)
    attempt = Attempt(seen, "/v1/messages", {"a": "b"}, b'{"a": "\xc3\xa9\\n"}')
    seen.attempts = [attempt, attempt]
    _, captured = told(seen, ())
    assert encoded(captured) == msgspec.json.encode(captured)
    assert msgspec.json.decode(encoded(captured), type=Captured) == captured
