"""How the answer of `/responses` is made consistent: literal before and after."""

import json

import pytest

import recorded
from copilot_api.copilot.quirks import frame_repair
from copilot_api.errors import UpstreamProtocolError
from copilot_api.neutral.opaque import Opaque, open_sealed
from copilot_api.wire.sse import Frame
from unit.quirks.streams import OTHER, events, frames, repaired


def created(response_id: str = "resp_1") -> dict[str, object]:
    return {"response": {"id": response_id, "output": []}, "type": "response.created"}


def item_event(kind: str, index: int, item: dict[str, object]) -> dict[str, object]:
    return {"item": item, "output_index": index, "type": f"response.output_item.{kind}"}


def delta(index: int, item_id: str, text: str = "x", kind: str = "output_text") -> dict[str, object]:
    return {"delta": text, "item_id": item_id, "output_index": index, "type": f"response.{kind}.delta"}


def completed(*output: object, response_id: str = "resp_1") -> dict[str, object]:
    return {"response": {"id": response_id, "output": list(output)}, "type": "response.completed"}


def ids_of(after: list[dict[str, object]]) -> list[object]:
    """Each id an event speaks of, items' and deltas'."""
    return [event["item"]["id"] if "item" in event else event.get("item_id") for event in after]  # type: ignore[index]


def test_every_event_of_an_item_has_one_short_id() -> None:
    """Contract 0.3 item 19: ids of hundreds of characters, another one in each event."""
    for name in ("responses-text", "responses-reasoning-tool"):
        after = events(repaired("responses", recorded.stream(name)))
        by_index: dict[int, set[str]] = {}
        for event in after:
            if "output_index" in event:
                item_id = event["item"]["id"] if "item" in event else event["item_id"]
                by_index.setdefault(event["output_index"], set()).add(item_id)
        output = after[-1]["response"]["output"]
        assert [{item["id"]} for item in output] == [by_index[index] for index in range(len(output))]
        assert all(len(item["id"]) < 64 for item in output)


def test_prefixes_say_what_an_item_is() -> None:
    """People read them."""
    after = events(repaired("responses", recorded.stream("responses-reasoning-tool")))
    assert [item["id"].partition("_")[0] for item in after[-1]["response"]["output"]] == ["rs", "fc"]
    odd = item_event("added", 0, {"id": "x", "type": "hologram"})
    assert str(ids_of(events(repaired("responses", frames(odd))))[0]).startswith("item_")


def test_only_the_id_of_a_delta_changes() -> None:
    """Byte for byte; the response's id and the index make the new one."""
    before = frames(created(), delta(0, "long/opaque+id==", 'say "item_id":"x" and "output_index":9'))
    after = repaired("responses", before)
    new_id = ids_of(events(after))[1]
    assert after == before.replace(b"long/opaque+id==", str(new_id).encode())
    assert new_id == ids_of(events(repaired("responses", before)))[1]
    assert new_id != ids_of(events(repaired("responses", before.replace(b"resp_1", b"resp_2"))))[1]


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [
        ("output_text", "msg_"),
        ("function_call_arguments", "fc_"),
        ("custom_tool_call_input", "ctc_"),
        ("reasoning_summary_text", "rs_"),
        ("mcp_call_arguments", "mcp_"),
    ],
)
def test_a_delta_of_an_unannounced_item_names_its_kind(kind: str, prefix: str) -> None:
    """And the item, when it is announced after all, keeps that id."""
    text = frames(created(), delta(0, "a", kind=kind), item_event("done", 0, {"id": "b", "type": "message"}))
    first, second = ids_of(events(repaired("responses", text)))[1:]
    assert str(first).startswith(prefix)
    assert first == second


@pytest.mark.parametrize(
    "odd",
    [
        b'data: {"delta":"x","item_id": "a","output_index": 0,"type":"response.output_text.delta"}\n\n',
        b'data: {"delta":"x","item_id":"a\\/b","output_index":0,"type":"response.output_text.delta"}\n\n',
        b'data: {"output_index":0,"delta":"x","item_id":"a","type":"response.output_text.delta"}\n\n',
        b'data: {"delta":"item","item_id":"a","output_index":0,"response":1,"type":"response.output_text.delta"}\n\n',
    ],
)
def test_other_spellings_of_a_delta_are_decoded(odd: bytes) -> None:
    """White space, escapes, another order: the fast way only takes what it is sure of."""
    plain = frames(created(), delta(0, "a"))
    expected = ids_of(events(repaired("responses", plain)))[1]
    assert ids_of(events(repaired("responses", frames(created()) + odd)))[1] == expected


@pytest.mark.parametrize(
    "odd",
    [
        b": comment\n\n",
        b"data: [DONE]\n\n",
        b'data: {"item_id":"cut\n\n',
        b'data: {"item_id":"a","type":"response.shell_call_command.delta"}\n\n',
        b'data: {"code":"x","message":"y","type":"error"}\n\n',
        b'data: {"x\\"item_id":"a","output_index":0}\n\n',
        b'data: {"item":5,"type":"response.output_item.added"}\n\n',
    ],
)
def test_what_has_no_item_passes(odd: bytes) -> None:
    """Comments, foreign events, events without an index."""
    assert repaired("responses", frames(created()) + odd) == frames(created()) + odd


def test_the_done_pair_is_sealed_and_the_announced_ciphertext_is_not_given() -> None:
    """Contract 5.3: never attach the `added` id to the `done` blob."""
    stream = recorded.stream("responses-reasoning-tool")
    upstream = next(event["item"] for event in events(stream) if event["type"] == "response.output_item.done")
    after = events(repaired("responses", stream))
    items = [event["item"] for event in after if "item" in event and event["output_index"] == 0]
    assert items[0]["encrypted_content"] == ""
    pair = {"id": upstream["id"], "encrypted_content": upstream["encrypted_content"]}
    assert open_sealed(items[1]["encrypted_content"]) == Opaque("responses", pair)
    assert after[-1]["response"]["output"][0] == items[1]


def test_reasoning_without_ciphertext_or_id_is_not_sealed_with_one() -> None:
    """Nothing is invented."""
    bare = {"type": "reasoning", "summary": []}
    after = events(repaired("responses", frames(created(), item_event("done", 0, bare))))
    assert "encrypted_content" not in after[1]["item"]
    blob = {"type": "reasoning", "encrypted_content": "gAAA"}
    after = events(repaired("responses", frames(created(), item_event("done", 0, blob))))
    assert open_sealed(after[1]["item"]["encrypted_content"]) == Opaque(
        "responses", {"encrypted_content": "gAAA"}
    )


def test_a_long_response_id_is_shortened_everywhere() -> None:
    """The first id holds, so created and completed agree; a short one stays."""
    after = events(repaired("responses", frames(created("r" * 120), completed(response_id="s" * 120))))
    first, last = after[0]["response"]["id"], after[1]["response"]["id"]
    assert first == last
    assert len(first) == 37
    assert events(repaired("responses", frames(created())))[0] == created()


def test_an_empty_terminal_output_is_filled() -> None:
    """client survey: Copilot CLI takes the answer from there."""
    items = [{"id": "a", "type": "message"}, {"call_id": "c", "id": "b", "type": "function_call"}]
    text = frames(created(), item_event("done", 1, items[1]), item_event("done", 0, items[0]), completed())
    after = events(repaired("responses", text))
    assert after[-1]["response"]["output"] == [after[2]["item"], after[1]["item"]]
    absent = {"response": {"id": "resp_1"}, "type": "response.incomplete"}
    after = events(repaired("responses", frames(created(), item_event("done", 0, items[0]), absent)))
    assert after[-1]["response"]["output"] == [after[1]["item"]]


def test_terminal_items_that_were_never_finished_are_repaired_themselves() -> None:
    """An item of another kind than the finished one at its place is not replaced by it."""
    text = frames(
        created(),
        item_event("done", 0, {"id": "a", "type": "message"}),
        completed(
            {"id": "b", "type": "function_call"},
            5,
            {"encrypted_content": "gAAA", "id": "c", "type": "reasoning"},
        ),
    )
    output = events(repaired("responses", text))[-1]["response"]["output"]
    assert output[0]["id"].startswith("fc_")
    assert output[1] == 5
    assert open_sealed(output[2]["encrypted_content"]) == Opaque(
        "responses", {"id": "c", "encrypted_content": "gAAA"}
    )


def compaction(name: str) -> dict[str, object]:
    return {"encrypted_content": f"blob-{name}", "id": name, "type": "compaction"}


def test_of_two_compactions_the_last_is_given() -> None:
    """Contract 5.2: gpt-5-mini returns two, Codex wants exactly one; later indexes move up."""
    message = {"id": "m", "type": "message"}
    text = frames(
        created(), item_event("added", 0, compaction("a")), item_event("done", 0, compaction("a")), b": hold\n\n",
        item_event("added", 1, compaction("b")), item_event("done", 1, compaction("b")),
        item_event("added", 2, message), delta(2, "x"), item_event("done", 2, message),
        completed(compaction("c"), compaction("d"), message),
    )  # fmt: skip
    after = events(repaired("responses", text))
    assert [event.get("output_index") for event in after] == [None, 0, 0, 1, 1, 1, None]
    assert after[1]["item"]["encrypted_content"] == ""
    pair = {"id": "b", "encrypted_content": "blob-b"}
    assert open_sealed(after[2]["item"]["encrypted_content"]) == Opaque("responses", pair)
    assert after[-1]["response"]["output"] == [after[2]["item"], after[5]["item"]]


def test_a_held_compaction_is_given_when_the_stream_is_cut() -> None:
    """Nothing is swallowed."""
    after = events(repaired("responses", frames(created(), item_event("done", 0, compaction("a")))))
    assert after[1]["item"]["type"] == "compaction"


def test_the_whole_form_keeps_the_last_compaction() -> None:
    """Fixture responses-compaction-two."""
    before = json.loads(recorded.reply("responses-compaction-two"))
    after = whole(recorded.reply("responses-compaction-two"))
    last = before["output"][1]
    pair = {"id": last["id"], "encrypted_content": last["encrypted_content"]}
    assert [open_sealed(item["encrypted_content"]) for item in after["output"]] == [Opaque("responses", pair)]
    assert after["output"][0]["id"].startswith("cmp_")


def whole(body: bytes) -> dict[str, list[dict[str, str]]]:
    repair = frame_repair("responses", OTHER, False)
    assert repair is not None
    return json.loads(repair.read_reply(body))  # type: ignore[no-any-return]


def test_the_whole_form_and_the_stream_agree_on_ids() -> None:
    """The same response, the same positions, the same ids."""
    stream = events(repaired("responses", frames(created("r" * 90), delta(0, "a"))))
    reply = whole(
        json.dumps(completed({"id": "b", "type": "message"}, response_id="r" * 90)["response"]).encode()
    )
    assert reply["output"][0]["id"] == stream[1]["item_id"]


def test_what_is_no_response_object_passes_whole() -> None:
    """An error body, or no JSON."""
    repair = frame_repair("responses", OTHER, False)
    assert repair is not None
    for body in (b'{"error":{}}', b"no"):
        assert repair.read_reply(body) is body
    assert whole(b'{"output":[]}') == {"output": []}


def test_calls_in_the_reserved_namespace_get_their_name_back() -> None:
    """Contract 5.2 (FLO#273)."""
    item = {"id": "a", "name": "n", "namespace": "collaboration_tools", "type": "function_call"}
    after = events(repaired("responses", frames(created(), item_event("done", 0, item))))
    assert after[1]["item"]["namespace"] == "collaboration"


def test_runaway_arguments_end_the_answer() -> None:
    """Contract 4.2; a text, or a patch, may have as many line breaks as it likes."""
    args = delta(0, "a", "\r\n\t" * 20, "function_call_arguments")
    with pytest.raises(UpstreamProtocolError, match="line breaks"):
        repaired("responses", frames(created(), args, args))
    fine = [args, delta(0, "a", "{", "function_call_arguments")] * 5
    quoted = delta(0, "a", '"type":"response.function_call_arguments.delta"' + "\n" * 200)
    for text in (fine, [delta(0, "a", "\n" * 200, "custom_tool_call_input")], [quoted]):
        assert len(events(repaired("responses", frames(created(), *text)))) == len(text) + 1
    numberless = b'data: {"type":"response.function_call_arguments.delta","delta":5,"x":"\\n"}\n\n'
    assert repaired("responses", numberless) == numberless
    assert Frame(numberless).raw == numberless
