"""Reading `/models`, leniently.

A strange entry is skipped, a strange field is absent; neither is fatal. Pure: must never know how
the bytes came. Source: upstream contract 3.1 and 2.1 (read 2026-11).
"""

from fractions import Fraction
from typing import cast
from urllib.parse import urlsplit

import msgspec

from copilot_api.copilot.catalog.forms import normal_form
from copilot_api.copilot.catalog.model import (
    CHAT,
    EMBEDDINGS,
    MESSAGES,
    RESPONSES,
    RESPONSES_WEBSOCKET,
    Billing,
    Catalog,
    Limits,
    Model,
    ModelKind,
    Notice,
    PolicyState,
    Prices,
    Supports,
    Vision,
)
from copilot_api.copilot.fields import as_table, as_text
from copilot_api.errors import UpstreamProtocolError

NANO_AIU_PER_CREDIT = 10**9
"""Contract 9.3: 1e9 nano-AIU are one AI credit (USD 0.01)."""

_SPELLINGS = {
    "/v1/chat/completions": CHAT,
    "/v1/responses": RESPONSES,
    "ws:/v1/responses": RESPONSES_WEBSOCKET,
    "/messages": MESSAGES,
    "/v1/embeddings": EMBEDDINGS,
}
"""Other spellings seen in live catalogues (contract 2.1), and the one we use."""

_REMEDY = "Try again, and run `copilot-api doctor` if it stays."
_WEBSOCKET_SCHEMES = ("ws", "wss")


def normal_endpoint(text: str) -> str:
    """Bring one `supported_endpoints` entry to our spelling.

    Shape: " https://api.x/v1/Responses/ " -> "/responses"; an unknown one -> its lower-case path.
    """
    cleaned = text.strip().lower()
    prefix = ""
    scheme, colon, rest = cleaned.partition(":")
    if colon and scheme in (*_WEBSOCKET_SCHEMES, "http", "https"):
        prefix = "ws:" if scheme in _WEBSOCKET_SCHEMES else ""
        cleaned = urlsplit(cleaned).path if rest.startswith("//") else rest
    path = "/" + cleaned.strip("/")
    path = prefix + path
    return _SPELLINGS.get(path, path)


def read_catalog(body: bytes, fetched_at_unix_s: float) -> Catalog:
    """Read a whole `/models` answer; of two entries with one id the richer wins, in the first one's place.

    Raises: UpstreamProtocolError when the body is not JSON or holds no list of models.
    """
    entries = _entries(body)
    models: dict[str, Model] = {}
    for entry in entries:
        model = read_model(entry)
        if model is None:
            continue
        if model.id not in models or _richness(model) > _richness(models[model.id]):
            models[model.id] = model
    forms: dict[str, tuple[str, ...]] = {}
    for model_id in models:
        form = normal_form(model_id)
        forms[form] = (*forms.get(form, ()), model_id)
    return Catalog(models=models, fetched_at_unix_s=fetched_at_unix_s, normal_forms=forms)


def read_model(entry: object) -> Model | None:
    """Read one entry; None when it has no usable id."""
    if not isinstance(entry, dict):
        return None
    raw = cast("dict[str, object]", entry)
    model_id = as_text(raw.get("id"))
    if not model_id:
        return None
    capabilities = as_table(raw.get("capabilities"))
    endpoints = frozenset(normal_endpoint(text) for text in _texts(raw.get("supported_endpoints")))
    return Model(
        id=model_id,
        name=as_text(raw.get("name")) or as_text(raw.get("display_name")) or model_id,
        vendor=as_text(raw.get("vendor")) or as_text(raw.get("owned_by")),
        version=as_text(raw.get("version")),
        family=as_text(capabilities.get("family")),
        tokenizer=as_text(capabilities.get("tokenizer")),
        kind=_kind(capabilities.get("type"), endpoints),
        endpoints=endpoints,
        has_metadata=bool(endpoints),
        limits=_limits(as_table(capabilities.get("limits"))),
        supports=_supports(as_table(capabilities.get("supports"))),
        billing=_billing(as_table(raw.get("billing"))),
        policy_state=_policy_state(as_table(raw.get("policy")).get("state")),
        is_preview=raw.get("preview") is True,
        is_in_picker=raw.get("model_picker_enabled") is True,
        warnings=_notices(raw.get("warning_messages")),
        infos=_notices(raw.get("info_messages")),
        created_unix_s=_integer(raw.get("created")),
        raw=raw,
    )


def _entries(body: bytes) -> list[object]:
    try:
        document = cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UpstreamProtocolError(f"Copilot's model list is not JSON ({error}). {_REMEDY}") from error
    entries = as_table(cast("object", document)).get("data") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise UpstreamProtocolError(f"Copilot's model list holds no `data` list. {_REMEDY}")
    return cast("list[object]", entries)


def _richness(model: Model) -> tuple[bool, int, int]:
    return (model.is_usable, len(model.endpoints), len(msgspec.json.encode(model.raw)))


def _kind(value: object, endpoints: frozenset[str]) -> ModelKind:
    if value == "embeddings":
        return "embeddings"
    if value == "completion":
        return "completion"
    if value is None and endpoints == frozenset({EMBEDDINGS}):
        return "embeddings"
    return "chat"


def _limits(table: dict[str, object]) -> Limits:
    return Limits(
        context_window_tokens=_integer(table.get("max_context_window_tokens")),
        prompt_tokens=_integer(table.get("max_prompt_tokens")),
        output_tokens=_integer(table.get("max_output_tokens")),
        inputs=_integer(table.get("max_inputs")),
        vision=_vision(table.get("vision")),
    )


def _vision(value: object) -> Vision | None:
    if not isinstance(value, dict):
        return None
    table = cast("dict[str, object]", value)
    return Vision(
        max_image_bytes=_integer(table.get("max_prompt_image_size")),
        media_types=_texts(table.get("supported_media_types")),
    )


def _supports(table: dict[str, object]) -> Supports:
    return Supports(
        streaming=table.get("streaming") is True,
        tool_calls=table.get("tool_calls") is True,
        parallel_tool_calls=table.get("parallel_tool_calls") is True,
        vision=table.get("vision") is True,
        structured_outputs=table.get("structured_outputs") is True,
        dimensions=table.get("dimensions") is True,
        thinking=table.get("thinking") is True,
        adaptive_thinking=table.get("adaptive_thinking") is True,
        context_editing=table.get("context_editing") is True,
        min_thinking_budget=_integer(table.get("min_thinking_budget")),
        max_thinking_budget=_integer(table.get("max_thinking_budget")),
        reasoning_efforts=_texts(table.get("reasoning_effort")),
    )


def _billing(table: dict[str, object]) -> Billing:
    prices = as_table(table.get("token_prices"))
    batch_size = _integer(prices.get("batch_size")) or 1_000_000
    discount = _fraction(table.get("discount_percent"))
    return Billing(
        is_premium=table.get("is_premium") is True,
        multiplier=_fraction(table.get("multiplier")),
        default=_tier(prices.get("default"), batch_size),
        long_context=_tier(prices.get("long_context"), batch_size),
        discount_percent=discount if discount is not None else _fraction(table.get("auto_discount")),
    )


def _tier(value: object, batch_size: int) -> Prices | None:
    if not isinstance(value, dict):
        return None
    table = cast("dict[str, object]", value)
    return Prices(
        input=_per_token(table.get("input_price"), batch_size),
        output=_per_token(table.get("output_price"), batch_size),
        cache_read=_per_token(table.get("cache_price"), batch_size),
        cache_write=_per_token(table.get("cache_write_price"), batch_size),
        context_max_tokens=_integer(table.get("context_max")),
    )


def _per_token(value: object, batch_size: int) -> Fraction | None:
    credits_per_batch = _fraction(value)
    return None if credits_per_batch is None else credits_per_batch * NANO_AIU_PER_CREDIT / batch_size


def _policy_state(value: object) -> PolicyState | None:
    if value in ("enabled", "disabled", "unconfigured"):
        return value
    return None


def _notices(value: object) -> tuple[Notice, ...]:
    if not isinstance(value, list):
        return ()
    tables = [as_table(item) for item in cast("list[object]", value)]
    return tuple(
        Notice(code=as_text(table.get("code")), message=as_text(table.get("message")))
        for table in tables
        if table
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in cast("list[object]", value) if isinstance(item, str) and item.strip())


def _integer(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if value > 0 and value == int(value) else None


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Fraction(str(value)) if value >= 0 else None
