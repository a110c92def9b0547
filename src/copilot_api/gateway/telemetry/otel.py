"""Records as spans and measurements for OpenTelemetry. An extra; imported only where the operator switched it on.

Where it goes is said by the OTEL_EXPORTER_OTLP_* variables; without them to a collector on this machine. What was
said in a request is never in it. One span for an exchange, with the times of its record: a batch is exported after
its exchanges have ended, by the SDK's own thread, and what its queue cannot hold is dropped.
Source: OpenTelemetry semantic conventions 1.38, generative AI (development) and HTTP; opentelemetry-sdk 1.45.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Final

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.util.types import AttributeValue

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.context import TraceContext
from copilot_api.gateway.telemetry.tally import OTHER

SCOPE: Final = "copilot_api"
PROVIDER: Final = "github.copilot"
_OPERATIONS: Final = {"inference": "chat", "embeddings": "embeddings", "count_tokens": "count_tokens"}
_NANO: Final = 1e9
_TOKEN_BOUNDS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304)
_SECOND_BOUNDS: Final = (
    0.01,
    0.02,
    0.04,
    0.08,
    0.16,
    0.32,
    0.64,
    1.28,
    2.56,
    5.12,
    10.24,
    20.48,
    40.96,
    81.92,
)

Attributes = dict[str, AttributeValue]


class _Ids(IdGenerator):
    """The ids that the exchange had: Copilot, or whoever else was told them, must find the same ones."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self.context: TraceContext | None = None

    def generate_span_id(self) -> int:
        return self._random.generate_span_id() if self.context is None else int(self.context.span_id, 16)

    def generate_trace_id(self) -> int:
        return self._random.generate_trace_id() if self.context is None else int(self.context.trace_id, 16)


class Telemetry:
    """A sink of the ledger: `await telemetry(records)`."""

    def __init__(
        self,
        version: str,
        *,
        spans: SpanExporter | None = None,
        readings: MetricExporter | None = None,
        pause_ms: int | None = None,
    ) -> None:
        """Shape: `spans` and `readings` take what is made; by default they export by OTLP over HTTP.

        Units: `pause_ms` between exports; None for what the OTEL_* variables say.
        """
        logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)  # not each of its retries
        self._span_exporter: SpanExporter = spans or OTLPSpanExporter()
        self._metric_exporter: MetricExporter = readings or OTLPMetricExporter()
        resource = Resource.create({"service.name": "copilot-api", "service.version": version})
        self._ids = _Ids()
        self._traces = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._traces.add_span_processor(
            BatchSpanProcessor(self._span_exporter, schedule_delay_millis=pause_ms)
        )
        reader = PeriodicExportingMetricReader(self._metric_exporter, export_interval_millis=pause_ms)
        self._meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._tracer = self._traces.get_tracer(SCOPE, version)
        meter = self._meters.get_meter(SCOPE, version)
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", explicit_bucket_boundaries_advisory=_TOKEN_BOUNDS
        )
        self._durations = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", explicit_bucket_boundaries_advisory=_SECOND_BOUNDS
        )
        self._first_tokens = meter.create_histogram(
            "gen_ai.server.time_to_first_token", "s", explicit_bucket_boundaries_advisory=_SECOND_BOUNDS
        )
        self._credits = meter.create_counter("copilot_api.credits", "{credit}")

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Hand one batch to the SDK's queues."""
        for record in records:
            self._span(record)
            if record.operation != "count_tokens":
                self._measure(record)

    def close(self, patience_s: float = 3.0) -> None:
        """Export what is queued, and stop. Blocks, for little longer than the patience.

        The SDK's own time limits hold between attempts and not within one, so it is left behind where it is stuck.
        """
        flushing = threading.Thread(target=self._flush, daemon=True)
        flushing.start()
        flushing.join(patience_s)
        self._span_exporter.shutdown()  # what is still being tried again is given up
        self._metric_exporter.shutdown(1_000)  # pyright: ignore[reportUnknownMemberType]  # untyped extras
        self._traces.shutdown()
        self._meters.shutdown(timeout_millis=1_000)

    def _flush(self) -> None:
        self._traces.force_flush()
        self._meters.force_flush()

    def _span(self, record: UsageRecord) -> None:
        context = self._ids.context = record.trace_context
        parent = None
        if context is not None and context.parent_id:
            flags = TraceFlags(TraceFlags.SAMPLED if context.is_sampled else TraceFlags.DEFAULT)
            caller = SpanContext(int(context.trace_id, 16), int(context.parent_id, 16), True, flags)
            parent = set_span_in_context(NonRecordingSpan(caller))
        begin_ns = int(record.started_unix_s * 1e9)
        span = self._tracer.start_span(
            f"{_OPERATIONS.get(record.operation, record.operation)} {record.mapped_model or OTHER}",
            parent,
            SpanKind.SERVER,
            attributes=attributes_of(record),
            start_time=begin_ns,
        )
        if record.outcome in {"failed", "cut"} or record.status >= 500:
            span.set_status(Status(StatusCode.ERROR, record.error_code))
        span.end(begin_ns + int(record.total_ms * 1e6))

    def _measure(self, record: UsageRecord) -> None:
        labels = _labels_of(record)
        self._durations.record(record.total_ms / 1000.0, labels)
        if record.first_byte_ms:
            self._first_tokens.record(record.first_byte_ms / 1000.0, labels)
        usage = record.usage
        if usage is not None:
            self._tokens.record(usage.input_tokens, {**labels, "gen_ai.token.type": "input"})
            self._tokens.record(usage.output_tokens, {**labels, "gen_ai.token.type": "output"})
        if record.nano_aiu:
            self._credits.add(record.nano_aiu / _NANO, labels)


def attributes_of(record: UsageRecord) -> Attributes:
    """What a span says of an exchange; facts that are empty are left out."""
    usage = record.usage
    facts: dict[str, AttributeValue | None] = {
        "gen_ai.operation.name": _OPERATIONS.get(record.operation, record.operation),
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": record.requested_model,
        "gen_ai.response.model": record.answering_model,
        "gen_ai.response.finish_reasons": [record.finish] if record.finish else None,
        "gen_ai.conversation.id": record.conversation,
        "gen_ai.usage.input_tokens": usage.input_tokens if usage else None,
        "gen_ai.usage.output_tokens": usage.output_tokens if usage else None,
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens if usage else None,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens if usage else None,
        "http.request.method": "POST",
        "url.path": record.path,
        "http.response.status_code": record.status or None,
        "error.type": record.error_code,
        "copilot_api.trace_id": record.trace_id,
        "copilot_api.ingress": record.ingress,
        "copilot_api.upstream": record.upstream,
        "copilot_api.mode": record.mode,
        "copilot_api.mapped_model": record.mapped_model,
        "copilot_api.account": record.account,
        "copilot_api.key": record.key,
        "copilot_api.outcome": record.outcome,
        "copilot_api.credits": record.nano_aiu / _NANO if record.nano_aiu is not None else None,
        "copilot_api.first_byte_ms": record.first_byte_ms or None,
        "copilot_api.repairs": list(record.repairs) or None,
        "copilot_api.losses": list(record.losses) or None,
        "copilot_api.upstream_request_id": record.upstream_request_id,
    }
    return {name: fact for name, fact in facts.items() if fact is not None and fact != ""}


def _labels_of(record: UsageRecord) -> Attributes:
    """What measurements are told apart by: bounded, so never the name that the client made up."""
    labels: Attributes = {
        "gen_ai.operation.name": _OPERATIONS.get(record.operation, record.operation),
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.request.model": record.mapped_model or OTHER,
    }
    if record.outcome in {"failed", "cut", "refused"}:
        labels["error.type"] = str(record.status or record.outcome)
    return labels
