"""Gemini's contents and system instruction in the hub."""

import msgspec
import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.opaque import Opaque, seal
from copilot_api.neutral.parts import Part, Reasoning, Text, ToolCall
from copilot_api.neutral.request import ModelRequest, Places, Turn
from copilot_api.protocols.gemini import read_count
from copilot_api.protocols.gemini.signatures import pack, pack_thought
from recorded import request as recorded
from unit.protocols.gemini.reading.asking import INGRESS, parts_of, read, turns_of

BLOB = Opaque("responses:gpt-5:1", {"id": "rs_1", "encrypted_content": "gAAA"})
OTHER = Opaque("chat:gemini-3:1", {"reasoning_opaque": "b3BhcXVl"})


@pytest.mark.parametrize(
    ("contents", "turns"),
    [
        ("hi", (Turn("user", (Text("hi"),), is_plain=True),)),
        (["a", "b"], (Turn("user", (Text("a"),), is_plain=True), Turn("user", (Text("b"),), is_plain=True))),
        ({"role": "user", "parts": [{"text": "hi"}]}, (Turn("user", (Text("hi"),)),)),
        ([{"parts": [{"text": "hi"}]}], (Turn("user", (Text("hi"),)),)),
        ([{"role": "user", "parts": "hi"}], (Turn("user", (Text("hi"),)),)),
        ([{"role": "user", "parts": {"text": "hi"}}], (Turn("user", (Text("hi"),)),)),
        ([{"role": "user"}], (Turn("user", ()),)),
        ([{"text": "hi"}], (Turn("user", (Text("hi"),)),)),
        ([{"role": "function", "parts": []}], (Turn("tool", ()),)),
        ([{"role": "system", "parts": ["a"]}], (Turn("system", (Text("a"),)),)),
        ([{"role": "assistant", "parts": ["a"]}], (Turn("assistant", (Text("a"),)),)),
        (
            [{"role": "user", "parts": ["a"], "new_field": 1}],
            (Turn("user", (Text("a"),), extras=Extras("gemini", {"newField": 1})),),
        ),
        (
            [{"role": "model", "parts": ["a"], "x": 1}, {"role": "model", "parts": ["b"]}],
            (
                Turn("assistant", (Text("a"),), extras=Extras("gemini", {"x": 1})),
                Turn("assistant", (Text("b"),)),
            ),
        ),
        ([{"role": "model", "parts": [{"text": ""}]}], (Turn("assistant", (Text(""),)),)),
    ],
)
def test_contents_come_in_many_forms(contents: object, turns: tuple[Turn, ...]) -> None:
    """As the SDKs' users write them and as clients send them."""
    assert read({"contents": contents}).turns == turns


@pytest.mark.parametrize(
    ("instruction", "parts", "is_plain"),
    [
        ("be brief", (Text("be brief"),), True),
        ("", (), True),
        ({"parts": [{"text": "a"}, {"text": "b"}], "role": "user"}, (Text("a"), Text("b")), False),
        ({"text": "a"}, (Text("a"),), False),
        ([{"text": "a"}, "b"], (Text("a"), Text("b")), False),
        ({"role": "system"}, (), False),
        (None, (), False),
    ],
)
@pytest.mark.parametrize("name", ["systemInstruction", "system_instruction"])
def test_the_system_instruction_comes_in_many_forms(
    name: str, instruction: object, parts: tuple[Part, ...], is_plain: bool
) -> None:
    """A string, a content, a part, or parts."""
    request = read({name: instruction})
    assert (request.instructions, request.are_instructions_plain) == (parts, is_plain)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"contents": None}, "'contents' is missing. Send at least one content"),
        ({"contents": []}, "'contents' is missing. Send at least one content"),
        ({"contents": [7]}, "contents[0] must be an object or a string, not 7."),
        (
            {"contents": [{"role": "bot"}]},
            "contents[0].role must be 'user', 'model' or 'function', not 'bot'.",
        ),
        ({"contents": [{"role": "user", "parts": 7}]}, "contents[0].parts[0] must be an object, not 7."),
        ({"systemInstruction": 7}, "systemInstruction must be a string, a content or a list of parts."),
        ({"stream": "yes"}, "stream must be true or false, not 'yes'."),
        ({"labels": {"a": 1}}, "labels must hold strings."),
        ({"cachedContent": 7}, "cachedContent must be a string, not 7."),
    ],
)
def test_a_field_of_the_wrong_type_is_named(document: object, message: str) -> None:
    """With what is accepted."""
    with pytest.raises(MalformedRequest) as refusal:
        read(document)
    assert refusal.value.message.startswith(message)


def test_contents_too_deep_to_write_are_refused() -> None:
    """Not a crash, whatever the depth the decoder let pass."""
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    document = {"contents": [{"parts": [{"functionCall": {"name": "a", "args": {"a": deep}}}]}], "model": "m"}
    with pytest.raises(MalformedRequest, match="nested too deeply"):
        INGRESS.read_request(document)  # type: ignore[arg-type]  # mypy gives up on the recursion


def test_the_chunks_of_an_answer_are_one_turn() -> None:
    """google-genai's chats send each back as a content of its own."""
    chunks = [
        {"role": "model", "parts": [{"text": "hm", "thought": True}]},
        {"role": "model", "parts": [{"text": "Good"}]},
        {"role": "model", "parts": [{"text": "bye"}]},
        {"role": "model", "parts": [{"functionCall": {"id": "c1", "name": "ls"}}]},
        {"role": "model", "parts": [{"text": ""}]},
    ]
    assert turns_of("hi", *chunks, "go on") == (
        Turn("user", (Text("hi"),), is_plain=True),
        Turn("assistant", (Reasoning(("hm",)), Text("Goodbye"), ToolCall("c1", "ls", "{}"))),
        Turn("user", (Text("go on"),), is_plain=True),
    )


def test_a_thought_comes_back_whole_from_the_part_that_carried_it() -> None:
    """Whether the client kept what it was shown of the thought or not."""
    thought = Reasoning(("one", "two"), opaque=BLOB)
    slot = pack([*pack_thought(thought, BLOB)])
    shown = [{"text": "on", "thought": True}, {"text": "e\n\ntwo", "thought": True}]
    call = {"functionCall": {"id": "c1", "name": "ls"}, "thoughtSignature": slot}
    whole = (thought, ToolCall("c1", "ls", "{}"))
    assert parts_of(call, role="model") == whole
    assert parts_of(*shown, call, role="model") == whole
    assert parts_of({"text": "a"}, *shown, call, role="model") == (Text("a"), *whole)


def test_one_slot_carries_several_thoughts_and_the_parts_own_blob() -> None:
    """In the order in which they were thought; a redacted one stays redacted."""
    plain = Reasoning(("one",), opaque=BLOB)
    hidden = Reasoning(text="raw", opaque=OTHER, is_redacted=True)
    slot = pack([*pack_thought(plain, BLOB), *pack_thought(hidden, OTHER), seal(OTHER)])
    assert parts_of({"text": "a", "thoughtSignature": slot}, role="model") == (
        plain,
        hidden,
        Text("a", opaque=OTHER),
    )


def test_a_slot_alone_carries_what_came_last() -> None:
    """An empty text with a signature is no text; a blob of its own goes to the text before it."""
    slot = pack([*pack_thought(Reasoning(opaque=BLOB), BLOB)])
    assert parts_of({"text": "a"}, {"text": "", "thoughtSignature": slot}, role="model") == (
        Text("a"),
        Reasoning(opaque=BLOB),
    )
    own = {"text": "", "thoughtSignature": pack([seal(OTHER)])}
    assert parts_of({"text": "a"}, own, role="model") == (Text("a", opaque=OTHER),)
    assert parts_of({"text": "a"}, own, own, role="model") == (
        Text("a", opaque=OTHER),
        Text("", opaque=OTHER),
    )
    assert parts_of(own, role="model") == (Text("", opaque=OTHER),)


@pytest.mark.parametrize(
    ("slot", "opaque"),
    [
        ("c3R1Yg==", Opaque("gemini", {"thoughtSignature": "c3R1Yg=="})),
        ("_-8", Opaque("gemini", {"thoughtSignature": "_-8"})),
        ("not base64!", Opaque("gemini", {"thoughtSignature": "not base64!"})),
        ("capi1.broken", Opaque("gemini", {"thoughtSignature": "capi1.broken"})),
        (seal(OTHER), OTHER),
        (pack([seal(OTHER)]).rstrip("="), OTHER),
        ("", None),
        ("skip_thought_signature_validator", None),
        ("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=", None),
        ("context_engineering_is_the_way_to_go", None),
    ],
)
def test_a_signature_is_ours_or_googles_or_nothing(slot: str, opaque: Opaque | None) -> None:
    """Google's own is kept as it came; the placeholders of its documentation say nothing."""
    assert parts_of({"text": "a", "thoughtSignature": slot}, role="model") == (Text("a", opaque=opaque),)


def test_a_record_that_was_altered_leaves_the_blob() -> None:
    """The blob is what its origin verifies."""
    for record in ('{"summary":7}', "["):
        slot = pack([seal(BLOB), seal(Opaque("gemini#thought", {"record": record}))])
        assert parts_of({"text": "a", "thoughtSignature": slot}, role="model") == (
            Reasoning(opaque=BLOB),
            Text("a"),
        )
    alone = pack([seal(Opaque("gemini#thought", {}))])
    assert parts_of({"text": "a", "thoughtSignature": alone}, role="model") == (Text("a"),)


def test_signatures_are_spelled_the_same_in_both_alphabets_of_base64() -> None:
    """google-genai (Python) decodes them and writes them back in the URL-safe one."""
    slot = pack([*pack_thought(Reasoning(("\u00ff\u00fe~?>",) * 9, opaque=BLOB), BLOB)])
    assert not set("+/-_") & set(slot)
    assert len(slot) % 4 == 0


def test_the_rest_of_a_request_has_its_place() -> None:
    """Labels, the tier, storing; what only Google knows is kept for the report."""
    request = read(
        {
            "model": "models/gpt-5",
            "stream": True,
            "labels": {"team": "a"},
            "serviceTier": "standard",
            "store": False,
            "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT"}],
            "cachedContent": "",
        }
    )
    assert request == ModelRequest(
        "gemini",
        "gpt-5",
        (Turn("user", (Text("hi"),), is_plain=True),),
        stream=True,
        metadata={"team": "a"},
        service_tier="default",
        store=False,
        places=Places(("contents[0]",), (("contents[0]",),)),
        extras=Extras("gemini", {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT"}]}),
    )


@pytest.mark.parametrize(
    ("tier", "read_as"),
    [("priority", "priority"), ("SERVICE_TIER_FLEX", "flex"), ("unspecified", None), (None, None)],
)
def test_a_service_tier_is_named_in_small_letters(tier: str | None, read_as: str | None) -> None:
    """As the other protocols have it."""
    assert read({"serviceTier": tier}).service_tier == read_as


def test_a_cache_that_google_keeps_cannot_be_read_elsewhere() -> None:
    """Every writer refuses it with these words."""
    [need] = read({"cachedContent": "cachedContents/a"}).native_needs
    assert need.path == "cachedContent"
    assert need.message.startswith("'cachedContent' names 'cachedContents/a', a cache that Google keeps")


def test_tokens_are_counted_of_contents_or_of_a_whole_request() -> None:
    """Both forms of `countTokens`."""
    assert read_count({"model": "gpt-5", "contents": "hi"}).turns == read({}).turns
    inner = {"model": "models/gpt-5", "contents": "hi", "system_instruction": "be brief"}
    counted = read_count({"generate_content_request": inner})
    assert (counted.model, counted.instructions) == ("gpt-5", (Text("be brief"),))
    assert read_count({"model": "gpt-4.1", "generateContentRequest": inner}).model == "gpt-4.1"


def test_gemini_clis_tool_loop_is_read_as_it_happened() -> None:
    """Its ids, its signature, its results in order."""
    name = "gemini-cli/parallel/003-POST-ta_models_gemini_3_8_flash_streamGenerateContent"
    request = read(msgspec.json.decode(recorded(name)))
    assert [turn.role for turn in request.turns] == ["user", "assistant", "user"]
    assert request.turns[1].parts == (
        Text("Let me look."),
        ToolCall(
            "run_shell_command_1795328122062_0",
            "run_shell_command",
            '{"command":"cat marker.txt"}',
            opaque=Opaque("gemini", {"thoughtSignature": "c3R1Yi10aG91Z2h0LXNpZ25hdHVyZQ=="}),
        ),
        ToolCall("read_file_1795328122104_1", "read_file", '{"file_path":"/repo"}'),
    )
    results = [part.call_id for part in request.turns[2].parts if hasattr(part, "call_id")]
    assert results == ["run_shell_command_1795328122062_0", "read_file_1795328122104_1"]
    assert request.extras is None
