"""The environment: each variable, its accepted form, and the words of a refusal."""

from pathlib import Path

import pytest

from copilot_api.settings import SINGULAR, TIMEOUTS, VARIABLES, SettingsError, read_environment, resolve

HASH = "scrypt$" + "A" * 22 + "$" + "B" * 86


def _settings(**variables: str) -> object:
    return resolve(read_environment({"COPILOT_API_HOME": "/nowhere/data", **variables}), {})


@pytest.mark.parametrize(
    ("name", "text", "field", "expected"),
    [
        ("PORT", "8080", "port", 8080),
        ("PORT", "0", "port", 0),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("HOST", "[::1]", "host", "::1"),
        ("HOST", "My-Box.local", "host", "my-box.local"),
        ("VERBOSE", "yes", "verbose", True),
        ("DEBUG", "TRUE", "verbose", True),
        ("RATE_LIMIT", "0.5", "rate_limit_s", 0.5),
        ("RATE_LIMIT_WAIT", "on", "rate_limit_wait", True),
        ("RATE_LIMIT_WAIT", "off", "rate_limit_wait", False),
        ("SHOW_TOKEN", "1", "show_token", True),
        ("PROXY_ENV", "0", "use_proxy_environment", False),
        ("COPILOT_API_GITHUB_URL", "https://git.example.com/", "github_url", "https://git.example.com"),
        ("COPILOT_API_GITHUB_URL", "http://localhost:9", "github_url", "http://localhost:9"),
        ("COPILOT_API_GITHUB_API_URL", "http://127.0.0.1:9/api", "github_api_url", "http://127.0.0.1:9/api"),
        ("COPILOT_API_UPSTREAM_URL", "http://[::1]:9", "upstream_url", "http://[::1]:9"),
        ("ADMIN_SECRET", "correct horse", "admin_secret", "correct horse"),
        ("ADMIN_SECRET_HASH", HASH, "admin_secret_hash", HASH),
        ("COPILOT_API_ALLOWED_HOSTS", "A.example, 10.0.0.1,", "allowed_hosts", ("a.example", "10.0.0.1")),
        (
            "COPILOT_API_ALLOWED_ORIGINS",
            "https://Chat.example/",
            "allowed_origins",
            ("https://chat.example",),
        ),
        ("COPILOT_API_TRUSTED_PROXIES", "10.1.2.3/8,::1", "trusted_proxies", ("10.0.0.0/8", "::1/128")),
        ("COPILOT_API_LOG_FORMAT", "JSON", "log_format", "json"),
        ("COPILOT_API_IDENTITY", "editor", "identity", "editor"),
        ("COPILOT_API_MAX_BODY_MB", "1.5", "max_body_bytes", 1572864),
        ("COPILOT_API_TOKEN_ENDPOINT", "no", "token_endpoint", False),
        (
            "DATABASE_URL",
            "postgresql://u:p@db.example/usage",
            "database_url",
            "postgresql://u:p@db.example/usage",
        ),
        ("DATABASE_URL", "postgres:///usage?host=/run", "database_url", "postgres:///usage?host=/run"),
        ("DATABASE_URL", "sqlite:////data/u.sqlite", "database_url", "sqlite:////data/u.sqlite"),
        ("COPILOT_API_USAGE_LEDGER", "off", "usage_ledger", False),
        ("COPILOT_API_USAGE_RETENTION", "calendar_month", "usage_retention", "calendar_month"),
        ("COPILOT_API_USAGE_RETENTION_MONTHS", "24", "usage_retention_months", 24),
        ("COPILOT_API_CATALOG_REFRESH_S", "60", "catalog_refresh_s", 60.0),
        ("COPILOT_API_KEY", "my-own-key-1", "plain_keys", ("my-own-key-1",)),
        ("ANTHROPIC_API_KEY", "sk-ant-1", "anthropic_api_key", "sk-ant-1"),
        ("PORT", "", "port", 4141),
    ],
)
def test_a_variable_decides_its_field(name: str, text: str, field: str, expected: object) -> None:
    """Each variable lands in the field it is documented to decide; an empty one decides nothing."""
    assert getattr(_settings(**{name: text}), field) == expected


@pytest.mark.parametrize(
    ("name", "text", "form"),
    [
        ("PORT", "abc", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("HOST", "http://localhost", "an IP address or a host name"),
        ("HOST", "localhost:80", "an IP address or a host name"),
        ("VERBOSE", "maybe", "true, false, 1, 0, yes, no, on or off"),
        ("RATE_LIMIT", "abc", "a number of seconds greater than 0"),
        ("RATE_LIMIT", "0", "a number of seconds greater than 0"),
        ("RATE_LIMIT", "nan", "a number of seconds greater than 0"),
        ("RATE_LIMIT", "inf", "a number of seconds greater than 0"),
        ("COPILOT_API_UPSTREAM_URL", "http://copilot.example", "an https:// address"),
        ("COPILOT_API_UPSTREAM_URL", "https://h/?q=1", "an https:// address"),
        ("COPILOT_API_UPSTREAM_URL", "https://h:99999", "an https:// address"),
        ("COPILOT_API_UPSTREAM_URL", "localhost", "an https:// address"),
        ("COPILOT_API_ALLOWED_HOSTS", "*", "host names or IP addresses"),
        ("COPILOT_API_ALLOWED_ORIGINS", "https://a/path", "origins such as"),
        ("COPILOT_API_ALLOWED_ORIGINS", "a.example", "origins such as"),
        ("COPILOT_API_TRUSTED_PROXIES", "proxy.local", "IP addresses or networks"),
        ("COPILOT_API_CA_BUNDLE", "/nowhere/ca.pem", "the path of an existing file"),
        ("COPILOT_API_LOG_FORMAT", "xml", "console or json"),
        ("COPILOT_API_MAX_BODY_MB", "5000", "at most 4096"),
        ("COPILOT_API_KEEPALIVE_S", "-3", "a number of seconds greater than 0"),
        ("COPILOT_API_USAGE_RETENTION", "weekly", "rolling, calendar_month or forever"),
        ("COPILOT_API_USAGE_RETENTION_MONTHS", "0", "a whole number from 1 to 1200"),
    ],
)
def test_a_wrong_value_stops_the_start_in_plain_words(name: str, text: str, form: str) -> None:
    """The refusal names the variable, quotes the value and tells the accepted form."""
    with pytest.raises(SettingsError) as caught:
        read_environment({"COPILOT_API_HOME": "/nowhere/data", name: text})
    message = str(caught.value)
    assert message.startswith(f"{name}: {text!r} is not accepted.")
    assert form in message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ADMIN_SECRET", "short"),
        ("ADMIN_SECRET_HASH", "md5$abc"),
        ("ADMIN_SECRET_HASH", "scrypt$AAAA$BBBB"),
        ("DATABASE_URL", "mysql://u:p@h/usage"),
        ("DATABASE_URL", "postgresql://u:p@h"),
        ("DATABASE_URL", "sqlite://u:p@h/x"),
        ("COPILOT_API_KEY", "sk-xxxx"),
        ("COPILOT_API_KEY", "your-api-key"),
        ("COPILOT_API_KEY", "ChangeMe"),
        ("COPILOT_API_KEY", "12345678"),
        ("COPILOT_API_KEY", "two words here"),
        ("COPILOT_API_KEY", "   "),
        ("COPILOT_API_VAULT_KEY", "c2hvcnQ="),
        ("COPILOT_API_VAULT_KEY", "not base64!"),
    ],
)
def test_a_wrong_secret_is_refused_without_being_shown(name: str, text: str) -> None:
    """A refusal ends up in logs, so it never quotes a secret."""
    with pytest.raises(SettingsError) as caught:
        read_environment({"COPILOT_API_HOME": "/nowhere/data", name: text})
    assert str(caught.value).startswith(f"{name}: the value (not shown here) is not accepted.")
    assert text.strip() == "" or text not in str(caught.value)


def test_an_argon2id_hash_is_accepted() -> None:
    """New hashes are argon2id; the reference gateway's scrypt form stays accepted."""
    text = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21l$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo"
    assert read_environment({"COPILOT_API_HOME": "/n", "ADMIN_SECRET_HASH": text}).values == {
        "admin_secret_hash": text
    }


def test_a_hash_wins_over_a_plain_admin_secret() -> None:
    """With both set the stronger form decides."""
    read = read_environment({"COPILOT_API_HOME": "/n", "ADMIN_SECRET": "12345678", "ADMIN_SECRET_HASH": HASH})
    assert read.values == {"admin_secret_hash": HASH}


def test_the_ca_bundle_is_an_existing_file(tmp_path: Path) -> None:
    """A bundle that is there is taken with its absolute path."""
    bundle = tmp_path / "ca.pem"
    bundle.write_text("x")
    read = read_environment({"COPILOT_API_HOME": str(tmp_path), "COPILOT_API_CA_BUNDLE": str(bundle)})
    assert read.values == {"ca_bundle": bundle}


def test_timeouts_are_read_one_by_one() -> None:
    """A timeout set by the environment leaves the others at their defaults."""
    settings = resolve(
        read_environment(
            {"COPILOT_API_HOME": "/n", "COPILOT_API_KEEPALIVE_S": "2", "COPILOT_API_IDLE_TIMEOUT_S": "90"}
        ),
        {},
    )
    assert (settings.timeouts.keepalive_s, settings.timeouts.idle_s, settings.timeouts.connect_s) == (
        2,
        90,
        15,
    )
    assert settings.from_environment == {"timeouts.keepalive_s", "timeouts.idle_s"}


def test_the_data_directory_is_ours_then_xdg_then_the_platform(tmp_path: Path) -> None:
    """COPILOT_API_HOME names the directory itself, XDG_DATA_HOME its parent."""
    both = {"COPILOT_API_HOME": str(tmp_path / "a"), "XDG_DATA_HOME": str(tmp_path / "b")}
    assert read_environment(both).data_directory == tmp_path / "a"
    assert read_environment(both).home_is_chosen
    xdg = read_environment({"XDG_DATA_HOME": str(tmp_path / "b")})
    assert xdg.data_directory == tmp_path / "b" / "copilot-api"
    assert not xdg.home_is_chosen
    assert read_environment({}).data_directory.name == "copilot-api"


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    """Nothing could be stored in it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="COPILOT_API_HOME"):
        read_environment({"COPILOT_API_HOME": str(tmp_path / "file")})


def test_the_vault_key_and_the_keyring_switch_are_read() -> None:
    """The key may be standard or URL-safe base64, padded or not."""
    read = read_environment(
        {"COPILOT_API_HOME": "/n", "COPILOT_API_VAULT_KEY": "_" * 43, "COPILOT_API_KEYRING": "off"}
    )
    assert read.vault_key == b"\xff" * 32
    assert read.use_keyring is False
    assert read_environment({"COPILOT_API_HOME": "/n"}).use_keyring is True


def test_nothing_secret_shows_when_an_environment_is_printed() -> None:
    """A value printed by mistake must not be a leak."""
    read = read_environment({"COPILOT_API_HOME": "/n", "ADMIN_SECRET": "hidden-secret", "PORT": "1"})
    assert repr(read) == "Environment(data_directory='/n', decides=['admin_secret', 'port'])"


def test_every_variable_says_what_it_is_for() -> None:
    """The table is also the documentation."""
    table = (*VARIABLES, *TIMEOUTS, *SINGULAR)
    assert len({v.name for v in table}) == len(table) == 51
    assert all(v.meaning and v.accepted for v in table)
