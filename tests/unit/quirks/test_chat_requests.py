"""What is repaired in `/chat/completions` and `/embeddings` requests before they are sent."""

import json
import struct
from base64 import b64decode

import pytest

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.quirks import frame_repair
from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.wire.body import Body
from copilot_api.wire.sse import Frame
from unit.quirks.bodies import ADA, CODEX, GPT, HAIKU, sent

ASK = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


def base(**fields: object) -> dict[str, object]:
    return {"model": "m", "messages": [ASK], **fields}


def test_a_clean_body_is_not_touched() -> None:
    """Unknown fields pass (contract 4.1)."""
    clean = base(
        store=False, n=2, tools=[TOOL] * 128, tool_choice="required", prediction={"type": "content", "content": "x"},
        messages=[ASK, {"role": "assistant", "content": None, "reasoning_content": "t", "tool_calls": []}, ASK],
        max_tokens=16384, reasoning_effort="high", copilot_cache_control={"type": "ephemeral"},
    )  # fmt: skip
    assert sent("chat", clean, GPT) == (clean, [])


def test_more_tools_than_any_model_takes_are_refused() -> None:
    """Contract 4.1: at most 128; the message names both numbers."""
    with pytest.raises(UnsupportedContent, match=r"129 entries .* at most 128"):
        sent("chat", base(tools=[TOOL] * 129), GPT)


def test_service_tier_is_dropped() -> None:
    """Contract 4.1 (CAO f7835a44)."""
    assert sent("chat", base(service_tier="auto"), GPT) == (base(), ["service-tier"])


def test_efforts_follow_the_catalog() -> None:
    """Contract 4.1: crush#2902."""
    assert sent("chat", base(reasoning_effort="max"), CODEX) == (base(reasoning_effort="high"), ["effort"])
    assert sent("chat", base(reasoning_effort="high"), HAIKU) == (base(), ["effort"])


def test_nulls_of_sdk_dumps_are_dropped() -> None:
    """P8: `tool_calls: null`, `refusal: null`; a null content means something and stays."""
    dump = {"role": "assistant", "content": None, "refusal": None, "tool_calls": None, "audio": None}
    before = base(messages=[dump, {"role": "user", "content": "null"}])
    after = base(messages=[{"role": "assistant", "content": None}, {"role": "user", "content": "null"}])
    assert sent("chat", before, GPT) == (after, ["null-fields"])


def test_reasoning_without_its_proof_is_dropped() -> None:
    """Contract 4.3: CAO#54, #73; a proof that we sealed is opened, another upstream's goes."""
    sealed = seal(Opaque("chat", {"reasoning_opaque": "own"}))
    foreign = seal(Opaque("messages", {"signature": "s"}))
    turns = [
        {"role": "assistant", "content": "a", "reasoning_text": "t"},
        {"role": "assistant", "content": "b", "reasoning_text": "t", "reasoning_opaque": "o"},
        {"role": "assistant", "content": "c", "reasoning_text": "t", "reasoning_opaque": sealed},
        {"role": "assistant", "content": "d", "reasoning_opaque": foreign},
    ]
    after, names = sent("chat", base(messages=[*turns, ASK]), GPT)
    assert names == ["unproven-reasoning"]
    assert after["messages"] == [
        {"role": "assistant", "content": "a"},
        turns[1],
        {"role": "assistant", "content": "c", "reasoning_text": "t", "reasoning_opaque": "own"},
        {"role": "assistant", "content": "d"},
        ASK,
    ]


def test_a_bare_image_url_becomes_an_object() -> None:
    """Contract 4.1 (CAO#176)."""

    def body(image: object) -> dict[str, object]:
        return base(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": image}]}])

    assert sent("chat", body("data:x"), GPT) == (body({"url": "data:x"}), ["bare-image-url"])
    assert sent("chat", body({"url": "data:x"}), GPT) == (body({"url": "data:x"}), [])


def test_an_empty_prediction_is_dropped() -> None:
    """Contract 4.1: empty content is a 400."""
    assert sent("chat", base(prediction={"type": "content", "content": ""}), GPT) == (
        base(),
        ["empty-prediction"],
    )


def test_white_space_at_the_end_of_a_prefill_is_trimmed() -> None:
    """Contract 4.1."""
    before = base(messages=[ASK, {"role": "assistant", "content": "So: "}])
    after = base(messages=[ASK, {"role": "assistant", "content": "So:"}])
    assert sent("chat", before, GPT) == (after, ["trailing-white-space"])


def test_the_output_limit_stays_within_the_model() -> None:
    """Contract 3.1: `max_output_tokens` of the catalog."""
    before = base(max_tokens=20000, max_completion_tokens=20000)
    assert sent("chat", before, GPT) == (base(max_tokens=16384, max_completion_tokens=16384), ["max-tokens"])


def test_a_single_input_becomes_a_list() -> None:
    """Contract 2.7: a scalar string is `400 Bad Request`."""
    assert sent("embeddings", {"input": "x", "encoding_format": "base64"}, ADA) == (
        {"input": ["x"], "encoding_format": "base64"},
        ["input-list"],
    )
    for fine in ({"input": ["a", "b", "c"]}, {"input": 5}):
        assert sent("embeddings", fine, ADA) == (fine, [])
    assert sent("embeddings", {"input": ["x"] * 600}, Model(id="m")) == ({"input": ["x"] * 600}, [])


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, 2], r"'input\[0\]' is not a string"),
        (["a", [1]], r"'input\[1\]'"),
        (["a"] * 4, "4 strings .* at most 3"),
    ],
)
def test_inputs_that_copilot_cannot_embed_are_refused(value: object, words: str) -> None:
    """Contract 2.7: no token arrays, at most `max_inputs` strings."""
    with pytest.raises(UnsupportedContent, match=words):
        sent("embeddings", {"input": value}, ADA)


def test_base64_vectors_are_made_where_the_client_asked_for_them() -> None:
    """The OpenAI SDKs ask for base64 by default; Copilot answers numbers (contract 2.7)."""
    repair = frame_repair("embeddings", ADA, False, Body(b'{"encoding_format":"base64"}'))
    assert repair is not None
    reply = b'{"data":[{"embedding":[0.5,-2],"index":0}],"object":"list"}'
    after = json.loads(repair.read_reply(reply))
    assert struct.unpack("<2f", b64decode(after["data"][0]["embedding"])) == (0.5, -2.0)
    for already in (repair.read_reply(reply), b'{"data":[]}', b"[]", b"no"):
        assert repair.read_reply(already) == already
    assert (repair.feed(Frame(b"data: x\n\n")), repair.finish()) == (b"data: x\n\n", b"")
    assert frame_repair("embeddings", ADA, False, Body(b"{}")) is None
    assert frame_repair("embeddings", ADA, False) is None
    assert frame_repair("messages", GPT, False) is None
    assert frame_repair("gemini", GPT, True) is None
