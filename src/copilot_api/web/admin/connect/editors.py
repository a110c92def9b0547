"""Editors and their extensions.

Source: each client's documentation (read 2026-11), and recordings of Cline CLI 3.0.65 and Continue CLI 1.5.47.
"""

from copilot_api.web.admin.connect.guide import Guide, Snippet

CLINE = Guide(
    id="cline",
    name="Cline",
    client_names=("Cline",),
    protocol="chat",
    snippets=(
        Snippet(
            "On the command line",
            "sh",
            """\
cline auth -p openai-compatible -k "{{key}}" -m "{{model}}" -b "{{address}}/v1"
""",
        ),
    ),
    notes=(
        "In the editor: Settings, API Provider 'OpenAI Compatible', then address (-b), key and model as above.",
        "With its providers 'anthropic' and 'gemini' Cline does not use the address that it is given.",
    ),
)

CONTINUE = Guide(
    id="continue",
    name="Continue",
    client_names=("Continue",),
    protocol="chat",
    snippets=(
        Snippet(
            "Settings",
            "yaml",
            """\
name: copilot-api
version: 1.0.0
schema: v1
models:
  - name: {{model}}
    provider: openai
    model: {{model}}
    apiBase: {{address}}/v1
    apiKey: {{key}}
    roles: [chat, edit, apply]
""",
            "~/.continue/config.yaml",
        ),
    ),
    notes=(
        "For Claude models `provider: anthropic` works, too. Continue's gemini provider does not use apiBase.",
    ),
)

ZED = Guide(
    id="zed",
    name="Zed",
    client_names=("Zed",),
    protocol="chat",
    snippets=(
        Snippet(
            "Settings",
            "json",
            """\
{
  "language_models": {
    "openai_compatible": {
      "Copilot Gateway": {
        "api_url": "{{address}}/v1",
        "available_models": [
          {
            "name": "{{model}}",
            "display_name": "{{model}}",
            "max_tokens": 128000,
            "capabilities": {
              "tools": true,
              "images": true,
              "parallel_tool_calls": true,
              "prompt_cache_key": false
            }
          }
        ]
      }
    }
  },
  "agent": {
    "default_model": {
      "provider": "Copilot Gateway",
      "model": "{{model}}"
    }
  }
}
""",
            "~/.config/zed/settings.json",
        ),
        Snippet(
            "The key, and the start",
            "sh",
            """\
export COPILOT_GATEWAY_API_KEY="{{key}}"
zed
""",
        ),
    ),
    notes=(
        "The key can also be typed in Zed: Agent settings, LLM providers, Copilot Gateway.",
        "max_tokens is the model's context window; the Models tab shows it.",
    ),
)

EDITORS = (CLINE, CONTINUE, ZED)
