"""Which step answers a request: scripted queue, rules, the directive of its turn, or the demo answer.

Owns: the queue and the rule table of `POST /_sim/script`, and the counters behind `times=N`.
Must never know: wire shapes.
"""

import fnmatch
from collections import deque
from dataclasses import dataclass

from copilot_api.simulator.script.conversation import Turn
from copilot_api.simulator.script.directives import DirectiveError, Step, parse, parse_steps
from copilot_api.simulator.shapes import Json, as_int, as_list, as_object, as_text

DEMO_TEXT = (
    "Hello from the demo simulator. No real model answered: this text is fixed. "
    "Script other answers with a directive, see docs/simulator.md."
)
AFTER_LAST = "Done."


@dataclass(slots=True)
class Rule:
    """One row of the rule table; empty conditions always hold, `left` counts down to 0."""

    path: str
    model: str
    contains: str
    steps: list[Step]
    left: int

    def holds(self, path: str, model: str, last_text: str) -> bool:
        """Say whether the rule speaks for a request."""
        return (
            self.left != 0
            and fnmatch.fnmatchcase(path, self.path or "*")
            and fnmatch.fnmatchcase(model, self.model or "*")
            and self.contains in last_text
        )


class Playbook:
    """Everything scripted so far."""

    def __init__(self) -> None:
        self._queue: deque[Step] = deque()
        self._rules: list[Rule] = []
        self._seen: dict[str, int] = {}
        self._parsed: dict[str, list[Step]] = {}

    def reset(self) -> None:
        """Forget queue, rules and counters."""
        self._queue.clear()
        self._rules.clear()
        self._seen.clear()

    @property
    def is_empty(self) -> bool:
        """Say whether only directives decide."""
        return not self._queue and not self._rules

    def load(self, document: Json) -> int:
        """Take a script document; returns how many answers are queued.

        Shape: {"queue": ["text=Hi", …], "rules": [{"path": "/responses", "model": "gpt-*", "contains": "x",
        "answer": "error=429", "times": 2}]}
        Raises: DirectiveError for an answer that is not understood.
        """
        for answer in as_list(document.get("queue")):
            self._queue.extend(parse_steps(as_text(answer)))
        for entry in as_list(document.get("rules")):
            rule = as_object(entry)
            self._rules.append(
                Rule(
                    path=as_text(rule.get("path")),
                    model=as_text(rule.get("model")),
                    contains=as_text(rule.get("contains")),
                    steps=parse_steps(as_text(rule.get("answer"))),
                    left=as_int(rule.get("times"), -1),
                )
            )
        return len(self._queue)

    def choose(self, path: str, model: str, turn: Turn) -> Step:
        """Choose the step that answers a request.

        Raises: DirectiveError for a directive that is not understood.
        """
        if self._queue:
            return self._queue.popleft()
        for rule in self._rules:
            if rule.holds(path, model, turn.last_text):
                rule.left -= 1
                return _at(rule.steps, turn.answered)
        if turn.directive is None:
            return Step(text=DEMO_TEXT)
        steps = self._parsed.get(turn.directive)
        if steps is None:
            if len(self._parsed) > 1000:
                self._parsed.clear()
            steps = self._parsed[turn.directive] = parse(turn.directive)
        step = _at(steps, turn.answered)
        if step.error is not None and step.times is not None:
            return self._count_down(step, turn)
        return step

    def _count_down(self, step: Step, turn: Turn) -> Step:
        counter = f"{step.key}\x00{turn.answered}\x00{turn.directive}"
        seen = self._seen[counter] = self._seen.get(counter, 0) + 1
        if step.times is not None and seen > step.times:
            return Step(text=step.text or AFTER_LAST, tools=step.tools)
        return step


def _at(steps: list[Step], answered: int) -> Step:
    if answered < len(steps):
        return steps[answered]
    last = steps[-1]
    return Step(text=AFTER_LAST) if last.tools else last


__all__ = ["AFTER_LAST", "DEMO_TEXT", "DirectiveError", "Playbook", "Rule"]
