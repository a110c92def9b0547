"""OpenTelemetry: spans and measurements at a collector, the client's trace joined, and nothing told that was not asked.

The collector is a web server of the test's own that reads OTLP as its specification has it.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.context import TraceContext
from copilot_api.gateway.telemetry.otel import Telemetry
from exchange.limits.asking import ask
from gate import running_gate, until

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{SPAN}-01"
SERVER, CLIENT = 2, 3


class Collector:
    """What was sent to it."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Any] = []
        self.metrics: dict[str, Any] = {}
        self.bodies: list[bytes] = []

    async def take_traces(self, request: web.Request) -> web.Response:
        """Keep the spans of an export."""
        self.bodies.append(await request.read())
        read = ExportTraceServiceRequest.FromString(self.bodies[-1])
        self.spans += [s for r in read.resource_spans for scope in r.scope_spans for s in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    async def take_metrics(self, request: web.Request) -> web.Response:
        """Keep the newest of each measurement."""
        self.bodies.append(await request.read())
        read = ExportMetricsServiceRequest.FromString(self.bodies[-1])
        for resource in read.resource_metrics:
            for scope in resource.scope_metrics:
                self.metrics |= {metric.name: metric for metric in scope.metrics}
        return web.Response(content_type="application/x-protobuf")


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """A collector on loopback."""
    found = Collector()
    application = web.Application()
    application.router.add_post("/v1/traces", found.take_traces)
    application.router.add_post("/v1/metrics", found.take_metrics)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    found.url = f"http://127.0.0.1:{port}"
    yield found
    await runner.cleanup()


def exporting(collector: Collector) -> Telemetry:
    """Telemetry that exports there soon."""
    spans = OTLPSpanExporter(f"{collector.url}/v1/traces")
    readings = OTLPMetricExporter(f"{collector.url}/v1/metrics")
    return Telemetry("1.2.3", spans=spans, readings=readings, pause_ms=50)


def said(span: Any) -> dict[str, Any]:
    """A span's attributes as plain values."""
    values = {}
    for attribute in span.attributes:
        kind = attribute.value.WhichOneof("value")
        values[attribute.key] = getattr(attribute.value, kind)
    return values


async def test_an_exchange_is_two_spans_in_the_clients_trace(tmp_path: Path, collector: Collector) -> None:
    """With what it cost and how it ended, in the words of the conventions; and never with what was said."""
    telemetry = exporting(collector)
    async with running_gate(tmp_path, COPILOT_API_OTEL_PROPAGATE="true") as gate:
        gate.house.ledger.listen(telemetry)
        headers = {"traceparent": TRACEPARENT}
        await ask(gate, "messages", text="my-secret-prompt", headers=headers)
        await ask(gate, "chat", text="[[sim: error=500-text]]")
        await until(lambda: len(collector.spans) == 4)
        told, port = gate.inference_requests()[0]["headers"], urlsplit(gate.simulator.url).port
    good, bad = (span for span in collector.spans if span.kind == SERVER)
    call, refused = (span for span in collector.spans if span.kind == CLIENT)
    assert (good.trace_id.hex(), good.parent_span_id.hex(), good.name) == (TRACE, SPAN, "POST /v1/messages")
    assert (call.trace_id.hex(), call.parent_span_id) == (TRACE, good.span_id)
    assert (call.name, refused.parent_span_id) == ("chat claude-sonnet-4.6", bad.span_id)
    assert good.start_time_unix_nano <= call.start_time_unix_nano < call.end_time_unix_nano
    assert call.end_time_unix_nano <= good.end_time_unix_nano
    facts = said(call)
    assert facts["gen_ai.operation.name"] == "chat"
    assert facts["gen_ai.provider.name"] == "github.copilot"
    assert facts["gen_ai.response.model"] == "claude-sonnet-4-6"
    assert (facts["server.address"], facts["server.port"]) == ("127.0.0.1", port)
    assert (said(refused)["server.address"], said(refused)["server.port"]) == ("127.0.0.1", port)
    assert facts["gen_ai.usage.input_tokens"] > 0
    assert said(good)["http.response.status_code"] == 200
    assert good.end_time_unix_nano > good.start_time_unix_nano > 1_700_000_000 * 10**9
    assert (bad.status.code, said(bad)["http.response.status_code"]) == (2, 500)
    assert (bad.parent_span_id, bad.trace_id.hex() == TRACE) == (b"", False)
    assert isinstance(told, dict)
    assert told["traceparent"] == f"00-{TRACE}-{call.span_id.hex()}-01"
    assert not any(b"my-secret" in body for body in collector.bodies)
    await asyncio.to_thread(telemetry.close)


async def test_measurements_have_the_names_of_the_conventions(collector: Collector) -> None:
    """Tokens by type, durations in seconds; models that nobody has are one."""
    telemetry = exporting(collector)
    await telemetry([_record(), _record(mapped_model="", requested_model="invented")])
    await until(lambda: "gen_ai.client.operation.duration" in collector.metrics)
    durations = collector.metrics["gen_ai.client.operation.duration"]
    assert durations.unit == "s"
    models = {said(point)["gen_ai.request.model"] for point in durations.histogram.data_points}
    assert models == {"gpt-5.5", "other"}
    await asyncio.to_thread(telemetry.close)


async def test_a_client_that_does_not_sample_is_heeded(collector: Collector) -> None:
    """Its trace has no span of ours."""
    telemetry = exporting(collector)
    quiet = TraceContext(TRACE, "b7ad6b7169203331", SPAN, is_sampled=False, call_id="c8be7c827a314442")
    await telemetry([_record(trace_context=quiet), _record()])
    await until(lambda: len(collector.spans) == 2)
    await asyncio.to_thread(telemetry.close)
    assert [span.kind for span in collector.spans] == [CLIENT, SERVER]


async def test_nothing_is_told_upstream_unless_configured(tmp_path: Path) -> None:
    """A client's traceparent is its own business."""
    async with running_gate(tmp_path) as gate:
        headers = {"traceparent": TRACEPARENT, "tracestate": "vendor=secret", "baggage": "user=me"}
        await ask(gate, "messages", headers=headers)
        told = gate.inference_requests()[0]["headers"]
    assert isinstance(told, dict)
    assert {"traceparent", "tracestate", "baggage"}.isdisjoint(told)


async def test_a_collector_that_is_gone_fails_no_request() -> None:
    """Its queue is bounded, and stopping does not wait for it long."""
    nobody = Collector()
    nobody.url = "http://127.0.0.1:9"
    telemetry = exporting(nobody)
    await telemetry([_record() for _ in range(5_000)])
    began_s = time.monotonic()
    await asyncio.to_thread(telemetry.close, 0.5)
    assert time.monotonic() - began_s < 5.0


def _record(**fields: Any) -> UsageRecord:
    facts: dict[str, Any] = {
        "trace_id": "t",
        "ingress": "responses",
        "upstream": "responses",
        "operation": "inference",
        "path": "/v1/responses",
        "requested_model": "gpt-5.5",
        "mapped_model": "gpt-5.5",
        "started_unix_s": 1_795_176_000.0,
        "status": 200,
        "total_ms": 1200.0,
        "first_byte_ms": 300.0,
        "attempts": 1,
        **fields,
    }
    return UsageRecord(**facts)
