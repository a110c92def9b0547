"""Fifty who write at once, through pages, the command line and the file: nobody loses anything."""

import asyncio
import io
import sys
from pathlib import Path

from copilot_api.cli.app import run
from copilot_api.cli.terminal import Terminal
from gate import Gate, running_gate, until
from web.admin.visiting import Answer, Visitor

MAX_TRIES = 200
WRITER = Path(__file__).resolve().parents[3] / "store" / "writer_process.py"


async def replacing(visitor: Visitor, method: str, path: str, change: object) -> Answer:
    """Replace a whole as a page does: read it, change it, and begin anew when somebody was faster."""
    await visitor.get("/session")
    for _ in range(MAX_TRIES):
        seen = await visitor.get(path)
        headers = {
            "x-csrf-token": visitor.csrf,
            "content-type": "application/json",
            "if-match": seen.headers["etag"],
        }
        answer = await visitor.ask(method, path, change(seen.document), headers)  # type: ignore[operator]  # a callable
        if answer.status != 412:
            assert answer.status == 200, answer.body
            return answer
    raise AssertionError("somebody else was always faster")


async def _adds_a_mapping(gate: Gate, number: int) -> None:
    answer = await Visitor(gate).write("POST", "/mappings", {"from": f"added-{number}", "to": "gpt-5.1"})
    assert answer.status == 201


async def _replaces_the_mappings(gate: Gate, number: int) -> None:
    def change(document: dict[str, list[dict[str, object]]]) -> object:
        kept = [{"from": one["from"], "to": one["to"]} for one in document["mappings"]]
        return {"mappings": [{"from": f"replaced-{number}", "to": "gpt-5.1"}, *kept]}

    await replacing(Visitor(gate), "PUT", "/mappings", change)


async def _changes_a_setting(gate: Gate, number: int) -> None:
    def change(document: dict[str, list[dict[str, object]]]) -> object:
        (prompts,) = [one["value"] for one in document["settings"] if one["name"] == "extraPrompts"]
        assert isinstance(prompts, dict)
        return {"changes": {"extraPrompts": {**prompts, f"set-{number}": "x"}}}

    await replacing(Visitor(gate), "PATCH", "/settings", change)


async def _hides_a_model(gate: Gate, number: int) -> None:
    body = {"ids": [f"hidden-{number}"], "isHidden": True}
    assert (await Visitor(gate).write("POST", "/models-visibility", body)).status == 200


async def _uses_the_command_line(gate: Gate, number: int) -> None:
    variables = {"COPILOT_API_HOME": str(gate.config.path.parent), "COPILOT_API_KEYRING": "false"}

    def command() -> int:
        out = io.StringIO()
        terminal = Terminal(variables=variables, out=out, err=out, read=io.StringIO())
        return run(("mappings", "add", f"typed-{number}", "gpt-5.1"), terminal)

    assert await asyncio.to_thread(command) == 0


async def test_fifty_writers_lose_nothing(tmp_path: Path) -> None:
    """Mappings added one by one and as a whole, settings, hidden models, commands, and another process."""
    async with running_gate(tmp_path) as gate:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(WRITER),
            str(tmp_path),
            "write",
            "edited",
            "20",
            stdout=asyncio.subprocess.DEVNULL,
        )
        jobs = (
            _adds_a_mapping,
            _replaces_the_mappings,
            _changes_a_setting,
            _hides_a_model,
            _uses_the_command_line,
        )
        async with asyncio.timeout(120), asyncio.TaskGroup() as group:
            for job in jobs:
                for number in range(10):
                    group.create_task(job(gate, number))
            assert await process.wait() == 0
        mapping = gate.config.load().document["modelMapping"]
        assert isinstance(mapping, dict)
        kinds = {"added": 10, "replaced": 10, "typed": 10, "edited": 20}
        assert set(mapping) == {
            f"{kind}-{number}" for kind, count in kinds.items() for number in range(count)
        }
        now = gate.house.settings
        await until(lambda: len(gate.house.settings.model_mapping) == 50)
        now = gate.house.settings
        assert set(now.extra_prompts) == {f"set-{number}" for number in range(10)}
        assert set(now.hidden_models) == {f"hidden-{number}" for number in range(10)}
        assert now.problems == ()
