"""Effort and budgets of other protocols as a Messages model takes them."""

import msgspec
import pytest

from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.request import ReasoningOptions
from copilot_api.protocols.base import Target
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.messages.writing.thinking import write_thinking
from unit.protocols.messages.talk import ADAPTIVE, TARGET, THINKER, paths

SMALL = msgspec.structs.replace(THINKER, max_thinking_budget=2000)
EFFORTS_ONLY = msgspec.structs.replace(TARGET, reasoning_efforts=("low",))
MIXED = msgspec.structs.replace(THINKER, reasoning_efforts=("medium", "high"))

LOWERED = [("reasoning_effort", "approximated")]
DROPPED = [("reasoning_effort", "dropped")]


@pytest.mark.parametrize(
    ("options", "target", "max_tokens", "expected", "lost"),
    [
        (None, THINKER, 8000, (None, None), []),
        (ReasoningOptions(), THINKER, 8000, (None, None), []),
        (
            ReasoningOptions(summary="auto"),
            THINKER,
            64000,
            ({"type": "enabled", "budget_tokens": 16000}, None),
            [],
        ),
        (
            ReasoningOptions(shows_thoughts=True),
            ADAPTIVE,
            8000,
            ({"type": "adaptive", "display": "summarized"}, None),
            [],
        ),
        (ReasoningOptions(effort="none"), THINKER, 8000, (None, None), []),
        (ReasoningOptions(budget_tokens=0), THINKER, 8000, (None, None), []),
        (ReasoningOptions(mode="disabled", effort="low"), THINKER, 8000, (None, None), []),
        (ReasoningOptions(effort="low"), TARGET, 8000, (None, None), DROPPED),
        (
            ReasoningOptions(effort="low"),
            THINKER,
            8000,
            ({"type": "enabled", "budget_tokens": 4096}, None),
            [],
        ),
        (
            ReasoningOptions(effort="high"),
            THINKER,
            8000,
            ({"type": "enabled", "budget_tokens": 6000}, None),
            [],
        ),
        (
            ReasoningOptions(effort="odd"),
            THINKER,
            64000,
            ({"type": "enabled", "budget_tokens": 16000}, None),
            [],
        ),
        (
            ReasoningOptions(effort="max"),
            THINKER,
            64000,
            ({"type": "enabled", "budget_tokens": 32000}, None),
            [],
        ),
        (
            ReasoningOptions(budget_tokens=-1),
            SMALL,
            64000,
            ({"type": "enabled", "budget_tokens": 2000}, None),
            [],
        ),
        (
            ReasoningOptions(budget_tokens=5),
            THINKER,
            64000,
            ({"type": "enabled", "budget_tokens": 1024}, None),
            [],
        ),
        (ReasoningOptions(mode="enabled"), THINKER, 1024, (None, None), DROPPED),
        (ReasoningOptions(effort="low"), MIXED, 1024, (None, "medium"), LOWERED),
        (
            ReasoningOptions(effort="high"),
            MIXED,
            64000,
            ({"type": "enabled", "budget_tokens": 31999}, "high"),
            [],
        ),
        (ReasoningOptions(effort="low"), EFFORTS_ONLY, 8000, (None, "low"), []),
        (ReasoningOptions(effort="high"), ADAPTIVE, 8000, ({"type": "adaptive"}, "high"), []),
        (ReasoningOptions(effort="max"), ADAPTIVE, 8000, ({"type": "adaptive"}, "high"), LOWERED),
        (ReasoningOptions(effort="minimal"), ADAPTIVE, 8000, ({"type": "adaptive"}, "low"), LOWERED),
        (
            ReasoningOptions(effort="low", summary="auto"),
            ADAPTIVE,
            8000,
            ({"type": "adaptive", "display": "summarized"}, "low"),
            [],
        ),
        (
            ReasoningOptions(budget_tokens=10000, shows_thoughts=True),
            ADAPTIVE,
            8000,
            ({"type": "adaptive", "display": "summarized"}, "medium"),
            [("thinking_budget", "approximated")],
        ),
        (
            ReasoningOptions(effort="none", shows_thoughts=True),
            ADAPTIVE,
            8000,
            (None, None),
            [],
        ),
        (ReasoningOptions(budget_tokens=-1), ADAPTIVE, 8000, ({"type": "adaptive"}, None), []),
        (
            ReasoningOptions(extras=Extras("chat", {"odd": 1})),
            ADAPTIVE,
            8000,
            (None, None),
            [("reasoning.odd", "dropped")],
        ),
    ],
)
def test_thinking_is_said_as_the_model_takes_it(
    options: ReasoningOptions | None,
    target: Target,
    max_tokens: int,
    expected: tuple[JsonObject | None, str | None],
    lost: list[tuple[str, str]],
) -> None:
    """The nearest lower effort; budgets within the model's limits and below the output limit."""
    losses = Losses("chat", "messages")
    assert write_thinking(options, target, max_tokens, losses) == expected
    assert paths(losses.all) == lost


def test_a_budget_beyond_the_table_is_the_greatest_effort() -> None:
    """Where efforts are all that the model takes."""
    target = msgspec.structs.replace(ADAPTIVE, reasoning_efforts=("low", "max"))
    losses = Losses("gemini", "messages")
    thinking = write_thinking(ReasoningOptions(budget_tokens=100000), target, 8000, losses)
    assert thinking == ({"type": "adaptive"}, "max")
