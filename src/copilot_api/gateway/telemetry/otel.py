"""Records as spans and measurements for OpenTelemetry. An extra; imported only where the operator switched it on.

Where it goes is said by the OTEL_EXPORTER_OTLP_* variables; without them to a collector on this machine. What was
said in a request is never in it. Two spans for an exchange, with the times of its record: our serving of the request,
and within it the call to Copilot, all attempts together. A batch is exported after its exchanges have ended, by the
SDK's own thread, and what its queue cannot hold is dropped.
Source: OpenTelemetry semantic conventions 1.42, HTTP, and those for generative AI (development, in a repository of
their own since 1.42; read 2026-11); opentelemetry-sdk 1.45.
"""

import logging
import threading
from collections.abc import Sequence
from typing import Final

from opentelemetry.context import Context
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

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.tally import OTHER
from copilot_api.gateway.telemetry.told import labels_of, operation_of, serving, the_call

SCOPE: Final = "copilot_api"
_NANO: Final = 1e9
_TOKEN_BOUNDS: Final = (
    1,
    4,
    16,
    64,
    256,
    1024,
    4096,
    16384,
    65536,
    262144,
    1048576,
    4194304,
    16777216,
    67108864,
)
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


class _Ids(IdGenerator):
    """The ids that the exchange had: Copilot, or whoever else was told them, must find the same ones."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self.trace_id = ""
        self.span_id = ""

    def generate_span_id(self) -> int:
        return int(self.span_id, 16) if self.span_id else self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        return int(self.trace_id, 16) if self.trace_id else self._random.generate_trace_id()


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
        self._first_chunks = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            explicit_bucket_boundaries_advisory=_SECOND_BOUNDS,
        )
        self._credits = meter.create_counter("copilot_api.credits", "{credit}")

    async def __call__(self, records: Sequence[UsageRecord]) -> None:
        """Hand one batch to the SDK's queues."""
        for record in records:
            self._spans(record)
            if record.attempts and record.operation != "count_tokens":
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

    def _spans(self, record: UsageRecord) -> None:
        ids, context = self._ids, record.trace_context
        parent = None
        ids.trace_id, ids.span_id = ("", "") if context is None else (context.trace_id, context.span_id)
        if context is not None and context.parent_id:
            flags = TraceFlags(TraceFlags.SAMPLED if context.is_sampled else TraceFlags.DEFAULT)
            caller = SpanContext(int(context.trace_id, 16), int(context.parent_id, 16), True, flags)
            parent = set_span_in_context(NonRecordingSpan(caller))
        begin_ns, end_ns = _times_ns(record)
        name, attributes = serving(record)
        span = self._tracer.start_span(
            name, parent, SpanKind.SERVER, attributes=attributes, start_time=begin_ns
        )
        if (
            record.status >= 500
            or record.outcome == "cut"
            or (record.outcome == "failed" and record.status < 400)
        ):
            span.set_status(Status(StatusCode.ERROR))
        if record.attempts:
            ids.span_id = "" if context is None else context.call_id
            self._call(record, set_span_in_context(span), end_ns)
        span.end(end_ns)

    def _call(self, record: UsageRecord, within: Context, end_ns: int) -> None:
        call = self._tracer.start_span(
            f"{operation_of(record)} {record.mapped_model or OTHER}",
            within,
            SpanKind.CLIENT,
            attributes=the_call(record),
            start_time=int((record.sent_unix_s or record.started_unix_s) * 1e9),
        )
        if record.outcome in {"failed", "cut"}:
            call.set_status(Status(StatusCode.ERROR, record.error_code))
        call.end(end_ns)

    def _measure(self, record: UsageRecord) -> None:
        labels = labels_of(record)
        until_sent_s = max(0.0, record.sent_unix_s - record.started_unix_s) if record.sent_unix_s else 0.0
        self._durations.record(max(0.0, record.total_ms / 1000.0 - until_sent_s), labels)
        labels.pop("error.type", None)
        if record.first_byte_ms and record.is_stream:
            self._first_chunks.record(max(0.0, record.first_byte_ms / 1000.0 - until_sent_s), labels)
        usage = record.usage
        if usage is not None:
            self._tokens.record(usage.input_tokens, {**labels, "gen_ai.token.type": "input"})
            self._tokens.record(usage.output_tokens, {**labels, "gen_ai.token.type": "output"})
        if record.nano_aiu:
            self._credits.add(record.nano_aiu / _NANO, labels)


def _times_ns(record: UsageRecord) -> tuple[int, int]:
    begin_ns = int(record.started_unix_s * 1e9)
    return begin_ns, begin_ns + int(record.total_ms * 1e6)
