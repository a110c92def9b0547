"""Every documented field of every protocol with a value that nobody meant: a clear refusal or an answer, never a 500.

The fields are those of docs/losses.md, from the SDKs' types. Each gets one bad value a run and way, another one on each
way; `BAD_INPUT=all` tries every value in every field.
"""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from copilot_api.grammars import checker_for
from copilot_api.wire.sse import SseDecoder
from exchange.custom.asking import configure
from gate import CHAT, MESSAGES, RESPONSES, Gate, running_gate

FIELDS = Path(__file__).parents[2] / "scripts" / "losses" / "fields"
MODELS = {"messages": "claude-fable-5", "responses": "gpt-5.5", "chat": "grok-code-fast-1"}
PATHS = {"chat": CHAT, "responses": RESPONSES, "messages": MESSAGES}
WAYS = [(ingress, upstream) for ingress in (*PATHS, "gemini") for upstream in MODELS]
DEEP = 3000
BAD = [
    "null", "true", "0", "-1", "1e308", "1e999", "9" * 400, "-18446744073709551616", '""', '"x"', '"\\ud800"',
    '"\\u0000\\udfff"', "[]", "[null]", "[[]]", "[1]", "{}", '{"a":null}', '{"type":null}', '{"type":"text"}',
    "[" * 50 + "]" * 50, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "nul", '"', "\xff",
]  # fmt: skip
DUPLICATED = "duplicated"
"""Not a value: the good one, and the same key again with a bad one."""
CASES = [*BAD, DUPLICATED]
MARK = "\x01bad\x01"
PATIENCE = aiohttp.ClientTimeout(total=20)


def entries(ingress: str) -> list[dict[str, Any]]:
    """The documented fields of a protocol, each in its small document."""
    found: list[dict[str, Any]] = json.loads((FIELDS / f"{ingress}.json").read_text())
    return found


def marked(document: Any, at: list[Any]) -> Any:
    """The document with a mark in the place of a field."""
    if not at:
        return MARK
    head, *rest = at
    if isinstance(document, list):
        return [*document[:head], marked(document[head], rest), *document[head + 1 :]]
    return {**document, head: marked(document[head], rest)}


def found(document: Any, at: list[Any]) -> Any:
    """The field's good value."""
    for key in at:
        document = document[key]
    return document


def damaged(entry: dict[str, Any], model: str, bad: str, text: str = "x") -> bytes:
    """The body with a bad value for its field, and `text` for each text."""
    document, at = {**entry["document"]}, entry["at"]
    if "contents" not in document and at != ["model"]:
        document["model"] = model
    body = json.dumps(marked(document, at)).replace('"x"', json.dumps(text))
    mark, good = json.dumps(MARK), json.dumps(found(entry["document"], at))
    if bad != DUPLICATED:
        return body.replace(mark, bad).encode("latin-1")
    again = "7" if isinstance(at[-1], int) else f"{json.dumps(at[-1])}: 7"
    return body.replace(mark, f"{good}, {again}").encode()


def path_of(ingress: str, upstream: str, *, stream: bool) -> str:
    """Where the request goes; Gemini's model stands there, too."""
    if ingress != "gemini":
        return PATHS[ingress]
    return f"/v1beta/models/{MODELS[upstream]}:{'streamGenerateContent?alt=sse' if stream else 'generateContent'}"


def complaint(ingress: str, upstream: str, status: int, content_type: str, body: bytes) -> str:
    """What is wrong with an answer; empty where it is an answer, or a refusal in the client's protocol."""
    if status == 200 and content_type.startswith("text/event-stream"):
        if ingress == upstream:
            return ""  # native answers keep the form in which upstream wrote them
        checker = checker_for(ingress)  # type: ignore[arg-type]  # a protocol's name
        faults = [fault for frame in SseDecoder().feed(body) for fault in checker.feed(frame)]
        return "; ".join([*faults, *checker.finish()])
    document = json.loads(body)
    error = document.get("error")
    if status == 200:
        return "an error that calls itself an answer" if error else ""
    if not 400 <= status < 500:
        return f"status {status}: {document}"
    is_told = error["message"] and error["status" if ingress == "gemini" else "type"]
    is_enveloped = ingress != "messages" or document["type"] == "error"
    return "" if is_told and is_enveloped else f"another protocol's refusal: {document}"


@pytest.fixture
async def gate(tmp_path: Path) -> AsyncIterator[Gate]:
    """One whose keepalives do not come so soon that a refusal comes too late to be one."""
    async with running_gate(tmp_path) as running:
        yield running


async def complaints(gate: Gate, ingress: str, upstream: str, path: str = "", text: str = "x") -> list[str]:
    """Ask with a bad value in each field; what was not answered as it must be."""
    shift, complained = WAYS.index((ingress, upstream)), list[str]()
    for number, entry in enumerate(entries(ingress)):
        bads = CASES if os.environ.get("BAD_INPUT") == "all" else [CASES[(number * 5 + shift) % len(CASES)]]
        for bad in bads:
            where = path or path_of(ingress, upstream, stream=number % 2 == 0)
            body = damaged(entry, MODELS[upstream], bad, text)
            head = {"content-type": "application/json"}
            async with gate.http.post(gate.url + where, data=body, headers=head, timeout=PATIENCE) as answer:
                said = await answer.read()
                wrong = complaint(ingress, upstream, answer.status, answer.headers["content-type"], said)
            if wrong:
                complained.append(f"{entry['field']} = {bad[:40]}: {wrong}")
    assert "exchange.crashed" not in gate.log.getvalue()
    return complained


@pytest.mark.parametrize(("ingress", "upstream"), WAYS)
async def test_no_field_breaks_the_gateway(gate: Gate, ingress: str, upstream: str) -> None:
    """Wrong types, nulls, huge numbers, deep nesting, half surrogates, keys twice, and what is no JSON at all."""
    assert await complaints(gate, ingress, upstream) == []


MARKER = '__SUBAGENT_MARKER__{"session_id":"s","agent_id":"a","agent_type":"t"}'


@pytest.mark.parametrize(("ingress", "upstream"), WAYS)
async def test_nor_where_the_operator_has_asked_for_everything(
    gate: Gate, ingress: str, upstream: str
) -> None:
    """Efforts, prompts and freeform tools look into the body of a native request, too; so does a sub-agent's marker."""
    prompts = dict.fromkeys(MODELS.values(), "Be brief.")
    efforts = dict.fromkeys(MODELS.values(), "high")
    await configure(gate, extraPrompts=prompts, modelReasoningEfforts=efforts, useFunctionApplyPatch=True)
    assert await complaints(gate, ingress, upstream, text=MARKER) == []


COUNTS = {
    "messages": "/v1/messages/count_tokens",
    "responses": "/v1/responses/input_tokens",
    "gemini": "/v1beta/models/{model}:countTokens",
}


@pytest.mark.parametrize("upstream", MODELS)
@pytest.mark.parametrize("ingress", COUNTS)
async def test_nor_does_one_where_tokens_are_counted(gate: Gate, ingress: str, upstream: str) -> None:
    """By Copilot's counter and by our own."""
    path = COUNTS[ingress].format(model=MODELS[upstream])
    assert await complaints(gate, ingress, upstream, path) == []


@pytest.mark.parametrize("field", ["model", "input", "input.0", "dimensions", "encoding_format", "user"])
async def test_nor_does_one_of_embeddings(gate: Gate, field: str) -> None:
    """In OpenAI's form; Gemini's has its own test of totality."""
    model = "text-embedding-3-small"
    good = {"model": model, "input": ["x"], "dimensions": 512, "encoding_format": "base64", "user": "u"}
    name, _, place = field.partition(".")
    entry = {"field": field, "document": good, "at": [name, int(place)] if place else [name]}
    for bad in CASES:
        body = damaged(entry, model, bad)
        async with gate.http.post(gate.url + "/v1/embeddings", data=body, timeout=PATIENCE) as answer:
            said = await answer.read()
            assert complaint("chat", "chat", answer.status, answer.headers["content-type"], said) == "", bad
