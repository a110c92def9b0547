"""The quirks as a page: `python -m copilot_api.copilot.quirks > docs/quirks.md`."""

import sys
from collections.abc import Sequence

from copilot_api.copilot.quirks.base import FrameQuirk, QuirkRoute, RejectionQuirk, RequestQuirk
from copilot_api.copilot.quirks.registry import ASYNC_QUIRKS, FRAME_QUIRKS, REJECTION_QUIRKS, REQUEST_QUIRKS

AnyQuirk = RequestQuirk | RejectionQuirk | FrameQuirk
_TITLES: dict[QuirkRoute, str] = {
    "messages": "`/v1/messages`",
    "responses": "`/v1/responses`",
    "chat": "`/v1/chat/completions`",
    "embeddings": "`/v1/embeddings`",
}
_HEAD = """# Quirks: what Copilot refuses or distorts, and how it is repaired

Made from the registry by `python -m copilot_api.copilot.quirks`; a test keeps it current. A repair touches a
request only when it applies: all other bodies keep their exact bytes. The names appear in the usage log.

- **before sending**: the rule is certain, so no round trip is spent on it
- **after a refusal**: the refusal is classified, the body mended and sent once more
- **in the answer**: frame by frame; frames that need nothing keep their exact bytes

The contract sections, the client survey and the user reports are what this project was built from; names with a number
are public issues, abbreviations are other open clients and gateways (CAO caozhiyuan/copilot-api, C2A copilot2api, FLO
Floway, MCG copilot-gateway, QL QLHazyCoder/copilot-api, VSC vscode-copilot-chat, XUA copilot-api-gateway).
"""
_TAIL = """
## What is left alone, on purpose

- `anthropic-beta` is an allow-list, computed from the client's header and the features in the body; unknown values
  are left out, since Copilot refuses the whole request for one of them.
- Anthropic's web search, web fetch, code execution and other server tools on `/v1/messages`: Copilot refuses them in
  clear words, and those words are passed on. Dropping the tool would answer a different question.
- Unsigned or foreign `encrypted_content` that we did not seal is sent as it is: Copilot is the judge of it.
- `temperature` and other sampling parameters go through until a model refuses them.
- An effort is never raised, except to the weakest one that a model has.
"""


def page() -> str:
    """The page as Markdown."""
    lines = [_HEAD]
    for route, title in _TITLES.items():
        lines.append(f"\n## {title}\n")
        lines += _table("before sending", [*REQUEST_QUIRKS[route], *ASYNC_QUIRKS[route]])
        lines += _table("after a refusal", REJECTION_QUIRKS[route])
        lines += _table("in the answer", FRAME_QUIRKS[route])
    return "\n".join(lines).rstrip("\n") + "\n" + _TAIL


def _table(title: str, quirks: Sequence[AnyQuirk]) -> list[str]:
    if not quirks:
        return []
    rows = [f"| `{one.name}` | {one.symptom} | {one.evidence} | {one.remove_when} |" for one in quirks]
    head = ["| name | symptom and repair | evidence | may go when |", "|---|---|---|---|"]
    return [f"### {title}\n", *head, *rows, ""]


if __name__ == "__main__":
    sys.stdout.write(page())
