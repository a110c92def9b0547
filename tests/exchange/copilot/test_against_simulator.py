"""The copilot room against the strict simulator: login, accounts, catalog, requests, over real sockets."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from copilot_api.copilot.accounts import Accounts, Surroundings
from copilot_api.copilot.client import Upstream
from copilot_api.copilot.github import GitHub
from copilot_api.copilot.headers import Initiation, build
from copilot_api.errors import CredentialRefused
from copilot_api.settings import AccountEntry, Settings
from copilot_api.simulator import Simulator, running_simulator
from unit.copilot.world import Clock, task_group


@asynccontextmanager
async def house(
    simulator: Simulator, plan: str = "individual"
) -> AsyncIterator[tuple[Accounts, Upstream, GitHub]]:
    """The copilot room, pointed at the simulator, logged in as the plan's account."""
    base = simulator.api_url(plan)
    async with task_group() as group, Upstream(api_base_override=base) as upstream:
        github = GitHub(
            upstream.fetch,
            user_agent="copilot-api/test",
            github_url=simulator.url,
            github_api_url=simulator.url,
        )
        accounts = Accounts(
            Surroundings(
                github=github,
                upstream=upstream,
                spawn=group.create_task,
                clock=time.time,
                new_id=lambda: str(uuid.uuid4()),
            )
        )
        entry = AccountEntry(id="1", login="octo", token=simulator.github_token(plan))
        settings = Settings(data_directory=Path("/nowhere"), accounts=(entry,), upstream_url=base)
        await accounts.apply(settings)
        yield accounts, upstream, github


def headers(stream: bool = False) -> dict[str, str]:
    """The headers of a human's request."""
    return build(
        identity="gateway",
        initiation=Initiation("user", "conversation-user"),
        interaction_id=str(uuid.uuid4()),
        request_id=str(uuid.uuid4()),
        is_stream=stream,
    )


CHAT = b'{"model":"gpt-4.1","messages":[{"role":"user","content":"hello"}]}'


async def test_a_login_ends_with_a_working_token() -> None:
    """Device flow, then who it is."""
    async with running_simulator(device_polls=("authorization_pending", "slow_down")) as simulator:
        clock = Clock()
        async with house(simulator) as (_, _, github):
            login = await github.start_login(clock=clock, sleep=clock.sleep)
            token = await login.wait()
            assert len(clock.slept) == 3
            assert (await github.user(token)).login


async def test_a_denied_login_ends() -> None:
    """Never an endless loop."""
    async with (
        running_simulator(device_polls=("access_denied",)) as simulator,
        house(simulator) as (_, _, github),
    ):
        clock = Clock()
        login = await github.start_login(clock=clock, sleep=clock.sleep)
        with pytest.raises(CredentialRefused, match="denied in the browser"):
            await login.wait()


@pytest.mark.parametrize(
    ("plan", "at_least"),
    [("individual", 20), ("business", 20), ("enterprise", 20), ("free", 8), ("free-legacy", 8)],
)
async def test_every_plan_gets_its_catalog_and_an_answer(plan: str, at_least: int) -> None:
    """Our own identity passes the IDE gate; our API version gets the whole list."""
    async with (
        running_simulator(account=plan) as simulator,
        house(simulator, plan) as (accounts, upstream, _),
    ):
        account = accounts.choose()
        catalog = await account.catalog.loaded()
        assert len(catalog.models) >= at_least
        user = await account.describe()
        assert account.plan == user.plan != ""
        reply = await upstream.send(account, "/chat/completions", CHAT, headers())
        assert reply.status == 200
        account.observe(reply.headers)
        assert b'"choices"' in await reply.read()
        reply.close()
        assert account.quota is not None
        assert account.quota.principal is not None
        assert account.state == "ready"


async def test_expired_tokens_cost_one_exchange_for_twenty_requests() -> None:
    """Twenty concurrent 401s make one refresh, and every request is answered."""
    async with running_simulator() as simulator, house(simulator) as (accounts, upstream, _):
        account = accounts.choose()
        await account.catalog.loaded()
        simulator.accounts.expire_exchanged()
        before = simulator.accounts.by_plan["individual"].exchanges

        async def call() -> int:
            reply = await upstream.send(account, "/chat/completions", CHAT, headers())
            await reply.read()
            reply.close()
            return reply.status

        assert await asyncio.gather(*(call() for _ in range(20))) == [200] * 20
        assert simulator.accounts.by_plan["individual"].exchanges - before == 1


async def test_a_revoked_account_says_log_in_again() -> None:
    """And GitHub is asked once, not per request."""
    async with running_simulator() as simulator, house(simulator) as (accounts, upstream, _):
        simulator.accounts.by_plan["individual"].is_revoked = True
        account = accounts.choose()
        for _ in range(5):
            with pytest.raises(CredentialRefused, match="run `copilot-api login` again"):
                await upstream.send(account, "/chat/completions", CHAT, headers())
        assert len(simulator.requests("/copilot_internal/v2/token")) == 1


async def test_an_account_without_a_plan_says_so() -> None:
    """A notification id is a problem with a remedy, never a switch to direct mode."""
    async with running_simulator() as simulator, house(simulator) as (accounts, upstream, _):
        simulator.accounts.by_plan["individual"].notification_id = "not_signed_up"
        with pytest.raises(CredentialRefused, match=r"sign up at https://github\.com/settings/copilot"):
            await upstream.send(accounts.choose(), "/chat/completions", CHAT, headers())
