"""What a record says to OpenTelemetry: names and attributes of its two spans, and the labels of its measurements.

Pure. Never what was said in a request. Span names and labels are bounded: no client can make new ones.
Source: as `otel.py`. The conventions that are read: HTTP server spans; inference and embeddings client spans.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.tally import OTHER

PROVIDER: Final = "github.copilot"
"""The convention has no name for Copilot, and leaves such a one to the instrumentation."""
_OPERATIONS: Final = {"inference": "chat", "embeddings": "embeddings", "count_tokens": "count_tokens"}
_NANO: Final = 1e9
_NAMED_MODEL: Final = re.compile(r"/models/[^:]*")

AttributeValue = str | bool | int | float | Sequence[str]
Attributes = dict[str, AttributeValue]


def operation_of(record: UsageRecord) -> str:
    """Name what was asked for in the convention's words."""
    return _OPERATIONS.get(record.operation, record.operation)


def serving(record: UsageRecord) -> tuple[str, Attributes]:
    """Name and describe the span of our serving: an HTTP server's, with what is our own."""
    route = _NAMED_MODEL.sub("/models/{model}", record.path)
    is_error = record.status >= 500 or record.outcome in {"failed", "cut"}
    return f"POST {route}", _known(
        {
            "http.request.method": "POST",
            "http.route": route,
            "url.path": record.path,
            "url.scheme": "http",
            "http.response.status_code": record.status or None,
            "user_agent.original": record.client,
            "error.type": _error_of(record) if is_error else None,
            "copilot_api.trace_id": record.trace_id,
            "copilot_api.ingress": record.ingress,
            "copilot_api.upstream": record.upstream,
            "copilot_api.mode": record.mode,
            "copilot_api.requested_model": record.requested_model,
            "copilot_api.mapped_model": record.mapped_model,
            "copilot_api.account": record.account,
            "copilot_api.key": record.key,
            "copilot_api.outcome": record.outcome,
            "copilot_api.first_byte_ms": record.first_byte_ms or None,
            "copilot_api.repairs": list(record.repairs) or None,
            "copilot_api.losses": list(record.losses) or None,
        }
    )


def the_call(record: UsageRecord) -> Attributes:
    """Describe the call to Copilot: a generative AI client's."""
    usage = record.usage
    until_sent_s = max(0.0, record.sent_unix_s - record.started_unix_s) if record.sent_unix_s else 0.0
    is_error = record.outcome in {"failed", "cut"}
    return _known(
        {
            "gen_ai.operation.name": operation_of(record),
            "gen_ai.provider.name": PROVIDER,
            "gen_ai.request.model": record.mapped_model,
            "gen_ai.request.stream": True if record.is_stream else None,
            "gen_ai.response.model": record.answering_model,
            "gen_ai.response.finish_reasons": [record.finish] if record.finish else None,
            "gen_ai.response.time_to_first_chunk": (
                max(0.0, record.first_byte_ms / 1000.0 - until_sent_s)
                if record.is_stream and record.first_byte_ms
                else None
            ),
            "gen_ai.conversation.id": record.conversation,
            "gen_ai.usage.input_tokens": usage.input_tokens if usage else None,
            "gen_ai.usage.output_tokens": usage.output_tokens if usage else None,
            "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens if usage else None,
            "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens if usage else None,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens if usage else None,
            "error.type": _error_of(record) if is_error else None,
            **_server(record.upstream_base),
            "copilot_api.attempts": record.attempts,
            "copilot_api.credits": record.nano_aiu / _NANO if record.nano_aiu is not None else None,
            "copilot_api.initiator": record.initiator,
            "copilot_api.upstream_request_id": record.upstream_request_id,
        }
    )


def labels_of(record: UsageRecord) -> Attributes:
    """What measurements are told apart by: bounded, so never the name that the client made up."""
    labels: Attributes = {
        "gen_ai.operation.name": operation_of(record),
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": record.mapped_model or OTHER,
    }
    if record.answering_model:
        labels["gen_ai.response.model"] = record.answering_model
    labels |= _server(record.upstream_base)
    if record.outcome in {"failed", "cut"}:
        labels["error.type"] = str(record.status) if record.status >= 400 else record.outcome
    return labels


@lru_cache(maxsize=64)
def _server(base: str) -> Attributes:
    """Which server was asked, if any was: its name, and its port also where the scheme implies it."""
    parts = urlsplit(base)
    if parts.hostname is None:
        return {}
    port = parts.port or (80 if parts.scheme == "http" else 443)
    return {"server.address": parts.hostname, "server.port": port}


def _error_of(record: UsageRecord) -> str:
    """The class of an error: our code of it, of which there are few, else the status."""
    return record.error_code or str(record.status or record.outcome)


def _known(facts: Mapping[str, AttributeValue | None]) -> Attributes:
    """Facts that are empty are left out."""
    return {name: fact for name, fact in facts.items() if fact is not None and fact != ""}
