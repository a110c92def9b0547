"""What explanations say has a code, and every code is said in both languages."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from copilot_api.copilot.names.steps import StepKind
from copilot_api.copilot.quirks.registry import ASYNC_QUIRKS, FRAME_QUIRKS, REJECTION_QUIRKS, REQUEST_QUIRKS
from copilot_api.gateway.capture import steps
from copilot_api.gateway.capture.words import DECISIONS, LOSSES, PHRASES, REPAIRS, recognised
from copilot_api.gateway.request.custom import effort, freeform, prompt, subagent, warmup
from copilot_api.protocols.harmless import FIELDS, NOTED

SOURCE = Path(__file__).resolve().parents[4] / "src/copilot_api"
CHINESE: dict[str, str] = json.loads(
    (SOURCE / "web/ui/tabs/explain/said/chinese.js")
    .read_text("utf-8")
    .partition("export default ")[2]
    .rstrip(";\n")
)
HOLE = re.compile(r"\{(\w+)\}")
NOTING = frozenset({"drop", "approximate", "spare", "Loss", "_lose", "_note"})
REASON_NAMES = frozenset({"said", "said_why", "reason"})


def test_every_code_is_said_in_chinese_with_the_same_parameters() -> None:
    """And nothing is left over; English is what the gateway itself says."""
    assert CHINESE.keys() == PHRASES.keys()
    wrong = [
        code for code, text in PHRASES.items() if set(HOLE.findall(text)) != set(HOLE.findall(CHINESE[code]))
    ]
    assert wrong == []
    assert [code for code, text in CHINESE.items() if not re.search(r"[\u4e00-\u9fff]", text)] == []


def test_every_quirk_and_every_setting_of_the_operator_has_words() -> None:
    """A repair is told by its name; a new one needs a sentence for those who never read its symptom."""
    tables = (REQUEST_QUIRKS, REJECTION_QUIRKS, FRAME_QUIRKS, ASYNC_QUIRKS)
    names = {quirk.name for table in tables for quirks in table.values() for quirk in quirks}
    assert {f"repair.{name}" for name in names} == REPAIRS.keys()
    custom = {f"custom.{room.NAME}" for room in (effort, freeform, prompt, subagent, warmup)}
    assert custom == {code for code in DECISIONS if code.startswith("custom.")}


def test_every_step_of_a_name_has_words() -> None:
    """The kinds are closed; one of them has two meanings."""
    kinds = get_args(StepKind)
    expected = {f"mapping.{kind}" for kind in kinds} | {"mapping.long-window", "mapping.resolved"}
    assert expected == {code for code in DECISIONS if code.startswith("mapping.")}


@pytest.mark.parametrize(
    "reason", ["native", "preferred", "only way", "counter", "freeform tools as functions"]
)
def test_every_reason_of_a_plan_has_words(reason: str) -> None:
    """As `gateway/request/plan.py` and its neighbours say them."""
    (step,) = steps.route_steps("chat", "chat", "verbatim", reason)
    assert step.code.startswith("route.")


def test_a_plan_that_carries_something_says_what() -> None:
    """The parameters are what the sentence has in its place."""
    (step,) = steps.route_steps("chat", "responses", "verbatim", "carries files, tool_images")
    assert (step.code, step.parameters) == ("route.carries", {"needs": "files, tool_images"})
    assert step.detail.endswith("can carry what the request has: files, tool_images.")


def sentences() -> Iterator[tuple[str, str]]:
    """Every reason that the translators write down themselves, with "7" in place of what they fill in."""
    for path in sorted((SOURCE / "protocols").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in NOTING:
                    lead = (
                        "Responses has no place for "
                        if path.parts[-3:] == ("responses", "writing", "stream.py")
                        else ""
                    )
                    for value in [*node.args[1:], *(word.value for word in node.keywords)]:
                        yield from ((path.name, lead * (name == "_lose") + text) for text in texts(value))
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
                    name in REASON_NAMES and _is_writer(path)
                ):
                    yield from ((path.name, text) for text in texts(value))
                case _:
                    continue


def _is_writer(path: Path) -> bool:
    """A reader's words of that name are content."""
    return path.parent.name == "writing" or path.name == "embeddings.py"


def _piece(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    return "'7'" if isinstance(part, ast.FormattedValue) and part.conversion == ord("r") else "7"


def texts(value: ast.expr) -> list[str]:
    """The sentences that an expression may be; a single word is no sentence."""
    if isinstance(value, ast.IfExp):
        return texts(value.body) + texts(value.orelse)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        found = value.value
    elif isinstance(value, ast.JoinedStr):
        found = "".join(_piece(part) for part in value.values)
    else:
        return []
    return [found] if " " in found else []


COMPOSED = ("stream.py", "Responses has no place for 7")
"""Its ends are found where they are said."""
FOUND = sorted(set(sentences()) - {COMPOSED})
FIXED = sorted(
    {reason for table in (FIELDS, NOTED) for fields in table.values() for reason in fields.values()}
)


def test_the_translators_were_read() -> None:
    """A search that finds nothing would be content with everything."""
    assert len(FOUND) > 90
    assert ("options.py", "chat has no top_k") in FOUND


@pytest.mark.parametrize(("file", "reason"), FOUND)
def test_every_reason_of_a_translator_is_recognised(file: str, reason: str) -> None:
    """Whoever writes a new one, or changes one, finds here that it needs its code and its Chinese."""
    code, _ = recognised(reason)
    assert code, (
        f"{file}: add this sentence to gateway/capture/words/losing.py and tabs/explain/said/chinese.js"
    )


@pytest.mark.parametrize("reason", FIXED)
def test_every_reason_why_something_is_harmless_is_recognised(reason: str) -> None:
    """They stand in tables."""
    assert recognised(reason)[0]


def test_the_sentence_that_says_most_is_recognised_first() -> None:
    """One with a hole would fit it, too."""
    assert recognised("only Gemini knows 'x': said as text") == (
        "loss.only-knows-text",
        {"protocol": "Gemini", "part": "x"},
    )
    assert recognised("Responses has no place for such an event") == ("loss.such-event", {})
    assert recognised("nobody ever wrote this") == ("", {})
    assert all(recognised(text)[0] == code for code, text in LOSSES.items())


@pytest.mark.parametrize(
    ("reason", "code"),
    [("the model has no counter upstream", "route.no-counter"), ("it took too long", "route.local")],
)
def test_what_is_answered_here_says_why(reason: str, code: str) -> None:
    """Copilot counts for few models only."""
    (step,) = steps.route_steps("messages", "", "local", reason)
    assert step.code == code
