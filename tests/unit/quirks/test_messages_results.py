"""Tool calls and results that do not pair up are mended after a refusal, and only then."""

import pytest

from unit.quirks.bodies import SONNET, fault, fault_of, mended

ASK = {"role": "user", "content": "Hi"}
REFUSED = fault_of("400-tool-result-missing")
INTERRUPTED = "The tool was interrupted and gave no result."


def call(*ids: str) -> dict[str, object]:
    return {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": i, "name": "f", "input": {}} for i in ids],
    }


def result(call_id: str, **fields: object) -> dict[str, object]:
    return {"type": "tool_result", "tool_use_id": call_id, **fields}


def lost(call_id: str) -> dict[str, object]:
    return result(call_id, is_error=True, content=INTERRUPTED)


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


def after(*turns: object) -> object:
    """The messages as they are sent again."""
    document, _ = mended("messages", {"model": "m", "messages": [*turns]}, SONNET, REFUSED)
    return document["messages"]


def test_a_call_without_a_result_is_answered_with_an_error() -> None:
    """Results stand first; the user's words follow."""
    said = {"role": "user", "content": "Go on"}
    answered = {"role": "user", "content": [lost("a"), text("Go on")]}
    assert after(ASK, call("a"), said) == [ASK, call("a"), answered]


def test_one_of_two_parallel_calls_may_lack_its_result() -> None:
    """The result that is there is kept."""
    said = {"role": "user", "content": [result("b", content="1")]}
    answered = {"role": "user", "content": [lost("a"), result("b", content="1")]}
    assert after(ASK, call("a", "b"), said) == [ASK, call("a", "b"), answered]


def test_a_call_that_nobody_answered_gets_a_turn_of_results() -> None:
    """Between two turns of the model, and before a system turn at the end."""
    note = {"role": "system", "content": "s"}
    results = {"role": "user", "content": [lost("a")]}
    assert after(ASK, call("a"), call()) == [ASK, call("a"), results, call()]
    assert after(ASK, call("a"), note) == [ASK, call("a"), results, note]


def test_results_in_several_user_turns_are_gathered() -> None:
    """None of them is lost, and words between them come after."""
    first = {"role": "user", "content": [result("a", content="1"), text("and")]}
    second = {"role": "user", "content": [result("b", content="2")]}
    gathered = {"role": "user", "content": [result("a", content="1"), result("b", content="2"), text("and")]}
    assert after(ASK, call("a", "b"), first, second) == [ASK, call("a", "b"), gathered]


def test_a_result_without_its_call_becomes_text() -> None:
    """Its words stay."""
    plain = {"role": "user", "content": [result("x", content="out")]}
    blocks = {"role": "user", "content": [result("x", content=[text("a"), text("b")])]}
    empty = {"role": "user", "content": [result("x")]}
    assert after(plain) == [{"role": "user", "content": [text("Result of an earlier tool call:\nout")]}]
    assert after(blocks) == [{"role": "user", "content": [text("Result of an earlier tool call:\na\nb")]}]
    assert after(empty) == [{"role": "user", "content": [text(INTERRUPTED)]}]


def test_what_pairs_up_or_was_refused_for_something_else_stays() -> None:
    """There is nothing to try then."""
    turns = [ASK, call("a"), {"role": "user", "content": [result("a", content="1")]}, {"role": "user"}, 5]
    document = {"model": "m", "messages": turns}
    assert mended("messages", document, SONNET, REFUSED) == (document, [])
    broken = {"model": "m", "messages": [ASK, call("a"), ASK]}
    assert mended("messages", broken, SONNET, fault("a tool is wrong")) == (broken, [])


@pytest.mark.parametrize("odd", [["a"], {"a": 1}, None, 7])
def test_a_result_for_no_id_answers_nothing(odd: object) -> None:
    """It is text, and the call is still open."""
    turn = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": odd, "content": "out"}]}
    mended_turn = {"role": "user", "content": [lost("a"), text("Result of an earlier tool call:\nout")]}
    assert after(ASK, call("a"), turn) == [ASK, call("a"), mended_turn]
