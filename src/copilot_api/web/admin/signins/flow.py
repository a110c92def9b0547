"""One login under way, and how the page sees it.

States: waiting -> done | denied | expired | failed | cancelled; only `waiting` can change.
"""

from typing import Literal

import msgspec

from copilot_api.copilot.github import DeviceLogin
from copilot_api.errors import GatewayError
from copilot_api.web.admin.accounts.view import ProblemView
from copilot_api.web.admin.desk import Caller
from copilot_api.web.admin.desk.instants import iso

FlowState = Literal["waiting", "done", "denied", "expired", "failed", "cancelled"]

_ENDS: dict[str, FlowState] = {
    "access_denied": "denied",
    "expired_token": "expired",
    "cancelled": "cancelled",
}
GOES_ON = "There is nothing to do: it goes on by itself while the code is good."


class SignIn(msgspec.Struct, frozen=True, rename="camel"):
    """One login. `problem` is also said of one that still waits, where the last question to GitHub failed."""

    id: str
    state: FlowState
    user_code: str
    verification_uri: str
    expires_at: str | None
    interval_s: float
    host: str
    account_id: str | None
    login: str | None
    is_new: bool | None
    problem: ProblemView | None


class Flow:
    """One login, driven by `SignIns`."""

    def __init__(
        self, flow_id: str, caller: Caller, host: str, account_type: str | None, attempt: DeviceLogin
    ) -> None:
        self.id = flow_id
        self.caller = caller
        self.host = host
        self.account_type = account_type
        self.attempt = attempt
        self.state: FlowState = "waiting"
        self.is_granted = False
        self.ended_at_unix_s: float | None = None
        self.account_id: str | None = None
        self.login: str | None = None
        self.is_new: bool | None = None
        self.problem: ProblemView | None = None
        self._interval_s = attempt.interval_s

    def note_poll(self) -> bool:
        """Take in what the last question to GitHub came to; True when that is news."""
        before = self.problem, self._interval_s
        is_slower, self._interval_s = self.attempt.interval_s > self._interval_s, self.attempt.interval_s
        if self.attempt.problem is not None:
            self.problem = ProblemView(self.attempt.problem, GOES_ON, "github_unreachable")
        elif is_slower:
            self.problem = ProblemView("GitHub asks us to ask less often.", GOES_ON, "slow_down")
        else:
            self.problem = None
        return (self.problem, self._interval_s) != before

    def end(self, fault: GatewayError, now_unix_s: float) -> None:
        """It came to nothing."""
        self.state = _ENDS.get(fault.code, "failed")
        self.problem = None if self.state == "cancelled" else ProblemView(*fault.parted, fault.code)
        self.ended_at_unix_s = now_unix_s

    def succeed(self, account_id: str, login: str, now_unix_s: float, *, is_new: bool) -> None:
        """The account is there."""
        self.account_id, self.login, self.is_new = account_id, login, is_new
        self.state, self.problem, self.ended_at_unix_s = "done", None, now_unix_s

    def shown(self) -> SignIn:
        """The login as the page sees it: never the secret half of the code."""
        code = self.attempt.code
        return SignIn(
            id=self.id,
            state=self.state,
            user_code=code.user_code,
            verification_uri=code.verification_uri,
            expires_at=iso(code.expires_at_unix_s),
            interval_s=self.attempt.interval_s,
            host=self.host,
            account_id=self.account_id,
            login=self.login,
            is_new=self.is_new,
            problem=self.problem,
        )
