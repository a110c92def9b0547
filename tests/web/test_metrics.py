"""GET /metrics: who may read it, what it counts, and that no client can make it grow."""

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from exchange.limits.asking import add_key, ask, configure
from gate import Gate, running_gate, until

SCRAPER = "scraper-key-0123456789"


async def scrape(gate: Gate, key: str = "", **headers: str) -> tuple[int, str]:
    """One scrape, as Prometheus sends it."""
    presented = {"authorization": f"Bearer {key}"} if key else {}
    async with gate.http.get(gate.url + "/metrics", headers={**presented, **headers}) as response:
        return response.status, await response.text()


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by name and labels, read by Prometheus' own parser."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(text: str, name: str, **labels: str) -> float:
    """The sum of the samples of a name that have these labels."""
    wanted = frozenset(labels.items())
    return sum(value for (found, held), value in samples(text).items() if found == name and wanted <= held)


async def counted(gate: Gate, requests: int) -> str:
    """The text of a scrape that has counted so many requests."""
    await until(
        lambda: sum(sums.requests for sums in gate.house.observatory.tally.series.values()) >= requests
    )
    return (await scrape(gate))[1]


async def test_requests_tokens_and_credits_are_counted(gate: Gate) -> None:
    """Credits to the nano, as the simulator billed them; errors by class."""
    await ask(gate, "chat")
    await ask(gate, "messages", model="gpt-5.5")
    await ask(gate, "responses", text="[[sim: error=429-rate-limited]]")
    await ask(gate, "chat", model="no-such-model")
    text = await counted(gate, 4)
    assert total(text, "copilot_api_requests_total", ingress="chat", upstream="chat", status="200") == 1
    assert total(text, "copilot_api_requests_total", ingress="messages", upstream="responses") == 1
    assert total(text, "copilot_api_requests_total", status="429", outcome="failed", model="gpt-5.5") == 1
    assert total(text, "copilot_api_upstream_errors_total", **{"class": "rate_limited"}) == 1
    billed = gate.simulator.ledger.total_nano_aiu
    assert round(total(text, "copilot_api_credits_total") * 1e9) == billed
    assert total(text, "copilot_api_tokens_total", kind="output", account="octo-dev") > 0
    assert total(text, "copilot_api_request_duration_seconds_count", form="whole") == 3
    assert total(text, "copilot_api_first_byte_seconds_count", ingress="messages", upstream="responses") == 1


async def test_the_state_of_the_house_is_told(gate: Gate) -> None:
    """Queues, streams, pauses, budgets, tokens, lag, and the process."""
    await configure(gate, budget={"requests": 4})
    await ask(gate, "chat")
    text = await counted(gate, 1)
    assert total(text, "copilot_api_open_exchanges") == 0
    assert total(text, "copilot_api_open_streams") == 0
    queues = {dict(held)["queue"] for name, held in samples(text) if name == "copilot_api_queue_depth"}
    assert queues == {"minute", "slot", "spacing", "pause", "approval", "ledger"}
    assert total(text, "copilot_api_budget_used_ratio", scope="all", period="month") == 0.25
    assert total(text, "copilot_api_token_refreshes_total", account="octo-dev", outcome="ok") == 1
    assert total(text, "copilot_api_account_up", account="octo-dev") == 1
    assert ("copilot_api_event_loop_lag_seconds_bucket", frozenset({("le", "+Inf")})) in samples(text)
    assert total(text, "copilot_api_build_info") == 1
    assert total(text, "process_resident_memory_bytes") > 1_000_000


async def test_names_that_clients_invent_do_not_grow_it(gate: Gate) -> None:
    """A hundred unknown models are one series."""
    before = len(gate.house.observatory.tally.series)
    for number in range(100):
        await ask(gate, "chat", model=f"invented-{number}")
    text = await counted(gate, 100)
    assert len(gate.house.observatory.tally.series) == before + 1
    assert total(text, "copilot_api_requests_total", model="other", status="404") == 100
    assert "invented" not in text


async def test_who_may_read_it(gate: Gate) -> None:
    """The operator on this machine, a key for usage or the admin; not one that only asks models."""
    usage = await add_key(gate, "grafana", scopes=("usage",))
    plain = await add_key(gate, "plain")
    far = {"x-forwarded-for": "203.0.113.9"}
    assert (await scrape(gate, usage, **far))[0] == 200
    assert (await scrape(gate))[0] == 200
    assert (await scrape(gate, plain))[0] == 403
    assert (await scrape(gate, "cpa_wrong", **far))[0] in (401, 403)
    assert (await scrape(gate, **far))[0] in (401, 403)


async def test_the_scrapers_key_opens_it_and_nothing_else(tmp_path: Path) -> None:
    """It is no client key."""
    async with running_gate(tmp_path, COPILOT_API_METRICS_KEY=SCRAPER) as gate:
        await add_key(gate, "laptop")
        far = {"x-forwarded-for": "203.0.113.9"}
        assert (await scrape(gate, SCRAPER, **far))[0] == 200
        assert (await ask(gate, "chat", SCRAPER))[0] == 401
        assert (await scrape(gate, SCRAPER + "x", **far))[0] in (401, 403)


async def test_a_scraper_that_prefers_openmetrics_gets_it(gate: Gate) -> None:
    """By its Accept header, as Prometheus asks."""
    accept = "application/openmetrics-text; version=1.0.0"
    async with gate.http.get(gate.url + "/metrics", headers={"accept": accept}) as response:
        assert response.headers["content-type"].startswith("application/openmetrics-text")
        assert (await response.text()).endswith("# EOF\n")


async def test_nothing_that_was_said_is_in_it(gate: Gate) -> None:
    """No text, no token, no key."""
    key = await add_key(gate, "laptop")
    await ask(gate, "messages", key, text="my-secret-prompt [[sim: text=my-secret-answer]]")
    text = await counted(gate, 1)
    assert "secret" not in text
    assert key not in text
    assert total(text, "copilot_api_requests_total", key="laptop") == 1
