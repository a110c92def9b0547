"""`copilot-api capture` and `explain` beside a running gateway, as an operator types them."""

import asyncio
import json
from pathlib import Path

from exchange.capture.seeing import capture, explained
from exchange.limits.asking import add_key
from gate import CHAT, MESSAGES, Gate, request, running_gate, until
from unit.cli.conftest import CommandLine
from web.admin.listening import listening
from web.admin.visiting import SECRET, Visitor


def operator(gate: Gate, home: Path) -> CommandLine:
    """A command line in the gateway's own data directory."""
    command_line = CommandLine(home)
    command_line.variables["PORT"] = str(gate.port)
    return command_line


async def run(command_line: CommandLine, *arguments: str) -> int:
    """Run one command while the gateway goes on."""
    return await asyncio.to_thread(command_line, *arguments)


async def test_capture_on_then_explain_then_off(gate: Gate, tmp_path: Path) -> None:
    """The whole way, without a secret: who is on this machine is the operator."""
    typed = operator(gate, tmp_path)
    assert await run(typed, "capture", "on", "--minutes", "5") == 0, typed.err
    assert typed.out.startswith("Every request is captured until 20")
    _, headers, _ = await gate.post(MESSAGES, request(MESSAGES, "hello there"))
    await explained(gate, headers["x-trace-id"])
    assert await run(typed, "explain", headers["x-trace-id"]) == 0, typed.err
    assert "messages -> messages" in typed.out
    assert "byte for byte" in typed.out
    assert await run(typed, "capture", "list") == 0
    assert "Captured now: every request, until 20" in typed.out
    assert headers["x-trace-id"] in typed.out
    assert await run(typed, "capture", "off") == 0
    assert typed.out == "1 window(s) closed.\n"
    assert await run(typed, "capture", "off") == 0
    assert typed.out == "Nothing is captured now.\n"
    assert gate.house.gateway.captures.register == {}


async def test_capture_of_one_key_by_its_name(gate: Gate, tmp_path: Path) -> None:
    """A name that is no key's is refused rather than capture nothing."""
    await add_key(gate, "laptop")
    typed = operator(gate, tmp_path)
    assert await run(typed, "capture", "on", "--key", "laptop") == 0, typed.err
    assert typed.out.startswith("The requests of 'laptop' are captured until 20")
    assert [window.key_name for window in gate.house.gateway.captures.register.values()] == ["laptop"]
    assert await run(typed, "capture", "on", "--key", "desktop") == 1
    assert "There is no key 'desktop'" in typed.err
    assert await run(typed, "capture", "off", "--key", "laptop") == 0
    assert await run(typed, "capture", "off", "--key", "laptop") == 1
    assert "not open" in typed.err


async def test_a_request_that_was_not_captured_is_explained_from_the_usage_log(
    gate: Gate, tmp_path: Path
) -> None:
    """With the sentence that says how to see more of the next one."""
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hi") | {"model": "no-such"})
    visitor = Visitor(gate)
    while (await visitor.get(f"/usage/log/{headers['x-trace-id']}")).status != 200:
        await asyncio.sleep(0.01)
    typed = operator(gate, tmp_path)
    assert await run(typed, "explain", headers["x-trace-id"]) == 0, typed.err
    assert "not captured" in typed.out
    assert "failed 404 model_not_found" in typed.out
    assert "copilot-api capture on" in typed.out
    assert await run(typed, "explain", headers["x-trace-id"], "--bundle", str(tmp_path / "x.zip")) == 1
    assert "nothing to pack" in typed.err


async def test_open_pages_hear_of_captures_that_were_cleared(gate: Gate, tmp_path: Path) -> None:
    """The command works in the folder and asks no gateway; the pages show what is left all the same."""
    visitor = await capture(gate)
    _, headers, _ = await gate.post(MESSAGES, request(MESSAGES, "hello there"))
    await explained(gate, headers["x-trace-id"], visitor)
    typed = operator(gate, tmp_path)
    async with listening(gate) as (page,):
        await asyncio.sleep(1.5)  # by then what the gateway did itself has been told
        told = len(page.of("captures"))
        assert await run(typed, "capture", "clear") == 0, typed.err
        assert typed.out == "1 captured request(s) forgotten.\n"
        await until(lambda: len(page.of("captures")) > told)
        assert (await visitor.get("/captures")).document["captures"] == []
        await asyncio.sleep(1.5)
        assert len(page.of("captures")) == told + 1


async def test_where_a_secret_is_set_it_is_asked_for(tmp_path: Path) -> None:
    """Typed, or known from ADMIN_SECRET; a list never asks."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        typed = operator(gate, tmp_path)
        typed.input = "wrong\n"
        assert await run(typed, "capture", "on") == 1
        assert "wrong" in typed.err
        typed.input = f"{SECRET}\n"
        assert await run(typed, "capture", "on") == 0, typed.err
        typed.input = ""
        assert await run(typed, "capture", "list") == 0
        assert "What is captured now is not known: The gateway asks for its admin secret." in typed.err
        typed.variables["ADMIN_SECRET"] = SECRET
        assert await run(typed, "capture", "list") == 0
        assert "Captured now: every request" in typed.out
        assert SECRET not in gate.log.getvalue()


async def test_another_gateway_is_asked_by_its_address(gate: Gate, tmp_path: Path) -> None:
    """A demo's data directory is gone with it; its gateway knows."""
    away = CommandLine(tmp_path / "elsewhere")
    assert await run(away, "capture", "on", "--url", gate.url) == 0, away.err
    _, headers, _ = await gate.post(CHAT, request(CHAT, "hello"))
    await explained(gate, headers["x-trace-id"])
    assert await run(away, "explain", headers["x-trace-id"], "--url", gate.url, "--json") == 0, away.err
    assert json.loads(away.out)["isCaptured"] is True
    assert await run(away, "explain", "--url", gate.url) == 0, away.err
    assert f"Request {headers['x-trace-id']}" in away.out
    assert await run(away, "explain", "nobody", "--url", gate.url) == 1
    assert "No request 'nobody' was captured" in away.err
