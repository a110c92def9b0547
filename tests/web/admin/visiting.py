"""Visitors of the admin: a browser on this machine, one far away behind a proxy, a script with a bearer."""

import json
from collections.abc import Mapping
from http.cookies import SimpleCookie
from typing import Any

from gate import Gate

API = "/admin/api"
SECRET = "correct horse battery"
PROXY = {"COPILOT_API_TRUSTED_PROXIES": "127.0.0.1"}
FAR = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
"""What a proxy on this machine says of a browser elsewhere; believed only where it is configured."""


class Answer:
    """One answer, read whole."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def document(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def code(self) -> str:
        """The code of a refusal."""
        found: str = self.document["error"]["code"]
        return found


class Visitor:
    """A browser with its own cookie, which reads the CSRF token as the page does."""

    def __init__(self, gate: Gate, headers: Mapping[str, str] | None = None) -> None:
        self.gate = gate
        self.headers = dict(headers or {})
        self.cookie = ""
        self.csrf = ""

    async def ask(
        self,
        method: str,
        path: str,
        document: object = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> Answer:
        """One request below /admin/api, with exactly these headers, the visitor's own and its cookie."""
        sent = {"accept-encoding": "identity", **self.headers, **(headers or {})}
        if self.cookie:
            sent.setdefault("cookie", f"copilot_api_session={self.cookie}")
        body = json.dumps(document).encode() if document is not None else data
        async with self.gate.http.request(
            method, self.gate.url + API + path, data=body, headers=sent, allow_redirects=False
        ) as found:
            answer = Answer(found.status, found.headers, await found.read())
        self._take(answer)
        return answer

    async def get(self, path: str, **headers: str) -> Answer:
        """Read."""
        return await self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def write(self, method: str, path: str, document: object = None) -> Answer:
        """Write as the page does: with the CSRF token of the last answer, and as JSON."""
        if not self.csrf:
            self.csrf = (await self.get("/session")).document["csrf"]
        headers = {"x-csrf-token": self.csrf, "content-type": "application/json"}
        return await self.ask(method, path, {} if document is None else document, headers)

    async def sign_in(self, secret: str = SECRET) -> Answer:
        """Sign in."""
        return await self.write("POST", "/session", {"secret": secret})

    def _take(self, answer: Answer) -> None:
        if "set-cookie" in answer.headers:
            cookie = SimpleCookie(answer.headers["set-cookie"])["copilot_api_session"]
            self.cookie = "" if cookie["max-age"] == "0" else cookie.value
        if answer.headers.get("content-type") == "application/json" and answer.status == 200:
            csrf = answer.document.get("csrf")
            self.csrf = csrf if isinstance(csrf, str) else self.csrf
