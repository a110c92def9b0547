"""Who the client is, recognised from what it says of itself. Source: recordings of real clients (2026-11).

On the request's way only two headers are copied; the table is asked when the record is written.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from copilot_api.protocols.base import RequestPeek

SESSION_HEADERS = ("x-claude-code-session-id", "session-id", "x-session-id", "x-interaction-id")
"""Where clients name their conversation, where the body does not."""

UNKNOWN = ("", "")

_TABLE: tuple[tuple[str, str], ...] = (
    (r"claude-cli/(?P<v>[\w.-]+).*agent-sdk", "Claude Agent SDK"),
    (r"claude-cli/(?P<v>[\w.-]+)|claude-code/(?P<w>[\w.-]+)", "Claude Code"),
    (r"(?:codex|codex[_-][a-z_-]+)/(?P<v>[\w.-]+)", "Codex"),
    (r"GeminiCLI(?:-[a-z]+)?/(?P<v>[\w.-]+)", "Gemini CLI"),
    (r"opencode/(?P<v>[\w.-]+)", "opencode"),
    (r"QwenCode/(?P<v>[\w.-]+)", "Qwen Code"),
    (r"(?:copilot|copilot-cli|GitHubCopilotCLI)/(?P<v>[\w.-]+)", "GitHub Copilot CLI"),
    (r"GitHubCopilotChat/(?P<v>[\w.-]+)", "VS Code"),
    (r"aider/(?P<v>[\w.-]+)", "aider"),
    (r"RooCode/(?P<v>[\w.-]+)", "Roo Code"),
    (r"(?:kilo-?code|kilo)/(?P<v>[\w.-]+)", "Kilo Code"),
    (r"cline/(?P<v>[\w.-]+)", "Cline"),
    (r"continue(?:dev|-cli)?/(?P<v>[\w.-]+)", "Continue"),
    (r"(?:crush|charm-crush)/(?P<v>[\w.-]+)", "Crush"),
    (r"goose/(?P<v>[\w.-]+)", "goose"),
    (r"zed/(?P<v>[\w.-]+)", "Zed"),
    (r"cursor/(?P<v>[\w.-]+)", "Cursor"),
    (r"pi(?:-coding-agent)?/(?P<v>\d[\w.-]*)", "pi"),
    (r"llm/(?P<v>\d[\w.-]*)", "llm"),
    (r"open-?webui/(?P<v>[\w.-]+)", "Open WebUI"),
    (r"librechat/(?P<v>[\w.-]+)", "LibreChat"),
    (r"litellm/(?P<v>[\w.-]+)", "LiteLLM"),
    (r"pydantic-ai/(?P<v>[\w.-]+)", "Pydantic AI"),
    (r"langchain[\w-]*/(?P<v>[\w.-]+)", "LangChain"),
    (r"(?:Agents/Python|openai-agents)[ /](?P<v>[\w.-]+)", "OpenAI Agents SDK"),
    (r"(?:Async)?OpenAI/Python (?P<v>[\w.-]+)", "OpenAI SDK for Python"),
    (r"(?:Async)?OpenAI/JS (?P<v>[\w.-]+)", "OpenAI SDK for JavaScript"),
    (r"(?:Async)?Anthropic/Python (?P<v>[\w.-]+)", "Anthropic SDK for Python"),
    (r"(?:Async)?Anthropic/JS (?P<v>[\w.-]+)", "Anthropic SDK for JavaScript"),
    (r"google-genai-sdk/(?P<v>[\w.-]+).*gl-python", "Google Gen AI SDK for Python"),
    (r"google-genai-sdk/(?P<v>[\w.-]+)", "Google Gen AI SDK for JavaScript"),
    (r"ai-sdk/[\w-]+/(?P<v>[\w.-]+)", "AI SDK"),
    (r"curl/(?P<v>[\w.-]+)", "curl"),
    (r"Wget/(?P<v>[\w.-]+)", "wget"),
    (r"python-requests/(?P<v>[\w.-]+)", "requests"),
    (r"python-httpx/(?P<v>[\w.-]+)", "httpx"),
    (r"aiohttp/(?P<v>[\w.-]+)", "aiohttp"),
    (r"axios/(?P<v>[\w.-]+)", "axios"),
    (r"PostmanRuntime/(?P<v>[\w.-]+)", "Postman"),
    (r"Go-http-client/(?P<v>[\w.-]+)", "Go"),
    (r"node-fetch/(?P<v>[\w.-]+)|undici/(?P<w>[\w.-]+)", "Node.js"),
    (r"Mozilla/", "a web browser"),
)
"""First match wins, so programs stand before the libraries whose words they repeat."""
_RULES = tuple((re.compile(rf"(?<![\w.-])(?:{pattern})", re.IGNORECASE), name) for pattern, name in _TABLE)
_PLAIN = re.compile(r"(?P<n>[A-Za-z][\w .-]{0,38}?)/(?P<v>\d[\w.+-]{0,30})")


def client_hint(headers: Mapping[str, str]) -> str:
    """What a client calls itself besides its User-Agent."""
    if "x-claude-code-session-id" in headers:
        return "claude-code"
    return headers.get("x-title") or headers.get("originator") or ""


def conversation_of(peek: RequestPeek, headers: Mapping[str, str]) -> str:
    """The client's own id of the conversation; "" where it has none."""
    if peek.session:
        return peek.session
    for name in SESSION_HEADERS:
        found = headers.get(name)
        if found:
            return found
    return ""


@lru_cache(maxsize=512)
def recognise(user_agent: str, hint: str) -> tuple[str, str]:
    """Name and version of a client; a stranger is called what it calls itself, ("", "") if it says nothing.

    Shape: ("claude-cli/2.1.330 (external, cli)", "claude-code") -> ("Claude Code", "2.1.330")
    """
    for pattern, name in _RULES:
        found = pattern.search(user_agent)
        if found is not None:
            groups = found.groupdict()
            version = groups.get("v") or groups.get("w") or ""
            if name == "Claude Code" and hint != "claude-code" and version.startswith("0."):
                return (
                    "Qwen Code",
                    version,
                )  # it borrows the name, and no release of Claude Code with it was 0.x
            return name, version
    plain = _PLAIN.match(user_agent)
    if hint and hint != "claude-code":
        return hint[:40], plain["v"] if plain is not None else ""
    return (plain["n"], plain["v"]) if plain is not None else (user_agent[:40].strip(), "")
