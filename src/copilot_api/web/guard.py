"""Who may come in: Host, Origin, client keys, and who counts as the operator.

Owns the trust model of every route, WebSockets included. It believes the socket, not headers: a forwarded
header from a peer that is not a configured proxy can only lower trust. Knows nothing of models or accounts.
"""

import ipaddress
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from copilot_api.errors import Forbidden, Unauthorized
from copilot_api.settings import ClientKeyEntry, Settings
from copilot_api.store.keys import KeyRing
from copilot_api.web.asgi import Scope

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})
FORWARDING_HEADERS = (
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded", "x-real-ip",
    "x-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip", "x-cluster-client-ip", "via",
)  # fmt: skip
"""What proxies and tunnels add: a request with one of these did not begin where its socket does."""


class Guard:
    """The checks, for one set of settings. Replaced as a whole when they change."""

    def __init__(
        self, settings: Settings, *, note_use: Callable[[ClientKeyEntry], None] = lambda _: None
    ) -> None:
        """`note_use` is told each key that somebody came in with."""
        self._note_use = note_use
        self._allowed_hosts = frozenset(host.lower() for host in settings.allowed_hosts)
        self._allowed_origins = frozenset(origin.lower().rstrip("/") for origin in settings.allowed_origins)
        self._trusted_proxies = tuple(
            ipaddress.ip_network(proxy, strict=False) for proxy in settings.trusted_proxies
        )
        self._keys = KeyRing.of(settings)

    def check_host(self, scope: Scope, headers: Mapping[str, str]) -> None:
        """Refuse a Host that is not ours: DNS rebinding arrives under the attacker's own name.

        Raises: Forbidden.
        """
        host = host_name(headers.get("host", ""))
        if host in LOOPBACK_NAMES or host in self._allowed_hosts:
            return
        server = scope.get("server")
        if server is not None and host == str(server[0]).lower():
            return
        raise Forbidden(
            f"Host {headers.get('host', '')!r} is not served. Address the gateway as localhost, or add the name "
            "to COPILOT_API_ALLOWED_HOSTS.",
            code="host_not_allowed",
        )

    def check_origin(self, headers: Mapping[str, str]) -> None:
        """Refuse what a web page of another origin sends. Clients that are not browsers send no Origin.

        Node's fetch says `sec-fetch-mode: cors` without an Origin, so that header alone means nothing.
        Raises: Forbidden.
        """
        origin = headers.get("origin")
        if origin is not None and not self.is_own_origin(origin, headers):
            raise Forbidden(
                f"Requests from the web page origin {origin!r} are refused. If that page is yours, add it to "
                "COPILOT_API_ALLOWED_ORIGINS.",
                code="origin_not_allowed",
            )
        if origin is None and headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            raise Forbidden("Requests from other web sites are refused.", code="origin_not_allowed")

    def is_own_origin(self, origin: str, headers: Mapping[str, str]) -> bool:
        """Whether `origin` is this server's own page, or one the operator allowed."""
        lowered = origin.lower().rstrip("/")
        if lowered in self._allowed_origins:
            return True
        return urlsplit(lowered).netloc == headers.get("host", "").lower() != ""

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether the operator allowed the page at `origin` to read our answers."""
        return origin.lower().rstrip("/") in self._allowed_origins

    def require_key(self, scope: Scope, headers: Mapping[str, str]) -> ClientKeyEntry | None:
        """The client key of a request to a model route; None where no key exists and all who reach us may come in.

        Raises: Unauthorized; Forbidden for a key that is for other things.
        """
        if self._keys.is_open:
            return None
        presented = presented_key(scope, headers)
        if not presented:
            raise Unauthorized(
                "This gateway asks for a client key: send it as 'Authorization: Bearer KEY', 'x-api-key', "
                "'x-goog-api-key' or '?key='. Make one with: copilot-api keys create NAME"
            )
        entry = self._keys.verify(presented)
        if entry is None:
            raise Unauthorized(
                "The client key is not known here, or it has expired. Make one with: copilot-api keys create NAME"
            )
        self._note_use(entry)
        if "inference" not in entry.scopes:
            raise Forbidden(f"The key {entry.name!r} has no 'inference' scope.", code="scope_missing")
        return entry

    @property
    def is_open(self) -> bool:
        """Whether no key is asked for: there is none."""
        return self._keys.is_open

    def recognise(self, presented: str) -> ClientKeyEntry | None:
        """The client key that was presented, whatever its scopes; None when it is not one of ours."""
        entry = self._keys.verify(presented)
        if entry is not None:
            self._note_use(entry)
        return entry

    def is_https(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Whether the caller's own connection is encrypted; a proxy is asked only when it is a configured one."""
        client = scope.get("client")
        if client and self._is_trusted_proxy(str(client[0])) and "x-forwarded-proto" in headers:
            return headers["x-forwarded-proto"].rpartition(",")[2].strip().lower() == "https"
        return bool(scope.get("scheme") == "https")

    def peer(self, scope: Scope, headers: Mapping[str, str]) -> str:
        """The address to judge by: the socket's peer, or what a configured proxy says of it.

        A forwarded header from anyone else makes the peer "forwarded", which is never loopback.
        """
        client = scope.get("client")
        address = str(client[0]) if client else "unix"
        if not any(name in headers for name in FORWARDING_HEADERS):
            return address
        if not self._is_trusted_proxy(address):
            return f"forwarded by {address}"
        hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        for hop in reversed(hops):
            if not self._is_trusted_proxy(hop):
                return hop
        return f"forwarded by {address}"

    def _is_trusted_proxy(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._trusted_proxies)


def is_loopback(peer: str) -> bool:
    """Whether a peer address is this machine's own."""
    try:
        parsed = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def host_name(host: str) -> str:
    """The name in a Host header, without its port, in lower case; empty when it is not a host at all."""
    lowered = host.strip().lower()
    if lowered.startswith("["):
        name, bracket, rest = lowered[1:].partition("]")
        return name if bracket and (not rest or rest.startswith(":")) else ""
    name, _, port = lowered.partition(":")
    return name if not port or port.isdigit() else ""


def presented_key(scope: Scope, headers: Mapping[str, str]) -> str:
    """The key a client presents, by any of the four ways; empty when there is none."""
    authorization = headers.get("authorization", "")
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    key = headers.get("x-api-key") or headers.get("x-goog-api-key")
    if key:
        return key.strip()
    query: bytes = scope.get("query_string", b"")
    if b"key=" in query:
        return parse_qs(query.decode("latin-1")).get("key", [""])[0]
    return ""
