"""`GET /responses` as a WebSocket: one connection, one conversation turn, chained by previous_response_id.

Owns: the connection's memory of its responses.
Source: upstream contract §5.4; frames of responses-websocket.jsonl.
"""

import asyncio
from collections.abc import Mapping

from aiohttp import WSMsgType, web

from copilot_api.simulator import refusals
from copilot_api.simulator.answers.draft import Reply
from copilot_api.simulator.refusals import Refusal
from copilot_api.simulator.routes.gate import Caller, admit, base_headers, seat_of
from copilot_api.simulator.routes.inference import RESPONSES, Incoming, answer, fill_quota, question_of
from copilot_api.simulator.routes.sending import shape_frames
from copilot_api.simulator.script.directives import DirectiveError, Step
from copilot_api.simulator.shapes import Json, as_list, as_object, as_text, decode_object, encode
from copilot_api.simulator.world.ledger import Cost
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Simulator


class _Connection:
    """What one socket remembers: the full input behind each response it has answered."""

    def __init__(self, simulator: Simulator, caller: Caller, headers: Mapping[str, str]) -> None:
        self._simulator = simulator
        self._caller = caller
        self._headers = headers
        self._inputs: dict[str, list[object]] = {}

    def respond(self, message: Json, raw: bytes) -> tuple[Reply, Step]:
        """Answer one `response.create`.

        Raises: Refusal, DirectiveError.
        """
        if message.get("type") != "response.create":
            raise refusals.gate(f"unknown event type {as_text(message.get('type'))!r}", "bad_request")
        body = {
            name: value for name, value in message.items() if name not in ("type", "initiator", "generate")
        }
        body["input"] = self._whole_input(body)
        body["stream"] = True
        question = question_of(self._simulator, RESPONSES, Incoming(self._caller, self._headers, body, raw))
        question.is_socket = True
        remembered, _ = answer(self._simulator, RESPONSES, question)
        if remembered.step.error is not None:
            raise refusals.named(remembered.step.error, remembered.step.retry_after)
        is_user = message.get("initiator") != "agent"
        reply = remembered.reply
        if message.get("generate") is False:
            reply = _warm_up(reply)
        else:
            self._simulator.ledger.record(
                self._caller.account, question.model, "/responses", reply.cost, is_user
            )
        reply = fill_quota(self._simulator, self._caller, reply)
        self._remember(reply, as_list(body["input"]))
        return reply, remembered.step

    def _whole_input(self, body: Json) -> list[object]:
        previous = body.get("previous_response_id")
        given = body.get("input")
        fresh: list[object] = [_user_message(given)] if isinstance(given, str) else as_list(given)
        if previous is None:
            return fresh
        known = self._inputs.get(as_text(previous))
        if known is None:
            raise refusals.gate("Previous response not found.", "previous_response_not_found")
        return [*known, *fresh]

    def _remember(self, reply: Reply, whole_input: list[object]) -> None:
        last = _event(reply.frames[-1])
        response = as_object(last.get("response"))
        output = [_without_id(as_object(item)) for item in as_list(response.get("output"))]
        self._inputs[as_text(response.get("id"))] = [*whole_input, *output]


def _without_id(item: Json) -> Json:
    return {name: value for name, value in item.items() if name != "id"}


def _user_message(text: str) -> Json:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def _event(frame: bytes) -> Json:
    return decode_object(frame.partition(b"data: ")[2].strip()) or {}


def _warm_up(reply: Reply) -> Reply:
    """Answer `generate:false`: the connection is primed, nothing is said and nothing billed."""
    first, last = _event(reply.frames[0]), _event(reply.frames[-1])
    response: Json = {**as_object(last.get("response")), "output": [], "status": "completed"}
    ready: Json = {"response": response, "sequence_number": 1, "type": "response.completed"}
    frames = [b"data: " + encode(first), b"data: " + encode(ready)]
    return Reply(Cost(reply.cost.usage), frames)


def _error(simulator: Simulator, caller: Caller, refusal: Refusal) -> bytes:
    body = decode_object(refusal.body) or {}
    error = as_object(body.get("error")) or {
        "message": refusal.body.decode().strip(),
        "code": str(refusal.status),
    }
    shown: Json = {"error": error, "type": "error"}
    if refusal.status in (402, 429):
        shown = {"copilot_quota_snapshots": simulator.ledger.snapshots(caller.account), **shown}
    return encode(shown)


async def _send(socket: web.WebSocketResponse, entry: Entry, reply: Reply, step: Step) -> bool:
    """Send the events; False when the script cut the connection."""
    if step.first_byte_ms or step.delay_ms:
        await asyncio.sleep((step.first_byte_ms + step.delay_ms) / 1000)
    for number, frame in enumerate(shape_frames(reply, step)):
        if number == step.cut_after:
            return False
        if step.silence_ms and number == step.silence_after:
            await asyncio.sleep(step.silence_ms / 1000)
        await socket.send_str(frame.partition(b"data: ")[2].strip().decode())
        entry.events_sent += 1
        if step.interval_ms:
            await asyncio.sleep(step.interval_ms / 1000)
    return True


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def responses_socket(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`GET /responses`: upgrade and answer until the client leaves; no upgrade, no page."""
    caller = admit(simulator, request, seat_of(request))
    socket = web.WebSocketResponse(max_msg_size=64 * 1024 * 1024)
    if not socket.can_prepare(request).ok:
        raise refusals.named("404-page")
    for name, value in base_headers(request, entry):
        socket.headers[name] = value
    await socket.prepare(request)
    connection = _Connection(simulator, caller, request.headers)
    loop = asyncio.get_running_loop()
    async for message in socket:
        if message.type is not WSMsgType.TEXT:
            continue
        raw = message.data.encode()
        heard = simulator.recorder.open("WS", request.raw_path, request.raw_headers, loop.time())
        simulator.recorder.keep_body(heard, raw)
        try:
            reply, step = connection.respond(decode_object(raw) or {}, raw)
        except Refusal as refusal:
            if refusal.status == 0:
                _break(request)
                break
            await socket.send_str(_error(simulator, caller, refusal).decode())
            continue
        except DirectiveError as error:
            await socket.send_str(encode({"type": "error", "error": {"message": str(error)}}).decode())
            continue
        if not await _send(socket, heard, reply, step):
            _break(request)
            break
    return socket
