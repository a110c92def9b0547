"""A pause lasts as long as Copilot said, for one account's model, and is seen by whoever asks."""

import pytest

from copilot_api.errors import QuotaExhausted
from copilot_api.gateway.admission.pauses import Pauses
from unit.gateway.admission.clockwork import Time

LIMITED = QuotaExhausted("slow down", code="rate_limited", retry_after_s=30.0)


def pauses(time: Time, told: list[int] | None = None) -> Pauses:
    """Pauses on a clock of their own."""
    heard = [] if told is None else told
    return Pauses(
        clock=time.clock,
        wall=lambda: time.now_s + 1_000_000.0,
        sleep=time.sleep,
        tell=lambda: heard.append(1),
    )


async def test_a_pause_ends_by_itself() -> None:
    """Until then the wait that is told shrinks with the time."""
    time = Time()
    register = pauses(time)
    assert not register.register
    register.note("1", "octo", "gpt-5", LIMITED)
    assert register.register
    time.now_s += 12.0
    with pytest.raises(QuotaExhausted) as refused:
        await register.respect("1", "gpt-5")
    assert (refused.value.code, refused.value.retry_after_s) == ("upstream_paused", 18.0)
    assert (
        "'octo' to leave the model 'gpt-5' alone (429 rate_limited) for 18 more seconds"
        in refused.value.message
    )
    assert register.refused == 1
    time.now_s += 18.0
    await register.respect("1", "gpt-5")
    assert register.current() == ()


async def test_another_model_and_another_account_go_on() -> None:
    """The pause belongs to the pair."""
    register = pauses(Time())
    register.note("1", "octo", "gpt-5", LIMITED)
    await register.respect("1", "gpt-4.1")
    await register.respect("2", "gpt-5")


@pytest.mark.parametrize(
    "fault",
    [
        QuotaExhausted("no quota", status=402, retry_after_s=30.0),
        QuotaExhausted("slow down"),
        QuotaExhausted("slow down", retry_after_s=0.0),
    ],
)
async def test_only_a_429_that_says_how_long_begins_one(fault: QuotaExhausted) -> None:
    """A used-up plan is no pause, and neither is a refusal without a time."""
    register = pauses(Time())
    register.note("1", "octo", "gpt-5", fault)
    assert register.current() == ()


async def test_a_longer_pause_replaces_a_shorter_and_not_the_other_way_round() -> None:
    """Answers to requests that were under way come in any order."""
    time = Time()
    told: list[int] = []
    register = pauses(time, told)
    register.note("1", "octo", "gpt-5", LIMITED)
    register.note("1", "octo", "gpt-5", QuotaExhausted("slow down", retry_after_s=5.0))
    assert [pause.until_s for pause in register.current()] == [130.0]
    register.note("1", "octo", "gpt-5", QuotaExhausted("slow down", retry_after_s=60.0))
    assert [(pause.until_s, pause.ends_at_unix_s) for pause in register.current()] == [(160.0, 1_000_160.0)]
    assert len(told) == 2


async def test_the_end_of_a_short_one_is_waited_for() -> None:
    """Up to the patience, and not longer."""
    time = Time()
    register = pauses(time)
    register.patience_s = 30.0
    register.note("1", "octo", "gpt-5", LIMITED)
    await register.respect("1", "gpt-5")
    assert time.now_s == 130.0
    register.note("1", "octo", "gpt-5", QuotaExhausted("slow down", retry_after_s=31.0))
    with pytest.raises(QuotaExhausted):
        await register.respect("1", "gpt-5")
    assert time.now_s == 130.0


async def test_a_person_may_lift_one() -> None:
    """Who has just bought more quota need not wait for the clock."""
    told: list[int] = []
    register = pauses(Time(), told)
    register.note("1", "octo", "gpt-5", LIMITED)
    assert register.lift("1", "gpt-5")
    assert not register.lift("1", "gpt-5")
    await register.respect("1", "gpt-5")
    assert len(told) == 2
