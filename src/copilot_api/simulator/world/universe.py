"""All state of one running simulator, and the options it was started with.

Owns: `Options`, `Simulator` (the control handle of tests).
Must never know: HTTP.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from copilot_api.simulator.answers.draft import Reply
from copilot_api.simulator.refusals import Refusal, named
from copilot_api.simulator.script.directives import Step
from copilot_api.simulator.script.playbook import Playbook
from copilot_api.simulator.shapes import Json, as_int, as_object, as_text
from copilot_api.simulator.world.accounts import Account, Accounts, github_token
from copilot_api.simulator.world.catalogue import Catalogue, Model
from copilot_api.simulator.world.device import DeviceFlow
from copilot_api.simulator.world.ledger import Ledger
from copilot_api.simulator.world.recorder import Recorder

_MEMORY_SIZE = 512
_MEMORY_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Options:
    """How strict and how fast the simulated world is.

    Units: seconds and bytes by name; `device_polls` are the answers before approval.
    """

    clock: Callable[[], float] = time.time
    account: str = "individual"
    device_polls: tuple[str, ...] = ("authorization_pending",)
    device_interval_s: float = 5
    enforces_poll_interval: bool = False
    token_lifetime_s: int = 1800
    api_version_floor: str = "2025-05-01"
    refuses_generic_host: bool = True
    backend: str | None = None
    max_body_bytes: int = 20_000_000
    records: bool = True


@dataclass(slots=True)
class Fault:
    """A scripted failure of a route; `left` counts down, negative means for ever."""

    method: str
    path: str
    error: str
    left: int
    retry_after: str | None


@dataclass(slots=True)
class Remembered:
    """An answer already made for exactly this request."""

    path: str
    reply: Reply
    step: Step
    model: Model
    is_stream: bool


@dataclass(slots=True)
class Simulator:
    """The control handle: state of the world, in reach of tests and of the control routes."""

    options: Options = field(default_factory=Options)
    url: str = ""

    def __post_init__(self) -> None:
        self._build()

    accounts: Accounts = field(init=False)
    catalogue: Catalogue = field(init=False)
    device: DeviceFlow = field(init=False)
    ledger: Ledger = field(init=False)
    recorder: Recorder = field(init=False)
    playbook: Playbook = field(init=False)
    faults: list[Fault] = field(init=False)
    memory: dict[object, Remembered] = field(init=False)

    def _build(self) -> None:
        self.accounts = Accounts(self.options.clock, self.options.token_lifetime_s)
        self.catalogue = Catalogue()
        self.device = DeviceFlow(self.options.clock)
        self.ledger = Ledger(self.options.clock)
        self.recorder = Recorder(self.options.records)
        self.playbook = Playbook()
        self.faults = []
        self.memory = {}
        self.reset()

    def reset(self) -> None:
        """Return to the first state: nothing received, billed, scripted or broken."""
        self.accounts.reset()
        self.device.reset(
            self.options.device_polls,
            self.options.device_interval_s,
            self.options.enforces_poll_interval,
            self.options.account,
        )
        self.ledger.reset()
        self.recorder.reset()
        self.playbook.reset()
        self.faults.clear()
        self.memory.clear()

    def api_url(self, plan: str = "individual") -> str:
        """Return the Copilot API base of a plan: a base path, so that a wrong host is testable."""
        return f"{self.url}/capi/{self.accounts.by_plan[plan].seat}"

    @staticmethod
    def github_token(plan: str = "individual") -> str:
        """Return a GitHub token (`ghu_…`) that is always good for a plan's account."""
        return github_token(plan)

    def requests(self, path: str | None = None) -> list[Json]:
        """Return what was received, oldest first; only one path when given."""
        shown = [entry.to_json() for entry in self.recorder.entries]
        return [entry for entry in shown if path is None or entry["path"] == path]

    def script(self, *answers: str, rules: list[Json] | None = None) -> None:
        """Queue answers (and rules) as `POST /_sim/script` does."""
        self.memory.clear()
        self.playbook.load({"queue": list(answers), "rules": rules or []})

    def break_route(
        self, path: str, error: str, *, method: str = "*", times: int = -1, retry_after: str | None = None
    ) -> None:
        """Make a path (or a prefix ending in `*`) fail with a named error."""
        named(error)
        self.faults.append(Fault(method, path, error, times, retry_after))

    def fault_for(self, method: str, path: str) -> Refusal | None:
        """Return the scripted failure of a request, and count it down."""
        for fault in self.faults:
            is_prefix = fault.path.endswith("*") and path.startswith(fault.path[:-1])
            if fault.left == 0 or fault.method not in ("*", method) or not (is_prefix or fault.path == path):
                continue
            fault.left -= 1
            return named(fault.error, fault.retry_after)
        return None

    def remember(self, key: object, size: int, remembered: Remembered) -> None:
        """Keep a finished answer for identical requests, within bounds."""
        if size > _MEMORY_MAX_BYTES:
            return
        if len(self.memory) >= _MEMORY_SIZE:
            self.memory.pop(next(iter(self.memory)))
        self.memory[key] = remembered

    def change_account(self, change: Json) -> Account:
        """Apply one change of `POST /_sim/accounts`.

        Shape: {"plan": "individual", "revoked": true, "expire_tokens": true, "notification_id": "…", …}
        Raises: KeyError for an unknown plan or an unknown field.
        """
        self.memory.clear()
        account = self.accounts.by_plan[as_text(change.get("plan")) or "individual"]
        for name, value in change.items():
            if name == "expire_tokens":
                self.accounts.expire_exchanged(account)
            elif name == "blocked_models":
                account.blocked_models = frozenset(value)
            elif name == "token_lifetime_s":
                account.token_lifetime_s = as_int(value, 1800)
            elif name == "policies":
                account.policies.update(as_object(value))
            elif name in _FIELDS:
                setattr(account, _FIELDS[name], value)
            elif name != "plan":
                raise KeyError(name)
        return account


_FIELDS = {
    "revoked": "is_revoked",
    "without_copilot": "is_without_copilot",
    "rate_limited": "is_rate_limited",
    "quota_exhausted": "is_quota_exhausted",
    "has_copilot_requests": "has_copilot_requests",
    "notification_id": "notification_id",
    "integrator": "integrator",
}
