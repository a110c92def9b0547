"""GitHub's OAuth device flow.

Owns: device codes, their scripted poll answers and expiry.
Must never know: HTTP, Copilot.
Source: upstream contract §1.1. Errors are HTTP 200 upstream.
"""

from collections.abc import Callable
from dataclasses import dataclass

from copilot_api.simulator.blobs import digest
from copilot_api.simulator.shapes import Json

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
LIFETIME_S: float = 899
SLOW_DOWN_S: float = 5
_HELP = "https://docs.github.com/developers/apps/authorizing-oauth-apps#error-codes-for-the-device-flow"
_DESCRIPTIONS = {
    "authorization_pending": "The authorization request is still pending.",
    "slow_down": "Too many requests have been made in the same timeframe.",
    "expired_token": "The `device_code` has expired.",
    "access_denied": "The authorization request was denied.",
    "incorrect_device_code": "The device_code provided is not valid.",
    "incorrect_client_credentials": "The client_id and/or client_secret passed are incorrect.",
    "device_flow_disabled": "Device Flow must be explicitly enabled for this App",
    "unsupported_grant_type": "The grant type is not supported.",
}
_WORDS = "BCDFGHJKLMNPQRSTVWXZ"


def failure(code: str, interval_s: float | None = None) -> Json:
    """Write an error answer of the token route."""
    body: Json = {"error": code, "error_description": _DESCRIPTIONS[code], "error_uri": _HELP}
    if interval_s is not None:
        body["interval"] = _number(interval_s)
    return body


def _number(seconds: float) -> float:
    """Whole seconds as GitHub writes them; fractions are for tests that are in a hurry."""
    return int(seconds) if seconds == int(seconds) else seconds


@dataclass(slots=True)
class _Pending:
    client_id: str
    polls: list[str]
    interval_s: float
    expires_at: float
    last_poll_at: float | None = None


class DeviceFlow:
    """All device codes handed out; approval comes by itself after the scripted poll answers."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._pending: dict[str, _Pending] = {}
        self.reset((), 5, False, "individual")

    def reset(self, polls: tuple[str, ...], interval_s: float, enforces: bool, plan: str) -> None:
        """Forget all codes and set what the next ones will do."""
        self._pending.clear()
        self._started = 0
        self.polls = polls
        self.interval_s = interval_s
        self.slow_down_s, self.lifetime_s = SLOW_DOWN_S, LIFETIME_S
        self.enforces = enforces
        self.plan = plan

    def start(self, client_id: str, page_url: str) -> Json:
        """Hand out a device code."""
        if not client_id:
            return failure("incorrect_client_credentials")
        self._started += 1
        seed = digest("device", str(self._started))
        letters = "".join(_WORDS[byte % len(_WORDS)] for byte in seed[:8])
        device_code = seed.hex()[:40]
        self._pending[device_code] = _Pending(
            client_id, list(self.polls), self.interval_s, self._clock() + self.lifetime_s
        )
        return {
            "device_code": device_code,
            "user_code": f"{letters[:4]}-{letters[4:]}",
            "verification_uri": page_url,
            "expires_in": _number(self.lifetime_s),
            "interval": _number(self.interval_s),
        }

    def poll(self, client_id: str, device_code: str, grant_type: str) -> Json | None:
        """Answer one poll: an error body, or None when the code is approved and thereby spent."""
        pending = self._pending.get(device_code)
        wrong = self._what_is_wrong(pending, client_id, grant_type)
        if wrong is not None or pending is None:
            return failure(wrong or "incorrect_device_code")
        now = self._clock()
        last, pending.last_poll_at = pending.last_poll_at, now
        if self.enforces and last is not None and now - last < pending.interval_s:
            return self._slow_down(pending)
        if not pending.polls:
            del self._pending[device_code]
            return None
        answer = pending.polls[0]
        if answer in ("authorization_pending", "slow_down"):
            pending.polls.pop(0)
        return self._slow_down(pending) if answer == "slow_down" else failure(answer)

    def _what_is_wrong(self, pending: _Pending | None, client_id: str, grant_type: str) -> str | None:
        if grant_type != GRANT_TYPE:
            return "unsupported_grant_type"
        if pending is None:
            return "incorrect_device_code"
        if client_id != pending.client_id:
            return "incorrect_client_credentials"
        return "expired_token" if self._clock() >= pending.expires_at else None

    def _slow_down(self, pending: _Pending) -> Json:
        pending.interval_s += self.slow_down_s
        return failure("slow_down", pending.interval_s)
