"""A trace is joined where the client's header can be read, and begun where not."""

import pytest

from copilot_api.gateway.telemetry.context import TraceContext, context_of

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


OWN, CALL, NEW = "b7ad6b7169203331", "c8be7c827a314442", "0af7651916cd43dd8448eb211c80319c"


def read(header: str) -> TraceContext:
    """The context of a request with this header."""
    fresh = {8: iter((OWN, CALL)), 16: iter((NEW,))}
    return context_of({"traceparent": header}, lambda size: next(fresh[size]))


@pytest.mark.parametrize(("flags", "is_sampled"), [("01", True), ("00", False), ("ff", True)])
def test_a_clients_trace_is_joined(flags: str, is_sampled: bool) -> None:
    """Its trace, its span as the parent, spans of our own, its wish to be sampled; Copilot is told of the call."""
    context = read(f"00-{TRACE}-{SPAN}-{flags}")
    assert context == TraceContext(TRACE, OWN, SPAN, is_sampled, CALL)
    assert context.traceparent == f"00-{TRACE}-{CALL}-0{int(is_sampled)}"


def test_a_later_version_may_say_more() -> None:
    """What follows the four fields is not ours to read."""
    assert read(f"01-{TRACE}-{SPAN}-01-extra").parent_id == SPAN


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-extra",
        f"00-{TRACE}-{SPAN}-1",
    ],
)
def test_what_cannot_be_read_begins_a_new_trace(header: str) -> None:
    """Nobody's header is passed on unread."""
    assert read(header) == TraceContext(NEW, OWN, "", True, CALL)


def test_new_ids_are_new() -> None:
    """Chance makes them, where a test does not."""
    first, second = context_of({}), context_of({})
    assert (len(first.trace_id), len(first.span_id), len(first.call_id)) == (32, 16, 16)
    assert first.trace_id != second.trace_id
    assert first.span_id != first.call_id
