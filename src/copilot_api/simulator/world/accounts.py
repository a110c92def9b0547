"""GitHub accounts with a Copilot seat, their tokens, and what is wrong with them.

Owns: accounts (one per plan), GitHub tokens, exchanged tokens and their expiry, account faults.
Must never know: HTTP, models' answers.
Source: upstream contract §§1.2-1.7; shapes from `data/plans.json`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from copilot_api.simulator.blobs import digest
from copilot_api.simulator.shapes import Json, as_object, load_data
from copilot_api.simulator.world.months import dated_token

PLANS = ("individual", "business", "enterprise", "free", "free-legacy")
_SEAT_OF_PLAN = {"business": "business", "enterprise": "enterprise"}
_FINE_PRINT = "st=dotcom;chat=1;cit=1;malfil=1;editor_preview_features=1;agent_mode=1;mcp=1;ccr=1;8kp=1"


@dataclass(slots=True)
class Account:
    """One GitHub identity; the mutable fields are what `POST /_sim/accounts` changes."""

    plan: str
    login: str
    id: int
    github_token: str
    seat: str
    is_revoked: bool = False
    is_without_copilot: bool = False
    is_rate_limited: bool = False
    is_quota_exhausted: bool = False
    has_copilot_requests: bool = True
    notification_id: str | None = None
    integrator: str = "simulator"
    blocked_models: frozenset[str] = frozenset()
    policies: dict[str, str] = field(default_factory=dict[str, str])
    token_lifetime_s: int = 1800
    exchanges: int = 0

    @property
    def tracking_id(self) -> str:
        """The id that begins every exchanged token of this account."""
        return digest("tracking", self.login).hex()[:32]


@dataclass(frozen=True, slots=True)
class Bearer:
    """What a token presented to the Copilot API stands for."""

    account: Account
    is_exchanged: bool
    is_personal: bool
    expires_at_unix_s: float


def github_token(plan: str) -> str:
    """Return the fixed GitHub token of a plan's account."""
    return "ghu_" + digest("github token", plan).hex()[:36]


class Accounts:
    """All accounts and every token in circulation."""

    def __init__(self, clock: Callable[[], float], token_lifetime_s: int) -> None:
        self._clock = clock
        self._lifetime_s = token_lifetime_s
        self.by_plan: dict[str, Account] = {}
        self._github: dict[str, Account] = {}
        self._exchanged: dict[str, Bearer] = {}
        self.reset()

    def reset(self) -> None:
        """Give every account its first state back; GitHub tokens stay the same, exchanged ones die."""
        self._exchanged.clear()
        self._github.clear()
        for number, plan in enumerate(PLANS):
            login = "octo-dev" if plan == "individual" else f"octo-{plan}"
            account = Account(
                plan=plan,
                login=login,
                id=9000001 + number,
                github_token=github_token(plan),
                seat=_SEAT_OF_PLAN.get(plan, "individual"),
                token_lifetime_s=self._lifetime_s,
            )
            self.by_plan[plan] = account
            for token in self.tokens_of(account):
                self._github[token] = account

    @staticmethod
    def tokens_of(account: Account) -> tuple[str, str, str, str]:
        """Return the account's GitHub tokens: app, OAuth app, fine-grained and classic personal."""
        stem = account.github_token.removeprefix("ghu_")
        return f"ghu_{stem}", f"gho_{stem}", f"github_pat_{stem}", f"ghp_{stem}"

    def by_github_token(self, token: str) -> Account | None:
        """Find the account behind a GitHub token; None when it is unknown or revoked."""
        account = self._github.get(token)
        return None if account is None or account.is_revoked else account

    def exchange(self, account: Account, api_url: str) -> Json:
        """Mint a short-lived Copilot token; returns the whole envelope of `copilot_internal/v2/token`."""
        account.exchanges += 1
        shape = dated_token(
            as_object(as_object(load_data("plans.json")[account.plan])["token"]), self._clock()
        )
        expires_at = int(self._clock()) + account.token_lifetime_s
        tracking_id = digest("tracking", account.login, str(account.exchanges)).hex()[:32]
        text = (
            f"tid={tracking_id};exp={expires_at};sku={shape['sku']};"
            f"proxy-ep=proxy.{account.seat}.githubcopilot.com;{_FINE_PRINT};ip=192.0.2.10;asn=AS64500"
        )
        token = f"{text}:{digest('token', text).hex()}"
        self._exchanged[token] = Bearer(account, True, False, expires_at)
        shape.update(
            token=token,
            expires_at=expires_at,
            refresh_in=max(account.token_lifetime_s - 300, 1),
            tracking_id=tracking_id,
            endpoints=endpoints(api_url, account.seat),
        )
        return dict(sorted(shape.items()))

    def expire_exchanged(self, account: Account | None = None) -> int:
        """Expire the exchanged tokens of one account, or of all; returns how many died."""
        now = self._clock()
        count = 0
        for token, bearer in self._exchanged.items():
            if account in (None, bearer.account) and bearer.expires_at_unix_s > now:
                self._exchanged[token] = Bearer(bearer.account, True, False, 0.0)
                count += 1
        return count

    def bearer(self, token: str) -> Bearer | None:
        """Find what a bearer presented to the Copilot API stands for, expired ones included."""
        found = self._exchanged.get(token)
        if found is not None:
            return found
        account = self.by_github_token(token)
        if account is None:
            return None
        return Bearer(account, False, token.startswith(("github_pat_", "ghp_")), float("inf"))

    def is_expired(self, bearer: Bearer) -> bool:
        """Say whether an exchanged token is past its hour."""
        return bearer.is_exchanged and bearer.expires_at_unix_s <= self._clock()


def endpoints(api_url: str, seat: str) -> Json:
    """Return the `endpoints` object; only `api` is real, its companions are never called."""
    return {
        "api": api_url,
        "origin-tracker": f"https://origin-tracker.{seat}.githubcopilot.com",
        "proxy": f"https://proxy.{seat}.githubcopilot.com",
        "telemetry": f"https://telemetry.{seat}.githubcopilot.com",
    }
