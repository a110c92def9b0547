"""Contract §12 rows 4, 5, 9, 10: catalogue, auth gate, limits, headers."""

from typing import Any

import pytest

from copilot_api.simulator import running_simulator

TEXT = "text/plain; charset=utf-8"
FORBIDDEN = (403, TEXT, b"access to this endpoint is forbidden\n")


async def test_an_exchanged_token_must_come_from_an_editor(world: Any) -> None:
    """IDE auth wants Editor-Version, and one it can read."""
    bearer = f"Bearer {await world.exchange()}"
    missing = await world.get("/models", authorization=bearer)
    assert missing.refusal == (400, TEXT, b"bad request: missing Editor-Version header for IDE auth\n")
    unknown = await world.get("/models", authorization=bearer, editor_version="nonsense")
    assert unknown.refusal == (400, TEXT, b"bad request: unknown Editor-Version header for IDE auth\n")
    good = await world.get("/models", authorization=bearer, editor_version="copilot-api/0.1.0")
    assert good.status == 200


async def test_a_direct_token_needs_no_editor(world: Any) -> None:
    """The OAuth token alone opens the API."""
    assert (await world.get("/models")).status == 200


async def test_an_expired_token_is_a_401_in_text(world: Any) -> None:
    """By the clock, or when the test says so."""
    expired = (401, TEXT, b"unauthorized: token expired\n")
    bearer = f"Bearer {await world.exchange()}"
    world.clock.now_s += 1801
    by_clock = await world.get("/models", authorization=bearer, editor_version="vscode/1.99.0")
    assert by_clock.refusal == expired
    bearer = f"Bearer {await world.exchange()}"
    await world.control("accounts", {"expire_tokens": True})
    by_order = await world.get("/models", authorization=bearer, editor_version="vscode/1.99.0")
    assert by_order.refusal == expired


async def test_no_token_and_a_foreign_token_are_401(world: Any) -> None:
    """Nobody gets in without one of the simulator's own tokens."""
    expected = (401, TEXT, b"unauthorized: invalid token\n")
    assert (await world.get("/models", authorization=None)).refusal == expected
    assert (await world.get("/models", authorization="Bearer ghu_nobody")).refusal == expected


@pytest.mark.parametrize(
    ("plan", "host"), [("business", "individual"), ("individual", "enterprise"), ("enterprise", "business")]
)
async def test_the_wrong_host_is_forbidden(world: Any, plan: str, host: str) -> None:
    """A seat works on its own host only."""
    world.plan = plan
    assert (await world.get("/models", plan=host)).refusal == FORBIDDEN


async def test_the_generic_host_refuses_business_seats_only(world: Any) -> None:
    """Individual seats may use it, business and enterprise may not."""
    generic = world.simulator.url + "/models"
    for plan, status in (("individual", 200), ("free", 200), ("business", 403), ("enterprise", 403)):
        world.plan = plan
        answer = await world.call("GET", generic, headers=world.copilot_headers({}))
        assert answer.status == status


async def test_personal_tokens_work_for_the_official_cli_only(world: Any) -> None:
    """A third party gets 400; the CLI needs the Copilot Requests permission."""
    bearer = "Bearer " + world.simulator.github_token("individual").replace("ghu_", "github_pat_")
    third_party = await world.get("/models", authorization=bearer)
    assert third_party.refusal == (
        400,
        TEXT,
        b"bad request: Personal Access Tokens are not supported for this endpoint\n",
    )
    cli = "copilot-developer-cli"
    assert (await world.get("/models", authorization=bearer, copilot_integration_id=cli)).status == 200
    await world.control("accounts", {"has_copilot_requests": False})
    answer = await world.get("/models", authorization=bearer, copilot_integration_id=cli)
    assert answer.refusal == (
        401,
        TEXT,
        b"unauthorized: Personal Access Token does not have Copilot Requests permission\n",
    )


async def test_an_old_api_version_is_466_and_none_gets_the_short_list(world: Any) -> None:
    """The version header decides how much of the catalogue a client sees."""
    old = await world.get("/models", x_github_api_version="2025-04-01")
    assert old.refusal == (
        466,
        TEXT,
        b"bad request: the specified API version is no longer supported. "
        b"You may need to update your client to a newer version.\n",
    )
    short = (await world.get("/models", x_github_api_version=None)).json["data"]
    full = (await world.get("/models")).json["data"]
    assert (len(short), len(full)) == (10, 41)
    assert "gpt-5.5" not in [model["id"] for model in short]


async def test_the_catalogue_has_upstreams_oddities(world: Any) -> None:
    """Duplicates, absent endpoints, switched-off models, two ways of billing."""
    answer = await world.get("/models")
    assert answer.content_type == "application/json"
    assert "x-quota-snapshot-chat" not in answer.headers
    models = answer.json["data"]
    ids = [model["id"] for model in models]
    assert ids.count("gpt-4") == 2
    by_id = {model["id"]: model for model in models}
    assert "supported_endpoints" not in by_id["gemini-2.5-pro"]
    assert by_id["gpt-5.3-codex"]["supported_endpoints"] == ["/responses", "ws:/responses"]
    assert by_id["claude-fable-5"]["supported_endpoints"] == ["/v1/messages"]
    assert by_id["mai-code-1-flash"]["supported_endpoints"] == ["/v1/chat/completions"]
    assert by_id["gemini-3.5-flash"]["policy"]["state"] == "disabled"
    assert "claude-opus-4.6-1m" not in by_id


async def test_the_free_plan_sees_fewer_models(world: Any) -> None:
    """restricted_to filters the list by plan."""
    world.plan = "free"
    ids = {model["id"] for model in (await world.get("/models")).json["data"]}
    assert "gpt-5-mini" in ids
    assert "claude-sonnet-4.6" not in ids


async def test_a_policy_can_be_accepted(world: Any) -> None:
    """A disabled model is not supported until its terms are accepted."""
    refused = await world.chat("hi", "gemini-3.5-flash")
    assert refused.refusal == (
        400,
        TEXT,
        b'{"error":{"message":"The requested model is not supported.","code":"model_not_supported",'
        b'"param":"model","type":"invalid_request_error"}}',
    )
    accepted = await world.post("/models/gemini-3.5-flash/policy", {"state": "enabled"})
    assert (accepted.status, accepted.body) == (200, b'{"state":"enabled"}')
    assert (await world.chat("hi", "gemini-3.5-flash")).status == 200
    assert (await world.post("/models/gemini-3.5-flash/policy", {"state": "x"})).status == 400
    assert (await world.post("/models/nothing/policy", {"state": "enabled"})).status == 404


async def test_the_catalogue_can_be_rate_limited(world: Any) -> None:
    """A 429 on /models, so that callers prove they keep the old list."""
    await world.control(
        "faults", {"faults": [{"method": "GET", "path": "/capi/individual/models", "error": "429"}]}
    )
    assert (await world.get("/models")).refusal == (
        429,
        TEXT,
        b'{"error":{"message":"rate limit exceeded","code":"rate_limited"}}',
    )


async def test_a_model_may_be_closed_to_an_integrator(world: Any) -> None:
    """The message names the integrator."""
    await world.control("accounts", {"integrator": "example", "blocked_models": ["gpt-4.1"]})
    assert (await world.chat("hi")).refusal == (
        400,
        TEXT,
        b'{"error":{"message":"The requested model is not available for integrator \\"example\\". '
        b'Verify the correct Copilot-Integration-Id header is being sent.","code":"model_not_supported"}}',
    )


async def test_auto_mode_answers_in_shape(world: Any) -> None:
    """Session, router and second edition."""
    session = (await world.post("/models/session", {"auto_mode": {"model_hints": ["auto"]}})).json
    assert session["selected_model"] == "gpt-5-mini"
    assert session["session_token"].startswith("auto.")
    assert (await world.post("/models/session/intent", {})).json["chosen_model"] == "claude-sonnet-4.6"
    assert (await world.post("/auto", {"prompt": "x"})).json["selected_model"]["id"] == "gpt-5-mini"


@pytest.mark.parametrize("path", ["/v1/messages/batches", "/v1/files", "/responses/compact", "/nowhere"])
async def test_unknown_paths_have_no_page(world: Any, path: str) -> None:
    """Text, with a newline."""
    assert (await world.post(path, {})).refusal == (404, TEXT, b"404 page not found\n")


ERRORS = [
    ("400-bad-request-text", 400, TEXT, b"Bad Request\n"),
    ("400-bodyless", 400, TEXT, b""),
    ("401-ide-token-expired", 401, TEXT, b"IDE token expired: unauthorized: token expired\n"),
    ("402", 402, TEXT, b'{"error":{"message":"You have no quota","code":"quota_exceeded"}}'),
    ("413", 413, TEXT, b"Request Entity Too Large\n"),
    ("413-json", 413, TEXT, b'{"error":{"message":"failed to parse request","code":""}}'),
    ("422", 422, TEXT,
     b'{"error":{"message":"The prompt was blocked by the responsible AI filter.","code":"content_filter"}}'),
    ("429-flat", 429, TEXT, b'{"message":"rate limit exceeded","code":"rate_limited"}'),
    ("499", 499, TEXT, b""),
    ("500", 500, TEXT, b"Internal Server Error\n"),
    ("503", 503, TEXT, b"upstream provider rate limit\n"),
    ("504", 504, TEXT, b"simulated error 504\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "content_type", "body"), ERRORS)
async def test_any_error_can_be_scripted(
    world: Any, name: str, status: int, content_type: str, body: bytes
) -> None:
    """Error JSON is labelled text/plain, as upstream does."""
    answer = await world.chat(f"[[sim: error={name}]]")
    assert answer.refusal == (status, content_type, body)
    assert not [header for header in answer.headers if header.startswith("x-quota")]


async def test_retry_after_is_the_errors_own_or_the_scripts(world: Any) -> None:
    """Weekly limits last for days."""
    weekly = await world.chat("[[sim: error=429-weekly]]")
    assert (weekly.headers["retry-after"], weekly.headers["x-ratelimit-exceeded"]) == (
        "259200",
        "user-weekly",
    )
    short = await world.chat("[[sim: error=429; retry_after=3]]")
    assert short.headers["retry-after"] == "3"


async def test_an_error_may_happen_only_a_few_times(world: Any) -> None:
    """times=2 fails twice, then the step answers."""
    text = "[[sim: error=500; times=2; text=Back]]"
    statuses = [(await world.chat(text)).status for _ in range(4)]
    assert statuses == [500, 500, 200, 200]
    assert (await world.chat(text)).json["choices"][0]["message"]["content"] == "Back"


async def test_a_body_over_the_limit_is_413_text(world: Any) -> None:
    """The gateway in front of Copilot answers 25 bytes."""
    async with running_simulator(max_body_bytes=1000) as small:
        headers = world.copilot_headers({})
        url = small.api_url() + "/chat/completions"
        answer = await world.call("POST", url, headers=headers, data=b" " * 1001)
    assert answer.refusal == (413, TEXT, b"Request Entity Too Large\n")


async def test_an_exhausted_quota_is_402_without_quota_headers(world: Any) -> None:
    """The free plan has its own words and a date."""
    await world.control("accounts", {"quota_exhausted": True})
    paid = await world.chat("hi")
    assert paid.body == b'{"error":{"message":"You have no quota","code":"quota_exceeded"}}'
    assert paid.headers["retry-after"] == "1204800"
    world.plan = "free"
    await world.control("accounts", {"plan": "free", "quota_exhausted": True})
    free = await world.chat("hi")
    assert (
        free.body
        == b'{"error":{"message":"You have exceeded your free chat limit","code":"free_quota_exceeded"}}'
    )
    assert free.headers["retry-after"] == "Thu, 01 Oct 2026 00:00:00 GMT"


async def test_quota_headers_fall_as_traffic_is_billed(world: Any) -> None:
    """1000 output tokens of sonnet are 1.5 credits; the headers and the ledger say so."""
    first = await world.messages("[[sim: text=x; input_tokens=0; output_tokens=0]]")
    assert first.headers["x-quota-snapshot-premium_interactions"] == (
        "ent=1500&ov=0.0&ovPerm=true&rem=85.3&rst=2026-10-01T00%3A00%3A00Z&totRem=1279.5"
    )
    second = await world.messages("[[sim: text=x; input_tokens=0; output_tokens=1000]]")
    assert second.headers["x-quota-snapshot-premium_interactions"] == (
        "ent=1500&ov=0.0&ovPerm=true&rem=85.2&rst=2026-10-01T00%3A00%3A00Z&totRem=1278"
    )
    assert second.headers["x-quota-snapshot-chat"] == (
        "ent=-1&ov=0.0&ovPerm=false&rem=100&rst=2026-10-01T00%3A00%3A00Z&totRem=-1"
    )
    billing = await world.call("GET", world.simulator.url + "/_sim/billing", headers={"user-agent": "t"})
    assert billing.json["total_nano_aiu"] == 1_500_000_000
    seat = (await world.github("GET", "/copilot_internal/user")).json
    assert seat["quota_snapshots"]["premium_interactions"]["quota_remaining"] == 1278.0


async def test_a_balance_may_be_negative(world: Any) -> None:
    """The business seat starts below zero, as one was seen."""
    world.plan = "business"
    answer = await world.chat("hi")
    assert answer.headers["x-quota-snapshot-premium_interactions"] == (
        "ent=300&ov=0.0&ovPerm=false&rem=-0.3333333&rst=2026-10-01T00%3A00%3A00Z&totRem=-1"
    )


async def test_every_answer_carries_githubs_header_family(world: Any) -> None:
    """Ids count requests; the client's request id is echoed."""
    answer = await world.post(
        "/chat/completions",
        {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": "hi"}]},
        x_request_id="2510c390-11c5-4e70-a182-423e3a695e91",
    )
    assert answer.headers["x-request-id"] == "2510c390-11c5-4e70-a182-423e3a695e91"
    assert answer.headers["x-github-backend"] == "Kubernetes"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["azureml-model-session"] == "simulator-1"
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_embeddings_want_an_array_of_strings(world: Any) -> None:
    """A scalar and token arrays are refused in text."""
    model = "text-embedding-3-small"
    good = await world.post("/embeddings", {"model": model, "input": ["a", "bb"], "dimensions": 4})
    assert [len(row["embedding"]) for row in good.json["data"]] == [4, 4]
    assert good.json["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    for given in ("scalar", [1, 2], [], ["x"] * 513):
        refused = await world.post("/embeddings", {"model": model, "input": given})
        assert refused.refusal == (400, TEXT, b"Bad Request\n")
    assert (await world.post("/embeddings", b"{")).refusal == (400, TEXT, b"Bad Request\n")
