"""What is left, in each protocol's spelling."""

import pytest

from copilot_api.gateway.admission.rates import Reading
from copilot_api.gateway.reply.limits import rate_headers, span

NOON = 1_795_176_000.0
"""2026-11-20T12:00:00Z."""


def test_openai_counts_down_in_a_span() -> None:
    """The names carry the unit at their end."""
    headers = rate_headers(
        "chat", [Reading("requests", 10, 7, 12.25), Reading("tokens", 500, 0, 0.0301)], NOON
    )
    assert headers == [
        (b"x-ratelimit-limit-requests", b"10"),
        (b"x-ratelimit-remaining-requests", b"7"),
        (b"x-ratelimit-reset-requests", b"12.25s"),
        (b"x-ratelimit-limit-tokens", b"500"),
        (b"x-ratelimit-remaining-tokens", b"0"),
        (b"x-ratelimit-reset-tokens", b"30ms"),
    ]


def test_anthropic_names_the_time() -> None:
    """The names carry the unit in the middle."""
    assert rate_headers("messages", [Reading("tokens", 500, 20, 30.0)], NOON) == [
        (b"anthropic-ratelimit-tokens-limit", b"500"),
        (b"anthropic-ratelimit-tokens-remaining", b"20"),
        (b"anthropic-ratelimit-tokens-reset", b"2026-11-20T12:00:30Z"),
    ]


def test_of_two_limits_the_tighter_one_is_told() -> None:
    """A header has one place for the key's and everybody's."""
    readings = [
        Reading("requests", 100, 90, 5.0),
        Reading("requests", 10, 3, 9.0),
        Reading("requests", 50, 40, 1.0),
    ]
    assert rate_headers("gemini", readings, NOON)[:2] == [
        (b"x-ratelimit-limit-requests", b"10"),
        (b"x-ratelimit-remaining-requests", b"3"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0ms"), (0.25, "250ms"), (7.0, "7s"), (60.0, "1m0s"), (361.2, "6m1.2s")]
)
def test_spans_are_written_as_openai_does(seconds: float, text: str) -> None:
    """Milliseconds below a second, minutes and seconds above."""
    assert span(seconds) == text
