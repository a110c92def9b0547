"""GitHub's device login, one step at a time.

Owns what each answer means and how long to wait. Must never know who shows the code: a command line and the
admin both drive it. Source: upstream contract 1.1 (read 2026-11); GitHub documentation, device flow (read
2026-11).

States: waiting -> granted | failed | cancelled; only `waiting` can change.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, cast
from urllib.parse import parse_qsl

import msgspec

from copilot_api.copilot.transport.answer import Answer
from copilot_api.errors import CredentialRefused, GatewayError, UpstreamFault, UpstreamProtocolError

SLOW_DOWN_S = 5.0
"""`slow_down` without an interval of its own means five seconds more (RFC 8628, 3.5)."""
DEFAULT_INTERVAL_S = 5.0
DEFAULT_EXPIRY_S = 900.0
LONGEST_INTERVAL_S = 60.0

LoginState = Literal["waiting", "granted", "failed", "cancelled"]

_AGAIN = "Log in again, in the admin or with `copilot-api login`."
_UPDATE = "Update copilot-api."
_ENDINGS = {
    "access_denied": ("The login was denied in the browser.", _AGAIN),
    "expired_token": ("The code has expired.", "Log in again for a new one."),
    "device_flow_disabled": ("GitHub has switched device login off for this app.", _UPDATE),
    "incorrect_client_credentials": ("GitHub does not know this app's client id.", _UPDATE),
    "incorrect_device_code": ("GitHub does not know this code any more.", _AGAIN),
    "unsupported_grant_type": ("GitHub refused the kind of login.", _UPDATE),
}


class DeviceCode(msgspec.Struct, frozen=True):
    """What the person needs: the code to type and where.

    Units: `expires_at_unix_s` by our clock. `device_code` is the secret half; never show it.
    """

    user_code: str
    verification_uri: str
    expires_at_unix_s: float
    interval_s: float
    device_code: str

    def __repr__(self) -> str:
        """Never the secret half."""
        return f"DeviceCode(user_code={self.user_code!r}, verification_uri={self.verification_uri!r})"


class DeviceLogin:
    """One login under way: drive it with `wait()`, or `poll()` each `interval_s`; stop it with `cancel()`."""

    def __init__(
        self,
        code: DeviceCode,
        *,
        ask: Callable[[str], Awaitable[Answer]],
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self.code = code
        self.interval_s = code.interval_s
        self.state: LoginState = "waiting"
        self.problem: str | None = None
        """Why it failed; while waiting, what the last poll ran into."""
        self._ask = ask
        self._clock = clock
        self._sleep = sleep

    async def wait(self) -> str:
        """Poll until GitHub grants a token, and return it.

        Raises: CredentialRefused when it ends otherwise, with the remedy. Network trouble is waited out until
        the code expires.
        """
        while True:
            await self._sleep(self.interval_s)
            token = await self.poll()
            if token is not None:
                return token

    async def poll(self) -> str | None:
        """Ask once; None means: not yet.

        Raises: CredentialRefused when the login has ended without a token.
        """
        self._require_uncancelled()
        if self._clock() >= self.code.expires_at_unix_s:
            raise self._ended("expired_token", "")
        try:
            answer = read_fields(await self._ask(self.code.device_code))
        except UpstreamFault as error:
            self.problem = error.message
            return None
        self._require_uncancelled()
        return self._judge(answer)

    def cancel(self) -> None:
        """Give up; a running `wait()` ends at its next poll."""
        if self.state == "waiting":
            self.state = "cancelled"

    def _require_uncancelled(self) -> None:
        if self.state == "cancelled":
            raise CredentialRefused("The login was cancelled.", code="cancelled")

    def _judge(self, fields: dict[str, object]) -> str | None:
        token, error = fields.get("access_token"), fields.get("error")
        if isinstance(token, str) and token:
            self.state, self.problem = "granted", None
            return token
        if error == "authorization_pending":
            self.problem = None
            return None
        if error == "slow_down":
            asked_s = _seconds(fields.get("interval"))
            slower_s = self.interval_s + SLOW_DOWN_S if asked_s is None else max(asked_s, self.interval_s)
            self.interval_s = min(slower_s, LONGEST_INTERVAL_S)
            return None
        if not isinstance(error, str):
            self.problem = "GitHub's answer names neither a token nor an error; still waiting."
            return None
        raise self._ended(error, str(fields.get("error_description") or ""))

    def _ended(self, error: str, description: str) -> GatewayError:
        self.state = "failed"
        said, remedy = _ENDINGS.get(
            error, (f"GitHub ended the login with {error!r} ({description!r}).", _AGAIN)
        )
        self.problem = f"{said} {remedy}"
        return CredentialRefused(self.problem, code=error, remedy=remedy)


def read_code(answer: Answer, now_unix_s: float) -> DeviceCode:
    """Read the answer that starts a login, JSON or form-encoded.

    Raises: CredentialRefused for a refusal GitHub names; UpstreamProtocolError for anything else.
    """
    fields = read_fields(answer)
    device_code, user_code = fields.get("device_code"), fields.get("user_code")
    uri = fields.get("verification_uri")
    if isinstance(device_code, str) and isinstance(user_code, str) and isinstance(uri, str):
        if not uri.startswith(("https://", "http://")):
            raise UpstreamProtocolError(
                f"GitHub named {uri!r} as the page to log in at, which is no web page."
            )
        return DeviceCode(
            user_code=user_code,
            verification_uri=uri,
            expires_at_unix_s=now_unix_s + (_seconds(fields.get("expires_in")) or DEFAULT_EXPIRY_S),
            interval_s=_seconds(fields.get("interval")) or DEFAULT_INTERVAL_S,
            device_code=device_code,
        )
    error = fields.get("error")
    if isinstance(error, str):
        said = f"GitHub refused to start a login: {error!r} ({str(fields.get('error_description') or '')!r})."
        why, remedy = _ENDINGS.get(error, ("", "Try again later, or update copilot-api."))
        raise CredentialRefused(" ".join(filter(None, (said, why, remedy))), code=error, remedy=remedy)
    raise UpstreamProtocolError(
        f"GitHub answered {answer.status} to the start of a login without a code; is the host right (`--ghe "
        "HOST`), or is a proxy or a login page in the way?"
    )


def read_fields(answer: Answer) -> dict[str, object]:
    """Return the fields of an OAuth answer: JSON, or form-encoded as GitHub answers without `Accept`."""
    try:
        document = cast("object", msgspec.json.decode(answer.body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        text = answer.body.decode("utf-8", "replace").strip()
        return dict(parse_qsl(text, keep_blank_values=True)) if "<" not in text else {}
    return cast("dict[str, object]", document) if isinstance(document, dict) else {}


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 < seconds < 86_400 else None
