"""github.com and api.github.com: device flow, user, token exchange, Copilot seat.

Source: upstream contract §§1.1-1.6; GitHub REST documentation, `avatar_url` of `GET /user`.
"""

from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.routes.gate import base_headers
from copilot_api.simulator.shapes import Json, as_object, as_text, decode_object, encode, load_data
from copilot_api.simulator.world.accounts import Account, endpoints
from copilot_api.simulator.world.months import dated_seat
from copilot_api.simulator.world.portrait import portrait
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Simulator


def _answer(request: web.Request, entry: Entry, body: Json) -> web.Response:
    headers = [*base_headers(request, entry), ("content-type", "application/json; charset=utf-8")]
    return web.Response(body=encode(body), headers=headers)


def _form_or_json(request: web.Request, entry: Entry, body: Json) -> web.Response:
    if "application/json" in request.headers.get("accept", ""):
        return _answer(request, entry, body)
    headers = [
        *base_headers(request, entry),
        ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
    ]
    return web.Response(text=urlencode(sorted(body.items())), headers=headers)


async def _read_fields(simulator: Simulator, request: web.Request, entry: Entry) -> dict[str, str]:
    raw = await request.read()
    simulator.recorder.keep_body(entry, raw)
    if "json" in request.headers.get("content-type", ""):
        return {name: as_text(value) for name, value in (decode_object(raw) or {}).items()}
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


async def device_code(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /login/device/code`: hand out a code, from a JSON or a form body."""
    fields = await _read_fields(simulator, request, entry)
    page_url = f"{simulator.url or request.url.origin()}/login/device"
    return _form_or_json(request, entry, simulator.device.start(fields.get("client_id", ""), page_url))


async def access_token(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /login/oauth/access_token`: one poll; errors are HTTP 200 too."""
    fields = await _read_fields(simulator, request, entry)
    failed = simulator.device.poll(
        fields.get("client_id", ""), fields.get("device_code", ""), fields.get("grant_type", "")
    )
    if failed is not None:
        return _form_or_json(request, entry, failed)
    account = simulator.accounts.by_plan[simulator.device.plan]
    body: Json = {"access_token": account.github_token, "token_type": "bearer", "scope": ""}
    return _form_or_json(request, entry, body)


async def device_page(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /login/device`: a page for people who follow the link in demo mode."""
    del simulator
    text = "<!doctype html><title>Demo</title><p>Demo simulator: every code is approved by itself. Go back.\n"
    headers = [*base_headers(request, entry), ("content-type", "text/html; charset=utf-8")]
    return web.Response(text=text, headers=headers)


def _account(simulator: Simulator, request: web.Request) -> tuple[Account, str]:
    if not request.headers.get("user-agent", "").strip():
        raise refusals.named("token-403-no-user-agent")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    account = simulator.accounts.by_github_token(token) if scheme.lower() in ("token", "bearer") else None
    if account is None:
        raise refusals.named("token-401")
    return account, token


async def user(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /user`: the GitHub identity."""
    account, _ = _account(simulator, request)
    body: Json = {
        "login": account.login,
        "id": account.id,
        "node_id": "U_kgDOAexample",
        "avatar_url": f"{simulator.url or request.url.origin()}/avatars/u/{account.id}?v=4",
        "type": "User",
        "name": "Octo Dev" if account.plan == "individual" else f"Octo {account.plan.title()}",
        "site_admin": False,
        "created_at": "2015-02-03T04:05:06Z",
    }
    return _answer(request, entry, body)


async def avatar(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /avatars/u/{id}`: the picture of an account, as `avatars.githubusercontent.com` serves it."""
    wanted = request.match_info["id"]
    if not any(str(account.id) == wanted for account in simulator.accounts.by_plan.values()):
        raise refusals.named("token-404")
    headers = [*base_headers(request, entry), ("content-type", "image/png"), ("cache-control", "max-age=300")]
    return web.Response(body=portrait(int(wanted)), headers=headers)


def _rate_limit(account: Account) -> Refusal:
    body = {
        "message": f"API rate limit exceeded for user ID {account.id}.",
        "documentation_url": "https://docs.github.com/rest",
        "status": "403",
    }
    return Refusal(403, encode(body), refusals.JSON)


async def copilot_token(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /copilot_internal/v2/token`: exchange a GitHub token for a short-lived Copilot one."""
    account, token = _account(simulator, request)
    if token.startswith(("github_pat_", "ghp_")):
        raise refusals.named("token-403-pat")
    if account.is_rate_limited:
        raise _rate_limit(account)
    if account.notification_id:
        raise refusals.entitlement(account.notification_id)
    if account.is_without_copilot:
        raise refusals.entitlement("not_signed_up")
    return _answer(request, entry, simulator.accounts.exchange(account, simulator.api_url(account.plan)))


async def copilot_user(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /copilot_internal/user`: plan, endpoints and quota; 404 for an account without Copilot."""
    account, _ = _account(simulator, request)
    if account.is_without_copilot:
        raise refusals.named("token-404")
    shape = as_object(as_object(load_data("plans.json")[account.plan])["user"])
    body = dated_seat(shape, simulator.options.clock())
    body["login"] = account.login
    body["endpoints"] = endpoints(simulator.api_url(account.plan), account.seat)
    balances = simulator.ledger.balances(account)
    for name, snapshot in as_object(body.get("quota_snapshots")).items():
        balance = balances.get(name)
        if balance is not None and not balance.is_unlimited:
            snapshot["quota_remaining"] = round(balance.remaining, 9)
            snapshot["remaining"] = int(balance.remaining)
            snapshot["percent_remaining"] = balance.percent
    return _answer(request, entry, dict(sorted(body.items())))


async def not_found(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """Answer a GitHub path that is not there, or not with this verb."""
    del simulator, request, entry
    raise refusals.named("token-404")
