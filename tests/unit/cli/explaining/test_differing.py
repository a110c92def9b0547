"""What differs between two bodies, in few words."""

import json

from copilot_api.cli.explain.differing import Difference, differences


def found(before: object, after: object) -> list[tuple[str, str, str]]:
    """The differences of two documents."""
    told = differences(json.dumps(before), json.dumps(after))
    assert told is not None
    return [tuple(one) for one in told]


def test_fields_that_came_went_and_changed_are_named_by_their_paths() -> None:
    """In the order of the documents."""
    before = {"model": "a", "top_k": 3, "same": [1], "deep": {"x": {"y": True}}}
    after = {"model": "b", "same": [1], "deep": {"x": {"y": 1}}, "stream": True}
    assert found(before, after) == [
        ("~", "model", '"a" -> "b"'),
        ("-", "top_k", "3"),
        ("~", "deep.x.y", "true -> 1"),
        ("+", "stream", "true"),
    ]


def test_an_item_more_does_not_change_all_that_follow() -> None:
    """A history keeps its turns where one was put in front."""
    turns = [{"role": "user", "content": f"turn {n}"} for n in range(5)]
    assert found({"messages": turns}, {"messages": [{"role": "system"}, *turns]}) == [
        ("+", "messages[0]", '{"role": "system"}')
    ]
    assert found({"messages": turns}, {"messages": turns[:2] + turns[3:]}) == [
        ("-", "messages[2]", '{"role": "user", "content": "turn 2"}')
    ]
    assert found([1, 2, 3], [1, 5, 3]) == [("~", "[1]", "2 -> 5")]
    assert found([1, 1], [1]) == [("-", "[1]", "1")]


def test_equal_documents_do_not_differ_whatever_their_spaces() -> None:
    """And what is no JSON is not compared."""
    assert differences('{"a": 1}', '{"a":1}') == []
    assert differences("no json", "{}") is None
    assert differences("{}", "") is None
    assert differences("[" * 100_000, "{}") is None


def test_long_values_are_shortened_and_say_how_long_they_are() -> None:
    """A prompt is no line."""
    assert differences('{"a": ""}', json.dumps({"a": "x" * 500})) == [
        Difference("~", "a", '"" -> "' + "x" * 69 + "… (502 characters)")
    ]
