"""The audit log keeps every change, in order, whatever else happens to the file."""

from pathlib import Path

from copilot_api.store.audit import AuditLog


def _filled(path: Path, count: int) -> AuditLog:
    log = AuditLog(path, clock=lambda: 1_790_000_000.0)
    for number in range(count):
        log.append(who="loopback", peer="127.0.0.1", action="keys.create", target=f"key {number}")
    return log


def test_the_newest_entries_come_first(tmp_path: Path) -> None:
    """A page holds what was done last, and says where the next one ends."""
    log = _filled(tmp_path / "audit.jsonl", 5)
    page, before = log.page(None, 2)
    assert [entry.target for _, entry in page] == ["key 4", "key 3"]
    assert page[0][1].at == "2026-09-21T14:13:20Z"
    page, before = log.page(before, 2)
    assert [entry.target for _, entry in page] == ["key 2", "key 1"]
    page, before = log.page(before, 2)
    assert [entry.target for _, entry in page] == ["key 0"]
    assert before is None


def test_a_long_log_is_read_in_pages_without_gaps(tmp_path: Path) -> None:
    """Pages of any size together hold each entry once, also beyond one read of the file."""
    log = _filled(tmp_path / "audit.jsonl", 1500)
    seen: list[str] = []
    before: int | None = None
    while True:
        page, before = log.page(before, 400)
        seen += [entry.target for _, entry in page]
        if before is None:
            break
    assert seen == [f"key {number}" for number in reversed(range(1500))]


def test_a_torn_line_is_skipped(tmp_path: Path) -> None:
    """A line that a crash cut short costs itself only."""
    path = tmp_path / "audit.jsonl"
    _filled(path, 1)
    with path.open("ab") as file:
        file.write(b'{"at":"2026-01-01T00:00:00Z","who\n')
    AuditLog(path, clock=lambda: 0.0).append(who="bearer", peer="::1", action="secret.set")
    page, _ = AuditLog(path).page(None, 10)
    assert [entry.action for _, entry in page] == ["secret.set", "keys.create"]


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """The file is its owner's from its first byte."""
    path = tmp_path / "audit.jsonl"
    _filled(path, 1)
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_file_is_an_empty_log(tmp_path: Path) -> None:
    """Nothing was changed yet."""
    assert AuditLog(tmp_path / "audit.jsonl").page(None, 10) == ([], None)
