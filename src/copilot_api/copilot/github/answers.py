"""What GitHub answers, read leniently, and its refusals in words that say what to do.

Pure. Source: upstream contract 1.3 to 1.6 (read 2026-11).
"""

from typing import cast

import msgspec

from copilot_api.copilot.fields import as_table, as_text
from copilot_api.copilot.quota import QuotaSnapshot, read_user_quota
from copilot_api.copilot.rejections import read_words, retry_after_s
from copilot_api.copilot.transport.answer import Answer
from copilot_api.errors import (
    CredentialRefused,
    QuotaExhausted,
    UpstreamFault,
    UpstreamProtocolError,
    UpstreamUnavailable,
)

CANNOT_EXCHANGE = "cannot_exchange"
"""The code of a refusal that means: this token's app has no token endpoint, use the token directly."""

NO_COPILOT = "no_copilot"
"""The code of GitHub knowing no seat of the account (contract 1.6)."""

COPILOT_SETTINGS = "https://github.com/settings/copilot"

REMEDIES = {
    "not_signed_up": f"The account has no Copilot plan yet; sign up at {COPILOT_SETTINGS}.",
    "no_copilot_access": f"The account has no Copilot access; get a plan or a seat ({COPILOT_SETTINGS}).",
    "subscription_ended": f"The Copilot subscription has ended; renew it at {COPILOT_SETTINGS}.",
    "feature_flag_blocked": "The organisation has switched Copilot off for you; ask its administrator.",
    "spammy_user": "GitHub has flagged the account; contact GitHub support.",
    "billing_locked": "The account is locked for billing; settle it at https://github.com/settings/billing.",
    "trade_restricted": "GitHub may not offer Copilot to this account (trade restrictions).",
    "trade_restricted_country": "GitHub may not offer Copilot in this country (trade restrictions).",
    "enterprise_managed_user_account": "The account is managed by an enterprise; its administrator must "
    "assign a Copilot seat.",
    "codespaces_demo_inactive": "The Codespaces demo has ended; log in with an account that has a plan.",
    "snippy_not_configured": "Choose whether public code may be suggested at "
    "https://github.com/settings/copilot/features, then try again.",
    "expired_coupon": f"The coupon has expired; choose a plan at {COPILOT_SETTINGS}.",
    "revoked_coupon": f"The coupon was revoked; choose a plan at {COPILOT_SETTINGS}.",
    "go_http_client": "GitHub took us for a blocked automation; wait, do not retry, and update copilot-api.",
    "programmatic_token_generation": "GitHub saw too many token requests; stop other tools that use this "
    "account, wait some hours, then log in again.",
    "access_revoked": "GitHub has revoked Copilot access for this account; see the e-mail from GitHub or "
    "contact its support. Retrying makes it worse.",
    "server_error": "GitHub has a fault of its own; try again in a few minutes.",
}
"""Each refusal GitHub names, and what a person can do about it (contract 1.5)."""


class GitHubUser(msgspec.Struct, frozen=True):
    """Who a token belongs to."""

    id: int
    login: str
    name: str = ""
    avatar_url: str = ""


class CopilotUser(msgspec.Struct, frozen=True):
    """What the account may do. `api_base` as GitHub wrote it, not yet checked."""

    login: str = ""
    plan: str = ""
    sku: str = ""
    api_base: str | None = None
    is_token_billed: bool = False
    quota: QuotaSnapshot = QuotaSnapshot()
    raw: dict[str, object] = {}


class TokenEnvelope(msgspec.Struct, frozen=True):
    """One exchanged token. `api_base` as GitHub wrote it, not yet checked.

    `notice` is GitHub's note to the person.
    Units: `refresh_in_s` in seconds from now.
    """

    token: str
    refresh_in_s: float
    sku: str = ""
    api_base: str | None = None
    notice: str | None = None

    def __repr__(self) -> str:
        """Never the token: a repr ends up in tracebacks and logs."""
        return f"TokenEnvelope(sku={self.sku!r}, api_base={self.api_base!r})"


def read_user(answer: Answer) -> GitHubUser:
    """Read `GET /user`.

    Raises: the fault of a refusal; UpstreamProtocolError for an answer without id and login.
    """
    table = _document(answer, "GET /user")
    user_id, login = table.get("id"), table.get("login")
    if not isinstance(user_id, int) or not isinstance(login, str):
        raise UpstreamProtocolError("GitHub's answer to GET /user names no id and login; try again.")
    return GitHubUser(user_id, login, as_text(table.get("name")), as_text(table.get("avatar_url")))


def read_copilot_user(answer: Answer) -> CopilotUser:
    """Read `GET /copilot_internal/user`; every field is optional.

    Raises: the fault of a refusal.
    """
    if answer.status == 404:
        words = read_words(answer.body).message
        raise _refused(
            f"GitHub answered 404 to GET /copilot_internal/user: {words!r}.",
            f"The account has no Copilot plan or seat; get one at {COPILOT_SETTINGS}, then log in again.",
            NO_COPILOT,
        )
    table = _document(answer, "GET /copilot_internal/user")
    endpoints = as_table(table.get("endpoints"))
    return CopilotUser(
        login=as_text(table.get("login")),
        plan=as_text(table.get("copilot_plan")),
        sku=as_text(table.get("access_type_sku")),
        api_base=as_text(endpoints.get("api")) or None,
        is_token_billed=table.get("token_based_billing") is True,
        quota=read_user_quota(table),
        raw=table,
    )


def read_envelope(answer: Answer) -> TokenEnvelope:
    """Read `GET /copilot_internal/v2/token`.

    Raises: the fault of a refusal; UpstreamProtocolError for an answer without a token.
    """
    table = _document(answer, "GET /copilot_internal/v2/token")
    token = as_text(table.get("token"))
    refresh_in = table.get("refresh_in")
    if not token or not token.isascii() or not token.isprintable():
        raise UpstreamProtocolError("GitHub's answer to the token request holds no token; try again.")
    if isinstance(refresh_in, bool) or not isinstance(refresh_in, int | float) or refresh_in <= 0:
        refresh_in = 1500  # The usual value (contract 1.4); absent in some tenants' answers.
    notice = as_table(table.get("user_notification"))
    return TokenEnvelope(
        token=token,
        refresh_in_s=float(refresh_in),
        sku=as_text(table.get("sku")),
        api_base=as_text(as_table(table.get("endpoints")).get("api")) or None,
        notice=as_text(notice.get("message")) or None,
    )


def fault_of(answer: Answer, what: str) -> UpstreamFault:
    """Return the fault a refusal of GitHub's REST API is, its message ending in the remedy."""
    words = read_words(answer.body)
    said = f"GitHub answered {answer.status} to {what}: {words.message!r}."
    wait_s = retry_after_s(answer.headers, now_unix_s=None)
    if answer.status == 429 or (answer.status == 403 and "rate limit" in words.message.lower()):
        remedy = "GitHub limits this account's API calls; wait, and close other tools that use it."
        return QuotaExhausted(
            f"{said} {remedy}", code="github_rate_limited", status=429, retry_after_s=wait_s, remedy=remedy
        )
    if answer.status >= 500:
        remedy = "GitHub has a fault; see https://www.githubstatus.com."
        return UpstreamUnavailable(f"{said} {remedy}", retry_after_s=wait_s, remedy=remedy)
    if answer.status == 401:
        remedy = "The GitHub token is no longer valid; run `copilot-api login` again."
        return CredentialRefused(f"{said} {remedy}", code="bad_credentials", remedy=remedy)
    if answer.status in (403, 404):
        return _entitlement_fault(answer, words.message, said)
    return UpstreamProtocolError(
        f"{said} That is not an answer GitHub documents; try again, or update copilot-api."
    )


def _entitlement_fault(answer: Answer, message: str, said: str) -> CredentialRefused:
    details = as_table(as_table(_decoded(answer.body)).get("error_details"))
    notification = as_text(details.get("notification_id"))
    if notification:
        remedy = REMEDIES.get(notification) or f"See {as_text(details.get('url')) or COPILOT_SETTINGS}."
        said = (
            f"GitHub refuses Copilot to this account ({notification}): {as_text(details.get('message'))!r}."
        )
        return CredentialRefused(f"{said} {remedy}", code=notification, status=403, remedy=remedy)
    if "personal access token" in message.lower():
        return _refused(
            said, "Use `copilot-api login`, or a fine-grained token permitted 'Copilot Requests'."
        )
    if answer.status == 404:
        return _refused(
            said,
            "The app this token belongs to has no Copilot access, or the account is on another host; "
            "run `copilot-api login` (with `--ghe HOST` for a GHE.com tenant).",
        )
    if "user-agent" in message.lower() or "administrative rules" in message.lower():
        remedy = "A proxy on the way removed our User-Agent; let it pass."
    else:
        remedy = f"Look at {COPILOT_SETTINGS}, then run `copilot-api login` again."
    return _refused(said, remedy, "forbidden")


def _refused(said: str, remedy: str, code: str = CANNOT_EXCHANGE) -> CredentialRefused:
    return CredentialRefused(f"{said} {remedy}", code=code, status=403, remedy=remedy)


def _document(answer: Answer, what: str) -> dict[str, object]:
    if answer.status != 200:
        raise fault_of(answer, what)
    document = _decoded(answer.body)
    if not isinstance(document, dict):
        raise UpstreamProtocolError(
            f"GitHub's answer to {what} is not a JSON object; is a proxy or a login page in the way?"
        )
    return cast("dict[str, object]", document)


def _decoded(body: bytes) -> object:
    try:
        return cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
