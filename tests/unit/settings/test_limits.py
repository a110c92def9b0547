"""What a key may ask for, as config.json says it."""

import msgspec
import pytest

from copilot_api.settings import Budget, RateLimits, read_environment, resolve
from copilot_api.store.keys import create_key

SHA = "ab" * 32


def test_a_key_carries_its_models_limits_and_budget() -> None:
    """The file is camelCase; null reads as "not limited"."""
    key = {
        "id": "key_1",
        "name": "laptop",
        "sha256": SHA,
        "models": ["claude-*", "gpt-5-mini"],
        "rateLimit": {"requestsPerMinute": 20, "tokensPerMinute": None, "concurrency": 3},
        "budget": {"credits": 12.5, "period": "day"},
    }
    settings = resolve(read_environment({"COPILOT_API_HOME": "/nowhere"}), {"clientKeys": [key]})
    (entry,) = settings.client_keys
    assert entry.models == ("claude-*", "gpt-5-mini")
    assert entry.rate_limit == RateLimits(requests_per_minute=20, concurrency=3)
    assert entry.budget == Budget(credits=12.5, requests=None, period="day")


def test_a_key_of_before_has_no_limits() -> None:
    """Entries that older versions wrote mean what they meant."""
    key = {"id": "key_1", "name": "laptop", "sha256": SHA}
    settings = resolve(read_environment({"COPILOT_API_HOME": "/nowhere"}), {"clientKeys": [key]})
    (entry,) = settings.client_keys
    assert (entry.models, entry.rate_limit, entry.budget) == ((), RateLimits(), None)


@pytest.mark.parametrize(
    "fields",
    [
        {"models": "claude-*"},
        {"models": [" "]},
        {"rateLimit": 5},
        {"rateLimit": {"requestsPerMinute": 0}},
        {"rateLimit": {"concurrency": "two"}},
        {"budget": {"credits": -1}},
        {"budget": {"requests": 5, "period": "year"}},
    ],
)
def test_limits_that_cannot_be_read_lock_the_door(fields: dict[str, object]) -> None:
    """A damaged limit must not become "no limit"."""
    document = {"clientKeys": [{"id": "key_1", "name": "laptop", "sha256": SHA, **fields}]}
    settings = resolve(read_environment({"COPILOT_API_HOME": "/nowhere"}), document)
    assert settings.client_keys == ()
    assert settings.has_unreadable_keys is True


def test_a_new_key_is_written_as_it_is_read() -> None:
    """What `create_key` makes goes to the file and comes back the same."""
    _, entry = create_key(
        "laptop",
        models=("claude-*",),
        rate_limit=RateLimits(tokens_per_minute=40_000),
        budget=Budget(requests=100, period="day"),
    )
    written = msgspec.to_builtins(entry)
    assert written["models"] == ("claude-*",)
    assert written["rateLimit"] == {"tokensPerMinute": 40000}
    assert written["budget"] == {"credits": None, "requests": 100, "period": "day"}
    document = {"clientKeys": [{**written, "models": list(written["models"])}]}
    settings = resolve(read_environment({"COPILOT_API_HOME": "/nowhere"}), document)
    assert settings.client_keys == (entry,)
