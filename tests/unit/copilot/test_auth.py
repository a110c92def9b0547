"""One credential: exchanged or direct, refreshed once for everybody, never hammering."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from copilot_api.copilot.auth import Bearer, Credential
from copilot_api.copilot.github import TokenEnvelope
from copilot_api.errors import (
    CredentialRefused,
    QuotaExhausted,
    UpstreamFault,
    UpstreamProtocolError,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from copilot_api.settings import CredentialMode
from unit.copilot.world import NOW, Clock, task_group


class Exchange:
    """GitHub's token endpoint: numbered tokens, or the failures it was given first."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0
        self.refresh_in_s = 1500.0
        self.gate: asyncio.Event | None = None

    async def __call__(self) -> TokenEnvelope:
        """One exchange."""
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        return TokenEnvelope(token=f"tid={self.calls}", refresh_in_s=self.refresh_in_s)


@asynccontextmanager
async def credential(
    exchange: Exchange, clock: Clock, mode: CredentialMode = "auto"
) -> AsyncIterator[Credential]:
    """A credential whose time and network are the test's."""
    async with task_group() as group:
        yield Credential(
            github_token="ghu_x",
            mode=mode,
            exchange=exchange,
            clock=clock,
            sleep=clock.sleep,
            spawn=group.create_task,
        )


async def settle() -> None:
    """Let background work run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_token_is_exchanged_once_and_kept() -> None:
    """The second request costs nothing."""
    exchange = Exchange()
    async with credential(exchange, Clock()) as subject:
        assert not subject.is_usable
        assert await subject.bearer() == Bearer(token="tid=1", is_exchanged=True)
        assert await subject.bearer() == Bearer(token="tid=1", is_exchanged=True)
        assert (exchange.calls, subject.is_usable, subject.is_direct) == (1, True, False)


async def test_twenty_concurrent_rejections_make_one_refresh() -> None:
    """Twenty requests got 401 at once: one exchange, one new token for all."""
    exchange = Exchange()
    async with credential(exchange, Clock()) as subject:
        await subject.bearer()

        async def replay() -> str:
            subject.reject("tid=1")
            return (await subject.bearer()).token

        assert await asyncio.gather(*(replay() for _ in range(20))) == ["tid=2"] * 20
        assert exchange.calls == 2


async def test_a_late_rejection_of_an_old_token_does_nothing() -> None:
    """A slow answer to an old token must not throw the new one away."""
    exchange = Exchange()
    async with credential(exchange, Clock()) as subject:
        await subject.bearer()
        subject.reject("tid=1")
        await subject.bearer()
        subject.reject("tid=1")
        assert (await subject.bearer()).token == "tid=2"
        assert exchange.calls == 2


async def test_a_token_is_refreshed_ahead_of_time_without_anyone_waiting() -> None:
    """With less than five minutes left the old token is served while the new one is fetched (contract 1.4)."""
    exchange, clock = Exchange(), Clock()
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        clock.now = NOW + 1259  # 1500 + 60 - 300 = 1260
        assert (await subject.bearer()).token == "tid=1"
        await settle()
        assert exchange.calls == 1
        clock.now = NOW + 1261
        exchange.gate = asyncio.Event()
        assert [(await subject.bearer()).token for _ in range(5)] == ["tid=1"] * 5
        exchange.gate.set()
        await settle()
        assert (await subject.bearer()).token == "tid=2"
        assert exchange.calls == 2


async def test_an_expired_token_is_never_served() -> None:
    """Our own clock: now + refresh_in + 60."""
    exchange, clock = Exchange(), Clock()
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        clock.now = NOW + 1560
        assert not subject.is_usable
        assert (await subject.bearer()).token == "tid=2"


async def test_a_very_short_life_is_refreshed_once_per_life() -> None:
    """A token of ten seconds is not exchanged on every request."""
    exchange, clock = Exchange(), Clock()
    exchange.refresh_in_s = 10.0
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        clock.now = NOW + 34
        await subject.bearer()
        await settle()
        assert exchange.calls == 1
        clock.now = NOW + 36
        await subject.bearer()
        await settle()
        assert exchange.calls == 2


async def test_a_failed_refresh_ahead_of_time_keeps_the_old_token_and_waits() -> None:
    """The person is told, the requests go on, GitHub is left alone for a while."""
    exchange, clock = Exchange(), Clock()
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        clock.now = NOW + 1300
        exchange.failures = [CredentialRefused("revoked; log in again")]
        for _ in range(5):
            assert (await subject.bearer()).token == "tid=1"
            await settle()
        assert (exchange.calls, subject.problem, subject.is_usable) == (2, "revoked; log in again", True)
        clock.now = NOW + 1555
        assert (await subject.bearer()).token == "tid=1"
        clock.now = NOW + 1601
        assert (await subject.bearer()).token == "tid=3"
        assert subject.problem is None


@pytest.mark.parametrize("failure", [UpstreamUnavailable("down"), UpstreamTimeout("slow")])
async def test_network_trouble_is_retried_three_times_with_growing_waits(failure: UpstreamFault) -> None:
    """0.5, 1 and 2 seconds, then it is a problem."""
    exchange, clock = Exchange(failure, failure, failure), Clock()
    async with credential(exchange, clock) as subject:
        assert (await subject.bearer()).token == "tid=4"
        assert clock.slept == [0.5, 1.0, 2.0]


async def test_after_three_retries_requests_fail_fast_for_a_while() -> None:
    """A cool-down of 5, then 15, then 60 seconds: requests do not hammer."""
    exchange, clock = Exchange(*[UpstreamUnavailable("down") for _ in range(12)]), Clock()
    async with credential(exchange, clock) as subject:
        for pause_s in (5.0, 15.0, 60.0):
            with pytest.raises(UpstreamUnavailable, match="down"):
                await subject.bearer()
            failed_at, calls = clock.now, exchange.calls
            with pytest.raises(UpstreamUnavailable) as caught:
                await subject.bearer()
            assert (caught.value.retry_after_s, exchange.calls) == (pause_s, calls)
            clock.now = failed_at + pause_s
        exchange.failures = []
        assert (await subject.bearer()).token == "tid=13"
        assert subject.problem is None


@pytest.mark.parametrize(
    "failure",
    [
        CredentialRefused("no", code="not_signed_up", status=403),
        CredentialRefused("no", code="bad_credentials"),
        QuotaExhausted("slow down"),
        UpstreamProtocolError("a login page"),
    ],
)
async def test_a_refusal_is_never_retried(failure: UpstreamFault) -> None:
    """Hammering on 403 or 429 gets accounts revoked (contract 1.5)."""
    exchange, clock = Exchange(failure), Clock()
    async with credential(exchange, clock) as subject:
        with pytest.raises(type(failure)):
            await subject.bearer()
        for _ in range(5):
            with pytest.raises(type(failure)) as caught:
                await subject.bearer()
            assert (caught.value.message, caught.value.code) == (failure.message, failure.code)
        assert (exchange.calls, clock.slept, subject.problem) == (1, [], failure.message)


async def test_an_entitlement_failure_is_a_problem_not_a_switch_of_mode() -> None:
    """`notification_id` means: this account may not, whichever way."""
    exchange = Exchange(CredentialRefused("no plan", code="not_signed_up", status=403))
    async with credential(exchange, Clock()) as subject:
        with pytest.raises(CredentialRefused):
            await subject.bearer()
        assert not subject.is_direct


async def test_retry_after_is_honoured_as_cool_down() -> None:
    """GitHub asks for ten minutes: nobody asks it before."""
    exchange, clock = Exchange(QuotaExhausted("limited", retry_after_s=600.0)), Clock()
    async with credential(exchange, clock) as subject:
        with pytest.raises(QuotaExhausted):
            await subject.bearer()
        clock.now = NOW + 590
        with pytest.raises(QuotaExhausted) as caught:
            await subject.bearer()
        assert (caught.value.retry_after_s, exchange.calls) == (10.0, 1)
        clock.now = NOW + 600
        assert (await subject.bearer()).token == "tid=2"


async def test_a_polite_wait_is_slept_and_a_long_one_becomes_the_cool_down() -> None:
    """Callers wait three seconds if GitHub asks for three, but not an hour."""
    exchange, clock = Exchange(UpstreamUnavailable("busy", retry_after_s=3.0)), Clock()
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        assert clock.slept == [3.0]
    exchange, clock = Exchange(UpstreamUnavailable("busy", retry_after_s=3600.0)), Clock()
    async with credential(exchange, clock) as subject:
        with pytest.raises(UpstreamUnavailable):
            await subject.bearer()
        assert (clock.slept, exchange.calls) == ([], 1)


async def test_auto_uses_the_github_token_when_its_app_cannot_exchange() -> None:
    """404 or a PAT at the token endpoint: direct, and never asked again."""
    exchange = Exchange(CredentialRefused("not found", code="cannot_exchange", status=403))
    async with credential(exchange, Clock()) as subject:
        assert await subject.bearer() == Bearer(token="ghu_x", is_exchanged=False)
        assert await subject.bearer() == Bearer(token="ghu_x", is_exchanged=False)
        assert (exchange.calls, subject.is_direct, subject.problem) == (1, True, None)
        assert (await subject.renew()).token == "ghu_x"


async def test_exchange_mode_does_not_switch() -> None:
    """The operator's word counts."""
    exchange = Exchange(CredentialRefused("not found", code="cannot_exchange", status=403))
    async with credential(exchange, Clock(), "exchange") as subject:
        with pytest.raises(CredentialRefused, match="not found"):
            await subject.bearer()


async def test_direct_mode_never_exchanges() -> None:
    """The GitHub token is the bearer, for as long as Copilot takes it."""
    exchange = Exchange()
    async with credential(exchange, Clock(), "direct") as subject:
        assert await subject.bearer() == Bearer(token="ghu_x", is_exchanged=False)
        subject.reject("ghu_x")
        assert subject.problem == "Copilot refused the GitHub token; run `copilot-api login` again."
        assert (await subject.bearer()).token == "ghu_x"
        subject.accept()
        assert (subject.problem, exchange.calls) == (None, 0)


async def test_a_failure_stays_a_problem_while_the_old_token_works() -> None:
    """An answered request with the old token does not hide that GitHub refuses a new one."""
    exchange, clock = Exchange(), Clock()
    async with credential(exchange, clock) as subject:
        await subject.bearer()
        clock.now = NOW + 1300
        exchange.failures = [CredentialRefused("revoked")]
        await subject.bearer()
        await settle()
        subject.accept()
        assert subject.problem == "revoked"


async def test_refused_fresh_tokens_end_in_a_cool_down() -> None:
    """Copilot answers 401 to every new token: three exchanges a minute, then none."""
    exchange, clock = Exchange(), Clock()
    async with credential(exchange, clock) as subject:
        for _ in range(4):
            subject.reject((await subject.bearer()).token)
        with pytest.raises(CredentialRefused, match="refuses even fresh tokens"):
            await subject.bearer()
        assert exchange.calls == 4
        clock.now = NOW + 60
        assert (await subject.bearer()).token == "tid=5"


async def test_a_cancelled_request_does_not_cancel_the_refresh() -> None:
    """The client that hung up was the first to ask; the others still get their token."""
    exchange = Exchange()
    exchange.gate = asyncio.Event()
    async with credential(exchange, Clock()) as subject, asyncio.TaskGroup() as group:
        leaving, staying = (group.create_task(subject.bearer()) for _ in range(2))
        await settle()
        leaving.cancel()
        await settle()
        exchange.gate.set()
        assert (await staying).token == "tid=1"
        assert exchange.calls == 1


async def test_renew_exchanges_although_the_token_is_fresh() -> None:
    """After a login, or when the host is in doubt."""
    exchange = Exchange()
    async with credential(exchange, Clock()) as subject:
        await subject.bearer()
        assert (await subject.renew()).token == "tid=2"


async def test_a_repr_never_shows_the_token() -> None:
    """A repr ends up in tracebacks."""
    assert repr(Bearer(token="tid=secret", is_exchanged=True)) == "Bearer(is_exchanged=True)"
