"""Settings of models: which there are, what they cost, what is added to their prompts, and how long histories get."""

from copilot_api.settings import accepted
from copilot_api.settings.model import CardMetadata
from copilot_api.settings.registry import kinds
from copilot_api.settings.registry.serving import TRUTH
from copilot_api.settings.registry.setting import Setting

_RATIO = "a number above 0 and at most 1"

MODELS: tuple[Setting, ...] = (
    Setting(
        name="modelMapping",
        section="models",
        kind="map",
        field="model_mapping",
        accept=kinds.filled,
        accepted="names of models to names of models",
        description="Names that clients ask for, exact or with *, and the models that answer to them.",
    ),
    Setting(
        name="smallModel",
        section="models",
        kind="text",
        field="small_model",
        accept=kinds.filled,
        accepted="the name of a model",
        description="The model for a client's warm-up requests, and for nothing else.",
    ),
    Setting(
        name="modelReasoningEfforts",
        section="models",
        kind="map",
        field="model_reasoning_efforts",
        accept=kinds.effort,
        accepted=f"one of {', '.join(kinds.EFFORTS)}",
        description="The reasoning effort of a model where the client names none.",
        choices=kinds.EFFORTS,
    ),
    Setting(
        name="hiddenModels",
        section="models",
        kind="list",
        field="hidden_models",
        accept=kinds.filled,
        accepted="names of models",
        description="Models to hide.",
    ),
    Setting(
        name="disableHiddenModels",
        section="models",
        kind="boolean",
        field="disable_hidden_models",
        accept=kinds.boolean,
        accepted=TRUTH,
        description="Refuse hidden models and leave them out of the list.",
    ),
    Setting(
        name="premiumModelMultipliers",
        section="models",
        kind="map",
        field="premium_model_multipliers",
        accept=kinds.multiplier,
        accepted="numbers, 0 or greater",
        description="How many premium requests one request to a model counts as, where you know better than Copilot.",
    ),
    Setting(
        name="modelCardMetadata",
        section="models",
        kind="object",
        field="model_card_metadata",
        accept=kinds.record(CardMetadata),
        accepted='objects such as {"contextWindowTokens": 128000, "features": ["tools"]}',
        description="Your notes on models.",
    ),
    Setting(
        name="catalogRefreshSeconds",
        section="models",
        kind="number",
        field="catalog_refresh_s",
        accept=kinds.number(above=0),
        accepted=accepted.SECONDS,
        description="Time between two reads of Copilot's list of models.",
        unit="s",
        minimum=0.001,
    ),
)

PROMPTS: tuple[Setting, ...] = (
    Setting(
        name="extraPrompts",
        section="prompts",
        kind="map",
        field="extra_prompts",
        accept=kinds.text,
        accepted="names of models to texts",
        description="A text that is added after the system prompt of a model.",
    ),
    Setting(
        name="contextManagement.mode",
        section="prompts",
        kind="choice",
        has_effect=False,
        field="context_management.mode",
        accept=kinds.choice("off", "trim", "summarize_then_trim"),
        accepted="off, trim or summarize_then_trim",
        description="What happens to a history that outgrows the model's window.",
        choices=("off", "trim", "summarize_then_trim"),
    ),
    Setting(
        name="contextManagement.summarizeAtRatio",
        section="prompts",
        kind="number",
        has_effect=False,
        field="context_management.summarize_at_ratio",
        accept=kinds.number(above=0, most=1),
        accepted=_RATIO,
        description="The part of the window from which a history counts as too long.",
        unit="ratio",
        minimum=0.01,
        maximum=1,
    ),
    Setting(
        name="contextManagement.targetRatio",
        section="prompts",
        kind="number",
        has_effect=False,
        field="context_management.target_ratio",
        accept=kinds.number(above=0, most=1),
        accepted=_RATIO,
        description="The part of the window that a shortened history may fill.",
        unit="ratio",
        minimum=0.01,
        maximum=1,
    ),
    Setting(
        name="contextManagement.keepRecentTurns",
        section="prompts",
        kind="integer",
        has_effect=False,
        field="context_management.keep_recent_turns",
        accept=kinds.integer(least=1),
        accepted="a whole number from 1",
        description="How many of the newest turns are never touched.",
        minimum=1,
    ),
    Setting(
        name="contextManagement.summaryMaxTokens",
        section="prompts",
        kind="integer",
        has_effect=False,
        field="context_management.summary_max_tokens",
        accept=kinds.integer(least=256),
        accepted="a whole number from 256",
        description="The longest summary.",
        unit="tokens",
        minimum=256,
    ),
    Setting(
        name="contextManagement.summarizerModel",
        section="prompts",
        kind="text",
        has_effect=False,
        field="context_management.summarizer_model",
        accept=kinds.text,
        accepted="the name of a model, or null",
        description="The model that summarises; the conversation's own without a value.",
        is_nullable=True,
    ),
)

TOOLS: tuple[Setting, ...] = (
    Setting(
        name="useFunctionApplyPatch",
        section="tools",
        kind="boolean",
        field="use_function_apply_patch",
        accept=kinds.boolean,
        accepted=TRUTH,
        description=(
            "Freeform editing tools such as apply_patch become function tools on Responses models too; on others "
            "they always do."
        ),
        is_nullable=True,
    ),
)
