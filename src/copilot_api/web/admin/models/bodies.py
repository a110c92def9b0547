"""What the page of models is told: strictly read."""

import msgspec
from msgspec import UNSET, UnsetType

from copilot_api.copilot.catalog import Model
from copilot_api.settings.registry import BY_NAME, MAX_PROMPT_CHARACTERS, complaint, judge


class ModelWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What is to be said about a model. Absent: leave it as it is; null: say nothing any more."""

    is_hidden: bool | UnsetType = UNSET
    multiplier: float | UnsetType | None = UNSET
    effort: str | UnsetType | None = UNSET
    extra_prompt: str | UnsetType | None = UNSET
    context_window_note: int | UnsetType | None = UNSET


class AccountWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Whose models: the active account's unless said."""

    account_id: str | None = None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Whether hidden models are refused and left out of lists."""

    disable_hidden_models: bool


class Visibility(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Models to hide, or to show again."""

    ids: tuple[str, ...]
    is_hidden: bool


_TABLES = (("multiplier", "premiumModelMultipliers"), ("effort", "modelReasoningEfforts"))


def complaints_about(wish: ModelWish, model: Model) -> dict[str, str]:
    """What is wrong with a wish, by field; empty when it may be granted."""
    wrong: dict[str, str] = {}
    for field, table in _TABLES:
        value = getattr(wish, field)
        if value is not UNSET and value is not None:
            judged = judge(BY_NAME[table], {model.id: value})
            for refused in judged.refused:
                wrong[field] = complaint(BY_NAME[table], refused)
    efforts = model.supports.reasoning_efforts
    if isinstance(wish.effort, str) and wish.effort not in efforts:
        offered = (
            f"Give one of {', '.join(efforts)}." if efforts else "It offers none, so none can be chosen."
        )
        wrong["effort"] = f"{wish.effort!r} is not among the efforts of {model.id!r}. {offered}"
    if isinstance(wish.extra_prompt, str) and len(wish.extra_prompt) > MAX_PROMPT_CHARACTERS:
        wrong["extraPrompt"] = f"Give at most {MAX_PROMPT_CHARACTERS} characters."
    if isinstance(wish.context_window_note, int) and not 1 <= wish.context_window_note < 2**31:
        wrong["contextWindowNote"] = "Give a number of tokens from 1, or null."
    return wrong
