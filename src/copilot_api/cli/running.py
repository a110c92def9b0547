"""The gateway that runs, asked over its admin API as its operator.

Follows the trust model: while no admin secret is set, everybody on this machine is the operator; else the secret is
asked for. It is sent to this machine or over https, and never along a redirect or through a proxy.
"""

import getpass
import http.client
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from copilot_api.cli.terminal import Refusal, Terminal, printable, refuse

if TYPE_CHECKING:
    from copilot_api.settings import Settings

PATIENCE_S = 10.0
_API = "/admin/api"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WILD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach who listens everywhere
Document = dict[str, object]


class Unreachable(Refusal):
    """Nobody answers there."""


class RunningGateway:
    """One gateway. `url` is where it is, when it is not where the settings say."""

    def __init__(self, terminal: Terminal, settings: "Settings", url: str | None = None) -> None:
        host = _WILD.get(settings.host, settings.host)
        self.url = (url or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}").rstrip("/")
        self._terminal = terminal
        self._secret = settings.admin_secret or ""
        self._headers: dict[str, str] | None = None

    def ask(
        self, method: str, path: str, document: Document | None = None, *, may_prompt: bool = True
    ) -> bytes:
        """Ask for one thing below /admin/api; the body of the answer.

        Raises: Refusal with the gateway's own words; Unreachable.
        """
        if self._headers is None:
            self._headers = self._introduce(may_prompt=may_prompt)
        return self._send(method, path, self._headers, document)

    def read(
        self, method: str, path: str, document: Document | None = None, *, may_prompt: bool = True
    ) -> Document:
        """Ask for one JSON document. Raises: as `ask`."""
        return cast(Document, json.loads(self.ask(method, path, document, may_prompt=may_prompt)))

    def _introduce(self, *, may_prompt: bool) -> dict[str, str]:
        """The headers that say who asks: nothing but the page's token on this machine, else the secret."""
        session = cast(Document, json.loads(self._send("GET", "/session", {})))
        if session.get("signedIn"):
            return {"x-csrf-token": str(session.get("csrf", ""))}
        if session.get("needs") != "login":
            refuse(
                "No admin secret is set, and from here only that would do. Run: copilot-api admin set-secret"
            )
        parts = urlsplit(self.url)
        if parts.scheme != "https" and (parts.hostname or "") not in _LOOPBACK:
            refuse(
                f"The admin secret is not sent in clear to {self.url!r}. Use https, or a tunnel to localhost."
            )
        secret = self._secret or (self._prompt() if may_prompt else "")
        if not secret:
            refuse("The gateway asks for its admin secret.")
        return {"authorization": f"Bearer {secret}"}

    def _prompt(self) -> str:
        if self._terminal.read.isatty():
            return getpass.getpass("Admin secret: ").strip()
        return self._terminal.read.readline().strip()

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], document: Document | None = None
    ) -> bytes:
        body = None if method == "GET" else json.dumps(document or {}).encode()
        sent = dict(headers) if body is None else {**headers, "content-type": "application/json"}
        connection = self._connect()
        try:
            connection.request(method, urlsplit(self.url).path + _API + path, body, sent)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"No gateway answers at {self.url}. Start it with: copilot-api serve; or say with --url where it is."
            ) from error
        finally:
            connection.close()
        if answer.status >= 300:
            refuse(_words_of(content) or f"The gateway at {self.url} answered {answer.status}.")
        return content

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            refuse(f"{self.url!r} is no address. Give one such as http://localhost:4141.")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname, parts.port, timeout=PATIENCE_S)


def escaped(part: str) -> str:
    """One part of a path."""
    return quote(part, safe="")


def _words_of(content: bytes) -> str:
    try:
        error = json.loads(content)["error"]
        return printable(f"{error['message']} {error['remedy']}".strip())
    except (ValueError, KeyError, TypeError):
        return ""
