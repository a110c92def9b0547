"""The local count of a request: tokenized, multiplied by what the model's answers taught, reported with its error.

Owns the sampling, too: which answered requests are estimated once more, to learn from.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from copilot_api.copilot.catalog import Model
from copilot_api.copilot.flight import Spawn
from copilot_api.errors import GatewayError
from copilot_api.gateway.count.tally import Tally, tally
from copilot_api.gateway.count.tokenizer import Tokenizer
from copilot_api.neutral.request import ModelRequest
from copilot_api.store.calibration import Calibration, CalibrationFile

_log: structlog.stdlib.BoundLogger = structlog.get_logger()

SAMPLE_EVERY_S: Final = 300.0
"""At most one estimate per model to learn from in this time."""
WANTED_FOR_S: Final = 86_400.0
"""A model that nobody counted locally for a day is not sampled any more."""
EXPECTED_FACTORS: Final = (("claude", 1.2), ("", 1.0))
"""Before anything was learnt. Claude 4 takes about a fifth more tokens than o200k_base; later ones more still."""
DEFAULT_ENCODING: Final = "o200k_base"
_ENCODINGS: Final = frozenset({"o200k_base", "cl100k_base"})

Read = Callable[[], ModelRequest]


class LocalCount(msgspec.Struct, frozen=True):
    """A number of tokens and how good it is."""

    model: str
    tokens: int
    calibration: Calibration

    def describe(self) -> str:
        """For the header. Shape: local; model=gpt-5.5; factor=1.37; error=4%; samples=12."""
        known = self.calibration
        error = "unknown" if known.p95_error is None else f"{max(1, round(known.p95_error * 100))}%"
        return f"local; model={self.model}; factor={known.factor:.2f}; error={error}; samples={known.samples}"


class LocalCounter:
    """Counts requests here. `clock` is monotonic, in seconds."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        calibrations: CalibrationFile,
        *,
        spawn: Spawn,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tokenizer = tokenizer
        self._calibrations = calibrations
        self._spawn = spawn
        self._clock = clock
        self._wanted: dict[str, float] = {}
        self._sampled: dict[str, float] = {}

    async def count(self, read: Read, model: Model) -> LocalCount:
        """Estimate a request, which `read` reads in a thread: its history may be long.

        Raises: what `read` raises; UnsupportedContent, CountUnavailable.
        """
        self._wanted[model.id] = self._clock()
        estimate = await self._estimate(read, model)
        known = await asyncio.to_thread(self._calibrations.look_up, model.id, expected_factor(model))
        return LocalCount(model.id, max(1, round(estimate * known.factor)), known)

    def learn(self, read: Read, model: Model, actual: int) -> None:
        """Note what a request really took, when it is worth an estimate; nobody waits for that."""
        if self.is_due(model.id):
            self._sampled[model.id] = self._clock()
            self._spawn(self._learn(read, model, actual))

    def is_due(self, model_id: str) -> bool:
        """Whether a sample of the model is wanted now."""
        wanted = self._wanted.get(model_id)
        if wanted is None:
            return False
        now = self._clock()
        sampled = self._sampled.get(model_id)
        return now - wanted < WANTED_FOR_S and (sampled is None or now - sampled >= SAMPLE_EVERY_S)

    async def _learn(self, read: Read, model: Model, actual: int) -> None:
        try:
            estimate = await self._estimate(read, model)
            await asyncio.to_thread(self._calibrations.add, model.id, estimate, actual)
        except GatewayError as error:
            _log.warning("count.not_learnt", model=model.id, problem=error.message)

    async def _estimate(self, read: Read, model: Model) -> int:
        counted = await asyncio.to_thread(_tallied, read, model)
        return counted.known_tokens + await self._tokenizer.count(encoding_of(model), counted.texts)


def encoding_of(model: Model) -> str:
    """The vocabulary that Copilot names for a model, where we have it."""
    return model.tokenizer if model.tokenizer in _ENCODINGS else DEFAULT_ENCODING


def expected_factor(model: Model) -> float:
    """What an estimate is multiplied by as long as nothing was learnt."""
    return next(factor for prefix, factor in EXPECTED_FACTORS if model.id.startswith(prefix))


def _tallied(read: Read, model: Model) -> Tally:
    return tally(read(), model)
