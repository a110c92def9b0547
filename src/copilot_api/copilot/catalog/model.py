"""A model as Copilot describes it, in values the rest of the house can trust.

Owns the shape only; `parse.py` owns how it is read. Source: upstream contract 3.1 (read 2026-11).
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import msgspec

CHAT = "/chat/completions"
RESPONSES = "/responses"
RESPONSES_WEBSOCKET = "ws:/responses"
MESSAGES = "/v1/messages"
EMBEDDINGS = "/embeddings"

ModelKind = Literal["chat", "embeddings", "completion"]
PolicyState = Literal["enabled", "disabled", "unconfigured"]


class Vision(msgspec.Struct, frozen=True):
    """What pictures a model takes. None and empty: Copilot did not say."""

    max_image_bytes: int | None = None
    media_types: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True):
    """Sizes, all in tokens except `inputs` (strings per embeddings call). None: Copilot did not say."""

    context_window_tokens: int | None = None
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    inputs: int | None = None
    vision: Vision | None = None


class Supports(msgspec.Struct, frozen=True):
    """What a model can do. Absent upstream means False."""

    streaming: bool = False
    tool_calls: bool = False
    parallel_tool_calls: bool = False
    vision: bool = False
    structured_outputs: bool = False
    dimensions: bool = False
    thinking: bool = False
    adaptive_thinking: bool = False
    context_editing: bool = False
    min_thinking_budget: int | None = None
    max_thinking_budget: int | None = None
    reasoning_efforts: tuple[str, ...] = ()


class Prices(msgspec.Struct, frozen=True):
    """What a token costs in one price tier.

    Units: nano-AIU (1e-9 AI credits) per token, exact; None where Copilot names no price.
    `context_max_tokens` is the largest prompt the tier covers.
    """

    input: Fraction | None = None
    output: Fraction | None = None
    cache_read: Fraction | None = None
    cache_write: Fraction | None = None
    context_max_tokens: int | None = None


class Billing(msgspec.Struct, frozen=True):
    """What a call costs: the legacy multiplier, or token prices in one or two tiers.

    `discount_percent` is what Copilot announces for the model, None where it announces nothing.
    """

    is_premium: bool = False
    multiplier: Fraction | None = None
    default: Prices | None = None
    long_context: Prices | None = None
    discount_percent: Fraction | None = None


class Notice(msgspec.Struct, frozen=True):
    """A warning or a note Copilot attaches to a model."""

    code: str
    message: str


class Model(msgspec.Struct, frozen=True):
    """One model of one account. `raw` is the entry as received."""

    id: str
    name: str = ""
    vendor: str = ""
    version: str = ""
    family: str = ""
    tokenizer: str = ""
    kind: ModelKind = "chat"
    endpoints: frozenset[str] = frozenset()
    has_metadata: bool = False
    """Whether Copilot listed any endpoint for it; without, only the kind tells (contract 3.1)."""
    limits: Limits = Limits()
    supports: Supports = Supports()
    billing: Billing = Billing()
    policy_state: PolicyState | None = None
    """None: the model needs no consent."""
    is_preview: bool = False
    is_in_picker: bool = False
    warnings: tuple[Notice, ...] = ()
    infos: tuple[Notice, ...] = ()
    created_unix_s: int | None = None
    raw: dict[str, object] = {}

    @property
    def is_usable(self) -> bool:
        """Whether the account may call it: a policy that is disabled refuses with model_not_supported."""
        return self.policy_state != "disabled"


class Catalog(msgspec.Struct, frozen=True):
    """Every model of an account at one moment, by id, in Copilot's order.

    `normal_forms` leads from a normalised id (forms.py) to the ids that have it.
    """

    models: Mapping[str, Model] = {}
    fetched_at_unix_s: float = 0.0
    normal_forms: Mapping[str, tuple[str, ...]] = {}
