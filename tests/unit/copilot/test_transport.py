"""Which hosts may see a bearer, which proxy a request takes, which words a network error becomes."""

import ssl
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import aiohttp_socks
import pytest

from copilot_api.copilot.transport.connector import tls_context
from copilot_api.copilot.transport.faults import fault_of
from copilot_api.copilot.transport.hosts import checked_api_base, default_api_base, is_tenant
from copilot_api.copilot.transport.proxy import Proxy, ProxyRules, read_proxies
from copilot_api.errors import UpstreamProtocolError, UpstreamTimeout, UpstreamUnavailable
from copilot_api.settings import SettingsError


@pytest.mark.parametrize(
    ("named", "base"),
    [
        ("https://api.individual.githubcopilot.com", "https://api.individual.githubcopilot.com"),
        ("https://api.githubcopilot.com/", "https://api.githubcopilot.com"),
        (" https://API.GithubCopilot.com:443 ", "https://api.githubcopilot.com"),
        ("https://copilot-api.octo.ghe.com", "https://copilot-api.octo.ghe.com"),
    ],
)
def test_copilots_own_hosts_may_see_a_bearer(named: str, base: str) -> None:
    """`*.githubcopilot.com` and `*.ghe.com`, by https."""
    assert checked_api_base(named) == base


@pytest.mark.parametrize(
    "named",
    [
        "http://api.githubcopilot.com",
        "https://githubcopilot.com.evil.test",
        "https://evilgithubcopilot.com",
        "https://api.githubcopilot.com:8443",
        "https://api.githubcopilot.com@evil.test",
        "https://user@api.githubcopilot.com",
        "https://evil.test/api.githubcopilot.com",
        "https://api.githubcopilot.com/path",
        "https://api.githubcopilot.com?x",
        "https://api.githubcopilot.com#x",
        "https://[::1",
        "https://api.githubcopilot.com:x",
        "api.githubcopilot.com",
        "",
    ],
)
def test_any_other_host_is_refused_with_the_remedy(named: str) -> None:
    """Whoever can forge one answer must not collect tokens."""
    with pytest.raises(UpstreamProtocolError) as caught:
        checked_api_base(named)
    assert caught.value.message == (
        f"GitHub named {named!r} as the Copilot API host; a token is sent only to https://*.githubcopilot.com and "
        "https://*.ghe.com. If that host is really yours, set COPILOT_API_UPSTREAM_URL to it."
    )


def test_hosts_github_does_not_name_have_a_default() -> None:
    """The generic host, or the tenant's own (contract 1.7)."""
    assert default_api_base("github.com") == "https://api.githubcopilot.com"
    assert default_api_base("octo.ghe.com") == "https://copilot-api.octo.ghe.com"


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("octo.ghe.com", True),
        ("a.b.ghe.com", True),
        ("ghe.com", False),
        ("-x.ghe.com", False),
        ("x.ghe.com.", False),
    ],
)
def test_a_tenant_is_known_by_its_name(host: str, verdict: bool) -> None:
    """A label or more before ghe.com."""
    assert is_tenant(host) is verdict


def test_the_environment_names_the_proxies() -> None:
    """Lower-case wins; ALL_PROXY is the fallback; credentials are decoded and never shown."""
    rules = read_proxies(
        {
            "HTTPS_PROXY": "http://upper:1",
            "https_proxy": "http://us%65r:p%40ss@proxy.test:3128",
            "ALL_PROXY": "socks5h://socks.test",
        }
    )
    assert rules.https == Proxy("http", "proxy.test", 3128, "user", "p@ss")
    assert rules.https.authorization == "Basic dXNlcjpwQHNz"
    assert (rules.https.url, repr(rules.https)) == (
        "http://proxy.test:3128",
        "Proxy('http://proxy.test:3128')",
    )
    assert rules.http == Proxy("socks5h", "socks.test", 1080)
    assert (rules.http.is_socks, rules.http.has_remote_names, rules.http.authorization) == (True, True, None)
    assert read_proxies({}) == ProxyRules()
    assert read_proxies({"http_proxy": "proxy.test", "HTTPS_PROXY": "https://[::1]"}) == ProxyRules(
        http=Proxy("http", "proxy.test", 80), https=Proxy("https", "::1", 443)
    )
    assert Proxy("http", "::1", 80).url == "http://[::1]:80"
    assert not Proxy("socks5", "x", 1080).has_remote_names


@pytest.mark.parametrize("text", ["ftp://x", "http://", "http://x:y", "socks5://u:secret@:1", "http://[::1"])
def test_an_address_that_is_none_stops_the_start(text: str) -> None:
    """The variable is named, the form told, the password kept."""
    with pytest.raises(SettingsError) as caught:
        read_proxies({"ALL_PROXY": text})
    assert str(caught.value).startswith("ALL_PROXY=")
    assert "socks5h://host:port" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("", "https://api.github.com/x", False),
        ("*", "https://api.github.com", True),
        ("github.com", "https://api.github.com", True),
        (".github.com", "https://api.github.com", True),
        ("*.github.com", "https://api.github.com", True),
        ("GitHub.com", "https://github.com", True),
        ("hub.com", "https://github.com", False),
        ("other.test, github.com:443", "https://github.com", True),
        ("github.com:8443", "https://github.com", False),
        ("10.0.0.0/8", "http://10.1.2.3", True),
        ("10.0.0.0/8", "http://github.com", False),
        ("10.0.0.0/99", "http://10.1.2.3", False),
        ("10.1.2.3", "http://10.1.2.3:80", True),
        ("10.1.2.4", "http://10.1.2.3", False),
        ("2001:db8::1", "http://[2001:db8::1]", True),
        (",.,", "https://github.com", False),
        ("", "http://127.0.0.1:1", True),
        ("", "http://[::1]:1", True),
        ("", "http://localhost", True),
        ("", "http://x.localhost.", True),
    ],
)
def test_exceptions_go_directly(no_proxy: str, url: str, is_direct: bool) -> None:
    """Suffixes, ports, addresses, networks; loopback always."""
    rules = read_proxies({"ALL_PROXY": "http://p.test:1", "NO_PROXY": no_proxy})
    assert (rules.proxy_for(url) is None) is is_direct


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (aiohttp_socks.ProxyError("refused"), UpstreamUnavailable, "proxy_failed"),
        (ssl.SSLError("bad certificate"), UpstreamUnavailable, "tls_failed"),
        (aiohttp.ConnectionTimeoutError("x"), UpstreamTimeout, "connect_timeout"),
        (TimeoutError(), UpstreamTimeout, "connect_timeout"),
        (aiohttp.ClientPayloadError("x"), UpstreamProtocolError, "upstream_cut"),
        (aiohttp.ServerDisconnectedError(), UpstreamUnavailable, "unreachable"),
        (ConnectionResetError(), UpstreamUnavailable, "unreachable"),
    ],
)
def test_every_network_error_has_its_fault(error: Exception, kind: type[Exception], code: str) -> None:
    """Mapped once, with the host and the remedy."""
    fault = fault_of(error, "api.test")
    assert (type(fault), fault.code) == (kind, code)
    assert "'api.test'" in fault.message


def test_a_proxy_that_wants_credentials_says_so() -> None:
    """407 is the commonest proxy fault."""
    request = SimpleNamespace(real_url="http://x")
    error = aiohttp.ClientHttpProxyError(request, (), status=407, message="Auth")  # type: ignore[arg-type]
    assert "It asks for a user name and password." in fault_of(error, "h").message


def test_a_ca_bundle_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    """Named, with the accepted form."""
    with pytest.raises(SettingsError, match="name a file of PEM certificates"):
        tls_context(tmp_path / "missing.pem")
    assert tls_context(None).verify_mode is ssl.CERT_REQUIRED
