"""Every recorded refusal of Copilot and the fault it must become, written out by hand."""

from copilot_api.errors import (
    ContextOverflow,
    CredentialRefused,
    QuotaExhausted,
    UpstreamRejected,
    UpstreamUnavailable,
)

# Fields: kind, status, code, retry_after_s, message.
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
