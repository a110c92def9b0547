"""What is written down of a record: numbers as they are, words that every database takes, and what it counts as."""

import pytest

from copilot_api.copilot.quota import Quota, QuotaSnapshot
from copilot_api.gateway.accounting.entries import entry_of
from copilot_api.gateway.ledger import UsageRecord
from copilot_api.neutral.usage import Usage
from copilot_api.store.ledger import Entry, Manner

WEIGHTS = {"gpt-5.4": 3.0, "gpt-4.1": 0.0}


def entry(record: UsageRecord, *, is_token_billed: bool = False) -> Entry:
    """The entry, with some multipliers."""
    return entry_of(record, lambda account, model: WEIGHTS.get(model), lambda account: is_token_billed)


def record(**fields: object) -> UsageRecord:
    """An answered request of a human."""
    given: dict[str, object] = {
        "trace_id": "t",
        "ingress": "chat",
        "path": "/v1/chat/completions",
        "operation": "inference",
        "mapped_model": "gpt-5.4",
        "initiator": "user",
        "first_byte_ms": 12.4,
        **fields,
    }
    return UsageRecord(**given)  # type: ignore[arg-type]  # fields of UsageRecord


def test_numbers_and_words_are_taken_over() -> None:
    """Tokens, times, sizes; the client recognised, its manner apart."""
    found = entry(
        record(
            started_unix_s=1_790_000_000.25,
            usage=Usage(
                input_tokens=10,
                output_tokens=2,
                cache_read_tokens=4,
                cache_write_tokens=1,
                reasoning_tokens=1,
            ),
            nano_aiu=5,
            credits_from="copilot",
            client="curl/8.0",
            total_ms=99.6,
            is_stream=True,
            finish="stop",
            conversation="s",
            repairs=["a-repair"],
            losses=["top_k (dropped)"],
            account="octo",
            account_id="1",
            key="laptop",
            key_id="k",
            requested_model="gpt-5",
            status=200,
        )
    )
    assert found.at_ms == 1_790_000_000_250
    tokens = (found.input_tokens, found.cached_tokens, found.cache_write_tokens, found.output_tokens)
    assert tokens == (10, 4, 1, 2)
    assert (found.reasoning_tokens, found.nano_aiu, found.first_byte_ms, found.total_ms) == (1, 5, 12, 100)
    assert found.manner == Manner("user", True, "stop")
    assert (found.form.client, found.form.client_version, found.form.facet.client_name) == (
        "curl/8.0",
        "8.0",
        "curl",
    )
    assert (found.form.repairs, found.losses) == ('["a-repair"]', '["top_k (dropped)"]')
    assert (found.form.multiplier, found.form.has_conversation, found.conversation) == (3.0, True, "s")
    assert (found.form.facet.model, found.form.facet.source, found.form.requested_model) == (
        "gpt-5.4",
        "request",
        "gpt-5",
    )


@pytest.mark.parametrize(
    ("fields", "is_token_billed", "premium", "charge_nano"),
    [
        ({}, False, 3.0, 3_000_000_000),
        ({"initiator": "agent"}, False, 0.0, 0),
        ({"first_byte_ms": 0.0}, False, 0.0, 0),  # never answered
        ({"operation": "count_tokens"}, False, 0.0, 0),
        ({"mapped_model": "gpt-4.1"}, False, 0.0, 0),
        ({"mapped_model": "unheard-of"}, False, 0.0, 0),
        ({"nano_aiu": 7, "credits_from": "copilot"}, False, 3.0, 7),
        ({"nano_aiu": 0, "credits_from": "copilot"}, False, 3.0, 0),
        ({"nano_aiu": 7, "credits_from": "catalogue"}, True, 3.0, 7),
        ({"nano_aiu": 7, "credits_from": "catalogue"}, False, 3.0, 3_000_000_000),
    ],
)
def test_what_github_is_expected_to_take(
    fields: dict[str, object], is_token_billed: bool, premium: float, charge_nano: int
) -> None:
    """Its own bill; else by the catalogue's prices where it bills tokens, by premium requests elsewhere."""
    found = entry(record(**fields), is_token_billed=is_token_billed)
    assert (found.premium, found.charge_nano) == (premium, charge_nano)


@pytest.mark.parametrize(
    ("quoted", "left"),
    [
        (None, None),
        ("ent=300&ov=0.0&ovPerm=false&rem=85.3&rst=2026-09-01T00%3A00%3A00Z&totRem=256.0", 256.0),
        ("ent=300&rem=50", 150.0),
        ("ent=-1&rem=100&totRem=-1", None),
        ("ent=0&rem=0&totRem=0", None),
        ("nonsense", None),
        (QuotaSnapshot(), None),
        (QuotaSnapshot(buckets={"chat": Quota("chat", entitlement=50.0, remaining=37.0)}), 37.0),
        (QuotaSnapshot(buckets={"chat": Quota("chat", is_unlimited=True)}), None),
    ],
)
def test_what_was_left_is_read_from_whoever_told(
    quoted: str | QuotaSnapshot | None, left: float | None
) -> None:
    """A reply's header, or GitHub's answer; a bucket without a cap has no number."""
    assert entry(record(quota_before=quoted)).quota_before == left


def test_hostile_words_become_such_that_every_database_takes() -> None:
    """No NUL, no half characters, no megabytes, no numbers beyond 64 bits."""
    found = entry(
        record(
            requested_model="gpt\0five",
            client="\ud800" + "x" * 5_000,
            error_message="é" * 5_000,
            losses=["x" * 1_000] * 1_000,
            usage=Usage(input_tokens=10**30, output_tokens=-(10**30)),
            nano_aiu=10**40,
        )
    )
    assert found.form.requested_model == "gpt\N{REPLACEMENT CHARACTER}five"
    assert found.form.client == "?" + "x" * 199
    assert found.error_message == "é" * 1_000
    assert len(found.losses) == 50 * 203 + 1
    assert (found.input_tokens, found.output_tokens, found.nano_aiu) == (2**53, -(2**53), 2**53)


@pytest.mark.parametrize(
    ("key_id", "source"),
    [("", "request"), ("k1", "request"), ("usage-test", "usage_test"), ("playground", "playground")],
)
def test_what_the_gateway_asks_for_its_operator_is_told_apart(key_id: str, source: str) -> None:
    """So that a list of requests can leave it out."""
    assert entry(record(key_id=key_id)).form.facet.source == source


def test_an_answer_without_usage_has_unknown_tokens() -> None:
    """And no time to a first byte that never came."""
    found = entry(record(first_byte_ms=0.0, mapped_model=""))
    assert (found.input_tokens, found.nano_aiu, found.first_byte_ms, found.form.multiplier) == (None,) * 4
