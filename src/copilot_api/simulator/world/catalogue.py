"""The model list and its arithmetic: who may see what, where it is served, what it costs.

Owns: `Model` and `Catalogue` (from `data/models*.json`, `data/model_rules.json`).
Must never know: requests, answers, HTTP.
Source: upstream contract §3 and §9.3.
"""

from dataclasses import dataclass
from functools import cached_property

from copilot_api.simulator.shapes import (
    Json,
    as_float,
    as_int,
    as_list,
    as_object,
    as_text,
    encode,
    load_data,
)

NANO_PER_CREDIT = 1_000_000_000
_TIER_OF_PLAN = {
    "free": "free",
    "free-legacy": "free",
    "individual": "pro_plus",
    "business": "business",
    "enterprise": "enterprise",
}


@dataclass(frozen=True, slots=True)
class Prices:
    """What one tier of a model costs: nano-AIU per batch of tokens."""

    batch_size: int
    input: int
    cache_read: int
    cache_write: int
    output: int


def _prices(entry: Json, tier: Json) -> Prices:
    def nano(name: str) -> int:
        return round(as_float(tier.get(name)) * NANO_PER_CREDIT)

    return Prices(
        batch_size=as_int(entry.get("batch_size"), 1_000_000),
        input=nano("input_price"),
        cache_read=nano("cache_price"),
        cache_write=nano("cache_write_price"),
        output=nano("output_price"),
    )


class Model:
    """One catalogue entry with the questions the routes ask of it."""

    def __init__(self, entry: Json) -> None:
        capabilities = as_object(entry.get("capabilities"))
        limits = as_object(capabilities.get("limits"))
        supports = as_object(capabilities.get("supports"))
        self.entry = entry
        self.id = as_text(entry["id"])
        self.version = as_text(entry.get("version"))
        self.vendor = as_text(entry.get("vendor"))
        self.kind = as_text(capabilities.get("type"))
        self.policy = as_text(as_object(entry.get("policy")).get("state")) or "enabled"
        self.max_prompt_tokens = as_int(limits.get("max_prompt_tokens"), 10_000_000)
        self.max_inputs = as_int(limits.get("max_inputs"), 512)
        self.efforts: list[str] = as_list(supports.get("reasoning_effort"))
        self.has_adaptive_thinking = bool(supports.get("adaptive_thinking"))
        self.has_thinking = self.has_adaptive_thinking or "max_thinking_budget" in supports
        self.billing = as_object(entry.get("billing"))
        self.multiplier = as_float(self.billing.get("multiplier"))
        self.endpoints = self._endpoints()

    def _endpoints(self) -> frozenset[str]:
        listed = as_list(self.entry.get("supported_endpoints"))
        if not listed:
            default = {"embeddings": "/embeddings", "chat": "/chat/completions"}.get(self.kind, "")
            return frozenset({default})
        shortened = {"/v1/chat/completions", "/v1/responses", "/v1/embeddings"}
        return frozenset(path.removeprefix("/v1") if path in shortened else path for path in listed)

    def is_offered_to(self, plan: str) -> bool:
        """Say whether a plan's seat sees this model at all."""
        allowed = as_list(self.billing.get("restricted_to"))
        return not allowed or _TIER_OF_PLAN[plan] in allowed

    def obeys(self, rule: str) -> bool:
        """Say whether a named behaviour of `model_rules.json` holds for this model."""
        return self.id in as_list(load_data("model_rules.json").get(rule))

    @cached_property
    def dashed_id(self) -> str:
        """The id as Anthropic's routes answer it."""
        return self.id.replace(".", "-")

    def prices(self, prompt_tokens: int) -> Prices | None:
        """Return the price tier a prompt falls in; None for models billed by multiplier."""
        entry = as_object(self.billing.get("token_prices"))
        if not entry:
            return None
        default = as_object(entry.get("default"))
        long_context = as_object(entry.get("long_context"))
        if long_context and prompt_tokens > as_int(default.get("context_max"), 1 << 62):
            return _prices(entry, long_context)
        return _prices(entry, default)

    def backend_of(self, seed: bytes) -> str:
        """Choose the backend that serves a Messages request, by the measured shares and a hash."""
        share = as_int(as_object(load_data("model_rules.json")["non_vertex_percent"]).get(self.id), 100)
        if int.from_bytes(seed[:4], "big") % 100 >= share:
            return "vertex"
        return "bedrock" if seed[4] & 1 else "anthropic"


class Catalogue:
    """All models, and the lists each kind of caller gets."""

    def __init__(self) -> None:
        entries = [as_object(entry) for entry in as_list(load_data("models.json")["data"])]
        legacy = [as_object(entry) for entry in as_list(load_data("models_legacy.json")["data"])]
        self.all = [Model(entry) for entry in entries]
        self.by_id = {model.id: model for model in self.all}
        self._legacy = [Model(entry) for entry in legacy]
        self._lists: dict[tuple[str, bool, frozenset[tuple[str, str]]], bytes] = {}

    def offer(self, model: Model) -> None:
        """Offer one more model, or another one under the same id, from the next fetch on."""
        self.withdraw(model.id)
        self.all.append(model)
        self.by_id[model.id] = model

    def withdraw(self, model_id: str) -> None:
        """Offer a model no longer, from the next fetch on."""
        self.all = [model for model in self.all if model.id != model_id]
        self.by_id.pop(model_id, None)
        self._lists.clear()

    def find(self, model_id: str, plan: str) -> Model | None:
        """Find a model a plan's seat may name."""
        model = self.by_id.get(model_id)
        return model if model is not None and model.is_offered_to(plan) else None

    def listing(self, plan: str, is_current: bool, policies: frozenset[tuple[str, str]]) -> bytes:
        """Return the `GET /models` body; without a current API version header it is the short legacy list."""
        key = (plan, is_current, policies)
        body = self._lists.get(key)
        if body is None:
            states = dict(policies)
            models = self.all if is_current else self._legacy
            data = [_with_policy(model.entry, states) for model in models if model.is_offered_to(plan)]
            body = self._lists[key] = encode({"data": data, "object": "list"})
        return body


def _with_policy(entry: Json, states: dict[str, str]) -> Json:
    state = states.get(as_text(entry["id"]))
    if state is None or "policy" not in entry:
        return entry
    return {**entry, "policy": {**as_object(entry["policy"]), "state": state}}
