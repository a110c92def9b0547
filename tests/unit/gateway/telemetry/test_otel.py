"""Records in OpenTelemetry's words: the SDK keeps in memory what it would export."""

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from copilot_api.gateway.ledger import UsageRecord
from copilot_api.gateway.telemetry.context import TraceContext
from copilot_api.gateway.telemetry.otel import Telemetry
from copilot_api.neutral.usage import Usage

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
OWN, CALL = "b7ad6b7169203331", "c8be7c827a314442"
NOON_S = 1_795_176_000.0


class Readings(MetricExporter):
    """Keeps the points of the newest export by the name of their measurement."""

    def __init__(self) -> None:
        super().__init__()
        self.points: dict[str, list[Any]] = {}

    def export(self, metrics_data: MetricsData, timeout_millis: float = 0, **_: object) -> MetricExportResult:
        """Keep what came."""
        for resource in metrics_data.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    self.points[metric.name] = list(metric.data.data_points)
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis: float = 0) -> bool:
        """Nothing waits here."""
        return True

    def shutdown(self, timeout_millis: float = 0, **_: object) -> None:
        """Nothing to let go of."""


Told = tuple[list[ReadableSpan], dict[str, list[Any]]]


@pytest.fixture
def tell() -> Callable[..., Any]:
    """What comes of records: the spans, servers first, and the points of each measurement."""

    async def told(*records: UsageRecord) -> Told:
        spans, readings = InMemorySpanExporter(), Readings()
        telemetry = Telemetry("1.2.3", spans=spans, readings=readings, pause_ms=60_000)
        await telemetry(records)
        telemetry.close()
        found = sorted(spans.get_finished_spans(), key=lambda span: span.kind is SpanKind.CLIENT)
        return found, readings.points

    return told


def record(**fields: Any) -> UsageRecord:
    """A streamed answer; other fields as given."""
    facts: dict[str, Any] = {
        "trace_id": "t-1",
        "ingress": "messages",
        "upstream": "responses",
        "mode": "translated",
        "operation": "inference",
        "path": "/v1/messages",
        "client": "claude-cli/2.1.0",
        "requested_model": "opus",
        "mapped_model": "gpt-5.5",
        "answering_model": "gpt-5.5-2026-03",
        "account": "octo-dev",
        "key": "laptop",
        "conversation": "session-9",
        "initiator": "user",
        "started_unix_s": NOON_S,
        "sent_unix_s": NOON_S + 0.2,
        "upstream_base": "https://api.individual.githubcopilot.com",
        "first_byte_ms": 700.0,
        "total_ms": 1200.0,
        "is_stream": True,
        "status": 200,
        "finish": "stop",
        "attempts": 1,
        "usage": Usage(100, 20, cache_read_tokens=60, cache_write_tokens=5, reasoning_tokens=7),
        "nano_aiu": 1_500_000_000,
        "trace_context": TraceContext(TRACE, OWN, PARENT, is_sampled=True, call_id=CALL),
        **fields,
    }
    return UsageRecord(**facts)


async def test_the_call_to_copilot_is_a_client_span_within_the_serving(tell: Callable[..., Any]) -> None:
    """The convention's names, values and units; ids and times are those that the exchange had."""
    (serving, call), _ = await tell(record())
    assert f"{serving.context.trace_id:032x}-{serving.context.span_id:016x}" == f"{TRACE}-{OWN}"
    assert (f"{serving.parent.span_id:016x}", serving.parent.is_remote) == (PARENT, True)
    assert f"{call.context.trace_id:032x}-{call.context.span_id:016x}" == f"{TRACE}-{CALL}"
    assert f"{call.parent.span_id:016x}" == OWN
    assert (serving.kind, serving.name) == (SpanKind.SERVER, "POST /v1/messages")
    assert (call.kind, call.name) == (SpanKind.CLIENT, "chat gpt-5.5")
    assert serving.start_time == 1_795_176_000_000_000_000
    assert call.start_time == pytest.approx(1_795_176_000_200_000_000, abs=1_000_000)
    assert serving.end_time == call.end_time == 1_795_176_001_200_000_000
    facts = dict(call.attributes)
    assert facts.pop("gen_ai.response.time_to_first_chunk") == pytest.approx(0.5, abs=0.001)
    assert facts == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "github.copilot",
        "gen_ai.request.model": "gpt-5.5",
        "gen_ai.request.stream": True,
        "gen_ai.response.model": "gpt-5.5-2026-03",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.conversation.id": "session-9",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 20,
        "gen_ai.usage.cache_read.input_tokens": 60,
        "gen_ai.usage.cache_creation.input_tokens": 5,
        "gen_ai.usage.reasoning.output_tokens": 7,
        "server.address": "api.individual.githubcopilot.com",
        "server.port": 443,
        "copilot_api.attempts": 1,
        "copilot_api.credits": 1.5,
        "copilot_api.initiator": "user",
    }


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("https://copilot-api.octo.ghe.com", ("copilot-api.octo.ghe.com", 443)),
        ("http://127.0.0.1:5005/capi/individual", ("127.0.0.1", 5005)),
        ("http://[::1]:80", ("::1", 80)),
        ("http://localhost", ("localhost", 80)),
        ("", (None, None)),
    ],
)
async def test_the_call_says_which_server_was_asked(
    tell: Callable[..., Any], base: str, told: tuple[str | None, int | None]
) -> None:
    """Its name and port, never the path; nothing where Copilot's address was never found."""
    (_, call), _ = await tell(record(upstream_base=base))
    assert (call.attributes.get("server.address"), call.attributes.get("server.port")) == told


async def test_the_serving_is_an_http_servers_span(tell: Callable[..., Any]) -> None:
    """With what is our own; a model in the address is no part of the name."""
    path = "/v1beta/models/gemini-3.1-pro-preview:generateContent"
    (serving, _), _ = await tell(record(path=path, ingress="gemini"))
    assert serving.name == "POST /v1beta/models/{model}:generateContent"
    assert dict(serving.attributes) == {
        "http.request.method": "POST",
        "http.route": "/v1beta/models/{model}:generateContent",
        "url.path": path,
        "url.scheme": "http",
        "http.response.status_code": 200,
        "user_agent.original": "claude-cli/2.1.0",
        "copilot_api.trace_id": "t-1",
        "copilot_api.ingress": "gemini",
        "copilot_api.upstream": "responses",
        "copilot_api.mode": "translated",
        "copilot_api.requested_model": "opus",
        "copilot_api.mapped_model": "gpt-5.5",
        "copilot_api.account": "octo-dev",
        "copilot_api.key": "laptop",
        "copilot_api.outcome": "completed",
        "copilot_api.first_byte_ms": 700.0,
    }


@pytest.mark.parametrize(
    ("fields", "serving_is_bad", "call_is_bad", "error"),
    [
        (
            {"status": 502, "outcome": "failed", "error_code": "upstream_failed"},
            True,
            True,
            "upstream_failed",
        ),
        ({"status": 429, "outcome": "failed", "error_code": "rate_limited"}, False, True, "rate_limited"),
        (
            {"status": 200, "outcome": "failed", "error_code": "upstream_silent"},
            True,
            True,
            "upstream_silent",
        ),
        ({"status": 200, "outcome": "cut", "error_code": ""}, True, True, "200"),
        ({"status": 200, "outcome": "client_gone", "error_code": ""}, False, False, None),
    ],
)
async def test_an_error_is_one_where_the_convention_says_so(
    tell: Callable[..., Any],
    fields: dict[str, Any],
    serving_is_bad: bool,
    call_is_bad: bool,
    error: str | None,
) -> None:
    """A 4xx is an error to the caller and none of the server; a client that hangs up is nobody's."""
    (serving, call), _ = await tell(record(**fields))
    assert (serving.status.status_code is StatusCode.ERROR) is serving_is_bad
    assert (call.status.status_code is StatusCode.ERROR) is call_is_bad
    assert call.attributes.get("error.type") == error


async def test_what_was_refused_here_is_no_call(tell: Callable[..., Any]) -> None:
    """Copilot was not asked: one span, and no measurement of a client's operation."""
    refused = record(
        outcome="refused", status=402, error_code="budget_exhausted", attempts=0, sent_unix_s=0.0
    )
    spans, points = await tell(refused)
    assert [span.kind for span in spans] == [SpanKind.SERVER]
    assert spans[0].status.status_code is StatusCode.UNSET
    assert points == {}


async def test_measurements_are_the_conventions(tell: Callable[..., Any]) -> None:
    """Durations from when Copilot was asked, tokens by type; first chunks of streams alone."""
    whole = record(
        is_stream=False, mapped_model="gpt-4.1", answering_model="gpt-4.1", usage=None, nano_aiu=None
    )
    _, points = await tell(record(), whole)
    assert set(points) == {
        "gen_ai.client.operation.duration",
        "gen_ai.client.operation.time_to_first_chunk",
        "gen_ai.client.token.usage",
        "copilot_api.credits",
    }
    labels = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "github.copilot",
        "gen_ai.request.model": "gpt-5.5",
        "gen_ai.response.model": "gpt-5.5-2026-03",
        "server.address": "api.individual.githubcopilot.com",
        "server.port": 443,
    }
    durations = {
        point.attributes["gen_ai.request.model"]: point
        for point in points["gen_ai.client.operation.duration"]
    }
    assert durations["gpt-5.5"].sum == pytest.approx(1.0, abs=0.001)
    assert dict(durations["gpt-5.5"].attributes) == labels
    assert set(durations) == {"gpt-5.5", "gpt-4.1"}
    (first,) = points["gen_ai.client.operation.time_to_first_chunk"]
    assert (first.sum, dict(first.attributes)) == (pytest.approx(0.5, abs=0.001), labels)
    tokens = {
        point.attributes["gen_ai.token.type"]: point.sum for point in points["gen_ai.client.token.usage"]
    }
    assert tokens == {"input": 100, "output": 20}
    (bounds,) = {point.explicit_bounds for point in points["gen_ai.client.token.usage"]}
    assert (bounds[0], bounds[-1], len(bounds)) == (1, 67_108_864, 14)
    (credits,) = points["copilot_api.credits"]
    assert credits.value == 1.5


async def test_errors_are_told_apart_by_their_status(tell: Callable[..., Any]) -> None:
    """A cut stream has the status 200, so its class is that it was cut."""
    _, points = await tell(record(status=503, outcome="failed"), record(outcome="cut"), record())
    kinds = {point.attributes.get("error.type") for point in points["gen_ai.client.operation.duration"]}
    assert kinds == {"503", "cut", None}
