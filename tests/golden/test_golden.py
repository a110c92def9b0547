"""What exactly goes out on each of the twelve ways, for one rich conversation and a fixed set of answers."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.fold import fold
from copilot_api.protocols.base import ToolNames
from copilot_api.protocols.losses import refuse_losses
from laws.hub.pairs import (
    INGRESSES,
    PAIRS,
    VOICE,
    asked,
    decoded,
    ingress_of,
    read_recording,
    target_of,
    upstream_of,
    written,
)
from recorded import protocol_of

Golden = Callable[[str, bytes], None]
REQUESTS = Path(__file__).parent / "requests"
ANSWERS = [
    "chat-azure-tools",
    "chat-claude-thinking",
    "chat-inline-error",
    "messages-refusal",
    "messages-thinking-tool",
    "messages-tool-search",
    "responses-incomplete",
    "responses-reasoning-tool",
    "responses-text",
]


def pretty(value: object) -> bytes:
    """JSON that can be reviewed."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
def test_a_request_is_written_as_it_was(ingress: str, upstream: str, golden: Golden) -> None:
    """The document and its losses."""
    document = decoded((REQUESTS / f"{ingress}.json").read_bytes())
    said = upstream_of(upstream).write_request(
        ingress_of(ingress).read_request(document), target_of(upstream)
    )
    golden(
        f"{ingress}-{upstream}/request.json",
        pretty({"document": said.document, "losses": said.losses, "names": said.names}),
    )


@pytest.mark.parametrize(("ingress", "upstream"), PAIRS)
def test_a_strict_request_is_refused_as_it_was(ingress: str, upstream: str, golden: Golden) -> None:
    """Strict keys get the words that refuse, or the document where nothing is lost."""
    document = decoded((REQUESTS / f"{ingress}.json").read_bytes())
    request = ingress_of(ingress).read_request(document)
    try:
        said = upstream_of(upstream).write_request(request, target_of(upstream))
        refuse_losses(said.losses, "upstream-model")
        words = f"written with {len(said.losses)} losses"
    except UnsupportedContent as refusal:
        words = refusal.message
    golden(f"{ingress}-{upstream}/strict.txt", words.encode() + b"\n")


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("ingress", INGRESSES)
def test_an_answer_is_written_as_it_was(ingress: str, name: str, golden: Golden) -> None:
    """Streamed, and whole unless it failed."""
    events = read_recording(name)
    data, _ = written(ingress, events)
    golden(f"{ingress}-{protocol_of(name)}/{name}.sse", data)
    completion = fold(events)
    if completion.failure is None:
        document, losses = ingress_of(ingress).write_reply(
            completion, asked(ingress, is_stream=False), VOICE, ToolNames()
        )
        golden(f"{ingress}-{protocol_of(name)}/{name}.json", pretty({"document": document, "losses": losses}))
