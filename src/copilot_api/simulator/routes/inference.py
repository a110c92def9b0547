"""The three inference routes and the token counter: check, choose, write, bill, send.

Owns: the order of checks and the memory of finished answers.
Source: upstream contract §§4-7.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from copilot_api.simulator import refusals
from copilot_api.simulator.answers.chat import chat_reply
from copilot_api.simulator.answers.draft import QUOTA_SLOT, Draft, Reply, make_draft
from copilot_api.simulator.answers.messages import messages_reply
from copilot_api.simulator.answers.responses import responses_reply
from copilot_api.simulator.blobs import digest
from copilot_api.simulator.routes.gate import Caller, Handler, admit, base_headers, seat_of
from copilot_api.simulator.routes.sending import as_chunk, send_stream, told_usage
from copilot_api.simulator.rules.admission import check_model, check_prompt, check_vision, prompt_tokens
from copilot_api.simulator.rules.chat import check_chat
from copilot_api.simulator.rules.messages import check_messages
from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.rules.responses import check_responses
from copilot_api.simulator.script.conversation import read_turn
from copilot_api.simulator.shapes import Json, as_object, as_text, decode_object, encode
from copilot_api.simulator.world.catalogue import Model
from copilot_api.simulator.world.months import http_date, next_month
from copilot_api.simulator.world.recorder import Entry
from copilot_api.simulator.world.universe import Remembered, Simulator


@dataclass(frozen=True, slots=True)
class Route:
    """What one inference route consists of."""

    protocol: str
    path: str
    check: Callable[[Question], None]
    write: Callable[[Draft], Reply]


CHAT = Route("chat", "/chat/completions", check_chat, chat_reply)
RESPONSES = Route("responses", "/responses", check_responses, responses_reply)
MESSAGES = Route("messages", "/v1/messages", check_messages, messages_reply)


def inference(route: Route) -> Handler:
    """Make the handler of one inference route."""

    async def handle(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
        caller = admit(simulator, request, seat_of(request))
        raw = await read_body(simulator, request, entry)
        headers = request.headers
        key = (
            route.path, caller.account.plan, headers.get("anthropic-beta"),
            headers.get("copilot-vision-request"), caller.is_exchanged, raw,
        )  # fmt: skip
        found = simulator.memory.get(key)
        if found is None:
            question = question_of(simulator, route, read_incoming(caller, headers, raw))
            found, is_repeatable = answer(simulator, route, question)
            if is_repeatable:
                simulator.remember(key, len(raw), found)
        if found.step.delay_ms:
            await asyncio.sleep(found.step.delay_ms / 1000)
        if found.step.error is not None:
            raise refusals.named(found.step.error, found.step.retry_after)
        return await _send(simulator, request, entry, caller, found)

    return handle


async def read_body(simulator: Simulator, request: web.Request, entry: Entry) -> bytes:
    """Read a request body within the limit.

    Raises: Refusal 413 as text, like the gateway in front of Copilot.
    """
    limit = simulator.options.max_body_bytes
    if (request.content_length or 0) > limit:
        raise refusals.named("413-text")
    raw = await request.read()
    simulator.recorder.keep_body(entry, raw)
    if len(raw) > limit:
        raise refusals.named("413-text")
    return raw


@dataclass(frozen=True, slots=True)
class Incoming:
    """A decoded request, by HTTP or WebSocket."""

    caller: Caller
    headers: Mapping[str, str]
    body: Json
    raw: bytes


def read_incoming(caller: Caller, headers: Mapping[str, str], raw: bytes) -> Incoming:
    """Decode a body.

    Raises: Refusal for a body that is no JSON object.
    """
    body = decode_object(raw)
    if body is None:
        raise refusals.invalid_body("invalid request body")
    return Incoming(caller, headers, body, raw)


def question_of(simulator: Simulator, route: Route, incoming: Incoming) -> Question:
    """Find the model of a request and gather what the rules need.

    Raises: Refusal for an unknown model, or a model on the wrong route.
    """
    body, account, headers = incoming.body, incoming.caller.account, incoming.headers
    model = check_model(simulator.catalogue, account, as_text(body.get("model")), route.path)
    seed = digest(route.path, incoming.raw)
    betas = (part.strip() for part in headers.get("anthropic-beta", "").split(","))
    return Question(
        body=body,
        model=model,
        owner=account.login,
        seed=seed,
        backend=simulator.options.backend or model.backend_of(seed),
        betas=tuple(beta for beta in betas if beta),
        has_vision_header=headers.get("copilot-vision-request", "").lower() == "true",
        prompt_tokens=prompt_tokens(body, incoming.raw),
        is_quota_exhausted=account.is_quota_exhausted,
        is_free=account.plan.startswith("free"),
    )


def answer(simulator: Simulator, route: Route, question: Question) -> tuple[Remembered, bool]:
    """Check a question and write its answer; the flag says whether the same bytes get the same answer again.

    Raises: Refusal from the rules; DirectiveError from the script.
    """
    body, model = question.body, question.model
    is_free_of_script = simulator.playbook.is_empty
    turn = read_turn(route.protocol, body)
    step = simulator.playbook.choose(route.path, model.id, turn)
    if step.backend in ("anthropic", "bedrock", "vertex"):
        question.backend = step.backend
    check_vision(question)
    route.check(question)
    check_prompt(question, route.protocol)
    if question.is_quota_exhausted:
        if question.is_free:
            raise refusals.named("402-free-quota", http_date(next_month(simulator.options.clock())))
        raise refusals.named("402-quota-exceeded")
    is_stream = body.get("stream") is True and not step.as_json
    draft = make_draft(question, step, is_stream, _wants_thinking(route.protocol, body, model))
    reply = route.write(draft) if step.error is None else draft.reply()
    if step.is_paced:
        reply.chunks = [as_chunk(frame) for frame in reply.frames]
    return Remembered(route.path, reply, step, model, is_stream), is_free_of_script and step.is_plain


def _wants_thinking(protocol: str, body: Json, model: Model) -> bool:
    if protocol == "messages":
        return as_text(as_object(body.get("thinking")).get("type")) in ("enabled", "adaptive")
    if protocol == "responses":
        return bool(model.efforts) and as_object(body.get("reasoning")).get("effort", "medium") != "none"
    return "reasoning_effort" in body or "thinking_budget" in body or model.obeys("thought_signature")


async def _send(
    simulator: Simulator,
    request: web.Request,
    entry: Entry,
    caller: Caller,
    found: Remembered,
) -> web.StreamResponse:
    reply = found.reply
    bill = simulator.ledger.record(caller.account, found.model, found.path, reply.cost, caller.is_user_turn)
    headers = [*base_headers(request, entry), *simulator.ledger.headers(caller.account)]
    if found.model.vendor == "Azure OpenAI":
        headers.append(("azureml-model-session", "simulator-1"))
        headers.append(("apim-request-id", f"20000000-0000-4000-8000-{entry.number:012x}"))
    if not found.is_stream:
        headers.append(("content-type", "application/json"))
        return web.Response(body=reply.body, headers=headers)
    if found.path == "/responses":
        reply = fill_quota(simulator, caller, reply)
    try:
        return await send_stream(request, entry, headers, reply, found.step)
    finally:
        if entry.events_sent < len(reply.frames):
            told = told_usage(reply, found.step, entry.events_sent)
            simulator.ledger.settle(caller.account, found.model, bill, told)


def fill_quota(simulator: Simulator, caller: Caller, reply: Reply) -> Reply:
    """Put today's balance into the terminal event of a remembered answer."""
    if not reply.frames:
        return reply
    snapshots = encode(simulator.ledger.snapshots(caller.account))
    last = reply.frames[-1].replace(QUOTA_SLOT, snapshots)
    filled = Reply(reply.cost, [*reply.frames[:-1], last], b"", reply.error_frame)
    if reply.chunks:
        filled.chunks = [*reply.chunks[:-1], as_chunk(last)]
    return filled


async def count_tokens(simulator: Simulator, request: web.Request, entry: Entry) -> web.StreamResponse:
    """`POST /v1/messages/count_tokens`: the upstream's own counter; nothing is billed."""
    caller = admit(simulator, request, seat_of(request))
    raw = await read_body(simulator, request, entry)
    question = question_of(simulator, MESSAGES, read_incoming(caller, request.headers, raw))
    question.is_counting = True
    check_messages(question)
    headers = [*base_headers(request, entry), ("content-type", "application/json")]
    return web.Response(body=encode({"input_tokens": question.prompt_tokens}), headers=headers)
