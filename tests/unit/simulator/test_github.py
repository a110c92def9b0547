"""Contract §12 rows 1-3: device flow, token exchange, seat."""

from typing import Any

import pytest

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ERRORS = "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow"
JSON = "application/json"


async def start(world: Any) -> dict[str, Any]:
    answer = await world.call(
        "POST",
        world.simulator.url + "/login/device/code",
        headers={"accept": JSON, "user-agent": "t"},
        json={"client_id": "Iv1.x", "scope": "read:user"},
    )
    return answer.json


async def poll(world: Any, device_code: str, **more: str) -> dict[str, Any]:
    fields = {"client_id": "Iv1.x", "device_code": device_code, "grant_type": GRANT, **more}
    answer = await world.call(
        "POST",
        world.simulator.url + "/login/oauth/access_token",
        headers={"accept": JSON, "user-agent": "t"},
        json=fields,
    )
    assert answer.status == 200
    return answer.json


async def test_the_device_flow_is_pending_then_gives_the_token(world: Any) -> None:
    """By default one poll is pending and the next one is approved."""
    code = await start(world)
    assert len(code["device_code"]) == 40
    assert len(code["user_code"]) == 9
    assert code["verification_uri"] == world.simulator.url + "/login/device"
    assert (code["expires_in"], code["interval"]) == (899, 5)
    assert await poll(world, code["device_code"]) == {
        "error": "authorization_pending",
        "error_description": "The authorization request is still pending.",
        "error_uri": ERRORS,
    }
    assert await poll(world, code["device_code"]) == {
        "access_token": world.simulator.github_token("individual"),
        "token_type": "bearer",
        "scope": "",
    }
    assert (await poll(world, code["device_code"]))["error"] == "incorrect_device_code"


async def test_without_accept_the_device_flow_answers_in_form_encoding(world: Any) -> None:
    """GitHub answers JSON only to who asks for it; form bodies are read too."""
    answer = await world.call(
        "POST",
        world.simulator.url + "/login/device/code",
        headers={"user-agent": "t"},
        data={"client_id": "Iv1.x"},
    )
    assert answer.content_type == "application/x-www-form-urlencoded; charset=utf-8"
    assert answer.body.startswith(b"device_code=")
    assert b"&expires_in=899&interval=5&user_code=" in answer.body


@pytest.mark.parametrize(
    ("outcome", "description"),
    [
        ("access_denied", "The authorization request was denied."),
        ("expired_token", "The `device_code` has expired."),
    ],
)
async def test_a_final_poll_answer_stays(world: Any, outcome: str, description: str) -> None:
    """Denied and expired codes never recover."""
    await world.control("device", {"polls": [outcome]})
    code = await start(world)
    for _ in range(2):
        shown = await poll(world, code["device_code"])
        assert shown == {"error": outcome, "error_description": description, "error_uri": ERRORS}


async def test_slow_down_names_a_longer_interval(world: Any) -> None:
    """slow_down carries the new interval, five seconds more."""
    await world.control("device", {"polls": ["slow_down", "authorization_pending"]})
    code = await start(world)
    first = await poll(world, code["device_code"])
    assert (first["error"], first["interval"]) == ("slow_down", 10)
    assert (await poll(world, code["device_code"]))["error"] == "authorization_pending"
    assert "access_token" in await poll(world, code["device_code"])


async def test_polling_faster_than_allowed_is_slowed_down(world: Any) -> None:
    """With the interval enforced an early poll earns five seconds more; a patient one gets the token."""
    await world.control("device", {"enforce_interval": True, "account": "business"})
    code = await start(world)
    assert (await poll(world, code["device_code"]))["error"] == "authorization_pending"
    world.clock.now_s += 4
    early = await poll(world, code["device_code"])
    assert (early["error"], early["interval"]) == ("slow_down", 10)
    world.clock.now_s += 10
    patient = await poll(world, code["device_code"])
    assert patient["access_token"] == world.simulator.github_token("business")


async def test_a_code_dies_after_its_lifetime(world: Any) -> None:
    """Expiry follows the clock."""
    code = await start(world)
    world.clock.now_s += 900
    assert (await poll(world, code["device_code"]))["error"] == "expired_token"


async def test_wrong_poll_fields_are_named(world: Any) -> None:
    """Each wrong field has its own error."""
    code = await start(world)
    assert (await poll(world, "nope"))["error"] == "incorrect_device_code"
    assert (await poll(world, code["device_code"], grant_type="x"))["error"] == "unsupported_grant_type"
    assert (await poll(world, code["device_code"], client_id="x"))["error"] == "incorrect_client_credentials"


async def test_the_user_needs_a_token_and_a_user_agent(world: Any) -> None:
    """GET /user refuses nameless programs and dead tokens."""
    good = await world.github("GET", "/user")
    assert (good.status, good.json["login"], good.json["id"]) == (200, "octo-dev", 9000001)
    nameless = await world.github("GET", "/user", user_agent="")
    assert nameless.refusal == (
        403,
        "text/plain; charset=utf-8",
        b"Request forbidden by administrative rules. "
        b"Please make sure your request has a User-Agent header.\n",
    )
    dead = await world.github("GET", "/user", authorization="token ghu_dead")
    assert dead.refusal == (
        401,
        JSON,
        b'{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}',
    )


async def test_the_exchange_gives_a_short_lived_token_and_the_plans_host(world: Any) -> None:
    """The envelope names the host of the seat; both Authorization schemes work."""
    world.plan = "business"
    for scheme in ("token", "Bearer"):
        answer = await world.github(
            "GET",
            "/copilot_internal/v2/token",
            authorization=f"{scheme} {world.simulator.github_token('business')}",
        )
        envelope = answer.json
        assert envelope["endpoints"]["api"] == world.simulator.url + "/capi/business"
        assert (envelope["expires_at"], envelope["refresh_in"]) == (1788301800, 1500)
        assert envelope["sku"] == "copilot_for_business_seat_quota"
        assert envelope["token"].startswith("tid=")


NOT_FOUND = b'{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}'


async def test_the_exchange_is_get_only(world: Any) -> None:
    """POST is a 404, as upstream."""
    answer = await world.github("POST", "/copilot_internal/v2/token")
    assert answer.refusal == (404, JSON, NOT_FOUND)


@pytest.mark.parametrize(
    "notification_id",
    [
        "not_signed_up", "no_copilot_access", "subscription_ended", "feature_flag_blocked", "spammy_user",
        "billing_locked", "trade_restricted", "trade_restricted_country", "enterprise_managed_user_account",
        "codespaces_demo_inactive", "snippy_not_configured", "expired_coupon", "revoked_coupon",
        "go_http_client", "programmatic_token_generation", "access_revoked", "server_error",
    ],
)  # fmt: skip
async def test_every_entitlement_problem_is_a_403_with_its_notification(
    world: Any, notification_id: str
) -> None:
    """Clients switch on error_details.notification_id."""
    await world.control("accounts", {"notification_id": notification_id})
    answer = await world.github("GET", "/copilot_internal/v2/token")
    assert answer.status == 403
    details = answer.json["error_details"]
    assert details["notification_id"] == notification_id
    assert details["message"] == f"Access problem: {notification_id}."


async def test_access_revoked_is_worded_as_github_words_it(world: Any) -> None:
    """The whole body, byte for byte."""
    world.simulator.change_account({"notification_id": "access_revoked"})
    answer = await world.github("GET", "/copilot_internal/v2/token")
    assert answer.refusal == (
        403,
        JSON,
        b'{"can_signup_for_limited":false,"error_details":{"message":"Access problem: access_revoked.",'
        b'"notification_id":"access_revoked","title":"GitHub Copilot access",'
        b'"url":"https://github.com/settings/copilot"},"message":"Resource not accessible by integration"}',
    )


async def test_a_personal_token_cannot_be_exchanged(world: Any) -> None:
    """Fine-grained and classic tokens alike."""
    pat = world.simulator.github_token("individual").replace("ghu_", "github_pat_")
    answer = await world.github("GET", "/copilot_internal/v2/token", authorization=f"token {pat}")
    assert answer.refusal == (
        403,
        JSON,
        b'{"message":"Resource not accessible by personal access token",'
        b'"documentation_url":"https://docs.github.com/rest","status":"403"}',
    )


async def test_the_exchange_is_rate_limited_with_a_403(world: Any) -> None:
    """GitHub's REST limit is not a 429."""
    await world.control("accounts", {"rate_limited": True})
    answer = await world.github("GET", "/copilot_internal/v2/token")
    assert answer.refusal == (
        403,
        JSON,
        b'{"message":"API rate limit exceeded for user ID 9000001.",'
        b'"documentation_url":"https://docs.github.com/rest","status":"403"}',
    )


async def test_each_plan_has_its_seat_document(world: Any) -> None:
    """Plans, hosts and the shapes of quota: new, legacy free, token-based billing."""
    shown: dict[str, Any] = {}
    for plan in ("individual", "business", "enterprise", "free", "free-legacy"):
        world.plan = plan
        shown[plan] = (await world.github("GET", "/copilot_internal/user")).json
    plans = {plan: seat["copilot_plan"] for plan, seat in shown.items()}
    assert plans == {
        "individual": "individual_pro",
        "business": "business",
        "enterprise": "enterprise",
        "free": "free",
        "free-legacy": "individual",
    }
    assert shown["enterprise"]["token_based_billing"] is True
    assert shown["business"]["quota_snapshots"]["premium_interactions"]["remaining"] == -1
    assert shown["free-legacy"]["limited_user_quotas"] == {"chat": 37, "completions": 1800}
    assert "quota_snapshots" not in shown["free-legacy"]
    assert shown["free"]["endpoints"]["api"] == world.simulator.url + "/capi/individual"


async def test_an_account_without_copilot_has_no_seat(world: Any) -> None:
    """404 for the seat, not_signed_up for the exchange, 403 at the Copilot API."""
    await world.control("accounts", {"without_copilot": True})
    seat = await world.github("GET", "/copilot_internal/user")
    assert seat.refusal == (404, JSON, NOT_FOUND)
    exchange = await world.github("GET", "/copilot_internal/v2/token")
    assert exchange.json["error_details"]["notification_id"] == "not_signed_up"
    assert (await world.get("/models")).status == 403


async def test_a_revoked_token_is_dead_everywhere(world: Any) -> None:
    """GitHub says 401, and so does the Copilot API."""
    await world.control("accounts", {"revoked": True})
    assert (await world.github("GET", "/user")).status == 401
    assert (await world.get("/models")).status == 401


async def test_github_can_be_down_for_a_while(world: Any) -> None:
    """Faults count down and then the route is well again."""
    await world.control("faults", {"faults": [{"path": "/copilot_internal/*", "error": "502", "times": 1}]})
    down = await world.github("GET", "/copilot_internal/user")
    assert (down.status, down.content_type) == (502, "text/html")
    assert (await world.github("GET", "/copilot_internal/user")).status == 200


async def test_an_account_has_a_picture_without_credentials(world: Any) -> None:
    """`avatar_url` of the user leads to a PNG, the same each time; nobody has one who is not there."""
    token = world.simulator.github_token("business")
    who = await world.call(
        "GET",
        world.simulator.url + "/user",
        headers={"authorization": f"token {token}", "user-agent": "t"},
    )
    address = who.json["avatar_url"]
    assert address == world.simulator.url + "/avatars/u/9000002?v=4"
    first = await world.call("GET", address, headers={})
    again = await world.call("GET", address, headers={})
    assert (first.status, first.headers["content-type"]) == (200, "image/png")
    assert first.body[:8] == b"\x89PNG\r\n\x1a\n"
    assert first.body == again.body
    assert (await world.call("GET", world.simulator.url + "/avatars/u/1", headers={})).status == 404
