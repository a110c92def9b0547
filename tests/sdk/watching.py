"""What one test sees of the simulated Copilot that all SDK tests share."""

from dataclasses import dataclass
from typing import Any

from live import Simulator, UpstreamRequest


@dataclass(frozen=True)
class Copilot:
    """What one test sees of the simulated Copilot: only what happened since it began."""

    simulator: Simulator
    first: int
    first_bill: int

    def requests(self) -> list[UpstreamRequest]:
        """The inference requests that arrived."""
        return self.simulator.inference(after=self.first)

    def billed(self) -> list[dict[str, Any]]:
        """What they cost."""
        return self.simulator.billed()[self.first_bill :]

    def once(self, words: str, answer: str, times: int = 1) -> None:
        """Answer the next requests whose last text holds `words` by `answer`."""
        self.simulator.script(rules=[{"contains": words, "answer": answer, "times": times}])
