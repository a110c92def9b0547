"""Stop sequences where the target has none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot_api.neutral.events import (
    CitationAdded,
    Event,
    PartEnded,
    PartStarted,
    ReasoningDelta,
    ReplyEnded,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
    UsageSeen,
)
from copilot_api.neutral.fold import fold
from copilot_api.neutral.parts import Citation, Reasoning, Text, TokenLogprob, ToolCall
from copilot_api.neutral.stops import StopFilter
from copilot_api.neutral.usage import Finish, FinishReason, Usage

WHOLE = ReplyEnded(Finish(FinishReason.STOP, "completed"))


def stopped(sequence: str) -> ReplyEnded:
    """The end that a sequence makes."""
    return ReplyEnded(Finish(FinishReason.STOP, "stop"), stop_sequence=sequence)


def filtered(sequences: tuple[str, ...], *events: Event) -> list[list[Event]]:
    """What comes out for each event."""
    stops = StopFilter(sequences)
    return [list(stops.feed(event)) for event in events]


def spoken(sequences: tuple[str, ...], *deltas: str) -> tuple[str, str | None]:
    """The text that a reply of these deltas ends up with, and the sequence that was hit."""
    events = (PartStarted(0, Text("")), *(TextDelta(0, text) for text in deltas), PartEnded(0), WHOLE)
    answer = fold(event for out in filtered(sequences, *events) for event in out)
    (part,) = answer.parts
    assert isinstance(part, Text)
    return part.text, answer.stop_sequence


def test_a_sequence_across_deltas_ends_the_reply_before_it() -> None:
    """The tail that could be its beginning waits; what follows is swallowed."""
    assert filtered(
        ("STOP",),
        ReplyStarted("", "m"),
        PartStarted(0, Text("")),
        TextDelta(0, "a S"),
        TextDelta(0, "TO"),
        TextDelta(0, "Pb"),
        PartEnded(0),
        UsageSeen(Usage()),
        WHOLE,
    ) == [
        [ReplyStarted("", "m")],
        [PartStarted(0, Text(""))],
        [TextDelta(0, "a ")],
        [],
        [PartEnded(0), stopped("STOP")],
        [],
        [],
        [],
    ]


def test_upstream_may_be_cancelled_from_the_match_on() -> None:
    """And not before."""
    stops = StopFilter(("x",))
    stops.feed(PartStarted(0, Text("")))
    assert stops.has_stopped is False
    stops.feed(TextDelta(0, "x"))
    assert stops.has_stopped is True


def test_no_more_is_held_back_than_could_begin_a_sequence() -> None:
    """A tail that turns out harmless goes with the next words; the last one goes when the part ends."""
    assert filtered(
        ("aab",),
        PartStarted(0, Text("")),
        TextDelta(0, "xaaa"),
        TextDelta(0, "c"),
        TextDelta(0, "a"),
        PartEnded(0),
    ) == [
        [PartStarted(0, Text(""))],
        [TextDelta(0, "xa")],
        [TextDelta(0, "aac")],
        [],
        [TextDelta(0, "a"), PartEnded(0)],
    ]


@pytest.mark.parametrize(
    ("sequences", "text", "expected"),
    [
        (("b", "abc"), "xabc", ("xa", "b")),
        (("bc", "abc"), "xabc", ("x", "abc")),
        (("\n\n",), "one\ntwo\n\nthree", ("one\ntwo", "\n\n")),
        (("😀",), "a😀b", ("a", "😀")),
        (("aa",), "aaa", ("", "aa")),
        (("x",), "abc", ("abc", None)),
        (("",), "abc", ("abc", None)),
        ((), "abc", ("abc", None)),
    ],
)
def test_the_sequence_that_is_complete_first_wins(
    sequences: tuple[str, ...], text: str, expected: tuple[str, str | None]
) -> None:
    """Where two are complete at once, the longer one."""
    assert spoken(sequences, text) == expected


@given(data=st.data(), text=st.text("ab", max_size=30))
def test_how_words_are_split_changes_nothing(data: st.DataObject, text: str) -> None:
    """The law behind holding back."""
    sequences = data.draw(st.lists(st.text("ab", min_size=1, max_size=4), max_size=3).map(tuple))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    ends = [(text.find(stop) + len(stop), -len(stop)) for stop in sequences if stop in text]
    expected = text[: sum(min(ends))] if ends else text
    assert spoken(sequences, *pieces)[0] == expected
    assert spoken(sequences, *pieces) == spoken(sequences, text)


def test_thinking_and_tool_calls_are_not_searched() -> None:
    """Nor does a match reach from one part into the next."""
    events: tuple[Event, ...] = (
        PartStarted(0, Reasoning()),
        ReasoningDelta(0, "xy"),
        PartEnded(0),
        PartStarted(1, ToolCall("c", "f", "")),
        ToolInputDelta(1, "xy"),
        PartEnded(1),
        PartStarted(2, Text("")),
        TextDelta(2, "x"),
        PartEnded(2),
        PartStarted(3, Text("")),
        TextDelta(3, "y"),
        PartEnded(3),
        WHOLE,
    )
    assert [event for out in filtered(("xy",), *events) for event in out] == list(events)


def test_text_that_a_part_begins_with_is_searched() -> None:
    """It leaves as a delta."""
    assert filtered(("b",), PartStarted(0, Text("abc"))) == [
        [PartStarted(0, Text("")), TextDelta(0, "a"), PartEnded(0), stopped("b")]
    ]


def test_the_whole_that_upstream_repeats_is_searched_too() -> None:
    """Its deltas may have said less."""
    assert filtered(("b",), PartStarted(0, Text("")), PartEnded(0, Text("abc"))) == [
        [PartStarted(0, Text(""))],
        [PartEnded(0, Text("a")), stopped("b")],
    ]
    assert filtered(("bx",), PartStarted(0, Text("")), TextDelta(0, "ab"), PartEnded(0, Text("ab"))) == [
        [PartStarted(0, Text(""))],
        [TextDelta(0, "a")],
        [TextDelta(0, "b"), PartEnded(0, Text("ab"))],
    ]


def test_other_events_of_a_part_pass_at_once() -> None:
    """A citation does not wait for held-back words."""
    noted = CitationAdded(0, Citation("chat", {}))
    assert filtered(("xy",), PartStarted(0, Text("")), TextDelta(0, "x"), noted) == [
        [PartStarted(0, Text(""))],
        [],
        [noted],
    ]


def tokens(*words: str) -> tuple[TokenLogprob, ...]:
    """Tokens of these words."""
    return tuple(TokenLogprob(word, -1) for word in words)


def weighed(events: list[list[Event]]) -> list[tuple[str, list[str]]]:
    """Each delta's words and its tokens."""
    return [
        (event.text, [token.token for token in event.logprobs])
        for out in events
        for event in out
        if isinstance(event, TextDelta)
    ]


def test_probabilities_are_told_with_the_last_of_their_text() -> None:
    """What is held back keeps its own; what is never said takes them along."""
    assert weighed(
        filtered(
            ("STOP",),
            PartStarted(0, Text("")),
            TextDelta(0, "a S", tokens("a", " S")),
            TextDelta(0, "TO", tokens("TO")),
            TextDelta(0, "x ST", tokens("x", " ST")),
            TextDelta(0, "OP never", tokens("OP", " never")),
            PartEnded(0),
        )
    ) == [("a ", ["a"]), ("STOx ", [" S", "TO", "x"])]


def test_what_is_left_at_the_end_of_a_part_is_told() -> None:
    """Tokens that come after their text, and those of bytes that are no text."""
    assert weighed(
        filtered(
            ("STOP",),
            PartStarted(0, Text("ab", logprobs=tokens("a", "b"))),
            TextDelta(0, "S", tokens("S")),
            TextDelta(0, "", tokens("\\xf0\\x9f")),
            PartEnded(0),
        )
    ) == [("ab", ["a", "b"]), ("S", ["S"]), ("", ["\\xf0\\x9f"])]


def test_a_part_that_is_cut_keeps_the_tokens_of_what_is_left() -> None:
    """Where only the repeated whole holds the sequence."""
    whole = Text("a STOP b", logprobs=tokens("a", " ", "STOP", " b"))
    out = filtered(("STOP",), PartStarted(0, Text("")), PartEnded(0, whole))
    assert out[-1][0] == PartEnded(0, Text("a ", logprobs=tokens("a", " ")))


@pytest.mark.parametrize(
    ("sequence", "text", "said"),
    [
        ("aaab", "aaaab!", "a"),
        ("bbba", "bbbba!", "b"),
        ("aaaba", "aaaaba!", "a"),
        ("aabb", "aababb!", "aababb!"),
        ("bbaa", "bbabaa!", "bbabaa!"),
    ],
)
def test_a_sequence_that_begins_like_itself_is_found_where_it_is(sequence: str, text: str, said: str) -> None:
    """Letter by letter, and nowhere else."""
    assert spoken((sequence,), *text) == (said, sequence if said != text else None)
