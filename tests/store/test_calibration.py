"""The calibration file: pairs per model, and what they amount to."""

import json
from pathlib import Path

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.store.calibration import Calibration, CalibrationFile, calibrate


def test_the_factor_is_the_ratio_of_the_sums() -> None:
    """Long prompts weigh more; errors are of the product against the truth."""
    known = calibrate([(100, 120), (900, 1080)])
    assert known == Calibration(1.2, 2, 0.0)
    uneven = calibrate([(100, 100), (100, 150)])
    assert (uneven.factor, uneven.samples) == (1.25, 2)
    assert uneven.p95_error == pytest.approx(0.25)


def test_one_request_in_twenty_may_be_further_off_than_the_error_says() -> None:
    """Of twenty the worst one is said, of forty the second worst."""
    twenty = calibrate([(100, 100)] * 19 + [(100, 200)])
    assert (twenty.factor, twenty.p95_error) == (1.05, 0.475)
    forty = calibrate([(100, 100)] * 38 + [(100, 125), (100, 175)])
    assert (forty.factor, forty.p95_error) == (1.025, pytest.approx(0.18))


def test_pairs_survive_the_process(tmp_path: Path) -> None:
    """Another instance, another process: the same knowledge."""
    path = tmp_path / "calibration.json"
    assert CalibrationFile(path).look_up("m", 1.2) == Calibration(1.2)
    assert CalibrationFile(path).add("m", 100, 150)
    assert CalibrationFile(path).look_up("m", 1.0).factor == 1.5
    assert json.loads(path.read_bytes()) == {"version": 1, "models": {"m": [[100, 150]]}}


def test_two_processes_keep_each_others_pairs(tmp_path: Path) -> None:
    """The file is read again under its lock before it is written."""
    first, second = (CalibrationFile(tmp_path / "calibration.json") for _ in range(2))
    assert first.look_up("m", 1.0).samples == second.look_up("m", 1.0).samples == 0
    first.add("m", 100, 150)
    second.add("m", 100, 170)
    assert second.look_up("m", 1.0).factor == 1.6


def test_only_the_newest_pairs_are_kept(tmp_path: Path) -> None:
    """A model that was replaced upstream is learnt anew; the same pair twice in a row is one."""
    file = CalibrationFile(tmp_path / "calibration.json")
    for actual in range(100, 170):
        file.add("m", 100, actual)
    file.add("m", 100, 169)
    assert file.look_up("m", 1.0).samples == 64
    assert json.loads((tmp_path / "calibration.json").read_bytes())["models"]["m"][0] == [100, 106]


@pytest.mark.parametrize(("estimate", "actual"), [(0, 5), (5, 0), (100, 401), (401, 100), (-1, 5)])
def test_what_cannot_be_the_same_text_teaches_nothing(tmp_path: Path, estimate: int, actual: int) -> None:
    """A hidden prompt, or a picture that was not seen, must not spoil the factor."""
    file = CalibrationFile(tmp_path / "calibration.json")
    assert not file.add("m", estimate, actual)
    assert not (tmp_path / "calibration.json").exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"models": 7}', b'{"models": {"m": [[1]]}}', b"\xff"])
def test_a_broken_file_begins_anew(tmp_path: Path, content: bytes) -> None:
    """It can be lost without harm."""
    path = tmp_path / "calibration.json"
    path.write_bytes(content)
    file = CalibrationFile(path)
    assert file.look_up("m", 1.0) == Calibration(1.0)
    assert file.add("m", 100, 150)
    assert CalibrationFile(path).look_up("m", 1.0).factor == 1.5


def test_what_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    """The caller hears of it; counts go on with what was learnt."""
    file = CalibrationFile(tmp_path / "missing" / "calibration.json")
    with pytest.raises(StoreUnavailable):
        file.add("m", 100, 150)
    assert file.look_up("m", 1.0).factor == 1.5
