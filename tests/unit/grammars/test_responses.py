"""The judge of Responses streams."""

import pytest

from unit.grammars.wire_words import judge, named, numbered

Event = dict[str, object]

DETAILS = {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
USAGE = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7, **DETAILS}


def about(kind: str, status: str, *output: Event, **more: object) -> Event:
    """An event about the whole response."""
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1.5,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "model": "m",
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **more,
    }
    return {"type": f"response.{kind}", "response": response}


def added(index: int, item: Event) -> Event:
    """An item's first event."""
    return {"type": "response.output_item.added", "output_index": index, "item": item}


def done(index: int, item: Event) -> Event:
    """An item's last event."""
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def inner(kind: str, index: int, identity: str, **more: object) -> Event:
    """An event inside an item."""
    return {"type": f"response.{kind}", "output_index": index, "item_id": identity, **more}


CREATED = about("created", "in_progress")
RUNNING = about("in_progress", "in_progress")
NOTE: Event = {"type": "url_citation", "url": "u"}
EMPTY_PART: Event = {"type": "output_text", "text": "", "annotations": []}
PART: Event = {"type": "output_text", "text": "ab", "annotations": [NOTE]}
NO: Event = {"type": "refusal", "refusal": "no"}
OPEN_MESSAGE: Event = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "status": "in_progress",
    "content": [],
}
MESSAGE: Event = {**OPEN_MESSAGE, "status": "completed", "content": [PART, NO]}
SUMMARY: Event = {"type": "summary_text", "text": "s"}
RAW: Event = {"type": "reasoning_text", "text": "r"}
OPEN_REASONING: Event = {"id": "rs_1", "type": "reasoning", "summary": []}
REASONING: Event = {**OPEN_REASONING, "summary": [SUMMARY], "content": [RAW], "encrypted_content": "e"}
OPEN_CALL: Event = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "f", "arguments": ""}
CALL: Event = {**OPEN_CALL, "arguments": "{}", "status": "completed"}
OPEN_CUSTOM: Event = {"id": "ctc_1", "type": "custom_tool_call", "call_id": "c2", "name": "g", "input": ""}
CUSTOM: Event = {**OPEN_CUSTOM, "input": "xy"}
SEARCH: Event = {"id": "ws_1", "type": "web_search_call", "status": "in_progress"}

THOUGHT = (
    added(0, OPEN_REASONING),
    inner("reasoning_summary_part.added", 0, "rs_1", summary_index=0, part={**SUMMARY, "text": ""}),
    inner("reasoning_summary_text.delta", 0, "rs_1", summary_index=0, delta="s"),
    inner("reasoning_summary_text.done", 0, "rs_1", summary_index=0, text="s"),
    inner("reasoning_summary_part.done", 0, "rs_1", summary_index=0, part=SUMMARY),
    inner("content_part.added", 0, "rs_1", content_index=0, part={**RAW, "text": ""}),
    inner("reasoning_text.delta", 0, "rs_1", content_index=0, delta="r"),
    inner("reasoning_text.done", 0, "rs_1", content_index=0, text="r"),
    inner("content_part.done", 0, "rs_1", content_index=0, part=RAW),
    done(0, REASONING),
)
BEGUN = (
    added(0, OPEN_MESSAGE),
    inner("content_part.added", 0, "msg_1", content_index=0, part=EMPTY_PART),
)
NOTED = inner(
    "output_text.annotation.added", 0, "msg_1", content_index=0, annotation_index=0, annotation=NOTE
)
SPOKEN = inner("output_text.delta", 0, "msg_1", content_index=0, delta="ab")
SAID = inner("output_text.done", 0, "msg_1", content_index=0, text="ab")
WORDS = (
    *BEGUN,
    SPOKEN,
    NOTED,
    SAID,
    inner("content_part.done", 0, "msg_1", content_index=0, part=PART),
)
REFUSED = (
    inner("content_part.added", 0, "msg_1", content_index=1, part={"type": "refusal", "refusal": ""}),
    inner("refusal.delta", 0, "msg_1", content_index=1, delta="no"),
    inner("refusal.done", 0, "msg_1", content_index=1, refusal="no"),
    inner("content_part.done", 0, "msg_1", content_index=1, part=NO),
)
SPEECH = (*WORDS, *REFUSED, done(0, MESSAGE))
ASKED = inner("function_call_arguments.done", 0, "fc_1", name="f", arguments="{}")
CALLING = (
    added(0, OPEN_CALL),
    inner("function_call_arguments.delta", 0, "fc_1", delta="{}"),
    ASKED,
    done(0, CALL),
)
CUSTOM_CALLING = (
    added(0, OPEN_CUSTOM),
    inner("custom_tool_call_input.delta", 0, "ctc_1", delta="xy"),
    inner("custom_tool_call_input.done", 0, "ctc_1", input="xy"),
    done(0, CUSTOM),
)
SEARCHING = (
    added(0, SEARCH),
    inner("web_search_call.searching", 0, "ws_1"),
    done(0, {**SEARCH, "status": "completed"}),
)


def whole(*events: Event, output: tuple[Event, ...] = ()) -> tuple[Event, ...]:
    """A completed stream with these events in it."""
    return CREATED, RUNNING, *events, about("completed", "completed", *output, usage=USAGE)


LEGAL = {
    "nothing": whole(),
    "reasoning": whole(*THOUGHT, output=(REASONING,)),
    "a message": whole(*SPEECH, output=(MESSAGE,)),
    "a call": whole(*CALLING, output=(CALL,)),
    "a custom call": whole(*CUSTOM_CALLING, output=(CUSTOM,)),
    "an item of its own kind": whole(*SEARCHING, output=({**SEARCH, "status": "completed"},)),
    "a service event": whole({"type": "response.steer.accepted"}),
    "an incomplete answer": (
        CREATED,
        about("incomplete", "incomplete", usage=USAGE, incomplete_details={"reason": "max_output_tokens"}),
    ),
    "an error": (CREATED, {"type": "error", "message": "no"}),
    "an error at once": ({"type": "error", "message": "no"},),
    "an uncounted failure": (
        CREATED,
        {
            **about("failed", "failed", error={"code": "server_error", "message": "no"}),
            "sequence_number": 99,
        },
    ),
}


@pytest.mark.parametrize("name", LEGAL)
def test_the_strict_form_is_legal(name: str) -> None:
    """Every kind of item and ending."""
    assert judge("responses", numbered(*LEGAL[name])) == []


def test_items_stand_one_after_the_other() -> None:
    """With an index and an id of their own."""
    second = ({**event, "output_index": 1} for event in CALLING)
    assert (
        judge(
            "responses",
            numbered(*whole(*SEARCHING, *second, output=({**SEARCH, "status": "completed"}, CALL))),
        )
        == []
    )


WRONG: dict[str, tuple[tuple[Event, ...], list[str]]] = {
    "no end": ((CREATED,), ["the stream has no end"]),
    "no beginning": (
        (RUNNING, about("completed", "completed", usage=USAGE)),
        [
            "frame 0: has response.in_progress first",
            "frame 0: response changes its id",
            "frame 1: has response.completed first",
            "frame 1: response changes its id",
        ],
    ),
    "created twice": (whole(CREATED), ["frame 2: response is created again"]),
    "a new id": (
        (CREATED, about("completed", "completed", id="resp_2", usage=USAGE)),
        ["frame 1: response changes its id"],
    ),
    "a number left out": (
        whole({**RUNNING, "sequence_number": 7}),
        [
            "frame 2: has sequence_number 7, not 2",
            "frame 3: has sequence_number 3, not 8",
        ],
    ),
    "output too early": (
        whole(about("in_progress", "in_progress", CALL)),
        ["frame 2: response has output already"],
    ),
    "in progress too late": (
        whole(*SEARCHING, RUNNING, output=({**SEARCH, "status": "completed"},)),
        ["frame 5: response is response.in_progress after its first item"],
    ),
    "a wrong status": (
        (CREATED, about("completed", "incomplete", usage=USAGE)),
        ["frame 1: response has status 'incomplete', not 'completed'"],
    ),
    "no usage": ((CREATED, about("completed", "completed")), ["frame 1: response has no usage"]),
    "fields left out": (
        (
            {
                "type": "response.created",
                "response": {
                    "id": "resp_1",
                    "object": "response",
                    "status": "in_progress",
                    "output": [],
                },
            },
            about("completed", "completed", usage=USAGE),
        ),
        [
            "frame 0: response has no created_at",
            "frame 0: response has no model",
            "frame 0: response has no tools",
            "frame 0: response has no tool_choice",
            "frame 0: response has no parallel_tool_calls",
            "frame 0: response has no error",
            "frame 0: response has no incomplete_details",
        ],
    ),
    "an open item at the end": (
        whole(added(0, SEARCH)),
        ["frame 3: response ends while item 0 is open"],
    ),
    "an output that is not the items": (
        whole(*CALLING),
        ["frame 6: response has an output that is not its finished items"],
    ),
    "an item that was not added": (
        whole(done(0, CALL)),
        ["frame 2: has response.output_item.done for item 0, which was not added"],
    ),
    "an item done twice": (
        whole(*CALLING, done(0, CALL), output=(CALL,)),
        ["frame 6: has response.output_item.done for item 0, which is done"],
    ),
    "an id that rotates": (
        whole(
            added(0, SEARCH), inner("web_search_call.searching", 0, "x"), done(0, SEARCH), output=(SEARCH,)
        ),
        ["frame 3: has an item_id that is not the item's id"],
    ),
    "an item that changes": (
        whole(
            added(0, SEARCH),
            done(0, {**SEARCH, "id": "x", "type": "y", "name": "z"}),
            output=({**SEARCH, "id": "x", "type": "y", "name": "z"},),
        ),
        [
            "frame 3: item changes its id",
            "frame 3: item changes its type",
            "frame 3: item changes its call_id or name",
        ],
    ),
    "two items with one id": (
        whole(added(0, SEARCH), done(0, SEARCH), added(1, SEARCH), done(1, SEARCH), output=(SEARCH, SEARCH)),
        ["frame 4: item has the id of another item"],
    ),
    "an index out of order": (
        whole(added(1, SEARCH), done(0, SEARCH), output=(SEARCH,)),
        ["frame 2: has an output_index out of order"],
    ),
    "parts that overlap": (
        whole(*BEGUN, REFUSED[0], done(0, {**MESSAGE, "content": [None, None]}), output=()),
        [
            "frame 4: begins a part inside another",
            "frame 5: item ends with an open part",
            "frame 5: item has a content[0] that is no object",
            "frame 5: item has a content[1] that is no object",
            "frame 5: item has content that is not its parts",
            "frame 6: response has an output that is not its finished items",
        ],
    ),
    "words in no part": (
        whole(
            added(0, OPEN_MESSAGE),
            SPOKEN,
            done(0, {**MESSAGE, "content": []}),
            output=({**MESSAGE, "content": []},),
        ),
        ["frame 3: speaks in a part that is not open"],
    ),
    "a note in no part": (
        whole(
            added(0, OPEN_MESSAGE),
            NOTED,
            done(0, {**MESSAGE, "content": []}),
            output=({**MESSAGE, "content": []},),
        ),
        ["frame 3: speaks in a part that is not open"],
    ),
    "an end of no part": (
        whole(
            added(0, OPEN_MESSAGE),
            WORDS[-1],
            done(0, {**MESSAGE, "content": []}),
            output=({**MESSAGE, "content": []},),
        ),
        ["frame 3: ends a part that is not open"],
    ),
    "words of another kind": (
        whole(
            *BEGUN,
            {**REFUSED[1], "content_index": 0},
            *WORDS[2:],
            *REFUSED,
            done(0, MESSAGE),
            output=(MESSAGE,),
        ),
        [
            "frame 4: says refusal in a output_text part",
            "frame 7: has words that are not its deltas",
            "frame 8: part has words that are not its deltas",
        ],
    ),
    "words after the last": (
        whole(*WORDS[:-1], {**SPOKEN, "delta": ""}, *SPEECH[5:], output=(MESSAGE,)),
        ["frame 7: comes after the part's words were done"],
    ),
    "a part whose words are not done": (
        whole(*WORDS[:-2], WORDS[-1], *SPEECH[6:], output=(MESSAGE,)),
        ["frame 6: ends a part whose words are not done"],
    ),
    "a note that was not added": (
        whole(*WORDS[:3], *WORDS[4:], *SPEECH[6:], output=(MESSAGE,)),
        ["frame 6: part has annotations that were not added"],
    ),
    "arguments twice": (
        whole(*CALLING[:3], ASKED, done(0, CALL), output=(CALL,)),
        ["frame 5: comes after the arguments were done"],
    ),
    "arguments of another kind of call": (
        whole(
            *CALLING[:2],
            inner("custom_tool_call_input.delta", 0, "fc_1", delta=""),
            *CALLING[2:],
            output=(CALL,),
        ),
        ["frame 4: has input for a function_call"],
    ),
    "arguments that are not their deltas": (
        whole(
            *CALLING[:2],
            {**ASKED, "arguments": "x"},
            done(0, {**CALL, "arguments": "y"}),
            output=({**CALL, "arguments": "y"},),
        ),
        [
            "frame 4: has arguments that are not its deltas",
            "frame 5: item has arguments that are not its deltas",
        ],
    ),
    "arguments never done": (
        whole(*CALLING[:2], done(0, CALL), output=(CALL,)),
        ["frame 4: item ends before its arguments are done"],
    ),
    "a summary that is not its parts": (
        whole(*THOUGHT[:-1], done(0, OPEN_REASONING), output=(OPEN_REASONING,)),
        [
            "frame 11: item has a summary that is not its parts",
            "frame 11: item has content that is not its parts",
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_stream_is_told_what_is_wrong(name: str) -> None:
    """Fault by fault."""
    events, words = WRONG[name]
    assert judge("responses", numbered(*events)) == words


def test_an_event_line_is_required() -> None:
    """The type in the data is not enough for every client."""
    data = numbered(CREATED) + named({**about("completed", "completed", usage=USAGE), "sequence_number": 1})
    assert judge("responses", data.replace(b"event: response.completed\n", b"")) == [
        "frame 1: has the event line '' for type 'response.completed'"
    ]


def test_what_is_no_json_is_a_fault() -> None:
    """And nothing may follow the end."""
    data = numbered(*whole()) + b"data: [DONE]\n\n"
    assert judge("responses", b"data: x\n\n" + data) == [
        "frame 0: is no JSON",
        "frame 4: comes after the end",
    ]
