"""Small things that one target has no place for are told of, not dropped in silence."""

import pytest

from copilot_api.neutral.events import PartStarted
from copilot_api.neutral.extras import JsonObject
from laws.hub.pairs import ingress_of, read_events, target_of, upstream_of
from laws.legal import faults_of

CITED: JsonObject = {"type": "text", "text": "a", "citations": [{"type": "char_location", "cited_text": "b"}]}
SAID: JsonObject = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [CITED]}]}
TOLD: JsonObject = {
    "model": "m",
    "max_tokens": 9,
    "system": [CITED],
    "messages": [{"role": "user", "content": "a"}],
}
SHAPED: JsonObject = {
    "model": "m",
    "messages": [{"role": "user", "content": "a"}],
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "description": "d", "schema": {"type": "object"}},
    },
}
MARKED: JsonObject = {
    "model": "m",
    "input": [
        {
            "role": "user",
            "content": [
                {
                    "type": "input_text",
                    "text": "a",
                    "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"},
                }
            ],
        }
    ],
}
GROUPED: JsonObject = {
    "model": "m",
    "input": "a",
    "tools": [
        {
            "type": "namespace",
            "name": "n",
            "description": "d",
            "tools": [{"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}],
        }
    ],
}


@pytest.mark.parametrize(
    ("ingress", "upstream", "document", "reason"),
    [
        ("messages", "chat", SAID, "chat has no place for the sources of a replayed text"),
        ("messages", "responses", TOLD, "only an answer's links can be cited"),
        ("chat", "messages", SHAPED, "a label, which Messages does without"),
        ("responses", "messages", MARKED, "Messages keeps a cache for 5m or 1h"),
        (
            "responses",
            "chat",
            GROUPED,
            "the namespace 'n' became part of its tools' names, and its description is left out",
        ),
    ],
)
def test_what_has_no_place_is_reported(
    ingress: str, upstream: str, document: JsonObject, reason: str
) -> None:
    """Sources of a text, the name of a schema, how long a cache lives, what a namespace is for."""
    request = ingress_of(ingress).read_request(document)
    written = upstream_of(upstream).write_request(request, target_of(upstream))
    assert reason in [loss.reason for loss in written.losses]


def test_an_item_that_is_announced_twice_is_one_part() -> None:
    """Opened again, its first part would never end."""
    added = b'event: x\ndata: {"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning"}}\n\n'
    events = read_events("responses", added + added)
    assert faults_of(events) == []
    assert sum(isinstance(event, PartStarted) for event in events) == 1
