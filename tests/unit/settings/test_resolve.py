"""config.json's meaning, and the order of the three sources."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from copilot_api.settings import (
    AccountEntry,
    CardMetadata,
    ContextManagement,
    Overrides,
    Settings,
    SettingsError,
    read_environment,
    read_instant,
    require_startable,
    resolve,
    write_instant,
)

SHA = "a" * 64
REFERENCE = {
    "accounts": [
        {
            "id": "12345",
            "login": "github-user",
            "avatarUrl": "https://a",
            "token": "gho_xxxx",
            "accountType": "business",
            "createdAt": "2025-01-27T00:00:00Z",
        }
    ],
    "activeAccountId": "12345",
    "auth": {"apiKeys": ["first-key", " second-key ", "first-key", ""]},
    "adminAuth": {
        "secretHash": "scrypt$" + "A" * 22 + "$" + "B" * 86,
        "sessionTtlDays": 9,
        "enforceHttps": False,
    },
    "extraPrompts": {"gpt-5-mini": "explore"},
    "smallModel": "gpt-small",
    "modelReasoningEfforts": {"gpt-5-mini": "xhigh"},
    "modelMapping": {"opus": "claude-opus-4.6"},
    "premiumModelMultipliers": {"gpt-9": 0.5},
    "modelCardMetadata": {"gpt-9": {"contextWindowTokens": 128000, "features": ["tools"]}},
    "hiddenModels": ["gpt-4"],
    "disableHiddenModels": True,
    "useFunctionApplyPatch": False,
    "anthropicApiKey": "sk-ant-file",
    "rateLimitSeconds": 3,
    "rateLimitWait": True,
    "usageTestIntervalMinutes": None,
    "usageLogCountMode": "conversation",
    "contextManagement": {"mode": "summarize_then_trim", "summarizeAtRatio": 0.7, "summarizerModel": "gpt-s"},
    "clientKeys": [{"id": "key_1", "name": "laptop", "sha256": SHA, "scopes": ["inference", "admin"]}],
    "allowedHosts": ["Box.local"],
    "allowedOrigins": ["https://chat.example"],
    "trustedProxies": ["10.0.0.0/8"],
    "tokenEndpoint": False,
    "identity": "editor",
    "somebodyElses": {"stays": True},
}


def _resolve(document: Mapping[str, object], **variables: str) -> Settings:
    return resolve(read_environment({"COPILOT_API_HOME": "/nowhere", **variables}), document)


def test_a_whole_reference_configuration_is_read() -> None:
    """A user of the reference gateway points us at the same file and everything is there."""
    settings = _resolve(REFERENCE)
    assert settings.problems == ()
    assert settings.accounts == (
        AccountEntry("12345", "github-user", "gho_xxxx", "https://a", "business", "2025-01-27T00:00:00Z"),
    )
    assert settings.active_account_id == "12345"
    assert settings.plain_keys == ("first-key", "second-key")
    assert settings.admin_secret_hash == "scrypt$" + "A" * 22 + "$" + "B" * 86
    assert (settings.admin_session_ttl_days, settings.admin_enforce_https) == (9, False)
    assert settings.extra_prompts == {"gpt-5-mini": "explore"}
    assert settings.small_model == "gpt-small"
    assert settings.model_reasoning_efforts == {"gpt-5-mini": "xhigh"}
    assert settings.model_mapping == {"opus": "claude-opus-4.6"}
    assert settings.premium_model_multipliers == {"gpt-9": 0.5}
    assert settings.model_card_metadata == {"gpt-9": CardMetadata(128000, ("tools",))}
    assert (settings.hidden_models, settings.disable_hidden_models) == (("gpt-4",), True)
    assert settings.use_function_apply_patch is False
    assert settings.anthropic_api_key == "sk-ant-file"
    assert (settings.rate_limit_s, settings.rate_limit_wait) == (3, True)
    assert settings.usage_test_interval_minutes is None
    assert settings.usage_log_count_mode == "conversation"
    assert settings.context_management == ContextManagement(
        mode="summarize_then_trim", summarize_at_ratio=0.7, summarizer_model="gpt-s"
    )
    assert settings.client_keys[0].scopes == ("inference", "admin")
    assert (settings.allowed_hosts, settings.allowed_origins) == (("box.local",), ("https://chat.example",))
    assert (settings.trusted_proxies, settings.token_endpoint, settings.identity) == (
        ("10.0.0.0/8",),
        False,
        "editor",
    )
    assert settings.has_unreadable_keys is False


def test_an_empty_file_gives_the_documented_defaults() -> None:
    """Without a file the gateway serves on the reference gateway's port, to this machine only."""
    settings = _resolve({})
    assert (settings.host, settings.port, settings.small_model) == ("127.0.0.1", 4141, "gpt-5-mini")
    assert (settings.rate_limit_s, settings.usage_test_interval_minutes) == (None, 10)
    assert settings.problems == ()


def test_null_means_the_default_everywhere_it_is_no_value() -> None:
    """The reference gateway writes null for unset."""
    settings = _resolve(
        {
            "activeAccountId": None,
            "rateLimitSeconds": None,
            "auth": None,
            "adminAuth": None,
            "modelMapping": None,
        }
    )
    assert (settings.active_account_id, settings.rate_limit_s, settings.problems) == (None, None, ())


@pytest.mark.parametrize(
    ("document", "path", "quoted", "remedy"),
    [
        ({"rateLimitSeconds": "soon"}, "rateLimitSeconds", "'soon'", "a number of seconds greater than 0"),
        ({"rateLimitSeconds": True}, "rateLimitSeconds", "True", "a number of seconds greater than 0"),
        ({"rateLimitWait": "yes"}, "rateLimitWait", "'yes'", "true or false"),
        ({"accounts": "gho_x"}, "accounts", "not shown", "an array of"),
        ({"accounts": [{"id": "1"}]}, "accounts[0]", "not shown", "an account"),
        ({"accounts": [{"id": "1", "login": "a", "token": ""}]}, "accounts[0]", "not shown", "an account"),
        ({"accounts": ["gho_x"]}, "accounts[0]", "not shown", "an account"),
        ({"activeAccountId": "9"}, "activeAccountId", "'9'", "the id of an account"),
        ({"activeAccountId": 9}, "activeAccountId", "9", "the id of an account"),
        ({"modelMapping": []}, "modelMapping", "[]", "an object of"),
        ({"modelMapping": {"a": 1}}, "modelMapping.a", "1", "names of models"),
        ({"modelMapping": {"a": " "}}, "modelMapping.a", "' '", "names of models"),
        ({"modelReasoningEfforts": {"a": "huge"}}, "modelReasoningEfforts.a", "'huge'", "one of none"),
        ({"premiumModelMultipliers": {"a": -1}}, "premiumModelMultipliers.a", "-1", "numbers, 0 or greater"),
        ({"modelCardMetadata": {"a": 3}}, "modelCardMetadata.a", "3", "objects such as"),
        ({"hiddenModels": "gpt"}, "hiddenModels", "'gpt'", "an array of"),
        ({"smallModel": ""}, "smallModel", "''", "the name of a model"),
        ({"usageTestIntervalMinutes": 0}, "usageTestIntervalMinutes", "0", "whole minutes"),
        ({"usageLogCountMode": "all"}, "usageLogCountMode", "'all'", "request or conversation"),
        ({"contextManagement": 5}, "contextManagement", "5", "an object such as"),
        ({"contextManagement": {"targetRatio": 2}}, "contextManagement.targetRatio", "2", "at most 1"),
        ({"allowedHosts": ["a b"]}, "allowedHosts[0]", "'a b'", "an IP address"),
        ({"anthropicApiKey": 5}, "anthropicApiKey", "not shown", "a string"),
        ({"adminAuth": {"sessionTtlDays": 0}}, "adminAuth.sessionTtlDays", "0", "whole days"),
        ({"extraPrompts": {"m": "x"}, "identity": "x" * 99}, "identity", "'xxx", "gateway or editor"),
    ],
)
def test_a_wrong_value_in_the_file_is_told_and_the_default_stands(
    document: dict[str, object], path: str, quoted: str, remedy: str
) -> None:
    """A typing mistake in config.json never stops anything: it is a problem with a place and a remedy."""
    settings = _resolve(document)
    (problem,) = settings.problems
    assert problem.path == f"config.json: {path}"
    assert quoted in problem.message
    assert len(problem.message) < 110
    assert remedy in problem.remedy
    assert problem.stops_start is False
    assert str(problem) == f"{problem.path}: {problem.message} {problem.remedy}"


def test_without_a_choice_the_first_account_is_active() -> None:
    """As in the reference gateway; a choice that names nobody stays a choice, and is told."""
    accounts = [{"id": "1", "login": "a", "token": "t"}, {"id": "2", "login": "b", "token": "t"}]
    assert _resolve({"accounts": accounts}).active_account_id == "1"
    assert _resolve({"accounts": accounts, "activeAccountId": "2"}).active_account_id == "2"
    gone = _resolve({"accounts": accounts, "activeAccountId": "3"})
    assert (gone.active_account_id, len(gone.problems)) == ("3", 1)


def test_one_bad_entry_costs_only_itself() -> None:
    """The good neighbours of a bad mapping or account stay."""
    settings = _resolve(
        {
            "modelMapping": {"bad": 1, "opus": "claude"},
            "accounts": [5, {"id": 7, "login": "b", "token": "t"}, {"id": "7", "login": "c", "token": "t"}],
        }
    )
    assert settings.model_mapping == {"opus": "claude"}
    assert [(a.id, a.login) for a in settings.accounts] == [("7", "b")]
    assert len(settings.problems) == 3


@pytest.mark.parametrize(
    "document",
    [
        {"auth": "secret"},
        {"auth": {"apiKey": 5}},
        {"auth": {"apiKeys": "abc"}},
        {"auth": {"apiKeys": ["good-key", 5]}},
        {"clientKeys": "x"},
        {"clientKeys": [{"id": "a", "name": "b", "sha256": "short"}]},
        {"clientKeys": [{"id": "a", "name": "b", "sha256": SHA, "scopes": ["everything"]}]},
        {"clientKeys": [{"id": "a", "name": "b", "sha256": SHA, "expiresAt": "tomorrow"}]},
    ],
)
def test_a_key_that_cannot_be_read_locks_the_door(document: dict[str, object]) -> None:
    """A damaged key must never leave the gateway open because no key was found."""
    settings = _resolve(document)
    assert settings.has_unreadable_keys is True
    assert settings.problems
    assert all("not shown" in problem.message for problem in settings.problems)


def test_a_key_that_cannot_be_opened_locks_the_door() -> None:
    """A vault that is out of reach must not open the gateway either."""
    environment = read_environment({"COPILOT_API_HOME": "/nowhere"})
    vault = {"vault:1": "opened-key", "vault:a": "sk-ant"}
    document = {"auth": {"apiKeys": ["vault:1", "vault:2"]}, "anthropicApiKey": "vault:a"}
    settings = resolve(environment, document, reveal=vault.get)
    assert settings.plain_keys == ("opened-key",)
    assert settings.anthropic_api_key == "sk-ant"
    assert settings.has_unreadable_keys is True
    assert "'vault:2' cannot be opened" in settings.problems[0].message


def test_a_single_api_key_wins_over_the_list() -> None:
    """So does the reference gateway."""
    assert _resolve({"auth": {"apiKey": "one-key", "apiKeys": ["two"]}}).plain_keys == ("one-key",)
    assert _resolve({"auth": {"apiKey": " ", "apiKeys": ["two"]}}).plain_keys == ("two",)


def test_a_sample_key_in_the_file_is_told() -> None:
    """sk-xxxx is in every tutorial, so whoever reads tutorials has the key."""
    settings = _resolve({"auth": {"apiKey": "sk-xxxx"}})
    assert settings.plain_keys == ("sk-xxxx",)
    assert "sample from documentation" in settings.problems[0].message


def test_the_environment_wins_over_the_file_and_says_so() -> None:
    """What the environment decides is read-only in the admin."""
    settings = _resolve(
        {"rateLimitSeconds": 9, "adminAuth": {"secretHash": "bad"}, "auth": {"apiKey": "file-key-1"}},
        RATE_LIMIT="2",
        ADMIN_SECRET="from-the-env",
        COPILOT_API_KEY="env-key-123",
        ANTHROPIC_API_KEY="sk-env",
    )
    assert settings.rate_limit_s == 2
    assert (settings.admin_secret, settings.admin_secret_hash) == ("from-the-env", None)
    assert settings.plain_keys == ("file-key-1", "env-key-123")
    assert settings.anthropic_api_key == "sk-env"
    assert settings.from_environment == {"rate_limit_s", "admin_secret", "plain_keys"}
    assert settings.problems == ()


def test_a_key_in_both_places_is_one_key() -> None:
    """The same key in file and environment does not become two entries."""
    assert _resolve({"auth": {"apiKey": "same-key-1"}}, COPILOT_API_KEY="same-key-1").plain_keys == (
        "same-key-1",
    )


def test_the_command_line_wins_over_the_environment() -> None:
    """A flag is the most deliberate of the three."""
    environment = read_environment({"COPILOT_API_HOME": "/n", "PORT": "1", "HOST": "0.0.0.0"})
    settings = resolve(environment, {}, Overrides(port=2, demo=True))
    assert (settings.port, settings.host, settings.demo) == (2, "0.0.0.0", True)
    assert settings.from_environment == {"port", "host", "demo"}


@pytest.mark.parametrize("admin", [{"secretHash": "md5"}, {"secretHash": 5}, "secret"])
def test_a_malformed_admin_hash_stops_the_start(admin: object) -> None:
    """Otherwise it would silently lock the operator out, or look like no secret at all."""
    settings = _resolve({"adminAuth": admin})
    assert settings.admin_secret_hash is not None
    with pytest.raises(SettingsError, match=r"config\.json: adminAuth"):
        require_startable(settings)
    assert require_startable(_resolve({"rateLimitSeconds": "x"})).port == 4141


def test_an_empty_admin_hash_means_none() -> None:
    """A reset secret leaves an empty text behind."""
    assert _resolve({"adminAuth": {"secretHash": ""}}).admin_secret_hash is None


def test_a_multiplier_is_the_operators_or_the_shipped_one() -> None:
    """Deleting an own multiplier brings the shipped one back; unknown models have none."""
    settings = _resolve({"premiumModelMultipliers": {"gpt-5.4": 2}})
    assert settings.multiplier("gpt-5.4") == 2
    assert settings.multiplier("claude-haiku-4.5") == 0.33
    assert settings.multiplier("gpt-9") is None


def test_nothing_secret_shows_when_settings_are_printed() -> None:
    """A value printed by mistake must not be a leak."""
    settings = _resolve(REFERENCE, ADMIN_SECRET="hidden-secret")
    shown = repr(settings) + repr(settings.accounts[0])
    assert "gho_xxxx" not in shown
    assert "hidden-secret" not in shown
    assert "first-key" not in shown


def test_a_time_without_an_offset_is_utc() -> None:
    """An expiry means the same on every machine."""
    assert read_instant("1970-01-02") == 86400
    assert read_instant("1970-01-02T00:00:00Z") == 86400
    assert read_instant("1970-01-02T01:00:00+01:00") == 86400
    assert write_instant(86400.9) == "1970-01-02T00:00:00Z"


def test_a_machine_elsewhere_reads_the_same_time() -> None:
    """Seen in Tokyo, where the clock on the wall is nine hours ahead."""
    program = "from copilot_api.settings import read_instant; print(read_instant('1970-01-02'))"
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "TZ": "JST-9"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout == "86400.0\n"
