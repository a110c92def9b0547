"""The checks that ask others: our own port, GitHub, the clock, the token exchange, Copilot."""

import json
import socket
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from copilot_api.cli.doctor.findings import Finding, Verdict, failed
from copilot_api.cli.visit import Visit
from copilot_api.copilot.accounts import Account
from copilot_api.copilot.headers import IDENTITIES
from copilot_api.copilot.transport.answer import Answer
from copilot_api.errors import GatewayError, UpstreamFault
from copilot_api.settings import Settings

TOLERABLE_SKEW_S = 60.0
"""Token lifetimes are minutes; beyond this, tokens look expired or fresh when they are not."""
BAD_SKEW_S = 300.0
"""Beyond this TLS certificates and GitHub's own checks begin to fail as well."""


async def examine(road: Visit, clock: Callable[[], float]) -> list[Finding]:
    """Ask in the order in which things depend on each other; skip what cannot work any more."""
    findings = [await _check_port(road)]
    answer = await _ask_github(road)
    if isinstance(answer, Finding):
        return [*findings, answer]
    findings.append(Finding("GitHub", "pass", f"{road.settings.github_api_url} answers."))
    findings.append(_check_clock(answer.headers.get("date", ""), clock()))
    try:
        account = await road.account()
    except GatewayError:
        return [*findings, Finding("Copilot", "skip", "Not asked, because no account can answer.")]
    return [*findings, *await _check_copilot(account)]


async def _check_port(road: Visit) -> Finding:
    settings = road.settings
    try:
        with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
        return Finding("port", "pass", f"{settings.host}:{settings.port} is free; no server runs here.")
    except OSError as error:
        reason = error.strerror or "unknown reason"
    running = await _own_server(road, settings)
    if running is not None:
        return running
    return Finding(
        "port",
        "fail",
        f"{settings.host}:{settings.port} cannot be had: {reason}.",
        "End the program that holds it, or choose another with PORT or --port.",
    )


async def _own_server(road: Visit, settings: Settings) -> Finding | None:
    """Recognise a gateway of ours behind a taken port, and how it feels."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    try:
        answer = await road.upstream.fetch("GET", f"http://{name}:{settings.port}/readyz", {})
        told: object = json.loads(answer.body)
    except (UpstreamFault, ValueError):
        return None
    if not isinstance(told, dict) or "ready" not in told:
        return None
    where = f"A copilot-api server runs at {settings.host}:{settings.port}"
    if told["ready"] is True:
        return Finding("port", "pass", f"{where} and is ready.")
    return Finding("port", "warn", f"{where} and is not ready.", f"See http://{name}:{settings.port}/readyz")


async def _ask_github(road: Visit) -> Answer | Finding:
    headers = {"User-Agent": IDENTITIES[road.settings.identity].user_agent, "Accept": "application/json"}
    try:
        answer = await road.upstream.fetch("GET", f"{road.settings.github_api_url}/", headers)
    except UpstreamFault as fault:
        return failed("GitHub", fault)
    if answer.status >= 500 or answer.status == 407:
        said = f"{road.settings.github_api_url} answered {answer.status}."
        remedy = (
            "See https://www.githubstatus.com; for 407 give the proxy's user and password in HTTPS_PROXY."
        )
        return Finding("GitHub", "fail", said, remedy)
    return answer


def _check_clock(date: str, now_unix_s: float) -> Finding:
    try:
        skew_s = now_unix_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Finding("clock", "skip", "GitHub's answer carries no date to compare with.")
    if abs(skew_s) <= TOLERABLE_SKEW_S:
        return Finding("clock", "pass", "Agrees with GitHub's.")
    direction = "ahead of" if skew_s > 0 else "behind"
    verdict: Verdict = "fail" if abs(skew_s) > BAD_SKEW_S else "warn"
    return Finding(
        "clock",
        verdict,
        f"This machine's clock is {abs(skew_s):.0f} s {direction} GitHub's.",
        "Turn on time synchronisation (for example: timedatectl set-ntp true).",
    )


async def _check_copilot(account: Account) -> list[Finding]:
    try:
        bearer = await account.credential.bearer()
    except GatewayError as error:
        return [failed("token", error), Finding("Copilot", "skip", "Not asked, because there is no token.")]
    kind = "exchanged for a Copilot token" if bearer.is_exchanged else "used directly"
    findings = [Finding("token", "pass", f"{account.login}'s GitHub token is {kind}.")]
    try:
        catalog = await account.catalog.loaded()
        base = await account.locate()
    except GatewayError as error:
        return [*findings, failed("Copilot", error)]
    findings.append(Finding("Copilot", "pass", f"{base} answers."))
    count = sum(model.is_usable for model in catalog.models.values())
    if count == 0:
        remedy = (
            "Look at https://github.com/settings/copilot/features, or ask the organisation's administrator."
        )
        return [*findings, Finding("models", "fail", "Copilot offers this account no models.", remedy)]
    return [*findings, Finding("models", "pass", f"{count} models can be called.")]
