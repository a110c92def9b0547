"""One vocabulary for four official SDKs, so that a scene is written once and played through each of them.

Owns: what a question may ask for and what an answer holds. Each SDK's own words for it are in `openai_sdks.py`,
`anthropic_sdk.py` and `google_sdk.py`.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import BaseModel

UPSTREAMS = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "gemini-3.1-pro-preview"}
"""For each upstream protocol a model that speaks nothing else, and reasons."""
PATHS = {"messages": "/v1/messages", "responses": "/responses", "chat": "/chat/completions"}
TOOL = "read"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}}


class Bird(BaseModel):
    """The shape of a structured answer."""

    name: str
    legs: int


@dataclass(frozen=True)
class Call:
    """A call of a tool, as the SDK understood it."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer as its SDK's user sees it.

    Shape: `usage` is (input with cache, read from cache, output); `finish` is the SDK's own word; `turn` holds the
    history entries to send back.
    """

    text: str
    thoughts: str
    calls: list[Call]
    finish: str
    usage: tuple[int, int, int]
    turn: list[Any]


@dataclass(frozen=True)
class Ask:
    """What a question asks for beside its history."""

    model: str
    history: list[Any]
    is_stream: bool = False
    has_tools: bool = False
    choice: str = ""
    """`none`, `required` or the name of a tool."""
    is_thinking: bool = False
    system: str = ""
    stop: list[str] = field(default_factory=list[str])
    limit: int = 4096


class Sdk(Protocol):
    """An official SDK, pointed at the gateway."""

    name: str
    broken: tuple[type[Exception], ...]
    """What half an answer raises."""

    def said(self, words: str) -> list[Any]:
        """The user's turn."""

    def shown(self, words: str, image: str) -> list[Any]:
        """The user's turn with a PNG in base64."""

    def results(self, reply: Reply, texts: list[str]) -> list[Any]:
        """The turn that answers each call of the reply by a text."""

    def ask(self, ask: Ask) -> Reply:
        """One answer, by the SDK's streaming helper or whole."""

    def parse(self, model: str, words: str) -> object:
        """A structured answer, by the SDK's own parser."""

    def refusal(self, model: str, words: str, *, is_stream: bool) -> tuple[int, str, float | None]:
        """(status, message, seconds to wait) of the SDK's exception class for that status."""

    def close(self) -> None:
        """Close its connections."""
