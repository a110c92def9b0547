"""Bodies: edits at the top level, everything else byte for byte."""

import msgspec
import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.wire.body import Body, splice
from copilot_api.wire.reading import read, read_json


def test_a_splice_keeps_every_other_value_byte_for_byte() -> None:
    """Number spelling, white space inside values, key order and escapes stay."""
    body = b'{ "model" : "a", "n":1.0, "big":12345678901234567890123, "o":{"z" : 1, "a":"\\u00e9"} }'
    assert (
        splice(body, {"model": "b", "new": [1]}, drop=["n", "absent"])
        == b'{"model":"b","big":12345678901234567890123,"o":{"z" : 1, "a":"\\u00e9"},"new":[1]}'
    )


def test_a_member_that_was_read_before_it_was_changed_is_read_anew() -> None:
    """Several repairs look at the same turns, one after the other."""
    body = Body(b'{"a":[1],"b":2}')
    assert body.get("a") == [1]
    body.set_text("a", b"[1,2]")
    assert body.get("a") == [1, 2]
    body.set("a", "x")
    assert body.get("a") == "x"
    body.drop("a")
    assert body.get("a") is None
    assert body.encode() == b'{"b":2}'


def test_an_unchanged_body_is_the_same_object() -> None:
    """Reading changes nothing."""
    raw = b'{"a": [1, 2]}'
    body = Body(raw)
    assert body.get("a") == [1, 2]
    assert body.get("a") is body.get("a")
    assert body.get("b") is None
    assert (body.has("a"), body.has("b")) == (True, False)
    body.drop("b")
    assert body.encode() is raw


def test_a_value_that_was_set_is_read_back_and_a_dropped_one_is_gone() -> None:
    """`get` follows the edits."""
    body = Body(b'{"a":1,"b":null}')
    assert body.has("b")
    assert body.get("b") is None
    body.set("a", {"x": "y"})
    assert body.get("a") == {"x": "y"}
    body.drop("b")
    assert not body.has("b")
    assert body.encode() == b'{"a":{"x":"y"}}'


def test_a_member_can_be_taken_and_given_as_text() -> None:
    """An edit inside a value may work on its bytes."""
    body = Body(b'{"a":[1.0, 2]}')
    assert body.text("a") == b"[1.0, 2]"
    assert body.text("b") == b""
    body.set_text("a", b"[1.0]")
    assert body.get("a") == [1]
    assert body.encode() == b'{"a":[1.0]}'


def test_a_lone_surrogate_is_read_as_a_replacement_and_keeps_its_bytes() -> None:
    """JavaScript clients cut emoji in half; an edit elsewhere must not touch them, nor escaped backslashes."""
    raw = b'{"a":"x\\ud83d \\udE00 \\\\ud83d \\ud83d\\ude00 \\n","model":"m"}'
    body = Body(raw)
    assert body.get("a") == "x\ufffd \ufffd \\ud83d \U0001f600 \n"
    assert body.encode() is raw
    body.set("model", "k")
    assert body.encode() == raw.replace(b'"m"', b'"k"')


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "The request body is not valid JSON: Input data was truncated. Send one JSON object in UTF-8."),
        (
            b"{",
            "The request body is not valid JSON: Input data was truncated. Send one JSON object in UTF-8.",
        ),
        (b"[]", "The request body must be an object, not a list."),
        (b'"x"', "The request body must be an object, not a string."),
        (b"null", "The request body must be an object, not null."),
        (b'{"a":"\\ud83d\xff"}', "The request body is not valid JSON: "),
        (b'{"\xff":1}', "The request body is not valid UTF-8"),
        (b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", "The request body is nested too deeply."),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_the_reason(raw: bytes, message: str) -> None:
    """The message says what is wrong and what to send."""
    with pytest.raises(MalformedRequest) as caught:
        Body(raw)
    assert caught.value.message.startswith(message)
    assert caught.value.status == 400


def test_a_value_that_cannot_be_read_is_refused_when_it_is_read() -> None:
    """Bad text in a value that nobody reads passes untouched."""
    body = Body(b'{"a":"\xff","b":1}')
    body.set("b", 2)
    assert body.encode() == b'{"a":"\xff","b":2}'
    with pytest.raises(MalformedRequest, match="not valid UTF-8"):
        body.get("a")


def test_a_value_nested_too_deeply_is_refused_when_it_is_set() -> None:
    """No recursion error escapes."""
    value: list[object] = []
    for _ in range(20_000):
        value = [value]
    with pytest.raises(MalformedRequest, match="nested too deeply"):
        Body(b"{}").set("a", value)
    while value:
        value = value[0]  # type: ignore[assignment]  # taken apart by hand: freeing it recurses too


class _Wanted(msgspec.Struct):
    model: str | None = None
    stream: bool | None = None
    input: str | list[int] | None = None


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b'{"model":1}', "'model' must be a string or null, not an integer.", "model"),
        (b'{"stream":"true"}', "'stream' must be true or false or null, not a string.", "stream"),
        (b'{"input":{}}', "'input' must be a string or a list or null, not an object.", "input"),
        (b'{"input":[1,true]}', "'input[1]' must be an integer, not true or false.", "input[1]"),
        (b"3", "The request body must be an object, not an integer.", None),
    ],
)
def test_a_field_of_the_wrong_type_is_named_with_what_is_accepted(
    body: bytes, message: str, param: str | None
) -> None:
    """The error's `param` names the field too."""
    with pytest.raises(MalformedRequest) as caught:
        read(body, msgspec.json.Decoder(_Wanted))
    assert (caught.value.message, caught.value.param) == (message, param)


def test_json_is_read_as_plain_values_with_halves_of_emoji_replaced() -> None:
    """Only what msgspec cannot say is replaced."""
    assert read_json(b'["\\ud83d", 1.5]') == ["\ufffd", 1.5]
    assert read_json(b'"\\ud83d\\ude00"') == "\U0001f600"
    with pytest.raises(MalformedRequest, match="not valid JSON"):
        read_json(b'"\\u12"')
