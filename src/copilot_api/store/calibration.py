"""What local token counts were worth: pairs of an estimate and the truth, per model, in one small file.

Owns the file and the arithmetic on it. It can be lost without harm: a file that cannot be read begins anew.
"""

import threading
from pathlib import Path
from typing import Final

import msgspec

from copilot_api.errors import StoreUnavailable
from copilot_api.store.files import locked, write_atomically

FILE_NAME: Final = "calibration.json"
KEPT: Final = 64
"""Pairs kept of each model, the newest ones: a model that is replaced upstream is learnt anew in a while."""
LARGEST_RATIO: Final = 4.0
"""Beyond it, either way, something was counted that the other side did not see; such a pair teaches nothing."""

Pair = tuple[int, int]


class Calibration(msgspec.Struct, frozen=True):
    """What an estimate is multiplied by, and how far the products were off.

    Units: `p95_error` as a fraction of the true count; None where nothing was seen yet.
    """

    factor: float
    samples: int = 0
    p95_error: float | None = None


class _Document(msgspec.Struct):
    version: int = 1
    models: dict[str, list[Pair]] = {}


class CalibrationFile:
    """The pairs of every model. Safe to use from several threads and several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._document: _Document | None = None

    def look_up(self, model: str, expected: float) -> Calibration:
        """What is known of a model; `expected` is the factor of one that nothing is known of. Reads the file once."""
        with self._lock:
            if self._document is None:
                self._document = self._read()
            pairs = self._document.models.get(model)
        return calibrate(pairs) if pairs else Calibration(expected)

    def add(self, model: str, estimate: int, actual: int) -> bool:
        """Keep a pair, and with it what other processes have kept; False when it teaches nothing.

        Raises: StoreUnavailable; the pair is kept in memory all the same.
        """
        if not is_plausible(estimate, actual):
            return False
        with self._lock:
            try:
                with locked(self._path.with_name(f"{self._path.name}.lock")):
                    self._document = self._read()
                    self._keep(self._document, model, (estimate, actual))
                    write_atomically(self._path, msgspec.json.encode(self._document))
            except StoreUnavailable:
                self._document = self._document or _Document()
                self._keep(self._document, model, (estimate, actual))
                raise
        return True

    @staticmethod
    def _keep(document: _Document, model: str, pair: Pair) -> None:
        pairs = document.models.setdefault(model, [])
        if not pairs or pairs[-1] != pair:
            pairs.append(pair)
        del pairs[:-KEPT]

    def _read(self) -> _Document:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Document)
        except (OSError, msgspec.DecodeError):
            return _Document()


def is_plausible(estimate: int, actual: int) -> bool:
    """Whether both sides can have counted the same text."""
    return estimate > 0 and actual > 0 and 1 / LARGEST_RATIO <= actual / estimate <= LARGEST_RATIO


def calibrate(pairs: list[Pair]) -> Calibration:
    """The factor is the ratio of the sums, so that long prompts, where it matters, weigh more."""
    factor = sum(actual for _, actual in pairs) / sum(estimate for estimate, _ in pairs)
    errors = sorted(abs(factor * estimate - actual) / actual for estimate, actual in pairs)
    p95 = errors[min(len(errors) - 1, int(len(errors) * 0.95))]
    return Calibration(factor, len(pairs), p95)
