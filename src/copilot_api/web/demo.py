"""Demo mode: the simulated world beside the server, two accounts in it, and a little traffic to look at.

Owns what is special about a demo. Nothing outside of this file behaves differently for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import msgspec
import structlog

from copilot_api import __version__
from copilot_api.gateway.accounting.asking import ask
from copilot_api.gateway.gateway import Gateway
from copilot_api.settings import ClientKeyEntry, Overrides
from copilot_api.store.config_file import ConfigFile
from copilot_api.store.ledger import Book, Choice, Questions

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

KEY = ClientKeyEntry(id="demo", name="demo", sha256="0" * 64)
CLIENT = f"copilot-api-demo/{__version__}"
"""How the log calls who asked: nobody shall take it for a person's client."""
_PLANS = (("octo-dev", "individual"), ("octo-free", "free"))
"""Plans that answer at one host, as the address of the demo's Copilot is one."""
_PAUSE_S = 0.1

_CHAT, _RESPONSES, _MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
TRAFFIC: tuple[tuple[str, str, str, bool], ...] = (
    (_MESSAGES, "claude-opus-5.5", "What is in this directory?", True),
    (_MESSAGES, "gpt-5.5", "Explain what a gateway is for.", True),
    (_CHAT, "gpt-4.1", "Write a commit message for a typo.", False),
    (_CHAT, "claude-sonnet-4.6", "Name three sorting algorithms.", True),
    (_RESPONSES, "gpt-5.3-codex", "Rename the variable x to total.", True),
    (_RESPONSES, "claude-haiku-4.5", "What does this error mean?", False),
    ("/v1beta/models/gemini-3.1-pro-preview:generateContent", "", "Compare tea and coffee.", False),
    (_CHAT, "gpt-5-mini", "Give this session a title.", False),
    (_MESSAGES, "claude-haiku-4.5", "Is this a question?", False),
    (_CHAT, "no-such-model", "This one is refused, to show how that looks.", False),
)
"""Path, model, question, and whether it is streamed: each protocol, natively and translated, and one refusal."""


@contextlib.asynccontextmanager
async def simulated_world(config: ConfigFile, overrides: Overrides) -> AsyncGenerator[Overrides]:
    """Run the simulator and log its accounts in, in the data directory that the command line made for the demo."""
    from copilot_api.simulator import running_simulator  # noqa: PLC0415 - only for a demo

    async with running_simulator() as simulator:
        accounts: list[object] = [
            {
                "id": f"demo-{plan}",
                "login": login,
                "token": simulator.github_token(plan),
                "accountType": "individual",
            }
            for login, plan in _PLANS
        ]

        def log_in(document: dict[str, object]) -> None:
            document.update(accounts=accounts, activeAccountId=f"demo-{_PLANS[0][1]}")

        await asyncio.to_thread(config.update, log_in)
        yield msgspec.structs.replace(
            overrides,
            github_url=simulator.url,
            github_api_url=simulator.url,
            upstream_url=simulator.api_url(),
        )


async def show_traffic(gateway: Gateway, book: Book | None) -> None:
    """Send a few requests down the real line, so that the pages have something to show; only into an empty log.

    Raises: StoreUnavailable.
    """
    if book is None or await Questions(book).total(Choice()):
        return
    for path, model, question, is_streamed in TRAFFIC:
        await ask(gateway, path, _body(path, model, question, is_streamed), key=KEY, headers=_HEADERS)
        await asyncio.sleep(_PAUSE_S)
    _log.info("demo.traffic", requests=len(TRAFFIC), key=KEY.name, client=CLIENT)


_HEADERS = {"user-agent": CLIENT}


def _body(path: str, model: str, question: str, is_streamed: bool) -> dict[str, object]:
    if path == _RESPONSES:
        return {"model": model, "stream": is_streamed, "input": question}
    if path.startswith("/v1beta"):
        return {"contents": [{"role": "user", "parts": [{"text": question}]}]}
    turns = [{"role": "user", "content": question}]
    return {"model": model, "stream": is_streamed, "max_tokens": 500, "messages": turns}
