"""What the page is tried on: a real gateway with accounts of the simulator, good ones and a bad one."""

import contextlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any

from live import CLIENT_KEY, Gateway, Simulator, running_gateway

ACCOUNTS = {"octo-dev": "individual", "octo-free": "free", "octo-free-legacy": "free-legacy"}
"""Logins, and the plans by which the simulator knows them. All three are served at one address."""


@contextmanager
def staged(simulator: Simulator, home: Path, *, port: int = 0, **config: Any) -> Generator[Gateway]:
    """Run a gateway with three accounts, the first of them active, and one open door for this machine."""
    known = simulator.control()["accounts"]
    entries = [_entry(simulator, known[plan]["github_token"]) for plan in ACCOUNTS.values()]
    document = {"accounts": entries, "activeAccountId": entries[0]["id"], **config}
    with running_gateway(simulator, home, port=port, config=document) as gateway:
        yield gateway


def _entry(simulator: Simulator, token: str) -> dict[str, str]:
    """An account as signing in would have stored it: its id is the one that GitHub gives it."""
    headers = {"authorization": f"token {token}", "user-agent": "tests"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{simulator.url}/user", headers=headers), timeout=10
    ) as answer:
        user = json.load(answer)
    return {"id": str(user["id"]), "login": user["login"], "token": token}


def active_login(gateway: Gateway) -> str | None:
    """Who answers requests without an account of their own."""
    known = call(gateway, "GET", "/accounts")
    return next((entry["login"] for entry in known["accounts"] if entry["isActive"]), None)


def order(gateway: Gateway) -> list[str]:
    """The accounts' logins, as the gateway has them."""
    return [entry["login"] for entry in call(gateway, "GET", "/accounts")["accounts"]]


def call(gateway: Gateway, method: str, path: str, document: Any = None, *, version: str = "*") -> Any:
    """Ask the admin API as a script on this machine does, and return the document that it answers."""
    with urllib.request.urlopen(f"{gateway.url}/admin/api/session", timeout=10) as answer:
        csrf = json.load(answer)["csrf"]
    request = urllib.request.Request(
        f"{gateway.url}/admin/api{path}",
        method=method,
        data=None if method == "GET" else json.dumps(document or {}).encode(),
        headers={"content-type": "application/json", "x-csrf-token": csrf, "if-match": version},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def ask(gateway: Gateway, model: str, text: str, *, key: str = CLIENT_KEY, agent: str = "tests/1.0") -> Any:
    """Send one chat message through the gateway, as a client does."""
    request = urllib.request.Request(
        f"{gateway.url}/v1/chat/completions",
        data=json.dumps({"model": model, "messages": [{"role": "user", "content": text}]}).encode(),
        headers={
            "content-type": "application/json",
            "authorization": f"Bearer {key}",
            "user-agent": agent,
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def oversee(simulator: Simulator, gateway: Gateway) -> None:
    """Hold a gateway's requests back in every way there is: budgets, rates, a pause, and two that wait for a yes.

    Whoever waits is let go when the gateway ends.
    """
    active = call(gateway, "GET", "/accounts")["activeAccountId"]
    accounts = {active: {"credits": None, "requests": 12, "period": "month"}}
    limits = {"requestsPerMinute": 120, "concurrency": 8, "rateLimitWait": True, "accountBudgets": accounts}
    budget = {"budget.credits": 25, "budget.period": "day"}
    call(gateway, "PATCH", "/settings", {"changes": {**limits, **budget}})
    question = '[[sim: text="The function adds two numbers; the test fails because it is given a text."]]'
    message = {"model": "gpt-5.4", "max_tokens": 4000, "stream": True, "top_k": 40, "system": "Be brief."}
    said = [{"role": "user", "content": f"Why does test_add fail? {question}"}]
    _post(gateway, "/v1/messages", {**message, "messages": said}, "claude-cli/2.1.0 (external, cli)")
    simulator.script("error=429; retry_after=900")
    chat = {"model": "claude-haiku-4.5", "messages": said}
    _post(gateway, "/v1/chat/completions", chat, "opencode/1.0.80")
    changes = {"manualApproval": True, "approvalTimeoutSeconds": 900}
    call(gateway, "PATCH", "/settings", {"changes": changes})
    for model, agent in (("gpt-4o", "codex_cli_rs/0.60.1"), ("claude-sonnet-5", "claude-cli/2.1.0")):
        waiting = {"model": model, "messages": said * 40}
        Thread(target=_post, args=(gateway, "/v1/chat/completions", waiting, agent), daemon=True).start()
    for _ in range(100):
        if len(call(gateway, "GET", "/approvals")["approvals"]) == 2:
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def _post(gateway: Gateway, path: str, document: Any, agent: str) -> None:
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {CLIENT_KEY}",
        "user-agent": agent,
    }
    request = urllib.request.Request(gateway.url + path, json.dumps(document).encode(), headers)
    with contextlib.suppress(OSError, HTTPException), urllib.request.urlopen(request, timeout=900) as answer:
        answer.read()


def furnish(gateway: Gateway) -> None:
    """Fill a gateway with what a week of use leaves: keys, mappings, requests of several clients and models."""
    accounts = call(gateway, "GET", "/accounts")["accounts"]
    laptop = {"name": "laptop", "scopes": ["inference"], "accountId": accounts[1]["id"]}
    agent = {
        "name": "build-agent",
        "scopes": ["inference", "usage"],
        "models": ["gpt-5*", "claude-haiku-4.5"],
        "expires": "90d",
        "rateLimit": {"requestsPerMinute": 60, "tokensPerMinute": None, "concurrency": 4},
        "budget": {"credits": 500, "requests": None, "period": "month"},
    }
    values = [call(gateway, "POST", "/keys", key)["value"] for key in (laptop, agent)]
    for mapping in (
        {"from": "gpt-4o*", "to": "gpt-5.4"},
        {"from": "claude-3-5-sonnet-latest", "to": "claude-sonnet-4.6"},
        {"from": "my-favourite", "to": "a-model-that-is-gone"},
    ):
        call(gateway, "POST", "/mappings", mapping)
    for model, key, agent_name in (
        ("gpt-5.4", values[0], "codex_cli_rs/0.60.1"),
        ("claude-haiku-4.5", values[1], "claude-cli/2.1.0 (external, cli)"),
        ("gpt-5.4", values[1], "opencode/1.0.80"),
        ("gemini-3.1-pro-preview", CLIENT_KEY, "GeminiCLI/0.14.0"),
        ("gpt-4o-mini", CLIENT_KEY, "OpenAI/Python 2.8.1"),
        ("gpt-5.4", CLIENT_KEY, "OpenAI/Python 2.8.1"),
    ):
        with contextlib.suppress(urllib.error.HTTPError):
            ask(gateway, model, "Say hello.", key=key, agent=agent_name)
