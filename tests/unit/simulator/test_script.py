"""Directives, control routes, pacing, recording: the simulator's own manners."""

import asyncio
import sys
from typing import Any

import aiohttp
import pytest

from copilot_api.simulator import running_simulator
from copilot_api.simulator.script.conversation import read_turn
from copilot_api.simulator.script.directives import DirectiveError, ToolUse, parse, parse_steps


def test_a_directive_has_steps_pairs_and_json() -> None:
    """Separators inside JSON belong to the JSON."""
    steps = parse(
        'say [[sim: text="a; b || c]]"; tool=run {"cmd":"x ]] ; || y"}; times=2 || text=Done; json]] now'
    )
    assert [step.text for step in steps] == ["a; b || c]]", "Done"]
    assert steps[0].tools == [ToolUse("run", '{"cmd":"x ]] ; || y"}')]
    assert (steps[0].times, steps[1].as_json) == (2, True)


def test_a_nested_directive_stays_inside_its_prompt() -> None:
    """A sub-agent's directive travels as tool input."""
    steps = parse('[[sim: tool=Agent {"prompt":"[[sim: text=sub]]"} || text=main]]')
    assert steps[0].tools[0].arguments == '{"prompt":"[[sim: text=sub]]"}'
    assert steps[1].text == "main"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[sim: text=x", "not closed"),
        ("[[sim: colour=red]]", "'colour' is not a word"),
        ("[[sim: chunks=many]]", "chunks wants a number, not 'many'"),
        ('[[sim: tool=f {"a":]]', "bad JSON arguments"),
        ('[[sim: custom=f "a]]', "bad JSON string"),
        ("[[sim: tool=f `x]]", "unclosed backquote"),
        ("[[sim: =x]]", "expected a name"),
        ("[[sim: tool={}]]", "expected a tool name"),
        ("nothing", "no '[[sim:'"),
    ],
)
def test_a_directive_nobody_can_follow_says_why(text: str, complaint: str) -> None:
    """The message quotes the trouble."""
    with pytest.raises(DirectiveError, match="." if complaint == "" else complaint.replace("[", r"\[")):
        parse(text)


def test_bare_steps_must_be_read_to_the_end() -> None:
    """The control route takes steps without brackets."""
    assert parse_steps("text=a || text=b")[1].text == "b"
    with pytest.raises(DirectiveError, match="cannot read"):
        parse_steps("text=a]] rest")


def test_a_turn_is_over_once_the_assistant_answered_without_a_call() -> None:
    """A later plain question is a new turn."""
    chat: list[dict[str, Any]] = [
        {"role": "user", "content": "[[sim: text=a]]"},
        {"role": "assistant", "content": "a"},
        {"role": "user", "content": "and now?"},
    ]
    assert read_turn("chat", {"messages": chat}).directive is None
    assert read_turn("chat", {"messages": chat[:1]}).directive == "[[sim: text=a]]"


def test_texts_after_the_directive_do_not_hide_it() -> None:
    """Reminders, environment notes and image turns may follow the human's words."""
    blocks = [
        {"type": "text", "text": "<system-reminder>x</system-reminder>"},
        {"type": "text", "text": "[[sim: tool=f || text=b]]"},
        {"type": "text", "text": "<system-reminder>y</system-reminder>"},
    ]
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": blocks},
        {"role": "system", "content": "s"},
        {"role": "assistant", "content": [{"type": "text", "text": "t"}, {"type": "tool_use", "id": "1"}]},
        {"role": "user", "content": [{"type": "tool_result"}, {"type": "text", "text": "Tool loaded."}]},
    ]
    turn = read_turn("messages", {"messages": messages})
    assert (turn.directive, turn.answered) == ("[[sim: tool=f || text=b]]", 1)


def test_responses_items_of_one_answer_count_once() -> None:
    """Reasoning, text and two calls are one assistant answer."""
    items: list[dict[str, Any]] = [
        {"type": "message", "role": "developer", "content": "d"},
        {"role": "user", "content": [{"type": "input_text", "text": "[[sim: tool=f || tool=g || text=c]]"}]},
        {"type": "reasoning"},
        {"type": "message", "role": "assistant", "content": []},
        {"type": "function_call"},
        {"type": "custom_tool_call"},
        {"type": "function_call_output"},
        {"type": "custom_tool_call_output"},
    ]
    assert read_turn("responses", {"input": items}).answered == 1
    assert read_turn("responses", {"input": "[[sim: text=x]]"}).directive == "[[sim: text=x]]"


async def test_without_a_directive_the_demo_answers(world: Any) -> None:
    """Also when tools are offered."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    message = (await world.chat("hi", tools=[tool])).json["choices"][0]["message"]
    assert message["content"].startswith("Hello from the demo simulator.")
    assert "tool_calls" not in message


async def test_a_bad_directive_is_a_400_that_says_so(world: Any) -> None:
    """Scripts fail loudly."""
    answer = await world.chat("[[sim: colour=red]]")
    assert answer.refusal == (
        400,
        "text/plain; charset=utf-8",
        b"simulator: 'colour' is not a word of the directive language\n",
    )


async def test_a_queue_answers_before_directives_and_rules(world: Any) -> None:
    """Queued steps are used once each, rules until they are spent."""
    rules = [
        {"path": "/chat/completions", "model": "gpt-*", "contains": "ping", "answer": "text=pong", "times": 1}
    ]
    loaded = await world.control("script", {"queue": ["text=one || text=two"], "rules": rules})
    assert loaded.json == {"queued": 2}
    said = [
        (await world.chat("[[sim: text=mine]] ping")).json["choices"][0]["message"]["content"]
        for _ in range(4)
    ]
    assert said == ["one", "two", "pong", "mine"]


async def test_a_rule_takes_its_steps_one_after_another(world: Any) -> None:
    """A client whose prompt cannot carry a directive has tool loops too, and they end."""
    await world.control("script", {"rules": [{"contains": "Go", "answer": "tool=f || text=done"}]})
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "Go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "x"},
    ]
    assert read_turn("chat", {"messages": messages[:3]}).answered == 0
    assert read_turn("chat", {"messages": messages}).answered == 1
    assert read_turn("chat", {"messages": messages[2:]}).answered == 1
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    first, last = [
        (await world.chat("", messages=spoken, tools=tools)).json["choices"][0]["message"]
        for spoken in (messages[:3], messages)
    ]
    assert first["tool_calls"][0]["function"]["name"] == "f"
    assert last["content"] == "done"


async def test_control_routes_refuse_what_they_do_not_know(world: Any) -> None:
    """With a sentence."""
    bad = await world.control("script", {"queue": ["colour=red"]})
    assert (bad.status, bad.json) == (400, {"error": "'colour' is not a word of the directive language"})
    assert (await world.control("accounts", {"plan": "nobody"})).json == {"error": "unknown name 'nobody'"}
    assert (await world.control("accounts", {"colour": 1})).json == {"error": "unknown name 'colour'"}
    assert (await world.control("faults", {"faults": [{"path": "/", "error": "xxx"}]})).status == 400
    headers = {"user-agent": "t"}
    raw = await world.call("POST", world.simulator.url + "/_sim/reset", headers=headers, data=b"[]")
    assert raw.json == {"error": "the body must be a JSON object"}


async def test_requests_are_recorded_and_forgotten(world: Any) -> None:
    """Head, body and outcome of each; reset empties everything."""
    await world.chat("hello")
    listed = await world.call(
        "GET", world.simulator.url + "/_sim/requests?path=/capi/individual/chat/completions&last=1",
        headers={"user-agent": "t"},
    )  # fmt: skip
    shown = listed.json["requests"][0]
    assert (shown["method"], shown["status"], shown["hung_up"]) == ("POST", 200, False)
    assert shown["headers"]["x-github-api-version"] == "2026-06-01"
    assert shown["body"] == '{"model":"gpt-4.1","messages":[{"role":"user","content":"hello"}]}'
    await world.control("accounts", {"revoked": True})
    await world.control("reset", {})
    assert world.simulator.requests() == []
    assert world.simulator.ledger.requests == 0
    assert (await world.get("/models")).status == 200


async def test_old_bodies_are_let_go_and_recording_can_stop(world: Any) -> None:
    """200 bodies are kept; none at all when recording is off."""
    for number in range(201):
        await world.chat(f"n{number}")
    shown = world.simulator.requests()
    assert "body" not in shown[0]
    assert "body" in shown[1]
    await world.control("options", {"record": False})
    await world.chat("unseen")
    assert len(world.simulator.requests()) == 201


async def test_identical_requests_get_identical_answers(world: Any) -> None:
    """Bytes in, bytes out: nothing random, no wall clock."""
    first = await world.messages("same", stream=True, thinking={"type": "adaptive"})
    second = await world.messages("same", stream=True, thinking={"type": "adaptive"})
    assert first.body == second.body
    async with running_simulator(clock=world.clock, backend="bedrock") as other:
        world.simulator, mine = other, world.simulator
        third = await world.messages("same", stream=True, thinking={"type": "adaptive"})
        world.simulator = mine
    assert third.body == first.body


async def test_chunks_make_that_many_deltas(world: Any) -> None:
    """Of invented words, or of the given text."""
    words = await world.chat("[[sim: chunks=200]]", stream=True)
    assert words.body.count(b'"content":"word') == 200
    cut = await world.chat("[[sim: text=abcdef; chunks=3]]", stream=True)
    assert [part in cut.body for part in (b'"content":"ab"', b'"content":"cd"', b'"content":"ef"')] == [
        True
    ] * 3


@pytest.mark.parametrize("path", ["/chat/completions", "/responses"])
async def test_a_cut_is_a_broken_connection(world: Any, path: str) -> None:
    """After the given number of events, without the last chunk."""
    body: dict[str, Any] = {"model": "gpt-5-mini", "stream": True}
    text = "[[sim: chunks=20; cut_after=5]]"
    body.update({"messages": [{"role": "user", "content": text}]} if "chat" in path else {"input": text})
    headers = world.copilot_headers({})
    received = b""
    with pytest.raises(aiohttp.ClientPayloadError):  # noqa: PT012
        async with world.session.post(
            world.simulator.api_url() + path, json=body, headers=headers
        ) as response:
            async for part in response.content.iter_any():
                received += part
    assert received.count(b"data: ") in (4, 5)


async def test_a_reset_is_no_answer_at_all(world: Any) -> None:
    """For one request, or for a route."""
    with pytest.raises(aiohttp.ClientConnectionError):
        await world.chat("[[sim: error=reset]]")
    # aiohttp itself repeats a GET once when a kept-alive connection breaks, hence two resets.
    world.simulator.break_route("/user", "reset", times=2)
    with pytest.raises(aiohttp.ClientConnectionError):
        await world.github("GET", "/user")
    assert (await world.github("GET", "/user")).status == 200


async def test_bytes_may_come_in_odd_pieces(world: Any) -> None:
    """Shredded, with CRLF, or with a broken frame: the rest is as always."""
    plain = await world.responses("[[sim: text=Hello; quirk=empty]]", stream=True)
    shredded = await world.responses("[[sim: text=Hello; quirk=shred]]", stream=True)
    assert shredded.event_names == plain.event_names
    crlf = await world.chat("[[sim: text=Hello; quirk=crlf]]", stream=True)
    assert crlf.body.endswith(b"data: [DONE]\r\n\r\n")
    garbage = await world.chat("[[sim: text=Hello; garbage_after=3]]", stream=True)
    assert garbage.body.count(b'data: {"broken":\n\n') == 1
    assert garbage.body.endswith(b"data: [DONE]\n\n")


async def test_an_early_end_is_clean_but_short(world: Any) -> None:
    """The stream ends properly, the answer does not."""
    answer = await world.chat("[[sim: chunks=20; end_after=5]]", stream=True)
    assert answer.body.count(b"data: ") == 4
    assert b"[DONE]" not in answer.body


async def test_events_come_one_by_one_with_pauses(world: Any) -> None:
    """interval_ms between events, silence_ms at a place, first_byte_ms before the first."""
    loop = asyncio.get_running_loop()
    text = "[[sim: chunks=5; interval_ms=10; first_byte_ms=40; silence_ms=60; silence_after=4]]"
    started = loop.time()
    answer = await world.messages(text, stream=True)
    took = loop.time() - started
    assert answer.event_names[-1] == "message_stop"
    assert took >= 0.15
    started = loop.time()
    await world.chat("[[sim: text=x; delay_ms=50]]")
    assert loop.time() - started >= 0.05


async def test_a_hang_up_is_noticed_at_once(world: Any) -> None:
    """Even while the stream is silent."""
    text = "[[sim: chunks=5; silence_ms=60000; silence_after=3]]"
    body = {"model": "gpt-4.1", "stream": True, "messages": [{"role": "user", "content": text}]}
    url = world.simulator.api_url() + "/chat/completions"
    response = await world.session.post(url, json=body, headers=world.copilot_headers({}))
    await response.content.readany()
    response.close()
    for _ in range(100):
        await asyncio.sleep(0.01)
        entry = world.simulator.requests()[-1]
        if entry["hung_up"]:
            break
    assert entry["hung_up"] is True
    assert entry["events_sent"] == 3
    assert entry["finished_after_s"] < 5


async def test_a_stream_request_may_be_answered_whole(world: Any) -> None:
    """json=yes: plain JSON although a stream was asked for."""
    answer = await world.chat("[[sim: text=x; json]]", stream=True)
    assert answer.content_type == "application/json"
    assert answer.json["choices"][0]["message"]["content"] == "x"


async def test_the_module_runs_and_prints_its_port() -> None:
    """python -m copilot_api.simulator --port 0."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "copilot_api.simulator", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
        assert line.startswith("simulator listening on http://127.0.0.1:")
        async with aiohttp.ClientSession() as session, session.get(line.split()[-1] + "/_sim") as response:
            about = await response.json()
        assert about["accounts"]["business"]["api"].endswith("/capi/business")
    finally:
        process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
