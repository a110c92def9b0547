"""The four questions we ask GitHub, on github.com or on a GHE.com tenant.

Owns the addresses and the headers. Every address comes from an argument. Source: upstream contract 1 (read
2026-11).
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from copilot_api.copilot.github.answers import (
    CopilotUser,
    GitHubUser,
    TokenEnvelope,
    read_copilot_user,
    read_envelope,
    read_user,
)
from copilot_api.copilot.github.device import DeviceLogin, read_code
from copilot_api.copilot.transport.answer import Answer, Fetch
from copilot_api.copilot.transport.hosts import GITHUB_HOST, is_tenant
from copilot_api.errors import MalformedRequest

CLIENT_ID = "Iv1.b507a08c87ecfe98"
"""The GitHub App of the Copilot editor plugins (contract 1.2): the only id whose tokens can be exchanged."""
SCOPE = "read:user"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
API_VERSION = "2025-04-01"
"""What VS Code sends to the copilot_internal routes (contract 1.4)."""


class GitHub:
    """GitHub as one installation sees it: github.com (or its override) and any GHE.com tenant."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        user_agent: str,
        github_url: str = "https://github.com",
        github_api_url: str = "https://api.github.com",
        client_id: str = CLIENT_ID,
    ) -> None:
        self._fetch = fetch
        self.user_agent = user_agent
        self._github_url = github_url.rstrip("/")
        self._github_api_url = github_api_url.rstrip("/")
        self._client_id = client_id

    async def start_login(
        self,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        host: str = GITHUB_HOST,
    ) -> DeviceLogin:
        """Begin a device login on `host`; show `code.user_code` and `code.verification_uri` to the person.

        Raises: CredentialRefused, UpstreamFault; MalformedRequest for a host that is neither github.com nor a
        GHE.com tenant.
        """
        base = self._login_base(host)
        fields = {"client_id": self._client_id, "scope": SCOPE}
        code = read_code(await self._post_form(f"{base}/login/device/code", fields), clock())

        async def ask(device_code: str) -> Answer:
            fields = {"client_id": self._client_id, "device_code": device_code, "grant_type": GRANT_TYPE}
            return await self._post_form(f"{base}/login/oauth/access_token", fields)

        return DeviceLogin(code, ask=ask, clock=clock, sleep=sleep)

    async def user(self, token: str, host: str = GITHUB_HOST) -> GitHubUser:
        """Who `token` belongs to.

        Raises: CredentialRefused, QuotaExhausted, UpstreamFault.
        """
        return read_user(await self._get(host, "/user", token))

    async def copilot_user(self, token: str, host: str = GITHUB_HOST) -> CopilotUser:
        """Return the account's plan, API host and quota.

        Raises: CredentialRefused, QuotaExhausted, UpstreamFault.
        """
        return read_copilot_user(await self._get(host, "/copilot_internal/user", token))

    async def exchange(self, token: str, host: str = GITHUB_HOST) -> TokenEnvelope:
        """Return a short-lived Copilot token for `token`.

        Raises: CredentialRefused (code `cannot_exchange`: use the token directly), QuotaExhausted,
        UpstreamFault.
        """
        return read_envelope(await self._get(host, "/copilot_internal/v2/token", token))

    async def _get(self, host: str, path: str, token: str) -> Answer:
        headers = {
            "Authorization": f"token {token}",
            "Accept": "application/json",
            "User-Agent": self.user_agent,
            "X-GitHub-Api-Version": API_VERSION,
        }
        return await self._fetch("GET", self._api_base(host) + path, headers)

    async def _post_form(self, url: str, fields: dict[str, str]) -> Answer:
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": self.user_agent,
        }
        return await self._fetch("POST", url, headers, urlencode(fields).encode())

    def _login_base(self, host: str) -> str:
        return self._github_url if host == GITHUB_HOST else f"https://{_tenant(host)}"

    def _api_base(self, host: str) -> str:
        return self._github_api_url if host == GITHUB_HOST else f"https://api.{_tenant(host)}"


def _tenant(host: str) -> str:
    if not is_tenant(host):
        raise MalformedRequest(
            f"{host!r} is neither github.com nor a GHE.com tenant such as 'octo.ghe.com'; a GitHub "
            "Enterprise Server of one's own has no Copilot."
        )
    return host
