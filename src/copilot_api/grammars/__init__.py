"""What a stream of each API looks like, judged from outside: written from the APIs' documentation, not our writers.

Owns the strict form that every known client accepts. Must never import a protocol: a checker that shares code
with what it checks proves nothing. Used by the laws, and at run time under `--validate-streams`.
Source: the types and accumulators of openai 3.54, anthropic 2.12 and google-genai 3.4; recorded runs of
their clients (read 2026-11).
"""

from typing import Final, Literal, Protocol

from copilot_api.grammars.chat import ChatChecker
from copilot_api.grammars.gemini import GeminiChecker, check_array
from copilot_api.grammars.messages import MessagesChecker
from copilot_api.grammars.responses import ResponsesChecker
from copilot_api.wire.sse import Frame

__all__ = ["Checker", "check_array", "checker_for"]


class Checker(Protocol):
    """Reads one answer's frames and says what is wrong with them. Never raises."""

    def feed(self, frame: Frame) -> tuple[str, ...]:
        """Take one frame; return its violations, each a sentence that begins with the frame's number."""
        ...

    def finish(self) -> tuple[str, ...]:
        """Return what is missing at the end of the stream."""
        ...


_CHECKERS: Final[dict[str, type[ChatChecker | ResponsesChecker | MessagesChecker | GeminiChecker]]] = {
    "chat": ChatChecker,
    "responses": ResponsesChecker,
    "messages": MessagesChecker,
    "gemini": GeminiChecker,
}


def checker_for(protocol: Literal["chat", "responses", "messages", "gemini"]) -> Checker:
    """Make a checker for one streamed answer of a protocol."""
    return _CHECKERS[protocol]()
