"""Copilot's refusals become faults of our tree, with their own words."""

import json
from collections.abc import Mapping

import pytest

from copilot_api.copilot.rejections import Words, classify, read_words, retry_after_s
from copilot_api.errors import (
    ContextOverflow,
    CredentialRefused,
    QuotaExhausted,
    UpstreamProtocolError,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from recorded import ERROR_NAMES, error
from unit.copilot.refusals import REFUSALS

NOW = 1_788_300_000.0


@pytest.mark.parametrize("name", [name for name in ERROR_NAMES if not name.startswith("token-")])
def test_every_recorded_refusal_has_its_fault(name: str) -> None:
    """Each recorded refusal of Copilot has one expected fault, written out; a new recording needs a new line."""
    status, headers, body = error(name)
    fault = classify(status, headers, body, now_unix_s=NOW)
    assert (type(fault), fault.status, fault.code, fault.retry_after_s, fault.message) == REFUSALS[name]


@pytest.mark.parametrize(
    ("body", "prompt_tokens", "limit_tokens"),
    [
        (b'{"error":{"message":"prompt token count of 514673 exceeds the limit of 128000"}}', None, None),
        (
            b'{"error":{"message":"prompt token count of 5 exceeds the limit of 4",'
            b'"code":"model_max_prompt_tokens_exceeded"}}',
            5,
            4,
        ),
        (b'{"message":"prompt is too long: 210194 tokens > 200000 maximum"}', 210194, 200000),
        (
            b'{"error":{"message":"This model\'s maximum context length is 128000 tokens. However, your messages '
            b'resulted in 130001 tokens."}}',
            130001,
            128000,
        ),
        (b"Request body is too large for model context window", None, None),
        (b'{"error":{"message":"","code":"context_length_exceeded"}}', None, None),
    ],
)
def test_an_overflow_names_both_counts_where_they_are_said(
    body: bytes, prompt_tokens: int | None, limit_tokens: int | None
) -> None:
    """Clients compact by these numbers, so they are read and never invented."""
    fault = classify(400, {}, body)
    if body.startswith(b'{"error":{"message":"prompt token count of 514673'):
        assert type(fault) is UpstreamRejected
        return
    assert isinstance(fault, ContextOverflow)
    assert (fault.prompt_tokens, fault.limit_tokens) == (prompt_tokens, limit_tokens)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", Words("")),
        (b"  text\n", Words("text")),
        (b'"just a string"', Words("just a string")),
        (b'{"error":"flat text","code":"c"}', Words("flat text", code="c")),
        (b'{"error":"denied","message":"why"}', Words("why")),
        (b'{"error":{"message":{"text":"inner"},"code":"a:pro_plus"}}', Words("inner", code="a")),
        (b'{"error":{"message":{"other":1}}}', Words('{"other":1}')),
        (b'{"error":{"message":"{\\"message\\":\\"nested\\"}"}}', Words("nested")),
        (b'{"error":{"message":"{not json"}}', Words("{not json")),
        (b'{"error":{"message":"{}"}}', Words("{}")),
        (b'{"error":{"message":"m","code":429,"type":"t","param":"p"}}', Words("m", "429", "t", "p")),
        (b'{"error":{"message":5,"code":true}}', Words("")),
        (b"<!doctype html><p>x", Words("an HTML page")),
        (b"<html><TITLE> Busy </TITLE>", Words("an HTML page titled 'Busy'")),
        (b"\xff\xfe", Words("\ufffd\ufffd")),
        (b"[1]", Words("[1]")),
        (b"x" * 3000, Words("x" * 2000 + "…")),
    ],
)
def test_words_are_read_whatever_the_content_type_says(body: bytes, words: Words) -> None:
    """Bytes, then JSON, then `error` or the document itself, then message and code (contract 7.2)."""
    assert read_words(body) == words


@pytest.mark.parametrize(
    "secret",
    [
        "ghu_abcdefghijklmnop1234",
        "github_pat_11AAAA_bbbbccccdddd",
        "tid=abc;exp=1;sku=x:0123456789abcdef",
        "Bearer abcdefghijkl",
        "sk-ant-0123456789abcdef",
    ],
)
def test_a_message_never_contains_a_token(secret: str) -> None:
    """Whatever upstream quotes back, a token in it is blotted out."""
    fault = classify(400, {}, json.dumps({"message": f"bad {secret} here"}).encode())
    assert fault.message == "bad [token removed] here"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "37"}, 37.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "99999999999"}, 2_678_400.0),
        ({"retry-after": "Tue, 01 Sep 2026 22:01:00 GMT"}, 60.0),
        ({"retry-after": "Tue, 01 Sep 2020 22:41:00 GMT"}, 0.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1788300030"}, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "never"}, None),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "1788300030"}, None),
    ],
)
def test_a_wait_is_read_from_seconds_dates_and_resets(
    headers: Mapping[str, str], seconds: float | None
) -> None:
    """Retry-After is seconds or a date; GitHub's REST API names a reset time instead."""
    assert retry_after_s(headers, now_unix_s=NOW) == seconds


def test_a_date_is_measured_against_the_answers_own_clock() -> None:
    """Without a clock of ours the Date of the answer counts, so a wrong local clock does no harm."""
    headers = {"retry-after": "Tue, 01 Sep 2026 22:01:00 GMT", "date": "Tue, 01 Sep 2026 22:00:50 GMT"}
    assert retry_after_s(headers) == 10.0


def test_a_date_in_the_past_needs_no_clock() -> None:
    """With neither clock nor Date this machine's clock counts."""
    assert retry_after_s({"retry-after": "Tue, 01 Sep 2015 22:41:00 GMT"}) == 0.0


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (504, b"gateway timeout", UpstreamTimeout, "upstream_timeout"),
        (
            529,
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            UpstreamUnavailable,
            "upstream_unavailable",
        ),
        (302, b"", UpstreamProtocolError, "upstream_protocol_error"),
        (403, b'{"error":{"message":"no","code":"policy"}}', UpstreamRejected, "policy"),
        (403, b"no", CredentialRefused, "forbidden"),
        (408, b"slow", UpstreamRejected, "request_timeout"),
        (418, b"", UpstreamRejected, "upstream_rejected"),
        (402, b"quota exceeded", QuotaExhausted, "quota_exceeded"),
    ],
)
def test_each_status_has_its_fault(status: int, body: bytes, kind: type[Exception], code: str) -> None:
    """Statuses that no recording has."""
    fault = classify(status, {}, body)
    assert (type(fault), fault.code) == (kind, code)


def test_the_upstreams_own_type_and_field_survive() -> None:
    """`type` and `param` of their error object are kept for the ingress envelope."""
    status, headers, body = error("400-model-not-supported")
    fault = classify(status, headers, body)
    assert isinstance(fault, UpstreamRejected)
    assert (fault.upstream_type, fault.param) == ("invalid_request_error", "model")
