"""Models as the page shows them: Copilot's facts, the operator's words, and why one cannot be called."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from copilot_api.copilot.accounts import Account, Accounts, Trouble
from copilot_api.copilot.catalog import (
    Catalog,
    Model,
    PriceList,
    features_of,
    prices_of,
    protocols_of,
    provider_of,
)
from copilot_api.copilot.names import explain, remedy, resolve
from copilot_api.settings import DEFAULT_MULTIPLIERS, Settings
from copilot_api.store.edits.models import CARDS, HIDDEN
from copilot_api.store.sealing import Document
from copilot_api.web.admin.desk import version_of
from copilot_api.web.admin.desk.instants import iso

MultiplierFrom = Literal["operator", "copilot", "built-in"]
TABLES = (
    HIDDEN,
    "disableHiddenModels",
    "premiumModelMultipliers",
    "modelReasoningEfforts",
    "extraPrompts",
    CARDS,
)
"""The keys of config.json that say something about single models; their version is this page's."""


class Said(msgspec.Struct, frozen=True):
    """What is wrong, and what to do about it."""

    message: str
    remedy: str


class Notice(msgspec.Struct, frozen=True):
    """A warning of Copilot's, or one of ours."""

    code: str
    message: str


class LimitsView(msgspec.Struct, frozen=True, rename="camel"):
    """Sizes in tokens; null: Copilot did not say."""

    context_window: int | None
    prompt: int | None
    output: int | None


class LongPrices(PriceList, frozen=True, rename="camel"):
    """What tokens cost in a prompt longer than `above_tokens`."""

    above_tokens: int | None = None


class ModelView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One model. Units: prices in AI credits per million tokens."""

    id: str
    name: str
    provider: str
    vendor: str
    family: str
    kind: str
    protocols: tuple[str, ...]
    endpoints: tuple[str, ...]
    limits: LimitsView
    context_window_note: int | None
    features: tuple[str, ...]
    is_premium: bool
    multiplier: float | None
    multiplier_from: MultiplierFrom | None
    prices: PriceList | None
    long_context_prices: LongPrices | None
    discount_percent: float | None
    is_preview: bool
    is_in_picker: bool
    is_hidden: bool
    is_usable: bool
    unavailable: Said | None
    policy_state: str | None
    efforts: tuple[str, ...]
    effort: str | None
    extra_prompt: str | None
    mapped_from: tuple[str, ...]
    warnings: tuple[Notice, ...]


class Models(msgspec.Struct, frozen=True, rename="camel"):
    """Every model of one account, in Copilot's order. `problem` says why there are none, or no newer ones."""

    version: str
    account_id: str | None
    fetched_at: str | None
    problem: Said | None
    disable_hidden_models: bool
    models: tuple[ModelView, ...]


def part(document: Document) -> object:
    """What the version of this page stands for."""
    return {name: document.get(name) for name in TABLES}


def view(document: Document, settings: Settings, accounts: Accounts, account: Account | None) -> Models:
    """Show an account's models with what is said about them; None where no account answers."""
    catalog = account.catalog.current if account is not None else None
    names = names_by_model(settings.model_mapping, catalog)
    return Models(
        version=version_of(part(document)),
        account_id=account.id if account is not None else None,
        fetched_at=iso(catalog.fetched_at_unix_s) if catalog is not None else None,
        problem=_problem(accounts, account),
        disable_hidden_models=settings.disable_hidden_models,
        models=tuple(
            view_model(model, settings, names.get(model.id, ()))
            for model in (catalog.models.values() if catalog is not None else ())
        ),
    )


def view_model(model: Model, settings: Settings, mapped_from: tuple[str, ...]) -> ModelView:
    """Show one model."""
    multiplier, multiplier_from = _multiplier(model, settings)
    billing, effort = model.billing, settings.model_reasoning_efforts.get(model.id)
    card = settings.model_card_metadata.get(model.id)
    unavailable = _unavailable(model, settings)
    return ModelView(
        id=model.id,
        name=model.name,
        provider=provider_of(model),
        vendor=model.vendor,
        family=model.family,
        kind=model.kind,
        protocols=protocols_of(model),
        endpoints=tuple(sorted(model.endpoints)),
        limits=LimitsView(
            model.limits.context_window_tokens, model.limits.prompt_tokens, model.limits.output_tokens
        ),
        context_window_note=card.context_window_tokens if card is not None else None,
        features=features_of(model),
        is_premium=multiplier > 0 if multiplier is not None else billing.is_premium,
        multiplier=multiplier,
        multiplier_from=multiplier_from,
        prices=prices_of(billing.default),
        long_context_prices=_long(model),
        discount_percent=None if billing.discount_percent is None else float(billing.discount_percent),
        is_preview=model.is_preview,
        is_in_picker=model.is_in_picker,
        is_hidden=model.id in settings.hidden_models,
        is_usable=unavailable is None,
        unavailable=unavailable,
        policy_state=model.policy_state,
        efforts=model.supports.reasoning_efforts,
        effort=effort,
        extra_prompt=settings.extra_prompts.get(model.id),
        mapped_from=mapped_from,
        warnings=_warnings(model, effort),
    )


def names_by_model(mapping: Mapping[str, str], catalog: Catalog | None) -> dict[str, tuple[str, ...]]:
    """The mapped names that lead to each model, wildcards as they are written."""
    names: dict[str, tuple[str, ...]] = {}
    if catalog is None:
        return names
    for source, target in mapping.items():
        found = resolve(target, {}, catalog).found
        if found is not None:
            names[found.id] = (*names.get(found.id, ()), source)
    return names


def _multiplier(model: Model, settings: Settings) -> tuple[float | None, MultiplierFrom | None]:
    """The operator's own, else Copilot's, else the one that is built in; where tokens are billed only the first."""
    own = settings.premium_model_multipliers.get(model.id)
    if own is not None:
        return own, "operator"
    if model.billing.multiplier is not None:
        return float(model.billing.multiplier), "copilot"
    built_in = None if model.billing.default is not None else DEFAULT_MULTIPLIERS.get(model.id)
    return built_in, None if built_in is None else "built-in"


def _long(model: Model) -> LongPrices | None:
    default, prices = model.billing.default, prices_of(model.billing.long_context)
    if prices is None:
        return None
    above = default.context_max_tokens if default is not None else None
    return LongPrices(prices.input, prices.output, prices.cache_read, prices.cache_write, above)


def _unavailable(model: Model, settings: Settings) -> Said | None:
    alone = Catalog(models={model.id: model})
    resolution = resolve(model.id, {}, alone, settings.hidden_models, settings.disable_hidden_models)
    if resolution.model is None:
        return Said(explain(resolution), remedy(resolution))
    if model.kind == "completion":
        return Said("It only completes code inside an editor.", "Pick a model of another kind.")
    if not protocols_of(model):
        listed = ", ".join(sorted(model.endpoints))
        return Said(
            f"It is reached only by {listed}, which this gateway does not speak.", "Pick another model."
        )
    return None


def _warnings(model: Model, effort: str | None) -> tuple[Notice, ...]:
    told = tuple(Notice(notice.code, notice.message) for notice in (*model.warnings, *model.infos))
    efforts = model.supports.reasoning_efforts
    if effort is None or effort in efforts:
        return told
    listed = ", ".join(efforts) or "none at all"
    return (*told, Notice("effort_unknown", f"The effort {effort!r} is not among the model's own: {listed}."))


def _problem(accounts: Accounts, account: Account | None) -> Said | None:
    if account is None:
        return Said(accounts.problem or "No account answers.", "Add an account, or choose one.")
    trouble: Trouble | None = account.trouble
    if trouble is not None:
        return Said(trouble.message, trouble.remedy)
    if account.catalog.current is None:
        return Said("The list of models is still being fetched.", "Wait a moment, or refresh.")
    return None
