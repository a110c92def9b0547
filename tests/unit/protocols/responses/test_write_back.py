"""L1: what was read from a Responses client is written as it was, whatever it was."""

from typing import Any

import msgspec
import pytest

from copilot_api.neutral.extras import Extras
from copilot_api.neutral.loss import Handling
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import Target
from copilot_api.protocols.responses.reading.request import read_request
from copilot_api.protocols.responses.writing.request import write_request
from recorded import REQUEST_NAMES, request
from unit.protocols.responses.asking import TARGET, read_items, write_back
from unit.protocols.responses.test_fields import CHOICES, TOOLS
from unit.protocols.responses.test_input import FOUND, PARTS

ITEMS: list[dict[str, Any]] = [
    {"role": "user", "content": "hi"},
    {"type": "message", "role": "user", "content": []},
    {"type": None, "role": "user", "content": None},
    {"type": "message", "id": None, "role": "assistant", "phase": "final_answer", "content": "x"},
    {"type": "message", "role": "user", "content": [part for part, _ in PARTS if part != {"type": "input_text"}]},
    {"role": "assistant", "content": [{"type": "input_image", "image_url": "https://e.org/a"}]},
    {
        "type": "message", "role": "assistant", "status": "completed", "x": [None],
        "content": [
            {"type": "output_text", "text": "a", "annotations": [{"type": "file_path", "file_id": "f"}]},
            {"type": "refusal", "refusal": "no"},
            {"type": "output_text", "text": "b", "annotations": [], "logprobs": [{"token": "b"}]},
        ],
    },
    {"type": "reasoning", "id": "rs_1", "summary": [], "content": None, "encrypted_content": "gAAA"},
    {"type": "reasoning", "id": "rs_2", "summary": [{"type": "summary_text", "text": "a", "x": 1}]},
    {"type": "reasoning", "id": "rs_3", "summary": [], "content": [{"type": "reasoning_text", "text": "a"}]},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}], "encrypted_content": None},
    {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}], "encrypted_content": ""},
    {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "namespace": "n", "arguments": "{"},
    {"type": "function_call_output", "id": "fco", "call_id": "c", "output": "x", "name": "f"},
    {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "x"}]},
    {"type": "function_call_output", "call_id": "c", "output": []},
    {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x", "status": "completed"},
    {"type": "custom_tool_call_output", "call_id": "c", "output": "x"},
    {"type": "tool_search_call", "call_id": "c", "execution": "client", "arguments": {"query": 1}},
    {"type": "tool_search_output", "call_id": "c", "execution": "client", "tools": [FOUND]},
    {"type": "agent_message", "author": "a", "recipient": "b", "content": [{"type": "input_text", "text": "x"}]},
    {"type": "compaction", "id": "cmp", "encrypted_content": "gAAA"},
    {"type": "additional_tools", "role": "developer", "tools": [FOUND]},
    {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search"}},
    {"type": "local_shell_call", "call_id": "c", "action": {"type": "exec", "command": ["ls"]}},
    {"type": "item_reference", "id": "x"},
    {"type": "compaction_trigger"},
]  # fmt: skip


@pytest.mark.parametrize("item", ITEMS)
def test_every_item_comes_back(item: dict[str, Any]) -> None:
    """Alone and among others, first and last."""
    for items in ([item], [item, ITEMS[0]], [ITEMS[0], item], [item, item]):
        document = {"model": "m", "input": items}
        assert write_back(document) == document


def test_all_items_together_come_back() -> None:
    """With tools apart at both ends."""
    apart = {"type": "additional_tools", "role": "developer", "tools": [FOUND]}
    document = {"model": "m", "input": [apart, *ITEMS, apart, apart]}
    assert write_back(document) == document


FIELDS: list[dict[str, Any]] = [
    {"input": "hi"},
    {"input": None, "instructions": "", "stream": None, "tools": None},
    {"tools": [tool for tool, _ in TOOLS]},
    {"tools": []},
    *({"tool_choice": choice} for choice, _ in CHOICES),
    {"tool_choice": {"type": "mcp", "server_label": "s"}},
    {"include": ["web_search_call.action.sources"], "truncation": "auto", "background": False},
    {"include": [], "reasoning": {}, "text": {}},
    {"reasoning": {"effort": None, "context": "all_turns"}, "include": ["reasoning.encrypted_content"]},
    {"reasoning": {"effort": "low", "summary": "auto", "generate_summary": None}},
    {"text": {"verbosity": None, "format": None, "x": 1}},
    {"text": {"verbosity": "low", "format": {"type": "json_schema", "name": "n", "schema": {}, "x": 1}}},
    {"text": {"format": {"type": "json_object"}}},
    {"previous_response_id": "resp_0", "conversation": "c", "prompt": {"id": "p"}, "background": True},
    {"user": "u", "safety_identifier": "s"},
    {"safety_identifier": "s", "metadata": {}, "service_tier": "flex", "prompt_cache_key": "k"},
    {"temperature": 1, "top_p": 1.0, "top_logprobs": 0, "max_output_tokens": 1, "store": True},
    {"stream": True, "stream_options": {"include_obfuscation": False}, "client_metadata": {"a": "b"}},
    {"unheard_of": [{"a": None}]},
]


@pytest.mark.parametrize("fields", FIELDS)
def test_every_field_comes_back(fields: dict[str, Any]) -> None:
    """Null, empty or full; nothing is added, not even what other protocols' requests need."""
    document = {"model": "m", **fields}
    assert write_back(document) == document


@pytest.mark.parametrize("name", [name for name in REQUEST_NAMES if name.startswith("codex/")])
def test_every_recorded_request_comes_back_without_a_loss(name: str) -> None:
    """Real Codex, JSON-deep; reading changes nothing."""
    document = msgspec.json.decode(request(name))
    target = Target(protocol="responses", model=document["model"], origin="responses:m:1")
    result = write_request(read_request(document), target)
    assert (result.document, result.losses) == (document, ())
    assert document == msgspec.json.decode(request(name))


def test_the_model_is_the_targets() -> None:
    """Names may be mapped."""
    assert write_back({"model": "m"}, Target("responses", "other", "responses:other:1")) == {"model": "other"}


SEALED = seal(Opaque("responses:m:1", {"id": "rs_0", "encrypted_content": "gAAA"}))


def test_a_sealed_pair_is_opened_for_its_own_model() -> None:
    """The id that we handed out is not the one that the ciphertext is bound to."""
    document = {
        "model": "m",
        "input": [
            {"type": "reasoning", "id": "rs_9", "summary": [], "encrypted_content": SEALED},
            {"type": "compaction", "id": "cmp_9", "encrypted_content": SEALED},
        ],
    }
    assert write_back(document)["input"] == [
        {"type": "reasoning", "id": "rs_0", "summary": [], "encrypted_content": "gAAA"},
        {"type": "compaction", "id": "rs_0", "encrypted_content": "gAAA"},
    ]


def test_a_pair_without_an_id_stays_without() -> None:
    """Ours would not match."""
    sealed = seal(Opaque("responses", {"encrypted_content": "gAAA"}))
    item = {"type": "reasoning", "id": "rs_9", "summary": [], "encrypted_content": sealed}
    assert write_back({"model": "m", "input": [item]})["input"] == [
        {"type": "reasoning", "summary": [], "encrypted_content": "gAAA"}
    ]


@pytest.mark.parametrize("kind", ["reasoning", "compaction"])
def test_a_blob_of_another_model_is_lost(kind: str) -> None:
    """Never sent to whom it does not belong."""
    sealed = seal(Opaque("messages:claude:1", {"signature": "EvAB"}))
    item = {"type": kind, "id": "rs_9", "encrypted_content": sealed}
    result = write_request(read_items(item), TARGET)
    assert result.document["input"] == []
    assert [(loss.path, loss.handling) for loss in result.losses] == [("input[0]", Handling.DROPPED)]


def test_the_leftovers_of_others_are_not_ours_to_say() -> None:
    """Whatever stands in a request that claims to be ours."""
    odd = ModelRequest("responses", "m", (), extras=Extras("chat", {"seed": 1, "n": None}))
    result = write_request(odd, TARGET)
    assert result.document == {"model": "m", "input": []}
    assert [loss.path for loss in result.losses] == ["seed"]
