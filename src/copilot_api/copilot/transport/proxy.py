"""Which proxy a request goes through: the one of the settings, else HTTP(S)_PROXY, ALL_PROXY, NO_PROXY.

Pure: the environment is an argument, and whether it is honoured at all is the operator's choice (PROXY_ENV).
Source: curl manual, environment section, and Go net/http ProxyFromEnvironment (read 2026-11). Where they
differ: lower-case names win, loopback is never proxied (Go), ALL_PROXY is the fallback (curl), NO_PROXY takes
CIDR (Go).
"""

import base64
import ipaddress
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

import msgspec

from copilot_api.settings import Settings, SettingsError

SOCKS_SCHEMES = ("socks4", "socks4a", "socks5", "socks5h")
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


class Proxy(msgspec.Struct, frozen=True):
    """One proxy. `username` and `password` are decoded."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: str = ""

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS; else it is an HTTP proxy (CONNECT for https)."""
        return self.scheme in SOCKS_SCHEMES

    @property
    def has_remote_names(self) -> bool:
        """Whether the proxy resolves host names: socks5h and socks4a do, HTTP proxies always."""
        return self.scheme not in ("socks4", "socks5")

    @property
    def url(self) -> str:
        """Its address without credentials, fit for a log."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def authorization(self) -> str | None:
        """The value of Proxy-Authorization; None without credentials."""
        if not self.username and not self.password:
            return None
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

    def __repr__(self) -> str:
        """Never the password."""
        return f"Proxy({self.url!r})"


class ProxyRules(msgspec.Struct, frozen=True):
    """What the environment says; empty rules send everything directly."""

    http: Proxy | None = None
    https: Proxy | None = None
    exceptions: tuple[str, ...] = ()

    def proxy_for(self, url: str) -> Proxy | None:
        """Return the proxy for `url`; None means directly."""
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
        proxy = self.https if parts.scheme in ("https", "wss") else self.http
        if proxy is None or _is_loopback(host) or any(_matches(rule, host, port) for rule in self.exceptions):
            return None
        return proxy


def read_proxies(environment: Mapping[str, str]) -> ProxyRules:
    """Read the rules from environment variables.

    Raises: SettingsError naming the variable when an address is not one.
    """
    fallback = _read(environment, "all_proxy")
    no_proxy = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return ProxyRules(
        http=_read(environment, "http_proxy") or fallback,
        https=_read(environment, "https_proxy") or fallback,
        exceptions=tuple(rule.strip().lower() for rule in no_proxy.split(",") if rule.strip()),
    )


def chosen_proxies(settings: Settings, environment: Mapping[str, str]) -> ProxyRules:
    """Read the rules that the operator chose: one proxy of the settings before those of the environment.

    Raises: SettingsError naming the variable or the setting when an address is not one.
    """
    rules = read_proxies(environment) if settings.use_proxy_environment else ProxyRules()
    if settings.proxy_url is None:
        return rules
    proxy = parse_proxy(settings.proxy_url, "proxyUrl")
    return ProxyRules(http=proxy, https=proxy, exceptions=rules.exceptions)


def parse_proxy(text: str, variable: str) -> Proxy:
    """Read one proxy address.

    Raises: SettingsError naming `variable` and the accepted form; never quoting the password.
    """
    address = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
        parts = urlsplit("")
    if not host or scheme not in _DEFAULT_PORTS:
        shown = text.rpartition("@")[2]
        raise SettingsError(
            f"{variable}={shown!r} is not a proxy address; write http://host:port, https://host:port, "
            "socks5://host:port or socks5h://host:port, with user:password@ before the host if needed."
        )
    return Proxy(
        scheme=scheme,
        host=host,
        port=port or _DEFAULT_PORTS[scheme],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _read(environment: Mapping[str, str], name: str) -> Proxy | None:
    for variable in (name, name.upper()):
        text = environment.get(variable, "").strip()
        if text:
            return parse_proxy(text, variable)
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def _matches(rule: str, host: str, port: int) -> bool:
    if rule == "*":
        return True
    address = _address(host)
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    name, _, rule_port = rule.partition(":") if rule.count(":") == 1 else (rule, "", "")
    if rule_port and rule_port != str(port):
        return False
    if address is not None:
        return _address(name.strip("[]")) == address
    name = name.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
