"""Gemini's parts in the hub."""

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Extras
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import (
    Bytes,
    File,
    Image,
    Link,
    NativePart,
    Part,
    Reasoning,
    Stored,
    Text,
    ToolCall,
    ToolResult,
)
from unit.protocols.gemini.reading.asking import parts_of, turns_of


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ({"text": "a"}, Text("a")),
        ("a", Text("a")),
        ({"text": ""}, Text("")),
        ({}, Text("")),
        ({"text": "a", "inlineData": None}, Text("a")),
        (
            {"text": "a", "partMetadata": {"k": 1}},
            Text("a", extras=Extras("gemini", {"partMetadata": {"k": 1}})),
        ),
        (
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}},
            Image(Bytes("image/png", "AAAA")),
        ),
        (
            {"inline_data": {"mime_type": "image/png", "data": "_-8"}},
            Image(Bytes("image/png", "/+8=")),
        ),
        (
            {
                "inlineData": {"mimeType": "image/png", "data": "AAAA", "displayName": "a.png"},
                "mediaResolution": {"level": "media_resolution_high"},
            },
            Image(
                Bytes("image/png", "AAAA"),
                "high",
                extras=Extras("gemini", {"inlineData.displayName": "a.png"}),
            ),
        ),
        (
            {
                "inlineData": {"mimeType": "image/png", "data": "AAAA", "new": 1},
                "mediaResolution": {"level": "MEDIA_RESOLUTION_ULTRA_HIGH", "numTokens": 9},
            },
            Image(
                Bytes("image/png", "AAAA"),
                extras=Extras(
                    "gemini",
                    {
                        "inlineData.new": 1,
                        "mediaResolution.level": "MEDIA_RESOLUTION_ULTRA_HIGH",
                        "mediaResolution.numTokens": 9,
                    },
                ),
            ),
        ),
        (
            {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "mediaResolution": {}},
            Image(Bytes("image/png", "AAAA")),
        ),
        (
            {"inlineData": {"mimeType": "application/pdf", "data": "AAAA", "displayName": "a.pdf"}},
            File(Bytes("application/pdf", "AAAA"), "a.pdf"),
        ),
        ({"inlineData": {"mimeType": "text/csv", "data": "YSxi"}}, File(None, None, "a,b")),
        (
            {"inlineData": {"mimeType": "text/plain", "data": "/w=="}},
            File(Bytes("text/plain", "/w==")),
        ),
        ({"inlineData": {}}, File(Bytes("application/octet-stream", ""))),
        (
            {"fileData": {"mimeType": "image/png", "fileUri": "https://a.example/x"}},
            Image(Link("https://a.example/x", "image/png")),
        ),
        (
            {"file_data": {"file_uri": "https://a.example/x.jpg"}},
            Image(Link("https://a.example/x.jpg", "image/jpeg")),
        ),
        (
            {
                "fileData": {
                    "fileUri": "https://a.example/x",
                    "displayName": "x",
                    "mimeType": "application/pdf",
                }
            },
            File(Link("https://a.example/x", "application/pdf"), "x"),
        ),
        (
            {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/a"}},
            File(Stored("gemini", "https://generativelanguage.googleapis.com/v1beta/files/a")),
        ),
        ({"fileData": {"fileUri": "gs://bucket/a.png"}}, Image(Stored("gemini", "gs://bucket/a.png"))),
        ({"fileData": {"fileUri": "https://[::1/a"}}, File(Stored("gemini", "https://[::1/a"))),
        (
            {"executableCode": {"language": "PYTHON", "code": "1+1"}},
            NativePart(
                "gemini",
                {"executableCode": {"language": "PYTHON", "code": "1+1"}},
                "```python\n1+1\n```",
            ),
        ),
        (
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
            NativePart(
                "gemini", {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}, "```\n2\n```"
            ),
        ),
        ({"somethingNew": {"a": 1}}, NativePart("gemini", {"somethingNew": {"a": 1}})),
    ],
)
def test_a_part_is_what_its_data_says(document: object, part: Part) -> None:
    """In both spellings; what is not understood is kept, what is unknown is carried whole."""
    assert parts_of(document) == (part,)


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (
            {"functionCall": {"id": "c1", "name": "ls", "args": {"a": 1.0, "b": [True]}}},
            ToolCall("c1", "ls", '{"a":1.0,"b":[true]}'),
        ),
        ({"function_call": {"id": "c1", "name": "ls"}}, ToolCall("c1", "ls", "{}")),
        (
            {"functionCall": {"id": "c1", "name": "ls", "args": {"snake_case": 1}, "willContinue": True}},
            ToolCall(
                "c1", "ls", '{"snake_case":1}', extras=Extras("gemini", {"functionCall.willContinue": True})
            ),
        ),
        (
            {"functionCall": {"id": "c1", "name": "ls"}, "thoughtSignature": "c3R1Yg=="},
            ToolCall("c1", "ls", "{}", opaque=Opaque("gemini", {"thoughtSignature": "c3R1Yg=="})),
        ),
    ],
)
def test_a_call_has_its_arguments_as_text(call: object, part: Part) -> None:
    """Names inside arguments are the user's and never respelled."""
    assert parts_of(call, role="model") == (part,)


@pytest.mark.parametrize(
    ("response", "said", "is_error"),
    [
        ({"output": "a"}, "a", None),
        ({"result": "a"}, "a", None),
        ({"error": "no"}, "no", True),
        ({"error": {"code": 1}}, '{"error":{"code":1}}', True),
        ({"output": {"a": 1}}, '{"output":{"a":1}}', None),
        ({"output": "a", "error": None}, '{"output":"a","error":null}', None),
        ({"content": "a"}, '{"content":"a"}', None),
    ],
)
def test_a_result_says_what_the_tool_said(response: object, said: str, is_error: bool | None) -> None:
    """Google calls it output or error, its SDK result; anything else is said as JSON."""
    document = {"functionResponse": {"id": "c1", "name": "ls", "response": response}}
    assert parts_of(document) == (ToolResult("c1", (Text(said),), "ls", is_error),)


def test_a_result_may_be_empty() -> None:
    """Tools that only do something."""
    assert parts_of({"functionResponse": {"id": "c1", "name": "ls"}}) == (ToolResult("c1", (), "ls"),)


def test_what_a_tool_showed_is_part_of_its_result() -> None:
    """Inside the result as Gemini 3 has it, or beside it as Gemini CLI sends it."""
    picture = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    inside = {
        "functionResponse": {
            "id": "c1",
            "name": "see",
            "parts": [picture, {"new": 1}],
            "scheduling": "SILENT",
        }
    }
    beside = {"functionResponse": {"id": "c2", "name": "see", "response": {"output": "one item"}}}
    image = Image(Bytes("image/png", "AAAA"))
    assert parts_of(inside, beside, picture, {"text": "and?"}, picture) == (
        ToolResult(
            "c1",
            (image, NativePart("gemini", {"new": 1})),
            "see",
            extras=Extras("gemini", {"functionResponse.scheduling": "SILENT"}),
        ),
        ToolResult("c2", (Text("one item"), image), "see"),
        Text("and?"),
        image,
    )


def test_thoughts_are_reasoning() -> None:
    """With the blob that Google put on them, or without."""
    assert parts_of(
        {"text": "hm", "thought": True},
        {"text": "aha", "thought": True, "thoughtSignature": "c3R1Yg=="},
        {"thought": True},
        {"text": "b", "thought": False},
        role="model",
    ) == (
        Reasoning(("hm",)),
        Reasoning(("aha",), opaque=Opaque("gemini", {"thoughtSignature": "c3R1Yg=="})),
        Reasoning(),
        Text("b"),
    )


def call(name: str, call_id: str | None = None, **arguments: object) -> dict[str, object]:
    """A functionCall part."""
    return {"functionCall": {"name": name, "args": arguments} | ({"id": call_id} if call_id else {})}


def result(name: str, call_id: str | None = None) -> dict[str, object]:
    """A functionResponse part."""
    return {"functionResponse": {"name": name, "response": {}} | ({"id": call_id} if call_id else {})}


def ids_of(*contents: object) -> list[str]:
    """The ids of all calls and results of a history."""
    return [
        part.id if isinstance(part, ToolCall) else part.call_id
        for turn in turns_of(*contents)
        for part in turn.parts
        if isinstance(part, ToolCall | ToolResult)
    ]


def test_calls_without_ids_get_ids_from_their_content() -> None:
    """The same call again gets another one, and a longer history the same ones."""
    first = [
        {"role": "model", "parts": [call("ls"), call("ls", a=1), call("ls")]},
        {"parts": [result("ls"), result("ls"), result("ls")]},
    ]
    again = [{"role": "model", "parts": [call("ls")]}, {"parts": [result("ls")]}]
    ids = ids_of(*first)
    assert ids[:3] == ids[3:]
    assert ids[:3] == [
        "call_865d0475078a4708157b1333",
        "call_ea94fcaac5c885a0cc72380d",
        "call_2364687f39eaab1fd6dccdfa",
    ]
    longer = ids_of(*first, *again)
    assert longer[:6] == ids
    assert longer[6] == longer[7]
    assert len(set(longer)) == 4


def test_results_find_their_calls() -> None:
    """By id where there is one, else by name in order; what answers no call keeps its id or gets one."""
    calls = {"role": "model", "parts": [call("ls", "c1"), call("cat", "c2"), call("ls", "c3")]}
    assert ids_of(calls, {"parts": [result("ls", "c3"), result("ls"), result("cat")]})[3:] == [
        "c3",
        "c1",
        "c2",
    ]
    assert ids_of(calls, {"parts": [result("ls", "c1"), result("ls")]})[3:] == ["c1", "c3"]
    assert ids_of(calls, {"parts": [result("ls", "c1"), result("ls", "c1")]})[3:] == ["c1", "c1"]
    assert ids_of(calls, {"parts": [result("ls", "other"), result("rm", "mine")]})[3:] == ["c1", "mine"]
    orphans = ids_of({"parts": [result("rm"), result("rm"), result("ls")]})
    assert len(set(orphans)) == 3
    assert all(orphan.startswith("call_") for orphan in orphans)
    assert ids_of({"parts": [result("rm")]}) == orphans[:1]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (7, "contents[0].parts[0] must be an object, not 7."),
        ({"text": 7}, "contents[0].parts[0].text must be a string, not 7."),
        ({"text": "a", "thought": "yes"}, "contents[0].parts[0].thought must be true or false, not 'yes'."),
        (
            {"text": "a", "thoughtSignature": 7},
            "contents[0].parts[0].thoughtSignature must be a string, not 7.",
        ),
        ({"functionCall": []}, "contents[0].parts[0].functionCall must be an object, not []."),
        ({"functionCall": {}}, "contents[0].parts[0].functionCall.name is missing. Name the function."),
        (
            {"functionCall": {"name": "ls", "args": "{}"}},
            "contents[0].parts[0].functionCall.args must be an object, not '{}'.",
        ),
        (
            {"functionResponse": {"name": "ls", "response": "a"}},
            "contents[0].parts[0].functionResponse.response must be an object, not 'a'.",
        ),
        (
            {"functionResponse": {"name": "ls", "parts": 7}},
            "contents[0].parts[0].functionResponse.parts must be a list of objects, not 7.",
        ),
        (
            {"inlineData": {"mimeType": 7}},
            "contents[0].parts[0].inlineData.mimeType must be a string, not 7.",
        ),
    ],
)
def test_a_field_of_the_wrong_type_is_named(part: object, message: str) -> None:
    """With where it stands and what is accepted."""
    with pytest.raises(MalformedRequest) as refusal:
        parts_of(part)
    assert refusal.value.message == message
