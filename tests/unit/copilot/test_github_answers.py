"""What GitHub answers, and the words its refusals become."""

import pytest

from copilot_api.copilot.github.answers import fault_of, read_copilot_user, read_envelope, read_user
from copilot_api.copilot.transport.answer import Answer
from copilot_api.errors import (
    CredentialRefused,
    GatewayError,
    QuotaExhausted,
    UpstreamProtocolError,
    UpstreamUnavailable,
)
from recorded import ERROR_NAMES, error, reply
from unit.copilot.world import answer

ASKED = "GET /copilot_internal/v2/token"
REFUSALS: dict[str, tuple[type[Exception], str, str]] = {
    "token-401": (
        CredentialRefused,
        "bad_credentials",
        f"GitHub answered 401 to {ASKED}: 'Bad credentials'. The GitHub token is no longer valid; "
        "run `copilot-api login` again.",
    ),
    "token-403-access-revoked": (
        CredentialRefused,
        "access_revoked",
        "GitHub refuses Copilot to this account (access_revoked): 'Access problem: access_revoked.'. GitHub has "
        "revoked Copilot access for this account; see the e-mail from GitHub or contact its support. Retrying "
        "makes it worse.",
    ),
    "token-403-billing-locked": (
        CredentialRefused,
        "billing_locked",
        "GitHub refuses Copilot to this account (billing_locked): 'Access problem: billing_locked.'. The account "
        "is locked for billing; settle it at https://github.com/settings/billing.",
    ),
    "token-403-feature-flag-blocked": (
        CredentialRefused,
        "feature_flag_blocked",
        "GitHub refuses Copilot to this account (feature_flag_blocked): 'Access problem: feature_flag_blocked.'. "
        "The organisation has switched Copilot off for you; ask its administrator.",
    ),
    "token-403-no-copilot-access": (
        CredentialRefused,
        "no_copilot_access",
        "GitHub refuses Copilot to this account (no_copilot_access): 'Access problem: no_copilot_access.'. The "
        "account has no Copilot access; get a plan or a seat (https://github.com/settings/copilot).",
    ),
    "token-403-no-user-agent": (
        CredentialRefused,
        "forbidden",
        f"GitHub answered 403 to {ASKED}: 'Request forbidden by administrative rules. Please make sure your "
        "request has a User-Agent header.'. A proxy on the way removed our User-Agent; let it pass.",
    ),
    "token-403-not-signed-up": (
        CredentialRefused,
        "not_signed_up",
        "GitHub refuses Copilot to this account (not_signed_up): 'Access problem: not_signed_up.'. The account has "
        "no Copilot plan yet; sign up at https://github.com/settings/copilot.",
    ),
    "token-403-pat": (
        CredentialRefused,
        "cannot_exchange",
        f"GitHub answered 403 to {ASKED}: 'Resource not accessible by personal access token'. Use "
        "`copilot-api login`, or a fine-grained token permitted 'Copilot Requests'.",
    ),
    "token-403-programmatic-token-generation": (
        CredentialRefused,
        "programmatic_token_generation",
        "GitHub refuses Copilot to this account (programmatic_token_generation): 'Access problem: "
        "programmatic_token_generation.'. GitHub saw too many token requests; stop other tools that use this "
        "account, wait some hours, then log in again.",
    ),
    "token-403-rate-limit": (
        QuotaExhausted,
        "github_rate_limited",
        f"GitHub answered 403 to {ASKED}: 'API rate limit exceeded for user ID 9000001.'. GitHub limits this "
        "account's API calls; wait, and close other tools that use it.",
    ),
    "token-403-subscription-ended": (
        CredentialRefused,
        "subscription_ended",
        "GitHub refuses Copilot to this account (subscription_ended): 'Access problem: subscription_ended.'. The "
        "Copilot subscription has ended; renew it at https://github.com/settings/copilot.",
    ),
    "token-404": (
        CredentialRefused,
        "cannot_exchange",
        f"GitHub answered 404 to {ASKED}: 'Not Found'. The app this token belongs to has no Copilot access, or the "
        "account is on another host; run `copilot-api login` (with `--ghe HOST` for a GHE.com tenant).",
    ),
}


@pytest.mark.parametrize("name", [name for name in ERROR_NAMES if name.startswith("token-")])
def test_every_recorded_refusal_of_the_token_endpoint_names_its_remedy(name: str) -> None:
    """Each recorded refusal has one fault and one remedy, written out."""
    status, headers, body = error(name)
    with pytest.raises(GatewayError) as caught:
        read_envelope(Answer(status, headers, body))
    assert (type(caught.value), caught.value.code, caught.value.message) == REFUSALS[name]


@pytest.mark.parametrize(
    ("notification", "remedy"),
    [
        ("spammy_user", "GitHub has flagged the account; contact GitHub support."),
        ("expired_coupon", "The coupon has expired; choose a plan at https://github.com/settings/copilot."),
        ("revoked_coupon", "The coupon was revoked; choose a plan at https://github.com/settings/copilot."),
        ("server_error", "GitHub has a fault of its own; try again in a few minutes."),
        (
            "go_http_client",
            "GitHub took us for a blocked automation; wait, do not retry, and update copilot-api.",
        ),
        ("never_seen_before", "See https://example.test/why."),
    ],
)
def test_every_notification_has_its_remedy(notification: str, remedy: str) -> None:
    """The person reads what to do, not an id; an unknown id leads to GitHub's own page."""
    body = f'{{"error_details":{{"notification_id":"{notification}","message":"m","url":"https://example.test/why"}}}}'
    fault = fault_of(answer(body, 403), "GET /x")
    assert fault.message == f"GitHub refuses Copilot to this account ({notification}): 'm'. {remedy}"
    assert fault.code == notification


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (429, QuotaExhausted, "github_rate_limited"),
        (500, UpstreamUnavailable, "upstream_unavailable"),
        (503, UpstreamUnavailable, "upstream_unavailable"),
        (403, CredentialRefused, "forbidden"),
        (302, UpstreamProtocolError, "upstream_protocol_error"),
        (418, UpstreamProtocolError, "upstream_protocol_error"),
    ],
)
def test_other_statuses_have_their_fault(status: int, kind: type[Exception], code: str) -> None:
    """Rate limits, outages and answers GitHub does not document."""
    fault = fault_of(answer("", status, {"retry-after": "30"}), "GET /user")
    assert (type(fault), fault.code) == (kind, code)


def test_a_rate_limit_carries_its_wait() -> None:
    """Retry-After reaches the cool-down."""
    assert fault_of(answer("", 429, {"retry-after": "30"}), "GET /user").retry_after_s == 30.0


def test_the_user_is_read() -> None:
    """`GET /user`, as recorded."""
    user = read_user(answer(reply("github-user")))
    assert (user.id, user.login, user.name) == (9000001, "octo-dev", "Octo Dev")
    assert user.avatar_url == "https://avatars.example/9000001"


@pytest.mark.parametrize("body", ["{}", '{"id":"1","login":"x"}', '{"id":1}'])
def test_a_user_without_identity_is_refused(body: str) -> None:
    """An answer without id and login is not GitHub's."""
    with pytest.raises(UpstreamProtocolError, match="names no id and login"):
        read_user(answer(body))


@pytest.mark.parametrize("body", ["<html>", "[]", "\xff"])
def test_an_answer_that_is_no_object_is_refused(body: str) -> None:
    """A captive portal answers 200 with a page."""
    with pytest.raises(UpstreamProtocolError, match="not a JSON object"):
        read_user(answer(body))


def test_plan_and_host_come_from_github() -> None:
    """The account type is what GitHub says, never what a person guesses."""
    user = read_copilot_user(answer(reply("user-business")))
    assert (user.plan, user.sku) == ("business", "copilot_for_business_seat_quota")
    assert user.api_base == "https://api.business.githubcopilot.com"
    assert user.is_token_billed is False


def test_an_empty_user_document_is_fine() -> None:
    """Every field is optional (contract 1.6)."""
    user = read_copilot_user(answer("{}"))
    assert (user.plan, user.api_base) == ("", None)


def test_the_envelope_is_read() -> None:
    """Token, life, plan and host of an exchange, as recorded."""
    envelope = read_envelope(answer(reply("token")))
    assert envelope.token.startswith("tid=b3f00b73e2f0fb637afd5b715014970e;")
    assert (envelope.refresh_in_s, envelope.sku) == (1500.0, "plus_monthly_subscriber_quota")
    assert envelope.api_base == "https://api.individual.githubcopilot.com"
    assert envelope.notice is None


def test_a_repr_never_shows_the_token() -> None:
    """A repr ends up in tracebacks."""
    envelope = read_envelope(answer('{"token":"tid=secret","user_notification":{"message":"soon over"}}'))
    assert "secret" not in repr(envelope)
    assert envelope.notice == "soon over"
    assert envelope.refresh_in_s == 1500.0


@pytest.mark.parametrize(
    "body", ["{}", '{"token":""}', '{"token":5}', '{"token":"a\\u0000b"}', '{"token":"ü"}']
)
def test_an_envelope_without_a_token_is_refused(body: str) -> None:
    """A token that cannot be a header value is none."""
    with pytest.raises(UpstreamProtocolError, match="holds no token"):
        read_envelope(answer(body))


@pytest.mark.parametrize("refresh_in", ["0", "-1", "true", '"x"', "null"])
def test_a_strange_life_becomes_the_usual_one(refresh_in: str) -> None:
    """1500 s is what GitHub sends (contract 1.4)."""
    assert read_envelope(answer(f'{{"token":"t","refresh_in":{refresh_in}}}')).refresh_in_s == 1500.0
