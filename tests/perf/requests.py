"""The requests that are measured: the same bodies for the gateway, for nginx and straight to the upstream.

A straight request carries the headers that the gateway would send, so that the upstream does the same work.
"""

import json
from dataclasses import dataclass

from copilot_api.copilot.headers import Initiation, build
from copilot_api.simulator.world.accounts import github_token

EVENTS_PER_STREAM = 400
INTERVAL_MS = 5
_FILLER = "The quick brown fox jumps over the lazy dog while nobody is looking. "
PROMPT = (_FILLER * 40)[:2048]
_PACE = f"[[sim: chunks={EVENTS_PER_STREAM}; interval_ms={INTERVAL_MS}]]"


@dataclass(frozen=True)
class Case:
    """One kind of request.

    Shape: `path` is the gateway's, `upstream_path` where the same body goes without it; `end` is in the last event
    of a complete stream, or in a complete document. `asked` is what a client of the gateway sends instead, where the
    gateway translates. Units: `target_us` CPU per event.
    """

    name: str
    path: str
    upstream_path: str
    body: bytes
    end: bytes
    is_stream: bool
    asked: "Case | None" = None
    target_us: float = 55.0


def _body(model: str, field: str, text: str, **more: object) -> bytes:
    return json.dumps({"model": model, field: [{"role": "user", "content": text}], **more}).encode()


CHAT_WHOLE = Case(
    "chat",
    "/v1/chat/completions",
    "/chat/completions",
    _body("gpt-5-mini", "messages", PROMPT),
    b'"choices"',
    is_stream=False,
)
CHAT = Case(
    "chat stream",
    "/v1/chat/completions",
    "/chat/completions",
    _body("gpt-5-mini", "messages", PROMPT + _PACE, stream=True),
    b"data: [DONE]",
    is_stream=True,
)
MESSAGES = Case(
    "messages stream",
    "/v1/messages",
    "/v1/messages",
    _body("claude-haiku-4.5", "messages", PROMPT + _PACE, stream=True, max_tokens=4096),
    b"event: message_stop",
    is_stream=True,
)
RESPONSES = Case(
    "responses stream",
    "/v1/responses",
    "/responses",
    _body("gpt-5-mini", "input", PROMPT + _PACE, stream=True, store=False),
    b"event: response.completed",
    is_stream=True,
)
TRANSLATED = Case(
    "translated stream, messages over responses",
    "/v1/responses",
    "/responses",
    RESPONSES.body,
    RESPONSES.end,
    is_stream=True,
    asked=Case(
        "messages over responses",
        "/v1/messages",
        "/v1/messages",
        _body("gpt-5.5", "messages", PROMPT + _PACE, stream=True, max_tokens=4096),
        b"event: message_stop",
        is_stream=True,
    ),
    target_us=65.0,
)
STREAMS = (CHAT, MESSAGES, RESPONSES, TRANSLATED)


def upstream_headers(case: Case) -> dict[str, str]:
    """What the gateway would send upstream for `case`, bearer included."""
    headers = build(
        identity="gateway",
        initiation=Initiation(initiator="user", interaction_type="conversation-user"),
        interaction_id="00000000-0000-4000-8000-000000000001",
        request_id="00000000-0000-4000-8000-000000000002",
        is_stream=case.is_stream,
    )
    return headers | {"Authorization": f"Bearer {github_token('individual')}"}


def client_headers(case: Case, key: str) -> dict[str, str]:
    """What a client sends to the gateway."""
    accept = "text/event-stream" if case.is_stream else "application/json"
    headers = {"Content-Type": "application/json", "Accept": accept, "User-Agent": "bench/1"}
    return headers | {"Authorization": f"Bearer {key}"}
