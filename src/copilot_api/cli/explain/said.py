"""An explanation for people: sections from the question to the answer, with times, and no more than can be read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from copilot_api.cli.explain.differing import differences
from copilot_api.cli.terminal import Terminal, printable

if TYPE_CHECKING:
    from copilot_api.gateway.capture.document import AttemptPart, Frame, Pairs
    from copilot_api.web.admin.captures.view import Explanation

MOST_DIFFERENCES: Final = 20
FIRST_FRAMES: Final = 4
LAST_FRAMES: Final = 3
_FRAME_CHARACTERS: Final = 140
_NANO: Final = 1_000_000_000


class Saying:
    """One explanation on its way to a terminal."""

    def __init__(self, terminal: Terminal, told: "Explanation", *, is_whole: bool) -> None:
        self._told = told
        self._is_whole = is_whole
        self._terminal = terminal
        self._console = terminal.console

    def all(self) -> None:
        """Say everything that is known."""
        told = self._told
        self._head()
        if told.client is not None:
            self._title("Client")
            size = f"{len(told.client.body):,} characters{', cut short here' if told.client.is_truncated else ''}"
            self._line(f"{told.client.method} {told.client.path}  {size}")
            self._line(_named(told.client.headers, "user-agent"))
        self._title("Plan")
        for step in told.plan.steps:
            self._line(f"{step.kind:<12} {step.name}{f': {step.detail}' if step.detail else ''}")
        before = "" if told.client is None or told.client.is_truncated else told.client.body
        for number, attempt in enumerate(told.attempts, 1):
            self._attempt(
                number, attempt, before, "the client's" if number == 1 else f"attempt {number - 1}'s"
            )
            before = "" if attempt.is_truncated else attempt.body
        if told.answer is not None:
            cut = ", left unfinished on purpose" if told.answer.is_aborted else ""
            self._title(f"Answer to the client: {told.answer.status}{cut}")
            self._frames(told.answer.frames, is_cut=told.answer.frames_truncated)
        self._end()

    def _head(self) -> None:
        told, plan, result = self._told, self._told.plan, self._told.result
        self._title(f"Request {told.trace_id}")
        way = f"{plan.ingress} -> {plan.upstream}" if plan.upstream else f"{plan.ingress}, not sent upstream"
        mode = f" ({plan.mode})" if plan.mode else ""
        self._line(f"{result.started_at}  {way}{mode}  {'captured' if told.is_captured else 'not captured'}")
        names = dict.fromkeys(name for name in (plan.requested_model, plan.mapped_model, plan.model) if name)
        if names:
            self._line(f"model {' -> '.join(names)}{f', account {plan.account}' if plan.account else ''}")
        ended = f"{result.outcome} {result.status}"
        if result.error_code:
            ended += f" {result.error_code}"
        first = f"first byte after {_ms(result.first_byte_ms)}, " if result.first_byte_ms is not None else ""
        self._line(f"{ended}  {first}{_ms(result.total_ms)} in all")
        if result.error_message:
            self._line(result.error_message)
        for sentence in told.summary:
            self._line(sentence.text)

    def _attempt(self, number: int, attempt: "AttemptPart", before: str, whose: str) -> None:
        ended = str(attempt.status) if attempt.status is not None else "no answer"
        self._title(f"Attempt {number}: {ended}")
        self._line(
            f"{_ms(attempt.started_ms)}  {attempt.method} {attempt.url}  {len(attempt.body):,} characters"
        )
        if attempt.problem:
            self._line(attempt.problem)
        self._differences(before, attempt, whose)
        self._frames(attempt.frames, is_cut=attempt.frames_truncated)

    def _differences(self, before: str, attempt: "AttemptPart", whose: str) -> None:
        if before == attempt.body:
            self._line(f"body as {whose}, byte for byte")
            return
        found = None if attempt.is_truncated else differences(before, attempt.body)
        if found is None:
            self._line(f"body not compared with {whose}: one of them is cut short or no JSON")
            return
        self._line(f"body, compared with {whose}:" if found else f"body as {whose}, but for spaces")
        shown = found if self._is_whole else found[:MOST_DIFFERENCES]
        for one in shown:
            self._line(f"  {one.sign} {one.path}: {one.words}")
        if len(found) > len(shown):
            self._line(f"  and {len(found) - len(shown)} more; --all shows them")

    def _frames(self, frames: "Sequence[Frame]", *, is_cut: bool) -> None:
        if not frames:
            self._line("no body")
            return
        is_short = not self._is_whole and len(frames) > FIRST_FRAMES + LAST_FRAMES
        for frame in frames[:FIRST_FRAMES] if is_short else frames:
            self._frame(frame)
        if is_short:
            self._line(f"{'':>11}  … {len(frames) - FIRST_FRAMES - LAST_FRAMES} more; --all shows them")
            for frame in frames[-LAST_FRAMES:]:
                self._frame(frame)
        if is_cut:
            self._line(f"{'':>11}  … more came than is kept")

    def _frame(self, frame: "Frame") -> None:
        text = " ⏎ ".join(line for line in frame.text.splitlines() if line)
        if not self._is_whole and len(text) > _FRAME_CHARACTERS:
            text = f"{text[:_FRAME_CHARACTERS]}…"
        self._line(f"{_ms(frame.at_ms):>11}  {text}")

    def _end(self) -> None:
        told, result = self._told, self._told.result
        if result.input_tokens is not None:
            self._title("Usage")
            parts = [f"{result.input_tokens:,} tokens in"]
            parts += [f"{result.cached_tokens:,} of them cached"] if result.cached_tokens else []
            parts += [f"{result.output_tokens:,} out"] if result.output_tokens is not None else []
            parts += [f"{result.nano_aiu / _NANO:g} AI credits"] if result.nano_aiu is not None else []
            self._line(", ".join(parts))
        if told.redactions:
            self._title("Redacted")
            self._line(
                f"{told.redactions} secret(s) were taken out and are marked [redacted]. Prompts were not."
            )
        if told.advice:
            self._title("What to do")
            self._line(told.advice)

    def _title(self, text: str) -> None:
        from rich.text import Text

        self._console.print()
        self._console.print(Text(printable(text), style="bold"))

    def _line(self, text: str) -> None:
        """What clients, models and upstream wrote could steer a terminal."""
        if text:
            self._terminal.say("  " + printable(text))


def say(terminal: Terminal, told: "Explanation", *, is_whole: bool = False) -> None:
    """Say an explanation; `is_whole` with every frame and every difference."""
    Saying(terminal, told, is_whole=is_whole).all()


def _ms(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value / 1000:.2f} s" if value >= 1000 else f"{value:.1f} ms"


def _named(headers: "Pairs", wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
