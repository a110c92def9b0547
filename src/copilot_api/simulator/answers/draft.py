"""What an answer says, before any protocol gives it a shape.

Owns: `Draft` (text pieces, thinking, calls, usage, price) and `Reply` (frames or a whole body).
Must never know: HTTP, how any protocol spells an answer.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from copilot_api.simulator.rules.question import Question
from copilot_api.simulator.script.directives import DEFAULT_THINKING, Step, ToolUse
from copilot_api.simulator.script.playbook import DEMO_TEXT
from copilot_api.simulator.shapes import Json
from copilot_api.simulator.world.catalogue import Model
from copilot_api.simulator.world.ledger import Cost, Usage, bill

QUOTA_SLOT = b'"@quota snapshots@"'
"""Stands where `copilot_quota_snapshots` goes: the balance is known only when the answer is sent."""
_PIECE_LENGTH = 24


@dataclass(slots=True)
class Reply:
    """A finished native answer: stream frames, or one body; and what it cost.

    `chunks` are the frames in HTTP/1.1 chunk framing, once somebody needed them.
    """

    cost: Cost
    frames: list[bytes] = field(default_factory=list[bytes])
    body: bytes = b""
    error_frame: bytes = b""
    chunks: list[bytes] = field(default_factory=list[bytes])


@dataclass(slots=True)
class Draft:
    """The content of one answer and everything its writer may need."""

    model: Model
    body: Json
    step: Step
    seed: bytes
    owner: str
    backend: str
    is_stream: bool
    pieces: list[str]
    thinking: str
    cost: Cost
    copilot_usage: Json | None

    @property
    def usage(self) -> Usage:
        """Its token counts."""
        return self.cost.usage

    @property
    def text(self) -> str:
        """The whole visible text."""
        return "".join(self.pieces)

    @property
    def tools(self) -> list[ToolUse]:
        """The scripted calls."""
        return self.step.tools

    def has_quirk(self, name: str) -> bool:
        """Say whether the script asks for a named quirk."""
        return name in self.step.quirks

    def reply(self) -> Reply:
        """Begin the reply of this draft."""
        return Reply(self.cost)

    def sub_seed(self, *parts: object) -> bytes:
        """Derive a seed for one part of the answer."""
        return self.seed + repr(parts).encode()


def split(text: str, count: int | None) -> list[str]:
    """Cut a text into stream pieces: `count` even ones, else pieces of a few words."""
    if not text:
        return []
    if count is None:
        return [text[start : start + _PIECE_LENGTH] for start in range(0, len(text), _PIECE_LENGTH)]
    count = max(1, min(count, len(text)))
    bounds = [len(text) * number // count for number in range(count + 1)]
    return [text[start:end] for start, end in pairwise(bounds)]


def _pieces(step: Step) -> list[str]:
    if step.text is not None:
        return split(step.text, step.chunks)
    if step.chunks is not None:
        return [f"word{number} " for number in range(step.chunks)]
    if step.tools or step.finish == "refusal" or "empty" in step.quirks:
        return []
    return split(DEMO_TEXT, None)


def make_draft(question: Question, step: Step, is_stream: bool, wants_thinking: bool) -> Draft:
    """Settle what the answer says and costs.

    Units: the step's `cached` and `cache_written` tokens are taken out of the prompt's.
    """
    pieces = _pieces(step)
    thinking = step.thinking if step.thinking is not None else (DEFAULT_THINKING if wants_thinking else "")
    if step.finish == "refusal" and step.text is None:
        thinking = ""
    said = sum(map(len, pieces)) + sum(len(tool.arguments) + len(tool.name) for tool in step.tools)
    reasoning = (len(thinking) + 3) // 4
    output = step.output_tokens if step.output_tokens is not None else max(1, (said + 3) // 4) + reasoning
    prompt = step.input_tokens if step.input_tokens is not None else question.prompt_tokens
    usage = Usage(
        input=max(0, prompt - step.cached - step.cache_written),
        output=output,
        cache_read=step.cached,
        cache_write=step.cache_written,
        reasoning=min(reasoning, output),
    )
    copilot_usage, nano = bill(question.model, usage, with_model="input" in question.body)
    return Draft(
        model=question.model,
        body=question.body,
        step=step,
        seed=question.seed,
        owner=question.owner,
        backend=question.backend,
        is_stream=is_stream,
        pieces=pieces,
        thinking=thinking,
        cost=Cost(usage, nano),
        copilot_usage=copilot_usage,
    )
