"""The model list: read leniently, kept fresh, never lost."""

import asyncio
from fractions import Fraction

import msgspec
import pytest

from copilot_api.copilot.catalog import (
    CatalogKeeper,
    Limits,
    Notice,
    Prices,
    Vision,
    normal_endpoint,
    read_catalog,
)
from copilot_api.copilot.catalog.parse import read_model
from copilot_api.errors import GatewayError, QuotaExhausted, UpstreamProtocolError, UpstreamUnavailable
from recorded import reply
from unit.copilot.world import NOW, Clock, task_group

CATALOG = read_catalog(reply("models"), NOW)


def test_the_recorded_list_is_read_completely() -> None:
    """26 entries, one id twice, in Copilot's order."""
    assert len(CATALOG.models) == 25
    assert list(CATALOG.models)[:3] == ["gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4o"]
    assert CATALOG.fetched_at_unix_s == NOW


def test_a_modern_entry_is_read_field_by_field() -> None:
    """claude-opus-4.7, as recorded."""
    model = CATALOG.models["claude-opus-4.7"]
    assert (model.name, model.vendor, model.kind, model.family) == (
        "Claude Opus 4.7",
        "Anthropic",
        "chat",
        "claude-opus-4.7",
    )
    assert model.endpoints == {"/v1/messages", "/chat/completions"}
    assert model.limits == Limits(
        context_window_tokens=1000000,
        prompt_tokens=936000,
        output_tokens=64000,
        vision=Vision(3145728, ("image/jpeg", "image/png", "image/webp", "image/gif")),
    )
    assert model.supports.reasoning_efforts == ("low", "medium", "high", "xhigh", "max")
    assert (model.supports.min_thinking_budget, model.supports.max_thinking_budget) == (1024, 32000)
    assert model.supports.adaptive_thinking
    assert not model.supports.dimensions
    assert model.warnings == (
        Notice("client_version_deprecated", "Please update your client to see current billing information."),
    )
    assert model.is_in_picker
    assert (model.policy_state, model.is_usable, model.has_metadata) == ("enabled", True, True)


def test_prices_are_exact_nano_credits_per_token() -> None:
    """500 credits a million tokens are 500,000 nano-AIU a token; fractions stay exact (contract 9.3)."""
    billing = CATALOG.models["claude-opus-4.7"].billing
    assert billing.default == Prices(
        Fraction(500000), Fraction(2500000), Fraction(50000), Fraction(625000), 200000
    )
    assert billing.long_context == Prices(Fraction(500000), Fraction(2500000), Fraction(50000), None, 936000)
    mini = CATALOG.models["gpt-5-mini"].billing.default
    assert mini is not None
    assert mini.cache_read == Fraction(2500)
    assert 16 * Fraction(300000) + 17 * Fraction(1500000) == 30_300_000  # the contract's own example


@pytest.mark.parametrize(
    ("prices", "per_token"),
    [
        ('{"batch_size":1000000,"default":{"input_price":0.1}}', Fraction(100)),
        ('{"batch_size":3,"default":{"input_price":1}}', Fraction(10**9, 3)),
        ('{"default":{"input_price":1}}', Fraction(1000)),
        ('{"batch_size":0,"default":{"input_price":1}}', Fraction(1000)),
        ('{"default":{"input_price":-1}}', None),
        ('{"default":{"input_price":"1"}}', None),
        ('{"default":{"input_price":true}}', None),
    ],
)
def test_odd_prices_are_exact_or_absent(prices: str, per_token: Fraction | None) -> None:
    """No float ever rounds a price."""
    model = read_model(msgspec.json.decode(f'{{"id":"x","billing":{{"token_prices":{prices}}}}}'))
    assert model is not None
    assert model.billing.default is not None
    assert model.billing.default.input == per_token


def test_the_legacy_multiplier_and_discounts_are_read() -> None:
    """The days before token prices, and their remainders."""
    assert CATALOG.models["grok-code-fast-1"].billing.multiplier == Fraction(1, 4)
    assert CATALOG.models["claude-opus-4.6-1m"].billing.is_premium
    assert CATALOG.models["gpt-4o"].billing.multiplier == 0
    for field in ("discount_percent", "auto_discount"):
        model = read_model({"id": "x", "billing": {field: 12.5}})
        assert model is not None
        assert model.billing.discount_percent == Fraction(25, 2)


def test_policies_decide_what_is_usable() -> None:
    """Only a disabled policy refuses; absent and unconfigured do not."""
    assert not CATALOG.models["gemini-3.5-flash"].is_usable
    assert CATALOG.models["claude-opus-4.6-1m"].policy_state == "unconfigured"
    assert CATALOG.models["claude-opus-4.6-1m"].is_usable
    assert CATALOG.models["gpt-4o"].policy_state is None


def test_kinds_and_absent_endpoints() -> None:
    """Without `supported_endpoints` only the kind tells; claude-* speaks Messages only if listed."""
    assert CATALOG.models["text-embedding-3-small"].kind == "embeddings"
    assert CATALOG.models["text-embedding-3-small"].limits.inputs == 512
    assert CATALOG.models["gpt-41-copilot"].kind == "completion"
    assert (CATALOG.models["gpt-4.1"].endpoints, CATALOG.models["gpt-4.1"].has_metadata) == (
        frozenset(),
        False,
    )
    claude = read_model({"id": "claude-x", "supported_endpoints": ["/chat/completions"]})
    assert claude is not None
    assert claude.endpoints == {"/chat/completions"}
    embedding = read_model({"id": "e", "supported_endpoints": ["/v1/embeddings"]})
    assert embedding is not None
    assert embedding.kind == "embeddings"


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("/chat/completions", "/chat/completions"),
        ("/v1/chat/completions", "/chat/completions"),
        (" Chat/Completions/ ", "/chat/completions"),
        ("https://api.githubcopilot.com/v1/responses", "/responses"),
        ("/responses", "/responses"),
        ("ws:/responses", "ws:/responses"),
        ("ws:/v1/responses", "ws:/responses"),
        ("wss://api.githubcopilot.com/responses", "ws:/responses"),
        ("/messages", "/v1/messages"),
        ("/v1/messages/", "/v1/messages"),
        ("/v1/embeddings", "/embeddings"),
        ("/something/new", "/something/new"),
        ("urn:x", "/urn:x"),
    ],
)
def test_endpoint_spellings_are_one(text: str, endpoint: str) -> None:
    """URLs, /v1, case and slashes (contract 2.1)."""
    assert normal_endpoint(text) == endpoint


def test_strange_entries_are_skipped_and_strange_fields_absent() -> None:
    """Never fail on an entry; keep what can be read."""
    body = msgspec.json.encode(
        {
            "data": [
                None,
                5,
                {},
                {"id": ""},
                {"id": 7},
                {
                    "id": "odd",
                    "name": 5,
                    "display_name": "Odd",
                    "owned_by": "someone",
                    "created": 1700000000,
                    "supported_endpoints": [None, "", "/responses"],
                    "capabilities": [],
                    "billing": "free",
                    "policy": {"state": "maybe"},
                    "warning_messages": [None, {"code": "c", "message": 5}],
                    "info_messages": "none",
                },
                {
                    "id": "limits",
                    "capabilities": {
                        "limits": {"max_output_tokens": -1, "max_prompt_tokens": 10.0, "vision": []},
                        "supports": {"reasoning_effort": "high", "vision": "yes", "max_thinking_budget": 1.5},
                    },
                },
            ]
        }
    )
    catalog = read_catalog(body, NOW)
    assert list(catalog.models) == ["odd", "limits"]
    odd = catalog.models["odd"]
    assert (odd.name, odd.vendor, odd.created_unix_s) == ("Odd", "someone", 1700000000)
    assert (odd.endpoints, odd.policy_state, odd.warnings, odd.infos) == (
        {"/responses"},
        None,
        (Notice("c", ""),),
        (),
    )
    assert catalog.models["limits"].limits == Limits(prompt_tokens=10)
    assert catalog.models["limits"].supports.reasoning_efforts == ()


def test_of_two_entries_with_one_id_the_richer_stays_in_the_first_ones_place() -> None:
    """Usable before disabled, more endpoints before fewer, more words before fewer."""
    body = msgspec.json.encode(
        {
            "data": [
                {"id": "a", "policy": {"state": "disabled"}, "supported_endpoints": ["/responses"]},
                {"id": "b"},
                {"id": "a", "name": "usable"},
                {"id": "b", "supported_endpoints": ["/responses"]},
                {"id": "b", "name": "poorer again"},
                {"id": "c", "name": "terse"},
                {"id": "c", "name": "the same at greater length"},
                {"id": "c", "name": "short"},
            ]
        }
    )
    catalog = read_catalog(body, NOW)
    assert list(catalog.models) == ["a", "b", "c"]
    assert catalog.models["a"].name == "usable"
    assert catalog.models["b"].endpoints == {"/responses"}
    assert catalog.models["c"].name == "the same at greater length"


def test_a_bare_list_is_a_list_too() -> None:
    """The envelope may be missing (contract 3)."""
    assert list(read_catalog(b'[{"id":"a"}]', NOW).models) == ["a"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"data":{}}', b"5", b"\xff"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    """An answer without a list must not empty the catalog."""
    with pytest.raises(UpstreamProtocolError, match="model list"):
        read_catalog(body, NOW)


class Models:
    """`GET /models`, scripted."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.calls = 0

    async def __call__(self) -> bytes:
        """One fetch."""
        self.calls += 1
        await asyncio.sleep(0)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


ONE, TWO = b'{"data":[{"id":"one"}]}', b'{"data":[{"id":"one"},{"id":"two"}]}'


async def test_the_first_request_loads_the_list_once_for_all() -> None:
    """Ten requests before the first list: one fetch."""
    models = Models(ONE)
    async with task_group() as group:
        keeper = CatalogKeeper(models, clock=Clock(), spawn=group.create_task)
        catalogs = await asyncio.gather(*(keeper.loaded() for _ in range(10)))
        assert [list(catalog.models) for catalog in catalogs] == [["one"]] * 10
        assert (models.calls, keeper.problem) == (1, None)
        await keeper.loaded()
        assert models.calls == 1


async def test_an_unknown_name_costs_one_fetch_a_minute() -> None:
    """The negative cache: a client that insists cannot make us hammer (seed defect P32)."""
    models, clock = Models(ONE, TWO), Clock()
    async with task_group() as group:
        keeper = CatalogKeeper(models, clock=clock, spawn=group.create_task)
        await keeper.loaded()
        for _ in range(50):
            assert list((await keeper.renewed()).models) == ["one"]
        assert models.calls == 1
        clock.now += 60
        catalogs = await asyncio.gather(*(keeper.renewed() for _ in range(10)))
        assert {tuple(catalog.models) for catalog in catalogs} == {("one", "two")}
        assert models.calls == 2


async def test_a_failed_refresh_keeps_the_old_list_and_says_so() -> None:
    """429 on /models: the old list stays, the problem names it, the wait is honoured."""
    models, clock = Models(ONE, QuotaExhausted("limited", retry_after_s=120.0), TWO), Clock()
    async with task_group() as group:
        keeper = CatalogKeeper(models, clock=clock, spawn=group.create_task)
        await keeper.refresh()
        with pytest.raises(QuotaExhausted):
            await keeper.refresh()
        assert keeper.current is not None
        assert list(keeper.current.models) == ["one"]
        assert keeper.problem == "The model list could not be refreshed; the old list stays in use. limited"
        clock.now += 119
        assert list((await keeper.renewed()).models) == ["one"]
        await keeper.refresh_if_due()
        assert models.calls == 2
        clock.now += 1
        await keeper.refresh_if_due()
        assert (models.calls, keeper.problem) == (3, None)


async def test_an_unknown_name_during_an_outage_is_looked_up_in_the_old_list() -> None:
    """A failing refresh is not the client's problem as long as there is a list."""
    models, clock = Models(ONE, UpstreamUnavailable("down")), Clock()
    async with task_group() as group:
        keeper = CatalogKeeper(models, clock=clock, spawn=group.create_task)
        await keeper.refresh()
        clock.now += 60
        assert list((await keeper.renewed()).models) == ["one"]


async def test_without_any_list_requests_fail_fast_between_fetches() -> None:
    """Never a list: one fetch in five seconds, its fault for everybody."""
    models, clock = Models(UpstreamUnavailable("down"), ONE), Clock()
    async with task_group() as group:
        keeper = CatalogKeeper(models, clock=clock, spawn=group.create_task)
        for _ in range(5):
            with pytest.raises(GatewayError, match="down"):
                await keeper.loaded()
        assert models.calls == 1
        assert keeper.problem == "The model list could not be refreshed; no model can be resolved yet. down"
        clock.now += 5
        assert list((await keeper.loaded()).models) == ["one"]
