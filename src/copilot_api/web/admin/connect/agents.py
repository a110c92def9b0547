"""Coding agents on the command line.

Source: each client's documentation (read 2026-11), and recordings of Claude Code 2.1.330, Codex 0.169.0,
Gemini CLI 0.61.0, opencode 1.18.33 and aider 0.86.2.
"""

from copilot_api.web.admin.connect.guide import Guide, Snippet

CLAUDE_CODE = Guide(
    id="claude-code",
    name="Claude Code",
    client_names=("Claude Code", "Claude Agent SDK"),
    protocol="messages",
    snippets=(
        Snippet(
            "Settings, for every start",
            "json",
            """\
{
  "env": {
    "ANTHROPIC_BASE_URL": "{{address}}",
    "ANTHROPIC_AUTH_TOKEN": "{{key}}",
    "ANTHROPIC_MODEL": "{{model}}",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"
  },
  "permissions": {
    "deny": ["WebSearch"]
  }
}
""",
            "~/.claude/settings.json",
        ),
        Snippet(
            "Or for one start",
            "sh",
            """\
export ANTHROPIC_BASE_URL="{{address}}"
export ANTHROPIC_AUTH_TOKEN="{{key}}"
export ANTHROPIC_MODEL="{{model}}"
claude
""",
        ),
    ),
    notes=(
        "Claude Code asks for other models, too, such as a small one for titles. Names that Copilot does not have can "
        "be led to others under Mappings.",
        "WebSearch is denied because Copilot does not offer Anthropic's web search.",
    ),
)

CODEX = Guide(
    id="codex",
    name="Codex",
    client_names=("Codex",),
    protocol="responses",
    snippets=(
        Snippet(
            "Settings",
            "toml",
            """\
model = "{{model}}"
model_provider = "copilot-api"

[model_providers.copilot-api]
name = "copilot-api"
base_url = "{{address}}/v1"
env_key = "COPILOT_GATEWAY_KEY"
wire_api = "responses"
""",
            "~/.codex/config.toml",
        ),
        Snippet(
            "The key, and the start",
            "sh",
            """\
export COPILOT_GATEWAY_KEY="{{key}}"
codex
""",
        ),
    ),
    notes=("The first two lines belong above every [section] of an existing config.toml.",),
)

GEMINI_CLI = Guide(
    id="gemini-cli",
    name="Gemini CLI",
    client_names=("Gemini CLI",),
    protocol="gemini",
    snippets=(
        Snippet(
            "Settings",
            "json",
            """\
{
  "security": {
    "auth": {
      "selectedType": "gemini-api-key"
    }
  }
}
""",
            "~/.gemini/settings.json",
        ),
        Snippet(
            "Address, key and model",
            "sh",
            """\
GOOGLE_GEMINI_BASE_URL="{{address}}"
GEMINI_API_KEY="{{key}}"
GEMINI_MODEL="{{model}}"
""",
            "~/.gemini/.env",
        ),
        Snippet(
            "Or for one start",
            "sh",
            """\
export GOOGLE_GEMINI_BASE_URL="{{address}}"
export GEMINI_API_KEY="{{key}}"
gemini --model "{{model}}"
""",
        ),
    ),
    notes=(
        "Without a model Gemini CLI asks gemini-3.5-flash-lite which one to take; lead that name to a model of yours "
        "under Mappings.",
    ),
)

_OPENCODE = """\
{
  "$schema": "https://opencode.ai/config.json",
  "model": "copilot-api/{{model}}",
  "provider": {
    "copilot-api": {
      "npm": "%s",
      "name": "copilot-api",
      "options": {
        "baseURL": "{{address}}/v1",
        "apiKey": "{{key}}"
      },
      "models": {
        "{{model}}": {
          "name": "{{model}}",
          "tool_call": true,
          "reasoning": true
        }
      }
    }
  }
}
"""

OPENCODE = Guide(
    id="opencode",
    name="opencode",
    client_names=("opencode",),
    protocol="chat",
    snippets=tuple(
        Snippet(title, "json", _OPENCODE % package, "~/.config/opencode/opencode.json")
        for title, package in (
            ("Settings, by Chat Completions", "@ai-sdk/openai-compatible"),
            ("Or by Messages, best for Claude models", "@ai-sdk/anthropic"),
            ("Or by Responses, best for GPT models", "@ai-sdk/openai"),
        )
    ),
    notes=("One of the three is enough; each works with every model.",),
)

AIDER = Guide(
    id="aider",
    name="aider",
    client_names=("aider", "LiteLLM"),
    protocol="chat",
    snippets=(
        Snippet(
            "Start",
            "sh",
            """\
export OPENAI_API_BASE="{{address}}/v1"
export OPENAI_API_KEY="{{key}}"
aider --model "openai/{{model}}"
""",
        ),
        Snippet(
            "Or for Claude models, by Messages",
            "sh",
            """\
export ANTHROPIC_API_BASE="{{address}}"
export ANTHROPIC_API_KEY="{{key}}"
aider --model "anthropic/{{model}}"
""",
        ),
    ),
    notes=("aider speaks through LiteLLM, so the usage log may call it by that name.",),
)

AGENTS = (CLAUDE_CODE, CODEX, GEMINI_CLI, OPENCODE, AIDER)
