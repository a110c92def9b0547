"""The gate before every Copilot API route: recording, faults, hosts, tokens, versions, headers.

Owns: `guard` (turns refusals into answers and records hang-ups), `admit` (who is asking).
Source: upstream contract §§1.7, 2.3, 2.8, 7.1.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.script.directives import DirectiveError
from copilot_api.simulator.world.accounts import Account
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Simulator

Handler = Callable[[Simulator, web.Request, Entry], Awaitable[web.StreamResponse]]
SIMULATOR: web.AppKey[Simulator] = web.AppKey("simulator", Simulator)

_STATIC_HEADERS = [
    ("content-security-policy", "default-src 'none'; sandbox"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-github-backend", "Kubernetes"),
]
_EDITOR_VERSION = re.compile(r"[A-Za-z][\w.-]*/\d[\w.+-]*")
_API_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}")
GENERIC = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a Copilot API request comes from."""

    account: Account
    is_exchanged: bool
    is_user_turn: bool


def base_headers(request: web.Request, entry: Entry) -> list[tuple[str, str]]:
    """Return the headers every answer carries; ids count requests, so runs repeat exactly."""
    number = entry.number
    request_id = request.headers.get("x-request-id") or f"00000000-0000-4000-8000-{number:012x}"
    return [
        *_STATIC_HEADERS,
        ("x-copilot-service-request-id", f"10000000-0000-4000-8000-{number:012x}"),
        ("x-github-request-id", f"5ECB:{number & 0xFFFFFF:06X}:{number:07X}:{number * 31:07X}:66B0D1A0"),
        ("x-request-id", request_id),
    ]


def refuse(request: web.Request, entry: Entry, refusal: Refusal) -> web.Response:
    """Write a refusal; it never carries quota headers."""
    if refusal.status == 0 and request.transport is not None:
        request.transport.abort()
    headers = [*base_headers(request, entry), *refusal.headers.items()]
    headers.append(("content-type", refusal.content_type))
    return web.Response(status=refusal.status or 503, body=refusal.body, headers=headers)


def guard(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Wrap a route: record it, fail it when scripted to, answer its refusals, notice hang-ups."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        simulator = request.app[SIMULATOR]
        clock = asyncio.get_running_loop().time
        started = clock()
        entry = simulator.recorder.open(request.method, request.raw_path, request.raw_headers, started)
        try:
            fault = simulator.fault_for(request.method, request.path) if simulator.faults else None
            if fault is not None:
                raise fault
            response = await handler(simulator, request, entry)
        except Refusal as refusal:
            response = refuse(request, entry, refusal)
        except DirectiveError as error:
            response = refuse(request, entry, refusals.text(400, f"simulator: {error}"))
        except (asyncio.CancelledError, ConnectionError):
            entry.has_hung_up = True
            entry.finished_after_s = clock() - started
            raise
        entry.status = response.status
        entry.finished_after_s = clock() - started
        return response

    return guarded


def admit(simulator: Simulator, request: web.Request, seat: str) -> Caller:
    """Check host, token, identity headers and API version of a Copilot API request.

    Raises: Refusal as the contract words it.
    """
    headers = request.headers
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = simulator.accounts.bearer(token) if scheme.lower() == "bearer" else None
    if bearer is None:
        raise refusals.text(401, "unauthorized: invalid token")
    if simulator.accounts.is_expired(bearer):
        raise refusals.named("401-token-expired")
    account = bearer.account
    if bearer.is_personal:
        _check_personal(account, headers.get("copilot-integration-id", ""))
    if bearer.is_exchanged:
        _check_editor(headers.get("editor-version"))
    _check_host(simulator, account, seat)
    version = headers.get("x-github-api-version")
    if version is not None:
        floor = simulator.options.api_version_floor
        if not _API_VERSION.fullmatch(version) or version < floor:
            raise refusals.named("466-client-too-old")
    return Caller(account, bearer.is_exchanged, headers.get("x-initiator") != "agent")


def _check_personal(account: Account, integration: str) -> None:
    if integration != "copilot-developer-cli":
        raise refusals.named("400-pat-not-supported")
    if not account.has_copilot_requests:
        raise refusals.named("401-pat-permission")


def _check_editor(version: str | None) -> None:
    if version is None:
        raise refusals.named("400-missing-editor-version")
    if not _EDITOR_VERSION.fullmatch(version):
        raise refusals.named("400-unknown-editor-version")


def _check_host(simulator: Simulator, account: Account, seat: str) -> None:
    if account.is_without_copilot:
        raise refusals.named("403-forbidden")
    if seat == GENERIC:
        if account.seat != "individual" and simulator.options.refuses_generic_host:
            raise refusals.named("403-forbidden")
    elif seat != account.seat:
        raise refusals.named("403-forbidden")


def seat_of(request: web.Request) -> str:
    """Return the seat a request's base path belongs to; empty for the generic host."""
    path = request.path
    return path.split("/", 3)[2] if path.startswith("/capi/") else GENERIC
