"""The directive language: `[[sim: text=Hello; chunks=20 || tool=… || …]]`.

Owns: `Step` (how one answer is to be made) and the parser; docs/simulator.md is its manual.
Must never know: requests, protocols, HTTP.

    directive := "[[sim:" step ("||" step)* "]]"
    step      := pair (";" pair)*
    pair      := name ("=" value)?            a bare name means yes
    value     := JSON string | raw text up to ";", "||" or "]]"
    tool      := name [JSON value | raw arguments in backquotes]
    custom    := name JSON string             a freeform tool's input
"""

import json
import re
from dataclasses import dataclass, field

OPENING = "[[sim:"
DEFAULT_THINKING = "Weighing the request. Keeping it short."
_NAME = re.compile(r"\s*([a-z_0-9]+)\s*")
_TOOL_NAME = re.compile(r"\s*([A-Za-z0-9_.:-]+)\s*")
_DECODER = json.JSONDecoder(strict=False)


class DirectiveError(Exception):
    """A directive nobody can follow; answered as a 400 that quotes it."""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One scripted tool call; `arguments` is text and may be deliberately broken JSON."""

    name: str
    arguments: str
    is_custom: bool = False
    namespace: str | None = None


@dataclass(slots=True)
class Step:
    """One scripted answer. Times are milliseconds, positions count stream events.

    `thinking` None means "when the request asks for it", empty means never.
    """

    text: str | None = None
    tools: list[ToolUse] = field(default_factory=list[ToolUse])
    thinking: str | None = None
    error: str | None = None
    retry_after: str | None = None
    times: int | None = None
    finish: str | None = None
    backend: str | None = None
    quirks: frozenset[str] = frozenset()
    chunks: int | None = None
    interval_ms: float = 0.0
    delay_ms: float = 0.0
    first_byte_ms: float = 0.0
    silence_ms: float = 0.0
    silence_after: int = 1
    cut_after: int | None = None
    end_after: int | None = None
    error_after: int | None = None
    error_code: str | None = None
    garbage_after: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached: int = 0
    cache_written: int = 0
    as_json: bool = False
    key: str = ""

    @property
    def is_paced(self) -> bool:
        """Say whether the stream must be written piece by piece."""
        pauses = self.interval_ms or self.silence_ms or self.first_byte_ms
        return bool(pauses or self.cut_after is not None or "shred" in self.quirks)

    @property
    def is_plain(self) -> bool:
        """Say whether the same request may be answered from the memory of the last time."""
        return self.error is None and self.times is None


_WHOLE = {"times", "silence_after", "cut_after", "end_after", "error_after", "garbage_after", "chunks",
          "input_tokens", "output_tokens", "cached", "cache_written"}  # fmt: skip
_NUMBERS = {"interval_ms", "delay_ms", "first_byte_ms", "silence_ms"}
_WORDS = {"error", "retry_after", "finish", "backend", "error_code", "key", "text"}


def parse(text: str) -> list[Step]:
    """Parse the first directive inside a text.

    Raises: DirectiveError naming what is not understood.
    """
    start = text.find(OPENING)
    if start < 0:
        raise DirectiveError(f"no {OPENING!r} in {text[:80]!r}")
    steps, position = _parse_steps(text, start + len(OPENING))
    if not text.startswith("]]", position):
        raise DirectiveError(f"directive is not closed by ]]: {text[start : start + 120]!r}")
    return steps


def parse_steps(text: str) -> list[Step]:
    """Parse bare steps, as the control route takes them; a whole directive is welcome too.

    Raises: DirectiveError naming what is not understood.
    """
    if OPENING in text:
        return parse(text)
    steps, position = _parse_steps(text, 0)
    if position < len(text):
        raise DirectiveError(f"cannot read {text[position : position + 80]!r}")
    return steps


def _parse_steps(text: str, position: int) -> tuple[list[Step], int]:
    steps = [Step()]
    while True:
        position = _skip_space(text, position)
        if position >= len(text) or text.startswith("]]", position):
            return steps, position
        if text.startswith("||", position):
            steps.append(Step())
            position += 2
        elif text[position] == ";":
            position += 1
        else:
            position = _parse_pair(text, position, steps[-1])


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _parse_pair(text: str, position: int, step: Step) -> int:
    match = _NAME.match(text, position)
    if match is None:
        raise DirectiveError(f"expected a name at {text[position : position + 40]!r}")
    name, position = match.group(1), match.end()
    if not text.startswith("=", position):
        _assign(step, name, "yes")
        return position
    position += 1
    if name in ("tool", "custom"):
        return _parse_tool(text, position, step, name == "custom")
    value, position = _parse_value(text, position)
    _assign(step, name, value)
    return position


def _parse_value(text: str, position: int) -> tuple[str, int]:
    position = _skip_space(text, position)
    if text.startswith('"', position):
        return _parse_json_string(text, position)
    end = position
    while end < len(text) and text[end] != ";" and not text.startswith(("||", "]]"), end):
        end += 1
    return text[position:end].strip(), end


def _parse_json_string(text: str, position: int) -> tuple[str, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except ValueError as error:
        raise DirectiveError(f"bad JSON string at {text[position : position + 40]!r}") from error
    if not isinstance(value, str):
        raise DirectiveError(f"expected a JSON string at {text[position : position + 40]!r}")
    return value, end


def _parse_tool(text: str, position: int, step: Step, is_custom: bool) -> int:
    match = _TOOL_NAME.match(text, position)
    if match is None:
        raise DirectiveError(f"expected a tool name at {text[position : position + 40]!r}")
    name, position = match.group(1), match.end()
    arguments = "" if is_custom else "{}"
    if text.startswith("`", position):
        end = text.find("`", position + 1)
        if end < 0:
            raise DirectiveError(f"unclosed backquote at {text[position : position + 40]!r}")
        arguments, position = text[position + 1 : end], end + 1
    elif position < len(text) and text[position] in '{["':
        if is_custom:
            arguments, position = _parse_json_string(text, position)
        else:
            arguments, position = _raw_json(text, position)
    namespace, _, last = name.rpartition("::") if "::" in name else ("", "", name)
    step.tools.append(ToolUse(last, arguments, is_custom, namespace or None))
    return position


def _raw_json(text: str, position: int) -> tuple[str, int]:
    try:
        _, end = _DECODER.raw_decode(text, position)
    except ValueError as error:
        raise DirectiveError(f"bad JSON arguments at {text[position : position + 40]!r}") from error
    return text[position:end], end


def _assign(step: Step, name: str, value: str) -> None:
    if name in _WORDS:
        setattr(step, name, value)
    elif name in _WHOLE or name in _NUMBERS:
        try:
            setattr(step, name, int(value) if name in _WHOLE else float(value))
        except ValueError as error:
            raise DirectiveError(f"{name} wants a number, not {value!r}") from error
    elif name == "quirk":
        step.quirks |= frozenset(part.strip() for part in value.split(","))
    elif name == "thinking":
        step.thinking = {"yes": DEFAULT_THINKING, "no": ""}.get(value, value)
    elif name == "json":
        step.as_json = value == "yes"
    else:
        raise DirectiveError(f"{name!r} is not a word of the directive language")
