"""What a client learns of its limits in the head of an answer, each in its protocol's own spelling.

OpenAI: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, the reset as a span such as 6m0s. Anthropic:
`anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`, the reset as a time. Google sends none; its clients
are told in OpenAI's spelling, which is the one that generic tools read. Pure.
Source: OpenAI, rate limits in headers; Anthropic API, response headers (read 2026-11).
"""

from collections.abc import Iterable

from copilot_api.gateway.admission.admission import Ticket
from copilot_api.gateway.admission.budgets import describe
from copilot_api.gateway.admission.rates import Reading
from copilot_api.gateway.reply.outlet import Headers
from copilot_api.protocols.base import ProtocolName
from copilot_api.settings import write_instant


def limit_headers(protocol: ProtocolName, ticket: Ticket, now_unix_s: float) -> Headers:
    """What a request's ticket says: how its rates stand, and a budget that is nearly used up."""
    headers = rate_headers(protocol, ticket.readings, now_unix_s)
    if ticket.budget is not None:
        headers.append((b"x-copilot-api-budget", describe(ticket.budget).encode()))
    return headers


def rate_headers(protocol: ProtocolName, readings: Iterable[Reading], now_unix_s: float) -> Headers:
    """The headers of what limits a request; of two limits in one unit the tighter one."""
    tightest: dict[str, Reading] = {}
    for reading in readings:
        other = tightest.get(reading.unit)
        if other is None or reading.remaining < other.remaining:
            tightest[reading.unit] = reading
    write = _anthropic if protocol == "messages" else _openai
    return [pair for reading in tightest.values() for pair in write(reading, now_unix_s)]


def _openai(reading: Reading, now_unix_s: float) -> Headers:
    del now_unix_s
    facts = {"limit": str(reading.limit), "remaining": str(reading.remaining), "reset": span(reading.reset_s)}
    return [(f"x-ratelimit-{name}-{reading.unit}".encode(), fact.encode()) for name, fact in facts.items()]


def _anthropic(reading: Reading, now_unix_s: float) -> Headers:
    resets = write_instant(now_unix_s + reading.reset_s)
    facts = {"limit": str(reading.limit), "remaining": str(reading.remaining), "reset": resets}
    return [
        (f"anthropic-ratelimit-{reading.unit}-{name}".encode(), fact.encode()) for name, fact in facts.items()
    ]


def span(seconds: float) -> str:
    """A span as OpenAI writes it. Shape: 0.25 -> "250ms"; 7.0 -> "7s"; 361.2 -> "6m1.2s"."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    return (f"{int(minutes)}m" if minutes else "") + f"{round(rest, 3):g}s"
