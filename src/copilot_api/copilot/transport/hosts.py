"""Which hosts may see a bearer.

Pure. A token travels only to `*.githubcopilot.com`, `*.ghe.com` or the operator's own override; an answer
that names another host is refused, because whoever can forge one answer must not be able to collect tokens.
Source: upstream contract 1.7 (read 2026-11); architecture, trust model.
"""

import re
from urllib.parse import urlsplit

from copilot_api.errors import UpstreamProtocolError

GITHUB_HOST = "github.com"
GENERIC_API_BASE = "https://api.githubcopilot.com"
"""The fallback for an account whose own host GitHub did not name (contract 1.7)."""

_ALLOWED_SUFFIXES = (".githubcopilot.com", ".ghe.com")
_TENANT = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.[a-z0-9-]{1,63})*\.ghe\.com")


def checked_api_base(text: str) -> str:
    """Return the API base GitHub named, without a trailing slash.

    Raises: UpstreamProtocolError when it is not https on a host that may see a bearer.
    """
    try:
        url = urlsplit(text.strip())
        host, port = url.hostname or "", url.port
    except ValueError:
        host, port, url = "", None, urlsplit("")
    is_plain = not url.username and not url.query and not url.fragment and url.path in ("", "/")
    if url.scheme == "https" and port in (None, 443) and is_plain and is_allowed_host(host):
        return f"https://{host}"
    raise UpstreamProtocolError(
        f"GitHub named {text!r} as the Copilot API host; a token is sent only to https://*.githubcopilot.com "
        "and https://*.ghe.com. If that host is really yours, set COPILOT_API_UPSTREAM_URL to it."
    )


def is_allowed_host(host: str) -> bool:
    """Whether a bearer may go to `host`."""
    return host.endswith(_ALLOWED_SUFFIXES)


def is_tenant(host: str) -> bool:
    """Whether `host` is a GHE.com tenant such as `octo.ghe.com`."""
    return _TENANT.fullmatch(host) is not None


def default_api_base(github_host: str) -> str:
    """Where Copilot answers for an account on `github_host` when GitHub names no host."""
    if github_host == GITHUB_HOST:
        return GENERIC_API_BASE
    return f"https://copilot-api.{github_host}"
