"""The official SDKs, and curl: each snippet is a whole program.

Source: openai-python 3.54, anthropic 2.12, google-genai 3.4, openai-node 7.57, @anthropic-ai/sdk 1.12,
@google/genai 3.1, run against this gateway (2026-11).
"""

from copilot_api.web.admin.connect.guide import Guide, Snippet

OPENAI_PYTHON = Guide(
    id="openai-python",
    name="OpenAI SDK for Python",
    client_names=("OpenAI SDK for Python",),
    protocol="responses",
    snippets=(
        Snippet(
            "Responses",
            "py",
            """\
from openai import OpenAI

client = OpenAI(base_url="{{address}}/v1", api_key="{{key}}")
reply = client.responses.create(model="{{model}}", input="Say hello.")
print(reply.output_text)
""",
        ),
        Snippet(
            "Chat Completions",
            "py",
            """\
from openai import OpenAI

client = OpenAI(base_url="{{address}}/v1", api_key="{{key}}")
reply = client.chat.completions.create(
    model="{{model}}",
    messages=[{"role": "user", "content": "Say hello."}],
)
print(reply.choices[0].message.content)
""",
        ),
    ),
)

ANTHROPIC_PYTHON = Guide(
    id="anthropic-python",
    name="Anthropic SDK for Python",
    client_names=("Anthropic SDK for Python",),
    protocol="messages",
    snippets=(
        Snippet(
            "Messages",
            "py",
            """\
from anthropic import Anthropic

client = Anthropic(base_url="{{address}}", api_key="{{key}}")
reply = client.messages.create(
    model="{{model}}",
    max_tokens=1024,
    messages=[{"role": "user", "content": "Say hello."}],
)
print("".join(block.text for block in reply.content if block.type == "text"))
""",
        ),
    ),
)

GOOGLE_PYTHON = Guide(
    id="google-python",
    name="Google Gen AI SDK for Python",
    client_names=("Google Gen AI SDK for Python",),
    protocol="gemini",
    snippets=(
        Snippet(
            "generateContent",
            "py",
            """\
from google import genai

client = genai.Client(api_key="{{key}}", http_options={"base_url": "{{address}}"})
reply = client.models.generate_content(model="{{model}}", contents="Say hello.")
print(reply.text)
""",
        ),
    ),
)

OPENAI_JS = Guide(
    id="openai-js",
    name="OpenAI SDK for JavaScript",
    client_names=("OpenAI SDK for JavaScript",),
    protocol="responses",
    snippets=(
        Snippet(
            "Responses",
            "ts",
            """\
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "{{address}}/v1", apiKey: "{{key}}" });
const reply = await client.responses.create({ model: "{{model}}", input: "Say hello." });
console.log(reply.output_text);
""",
        ),
        Snippet(
            "Chat Completions",
            "ts",
            """\
import OpenAI from "openai";

const client = new OpenAI({ baseURL: "{{address}}/v1", apiKey: "{{key}}" });
const reply = await client.chat.completions.create({
  model: "{{model}}",
  messages: [{ role: "user", content: "Say hello." }],
});
console.log(reply.choices[0].message.content);
""",
        ),
    ),
)

ANTHROPIC_JS = Guide(
    id="anthropic-js",
    name="Anthropic SDK for JavaScript",
    client_names=("Anthropic SDK for JavaScript",),
    protocol="messages",
    snippets=(
        Snippet(
            "Messages",
            "ts",
            """\
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "{{address}}", apiKey: "{{key}}" });
const reply = await client.messages.create({
  model: "{{model}}",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Say hello." }],
});
for (const block of reply.content) {
  if (block.type === "text") console.log(block.text);
}
""",
        ),
    ),
)

GOOGLE_JS = Guide(
    id="google-js",
    name="Google Gen AI SDK for JavaScript",
    client_names=("Google Gen AI SDK for JavaScript",),
    protocol="gemini",
    snippets=(
        Snippet(
            "generateContent",
            "ts",
            """\
import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: "{{key}}", httpOptions: { baseUrl: "{{address}}" } });
const reply = await client.models.generateContent({ model: "{{model}}", contents: "Say hello." });
console.log(reply.text);
""",
        ),
    ),
)

CURL = Guide(
    id="curl",
    name="curl",
    client_names=("curl",),
    protocol="chat",
    snippets=(
        Snippet(
            "Chat Completions",
            "sh",
            """\
curl -sN "{{address}}/v1/chat/completions" \\
  -H "Authorization: Bearer {{key}}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "{{model}}", "messages": [{"role": "user", "content": "Say hello."}]}'
""",
        ),
        Snippet(
            "Messages",
            "sh",
            """\
curl -sN "{{address}}/v1/messages" \\
  -H "x-api-key: {{key}}" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "{{model}}", "max_tokens": 1024, "messages": [{"role": "user", "content": "Say hello."}]}'
""",
        ),
    ),
)

SDKS = (OPENAI_PYTHON, ANTHROPIC_PYTHON, GOOGLE_PYTHON, OPENAI_JS, ANTHROPIC_JS, GOOGLE_JS, CURL)
