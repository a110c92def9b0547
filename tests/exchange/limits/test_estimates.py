"""What a request costs, told before: from our own count and the catalogue, never from Copilot's counter."""

import re
from pathlib import Path

import pytest

from exchange.limits.asking import INGRESSES, MODELS, ask, configure
from gate import Gate, running_gate

PRICED = {**MODELS, "chat": "gemini-3.1-pro-preview"}
FORM = re.compile(r"credits=(\d+\.\d{4}); input_tokens=(\d+)(; at_most=(\d+\.\d{4}))?")


async def warm(gate: Gate) -> None:
    """Start the process that counts; it takes longer than an answer's head waits."""
    status, _, _ = await gate.post("/v1/responses/input_tokens", {"model": "gpt-5.5", "input": "Hi"})
    assert status == 200


@pytest.mark.parametrize("ingress", INGRESSES)
async def test_an_answer_says_what_its_input_costs(gate: Gate, ingress: str) -> None:
    """The first number is the input's, the last one the most that the answer may come to."""
    await configure(gate, estimate=True)
    await warm(gate)
    status, headers, _ = await ask(gate, ingress, text="word " * 4000, model=PRICED[ingress])
    assert status == 200
    found = FORM.fullmatch(headers["x-copilot-api-estimate"])
    assert found is not None, headers["x-copilot-api-estimate"]
    assert 3000 < int(found[2]) < 7000
    assert found[4] is not None
    assert 0 < float(found[1]) < float(found[4])


async def test_nobody_upstream_is_asked_for_it(gate: Gate) -> None:
    """One request is one request, also where Copilot has a counter."""
    await configure(gate, estimate=True)
    await ask(gate, "messages")
    assert [entry["path"] for entry in gate.inference_requests()] == ["/capi/individual/v1/messages"]


async def test_a_model_without_prices_says_so(gate: Gate) -> None:
    """An old plan has multipliers, and some models cost nothing."""
    await configure(gate, estimate=True)
    _, headers, _ = await ask(gate, "chat", model="gpt-4.1")
    assert headers["x-copilot-api-estimate"] == "unknown; reason=the catalogue names no price"


async def test_it_is_off_unless_asked_for(gate: Gate) -> None:
    """Nothing is counted, and no process is started for it."""
    _, headers, _ = await ask(gate, "chat")
    assert "x-copilot-api-estimate" not in headers


async def test_a_stream_has_it_in_its_head(tmp_path: Path) -> None:
    """Before the first event, and the events are untouched."""
    body = {"model": PRICED["chat"], "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    async with running_gate(tmp_path, COPILOT_API_ESTIMATE="true") as gate:
        await warm(gate)
        status, headers, answer = await gate.post("/v1/chat/completions", body)
    assert (status, answer.endswith(b"data: [DONE]\n\n")) == (200, True)
    assert FORM.fullmatch(headers["x-copilot-api-estimate"])
