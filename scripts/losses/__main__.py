"""What becomes of every documented request field on each of the twelve ways, found out by asking.

    .venv/bin/python scripts/losses > docs/losses.md

Each field's small document (`fields/*.json`) is read and written twice, with the field and without it; the
difference between the two, and the losses that were reported, say which of five things happened. Nothing may be
left out without a report: the script then fails and names the fields.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from copilot_api.errors import ClientFault
from copilot_api.neutral.loss import Loss
from copilot_api.protocols.base import IngressHalf, ProtocolName, Target, UpstreamHalf
from copilot_api.protocols.registry import PROTOCOLS

HERE: Final = Path(__file__).parent
APIS: Final[tuple[ProtocolName, ...]] = ("chat", "responses", "messages", "gemini")
UPSTREAMS: Final[tuple[ProtocolName, ...]] = ("chat", "responses", "messages")
TITLES: Final = {
    "chat": "Chat Completions",
    "responses": "Responses",
    "messages": "Messages",
    "gemini": "Gemini generateContent",
}
ELSEWHERE: Final[dict[str, dict[str, str]]] = msgspec.json.decode((HERE / "elsewhere.json").read_bytes())
"""Fields that change no document and lose nothing: what is done about them, by API and field."""

Outcome = tuple[dict[str, Any], tuple[Loss, ...]] | None
"""A written document and its losses; None when it was refused."""


def target_of(upstream: ProtocolName) -> Target:
    """A capable model."""
    return Target(
        protocol=upstream,
        model="upstream-model",
        origin=upstream,
        max_output_tokens=8192,
        reasoning_efforts=("low", "medium", "high"),
        min_thinking_budget=1024,
        max_thinking_budget=32000,
    )


def ask(api: ProtocolName, upstream: ProtocolName, document: dict[str, Any]) -> Outcome:
    """Read a request and write it."""
    specs = {spec.name: spec for spec in PROTOCOLS.values()}
    ingress = cast("IngressHalf", specs[api].ingress)
    half = cast("UpstreamHalf", specs[upstream].upstream)
    try:
        written = half.write_request(ingress.read_request(document), target_of(upstream))
    except ClientFault:
        return None
    return written.document, written.losses


def without(document: Any, at: list[Any]) -> Any:
    """The document without the field."""
    head, *rest = at
    if isinstance(document, list):
        inside = without(document[head], rest) if rest else None
        return [*document[:head], *([inside] if rest else []), *document[head + 1 :]]
    if rest:
        return {**document, head: without(document[head], rest)}
    return {key: value for key, value in document.items() if key != head}


def found(document: Any, at: list[Any]) -> Any:
    """The field's value."""
    for key in at:
        document = document[key]
    return document


def stands_in(document: Any, name: Any, value: Any) -> bool:
    """Whether a field of this name and value stands anywhere; for an element of a list, the element itself."""
    inside = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    if isinstance(document, dict) and name in document and document[name] == value:
        return True
    if isinstance(name, int) and isinstance(document, list) and value in document:
        return True
    return any(stands_in(inner, name, value) for inner in inside)


def fate(api: ProtocolName, upstream: ProtocolName, entry: dict[str, Any]) -> str:
    """One of: carried, mapped, repaired, refused, lost; "silent" where nothing changed and nothing was said."""
    document, at = entry["document"], entry["at"]
    outcome = ask(api, upstream, document)
    if outcome is None:
        return "refused"
    written, losses = outcome
    plain = ask(api, upstream, without(document, at))
    before, known = plain if plain is not None else ({}, ())
    new = [loss for loss in losses if loss not in known]
    if written == before:
        return "lost" if new else "silent"
    if new:
        return "repaired"
    return "carried" if stands_in(written, at[-1], found(document, at)) else "mapped"


def around(field: str) -> Iterator[str]:
    """The fields that a field stands in, the nearest first."""
    while field:
        head, dot, last = field.rpartition(".")
        name = last.partition("[]")[0].partition("(")[0]
        if last.endswith("[]"):
            field = field[:-2]
        elif last != name:
            field = field[: field.rindex("(")] if field.endswith(")") else f"{head}{dot}{name}"
        else:
            field = head
        if field:
            yield field


def table(api: ProtocolName) -> dict[str, list[str]]:
    """Every field of an API and its fate on each upstream; what stands inside something lost is lost with it."""
    entries: list[dict[str, Any]] = msgspec.json.decode((HERE / "fields" / f"{api}.json").read_bytes())
    known: dict[str, list[str]] = {}
    for entry in entries:
        fates = [fate(api, upstream, entry) for upstream in UPSTREAMS]
        for column, word in enumerate(fates):
            if word == "silent":
                fates[column] = inherited(known, entry["field"], column) or settled(api, entry["field"])
        known[entry["field"]] = fates
    return known


def inherited(known: dict[str, list[str]], field: str, column: int) -> str | None:
    """The fate of the nearest field around it that was lost, if one was."""
    for outer in around(field):
        if outer in known and known[outer][column] in ("lost", "refused"):
            return known[outer][column]
    return None


def settled(api: ProtocolName, field: str) -> str:
    """A silent field's fate from the table of what says nothing or is handled elsewhere."""
    for name, said in ELSEWHERE[api].items():
        if field == name or (name.endswith("*") and field.startswith(name[:-1])):
            return said.partition(":")[0]
    return "silent"


def page() -> str:
    """Write the whole page."""
    tables = {api: table(api) for api in APIS}
    silent = [f"{api} {field}" for api in APIS for field, fates in tables[api].items() if "silent" in fates]
    if silent:
        raise SystemExit("Left out without a report:\n" + "\n".join(silent))
    lines = ["# What each way can and cannot say", "", *INTRODUCTION.split("\n")]
    lines += ["| client | upstream | " + " | ".join(FATES) + " |", "|---|---|" + "---:|" * len(FATES)]
    for api, known in tables.items():
        for column, upstream in enumerate(UPSTREAMS):
            counts = Counter(fates[column] for fates in known.values())
            numbers = " | ".join(str(counts[word]) for word in FATES)
            lines.append(f"| {TITLES[api]} | {TITLES[upstream]} | {numbers} |")
    for api, known in tables.items():
        lines += ["", f"## {TITLES[api]} clients", ""]
        lines += [
            "| field | " + " | ".join(TITLES[upstream] for upstream in UPSTREAMS) + " |",
            "|---|---|---|---|",
        ]
        lines += [f"| `{field}` | " + " | ".join(fates) + " |" for field, fates in known.items()]
        lines += ["", "Mapped without a trace in the document:", ""]
        lines += [f"- `{field}`: {said.partition(': ')[2]}" for field, said in ELSEWHERE[api].items()]
    return "\n".join(lines) + "\n"


FATES: Final = ("carried", "mapped", "repaired", "refused", "lost")
INTRODUCTION: Final = """\
Made by `scripts/losses`, which asks the translators themselves; a test keeps it current. Fields come from the types
of openai 3.54, anthropic 2.12 and google-genai 3.4 (read 2026-11). On each way a field is exactly one of:

- **carried**: under its own name, with its own value
- **mapped**: in the upstream's words, with nothing lost
- **repaired**: said differently or in part; the request's report says how
- **refused**: answered with a clear error, since the question would be another one without it
- **lost**: left out, which the request's report says; keys marked strict are refused instead

What stands inside something that is lost or refused shares its fate and is not told apart from it.
"""


if __name__ == "__main__":
    sys.stdout.write(page())
