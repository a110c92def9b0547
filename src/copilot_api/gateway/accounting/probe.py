"""The usage test: does the account still answer, and what is left of it. On a timer, and when somebody asks.

By default it reads the quota from GitHub, which costs nothing. The reference gateway's way, one short request to
gpt-4o, is a switch; it goes down the same line as every request and leaves a record.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from copilot_api import __version__
from copilot_api.copilot.accounts import Account, Accounts
from copilot_api.errors import GatewayError, NoAccount
from copilot_api.gateway.accounting.asking import ask
from copilot_api.gateway.gateway import Gateway
from copilot_api.settings import ClientKeyEntry, Settings, TestMethod

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

MODEL = "gpt-4o"
KEY = ClientKeyEntry(id="usage-test", name="usage test", sha256="0" * 64)
_PATH = "/v1/chat/completions"
_TICK_S = 5.0


class Cost(msgspec.Struct, frozen=True, rename="camel"):
    """What one test takes, as far as it is known: AI credits, or premium requests of an older plan."""

    credits: float | None
    premium_requests: float | None


class Tested(msgspec.Struct, frozen=True):
    """How a test ended. `problem` is empty when the account answered."""

    account_id: str
    at_unix_s: float
    method: TestMethod
    problem: str = ""


class Probe:
    """Tests the active account. `last` is the newest result of each account, of either method."""

    def __init__(
        self,
        gateway: Gateway,
        *,
        settings: Callable[[], Settings],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway = gateway
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._running = asyncio.Lock()
        self.last: dict[str, Tested] = {}

    @property
    def _accounts(self) -> Accounts:
        return self._gateway.accounts

    async def run(self) -> None:
        """Test whenever the time has come, for ever; runs in the composition root's TaskGroup."""
        while True:
            await self._sleep(_TICK_S)
            minutes, active = self._settings().usage_test_interval_minutes, self._accounts.active
            if minutes is None or active is None or active.state == "starting":
                continue
            last = self.last.get(active.id)
            if last is None or self._clock() - last.at_unix_s >= minutes * 60.0:
                tested = await self.test()
                if tested.problem:
                    _log.warning("usage.test_failed", account=active.login, problem=tested.problem)

    async def test(self) -> Tested:
        """Test the active account now; who asks meanwhile waits and tests again.

        Raises: NoAccount.
        """
        async with self._running:
            account = self._accounts.active
            if account is None:
                raise NoAccount(self._accounts.problem or "No account is active.")
            method = self._settings().usage_test_method
            problem = await (self._read(account) if method == "quota" else self._ask(account))
            tested = Tested(account.id, self._clock(), method, problem)
            self.last[account.id] = tested
            return tested

    async def _read(self, account: Account) -> str:
        """Read the quota; whoever asked GitHub a moment ago has done it for us."""
        if account.meter.wait_s(self._interval_s() - _TICK_S) > 0:
            return ""
        try:
            await account.describe()
        except GatewayError as error:
            return error.message
        return ""

    def _interval_s(self) -> float:
        return 60.0 * (self._settings().usage_test_interval_minutes or 0)

    async def _ask(self, account: Account) -> str:
        """One real request, truthfully begun by no human."""
        question = {
            "model": MODEL,
            "messages": [{"role": "user", "content": "ping"}],
            "max_tokens": 1,
            "temperature": 0,
        }
        answer = await ask(
            self._gateway,
            _PATH,
            question,
            key=msgspec.structs.replace(KEY, account_id=account.id),
            headers={"user-agent": f"copilot-api/{__version__}", "x-initiator": "agent"},
            started_unix_s=self._clock(),
        )
        return "" if answer.status == 200 else f"{MODEL} answered {answer.status}: {answer.message()}"

    def cost(self) -> Cost:
        """What a test takes with the method that is chosen."""
        if self._settings().usage_test_method == "quota":
            return Cost(0.0, 0.0)
        active = self._accounts.active
        catalog = active.catalog.current if active is not None else None
        model = catalog.models.get(MODEL) if catalog is not None else None
        if model is None:
            return Cost(None, None)
        prices = model.billing.default
        per_token = (
            None if prices is None or prices.input is None else prices.input * 8 + (prices.output or 0)
        )
        weight = model.billing.multiplier
        return Cost(
            None if per_token is None else float(per_token) / 1e9, None if weight is None else float(weight)
        )
