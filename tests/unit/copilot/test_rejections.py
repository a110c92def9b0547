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

NOW = 1_788_300_000.0

REFUSALS: dict[str, tuple[type[Exception], int, str, float | None, str]] = {
    "400-anthropic-beta-vertex": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "Unexpected value(s) `context-1m-2025-08-07` for the `anthropic-beta` header.",
    ),
    "400-anthropic-prompt-too-long": (
        ContextOverflow,
        400,
        "context_length_exceeded",
        None,
        "prompt is too long: 210194 tokens > 200000 maximum",
    ),
    "400-bad-request-text": (UpstreamRejected, 400, "upstream_rejected", None, "Bad Request"),
    "400-bodyless": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "Copilot answered 400 without a word, often a passing fault of its gateway. Send the request "
        "again, and shorten it if it stays.",
    ),
    "400-context-management-no-beta": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "context_management: Extra inputs are not permitted",
    ),
    "400-eager-input-streaming": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "tools.0.custom.eager_input_streaming: Extra inputs are not permitted",
    ),
    "400-encrypted-content-mismatch": (
        UpstreamRejected,
        400,
        "invalid_request_error",
        None,
        "The encrypted content for item rs_0example could not be verified. Reason: Encrypted content "
        "item_id did not match the target item id.",
    ),
    "400-extra-inputs-anthropic": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
    ),
    "400-extra-inputs-bedrock": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "cache_control: Extra inputs are not permitted",
    ),
    "400-image-url": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "external image URLs are not supported",
    ),
    "400-inline-system": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, '
        'not "system" as an input message role.',
    ),
    "400-integrator": (
        UpstreamRejected,
        400,
        "model_not_supported",
        None,
        'The requested model is not available for integrator "example". Verify the correct '
        "Copilot-Integration-Id header is being sent.",
    ),
    "400-invalid-request-body-empty": (
        UpstreamRejected,
        400,
        "invalid_request_body",
        None,
        "Copilot answered 400 without saying why (code 'invalid_request_body').",
    ),
    "400-item-id-connection": (
        UpstreamRejected,
        400,
        "invalid_request_body",
        None,
        "input item ID does not belong to this connection",
    ),
    "400-item-id-too-long": (
        UpstreamRejected,
        400,
        "string_above_max_length",
        None,
        "Invalid 'input[1].id': string too long. Expected a string with maximum length 64, but got a "
        "string with length 416 instead.",
    ),
    "400-max-tokens": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "The maximum tokens you requested exceeds the model limit of 128000",
    ),
    "400-missing-editor-version": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "bad request: missing Editor-Version header for IDE auth",
    ),
    "400-model-not-supported": (
        UpstreamRejected,
        400,
        "model_not_supported",
        None,
        "The requested model is not supported.",
    ),
    "400-pat-not-supported": (
        CredentialRefused,
        400,
        "",
        None,
        "bad request: Personal Access Tokens are not supported for this endpoint. Log in with "
        "`copilot-api login` instead, or give the token the permission 'Copilot Requests'.",
    ),
    "400-previous-response-not-found": (
        UpstreamRejected,
        400,
        "previous_response_not_found",
        None,
        "Previous response with id 'resp_x' not found.",
    ),
    "400-prompt-tokens-2025": (
        ContextOverflow,
        400,
        "context_length_exceeded",
        None,
        "prompt token count of 73121 exceeds the limit of 64000",
    ),
    "400-prompt-tokens": (
        ContextOverflow,
        400,
        "context_length_exceeded",
        None,
        "prompt token count of 514673 exceeds the limit of 128000",
    ),
    "400-reasoning-effort-chat": (
        UpstreamRejected,
        400,
        "invalid_reasoning_effort",
        None,
        'reasoning_effort "high" was provided, but model claude-sonnet-4.5 does not support reasoning effort',
    ),
    "400-reasoning-effort-messages": (
        UpstreamRejected,
        400,
        "invalid_reasoning_effort",
        None,
        'output_config.effort "xhigh" is not supported by model claude-sonnet-4.6; supported values: '
        "[low medium high max]",
    ),
    "400-schema": (
        UpstreamRejected,
        400,
        "invalid_request_body",
        None,
        "invalid request body, failed to validate schema: (1) Reason: got array, want string, Location: "
        "/properties/messages/items/properties/content/oneOf/0/type.",
    ),
    "400-store": (UpstreamRejected, 400, "unsupported_value", None, "store is not supported"),
    "400-thinking-signature": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "400-tool-result-missing": (
        UpstreamRejected,
        400,
        "invalid_request_body",
        None,
        "messages.8: `tool_use` ids were found without `tool_result` blocks immediately after: "
        "toolu_vrtx_01Example. Each `tool_use` block must have a corresponding `tool_result` block in "
        "the next message.",
    ),
    "400-tool-type": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "tools.0: Input tag 'code_execution_20250825' found using 'type' does not match any of the "
        "expected tags: 'bash_20250124', 'custom', 'memory_20250818', 'text_editor_20250124', "
        "'text_editor_20250429', 'text_editor_20250728', 'tool_search_tool_bm25', "
        "'tool_search_tool_bm25_20251119', 'tool_search_tool_regex', 'tool_search_tool_regex_20251119'",
    ),
    "400-unknown-editor-version": (
        UpstreamRejected,
        400,
        "upstream_rejected",
        None,
        "bad request: unknown Editor-Version header for IDE auth",
    ),
    "400-unsupported-api-chat": (
        UpstreamRejected,
        400,
        "unsupported_api_for_model",
        None,
        'model "gpt-5.3-codex" is not accessible via the /chat/completions endpoint',
    ),
    "400-unsupported-api-responses": (
        UpstreamRejected,
        400,
        "unsupported_api_for_model",
        None,
        "model gpt-4.1 is not supported via Responses API.",
    ),
    "400-web-fetch": (UpstreamRejected, 400, "invalid_request_body", None, "rejected tool(s): web_fetch"),
    "400-web-search": (
        UpstreamRejected,
        400,
        "unsupported_value",
        None,
        "The use of the web search tool is not supported.",
    ),
    "401-ide-token-expired": (
        CredentialRefused,
        401,
        "credential_refused",
        None,
        "IDE token expired: unauthorized: token expired. The account's credential was refused; if this "
        "stays, run `copilot-api login` again.",
    ),
    "401-pat-permission": (
        CredentialRefused,
        401,
        "credential_refused",
        None,
        "unauthorized: Personal Access Token does not have Copilot Requests permission. Log in with "
        "`copilot-api login` instead, or give the token the permission 'Copilot Requests'.",
    ),
    "401-token-expired": (
        CredentialRefused,
        401,
        "credential_refused",
        None,
        "unauthorized: token expired. The account's credential was refused; if this stays, run "
        "`copilot-api login` again.",
    ),
    "402-free-quota": (
        QuotaExhausted,
        402,
        "free_quota_exceeded",
        2512800.0,
        "You have exceeded your free chat limit",
    ),
    "402-quota-exceeded": (QuotaExhausted, 402, "quota_exceeded", 1204800.0, "You have no quota"),
    "403-forbidden": (
        CredentialRefused,
        403,
        "forbidden",
        None,
        "access to this endpoint is forbidden. The account may not use this; check its plan and host "
        "with `copilot-api doctor`.",
    ),
    "404-page": (UpstreamRejected, 404, "not_found", None, "404 page not found"),
    "413-json": (UpstreamRejected, 413, "request_too_large", None, "failed to parse request"),
    "413-text": (UpstreamRejected, 413, "request_too_large", None, "Request Entity Too Large"),
    "422-content-filter": (
        UpstreamRejected,
        422,
        "content_filter",
        None,
        "The prompt was blocked by the responsible AI filter.",
    ),
    "429-extension-blocked": (QuotaExhausted, 429, "extension_blocked", 86400.0, "Extension blocked"),
    "429-flat": (QuotaExhausted, 429, "rate_limited", 5.0, "rate limit exceeded"),
    "429-global": (
        QuotaExhausted,
        429,
        "user_global_rate_limited",
        7200.0,
        "Sorry, you've hit a rate limit that restricts the number of model requests in a period of time.",
    ),
    "429-rate-limited": (QuotaExhausted, 429, "rate_limited", 37.0, "rate limit exceeded"),
    "429-user-model": (
        QuotaExhausted,
        429,
        "user_model_rate_limited",
        120.0,
        "Sorry, you have been rate-limited. Please wait before trying again or switch to another model.",
    ),
    "429-weekly": (
        QuotaExhausted,
        429,
        "user_weekly_rate_limited",
        259200.0,
        "Sorry, you've exceeded your weekly rate limit. Please review our Terms of Service.",
    ),
    "466-client-too-old": (
        UpstreamRejected,
        466,
        "client_too_old",
        None,
        "bad request: the specified API version is no longer supported. You may need to update your "
        "client to a newer version. Copilot no longer accepts the API version this gateway names; update "
        "copilot-api.",
    ),
    "499-cancelled": (
        UpstreamRejected,
        499,
        "cancelled",
        None,
        "Copilot reports that the request was cancelled.",
    ),
    "500-text": (UpstreamUnavailable, 500, "upstream_unavailable", None, "Internal Server Error"),
    "502-html": (
        UpstreamUnavailable,
        502,
        "upstream_unavailable",
        None,
        "Copilot answered 502 with an HTML page titled '502 Bad Gateway'.",
    ),
    "503-provider": (
        UpstreamUnavailable,
        503,
        "upstream_provider_rate_limit",
        None,
        "upstream provider rate limit",
    ),
}


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
