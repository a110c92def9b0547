"""What becomes of every documented request field on each of the twelve ways, found out by asking.

    .venv/bin/python scripts/losses > docs/losses.md

Each field's small document (`fields/*.json`) is read and written twice, with the field and without it, and a fixed
answer is written to the client both times. The differences, and the losses that were reported, say which of five
things happened. Nothing may be left out without a report: the script then fails and names the fields. It fails, too,
on a sample that its own protocol's reader refuses, which would say nothing about the field.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import msgspec

sys.path.insert(0, str(Path(__file__).parent))

from answers import answered

from copilot_api.errors import MalformedRequest, UnsupportedContent
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.base import IngressHalf, ProtocolName, Target, ToolNames, UpstreamHalf
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
FATES: Final = ("carried", "mapped", "repaired", "refused", "lost", "lost, harmless")
SILENT: Final = "silent"
INTRODUCTION: Final = """\
Made by `scripts/losses`, which asks the translators themselves; a test keeps it current. Fields come from the types
of openai 3.54, anthropic 2.12 and google-genai 3.4 (read 2026-11). On each way a field is exactly one of:

- **carried**: under its own name, with its own value
- **mapped**: in the upstream's words, or in what the client is answered, with nothing lost
- **repaired**: said differently or in part; the request's report says how
- **refused**: answered with a clear error, since the question would be another one without it
- **lost**: left out, which the request's report says; whoever is strict is refused instead
- **lost, harmless**: left out and reported as well, but the answer says the same without it (caching, cost, delivery,
  bookkeeping, or what happens anyway): nobody is refused for it

What stands inside something that is lost or refused shares its fate. A field that leaves neither a trace nor a report
fails the script, so there is none.
"""


class Outcome(msgspec.Struct, frozen=True):
    """A request as it was read, as it was written, and what was reported."""

    request: ModelRequest
    document: dict[str, Any]
    losses: tuple[Loss, ...]
    names: ToolNames


def target_of(upstream: ProtocolName) -> Target:
    """A capable model."""
    return Target(
        protocol=upstream,
        model="upstream-model",
        origin=upstream,
        max_output_tokens=8192,
        reasoning_efforts=("none", "low", "medium", "high"),
        min_thinking_budget=1024,
        max_thinking_budget=32000,
    )


def ask(api: ProtocolName, upstream: ProtocolName, document: dict[str, Any]) -> Outcome | None:
    """Read and write a document; None when it is refused.

    Raises: MalformedRequest for what is no request of the API at all.
    """
    specs = {spec.name: spec for spec in PROTOCOLS.values()}
    request = cast("IngressHalf", specs[api].ingress).read_request(document)
    try:
        half = cast("UpstreamHalf", specs[upstream].upstream)
        written = half.write_request(request, target_of(upstream))
    except UnsupportedContent:
        return None
    return Outcome(request, written.document, written.losses, written.names)


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
    """One of the fates; `SILENT` where nothing changed and nothing was said."""
    document, at = entry["document"], entry["at"]
    outcome = ask(api, upstream, document)
    if outcome is None:
        return "refused"
    plain = plain_of(api, upstream, without(document, at))
    known = () if plain is None else plain.losses
    new = {loss.handling for loss in outcome.losses if loss not in known}
    is_written = plain is None or outcome.document != plain.document
    has_trace = is_written or (plain is not None and is_answered_otherwise(api, upstream, outcome, plain))
    if Handling.DROPPED in new:
        return "repaired" if has_trace else "lost"
    if Handling.APPROXIMATED in new:
        return "repaired"
    if has_trace:
        carried = is_written and stands_in(outcome.document, at[-1], found(document, at))
        return "carried" if carried else "mapped"
    return "lost, harmless" if new else SILENT


def plain_of(api: ProtocolName, upstream: ProtocolName, document: dict[str, Any]) -> Outcome | None:
    """What is written without the field; None where it was required."""
    try:
        return ask(api, upstream, document)
    except MalformedRequest:
        return None


def is_answered_otherwise(
    api: ProtocolName, upstream: ProtocolName, outcome: Outcome, plain: Outcome
) -> bool:
    """Whether the client is answered otherwise for the field."""
    return answered(api, upstream, outcome.request, outcome.names) != answered(
        api, upstream, plain.request, plain.names
    )


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
            if word == SILENT:
                fates[column] = inherited(known, entry["field"], column)
        known[entry["field"]] = fates
    return known


def inherited(known: dict[str, list[str]], field: str, column: int) -> str:
    """The fate of the nearest field around it that was lost, if one was; else it stays silent."""
    lost = (known[outer][column] for outer in around(field) if outer in known)
    return next((word for word in lost if word in FATES[3:]), SILENT)


def refuse_silence(tables: dict[ProtocolName, dict[str, list[str]]]) -> None:
    """Fail where a field leaves neither a trace nor a report."""
    silent = [
        f"{api} -> {upstream}: {field}"
        for api, known in tables.items()
        for field, fates in known.items()
        for upstream, word in zip(UPSTREAMS, fates, strict=True)
        if word == SILENT
    ]
    if silent:
        raise SystemExit("Left out without a report:\n" + "\n".join(silent))


def page() -> str:
    """Write the whole page."""
    tables = {api: table(api) for api in APIS}
    refuse_silence(tables)
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
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
