"""The admin's sessions: they survive a restart, end when they should, and the file opens nothing."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import Settings
from copilot_api.store.sessions import MAX_SESSIONS, Sessions

SETTINGS = Settings(data_directory=Path("/nowhere"), admin_secret_hash="$argon2id$one")
ROTATED = msgspec.structs.replace(SETTINGS, admin_secret_hash="$argon2id$two")
PLAIN = Settings(data_directory=Path("/nowhere"), admin_secret="correct horse")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now_s


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the sessions live."""
    return tmp_path / "sessions.json"


def test_a_session_survives_a_restart(path: Path) -> None:
    """Another process finds what this one opened."""
    cookie, session = Sessions(path).open(SETTINGS, peer="127.0.0.1", client="Firefox\x1b[31m")
    found = Sessions(path).find(cookie, SETTINGS)
    assert found is not None
    assert (found.id, found.peer, found.client) == (session.id, "127.0.0.1", "Firefox[31m")


def test_the_file_is_private_and_opens_nothing(path: Path) -> None:
    """Whoever reads it has digests; the cookie's id is not in it."""
    cookie, _ = Sessions(path).open(SETTINGS, peer="::1", client="")
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert cookie.partition(".")[0] not in text
    assert "argon2id" not in text


def test_a_plain_secret_is_not_to_be_guessed_from_the_file(path: Path) -> None:
    """The tag of a plain secret is a slow hash, and it is the same for the next process."""
    cookie, _ = Sessions(path).open(PLAIN, peer="::1", client="")
    assert "correct horse" not in path.read_text()
    assert Sessions(path).find(cookie, PLAIN) is not None
    other = msgspec.structs.replace(PLAIN, admin_secret="wrong horse")
    assert Sessions(path).find(cookie, other) is None


def test_no_changed_cookie_is_recognised(path: Path) -> None:
    """Every character of it counts, the last ones included, and so does the whole."""
    sessions = Sessions(path)
    cookie, _ = sessions.open(SETTINGS, peer="::1", client="")
    for place in range(len(cookie)):
        swapped = "A" if cookie[place] != "A" else "B"
        assert sessions.find(cookie[:place] + swapped + cookie[place + 1 :], SETTINGS) is None
    for hostile in (
        "",
        ".",
        cookie + ".",
        cookie + "=",
        cookie[:-1],
        "ä" * 40,
        "A" * 100_000,
        cookie.split(".")[0],
    ):
        assert sessions.find(hostile, SETTINGS) is None
    assert sessions.find(cookie, SETTINGS) is not None


def test_a_cookie_of_another_gateway_is_not_recognised(path: Path, tmp_path: Path) -> None:
    """Each data directory signs with a key of its own."""
    cookie, _ = Sessions(tmp_path / "other.json").open(SETTINGS, peer="::1", client="")
    sessions = Sessions(path)
    sessions.open(SETTINGS, peer="::1", client="")
    assert sessions.find(cookie, SETTINGS) is None
    assert Sessions(tmp_path / "absent.json").find(cookie, SETTINGS) is None


def test_a_session_ends_with_its_time(path: Path) -> None:
    """After the days of the settings, to the second."""
    clock = Clock()
    sessions = Sessions(path, clock=clock)
    settings = msgspec.structs.replace(SETTINGS, admin_session_ttl_days=2)
    cookie, session = sessions.open(settings, peer="::1", client="")
    assert (session.created_at, session.expires_at) == ("2027-01-15T08:00:00Z", "2027-01-17T08:00:00Z")
    clock.now_s += 2 * 86_400 - 1
    assert sessions.find(cookie, settings) is not None
    clock.now_s += 1
    assert sessions.find(cookie, settings) is None
    assert sessions.current(settings) == ()


def test_a_session_ends_with_the_secret_that_opened_it(path: Path) -> None:
    """A rotated secret signs out, also one that was rotated in the environment."""
    sessions = Sessions(path)
    cookie, _ = sessions.open(SETTINGS, peer="::1", client="")
    assert sessions.find(cookie, ROTATED) is None
    assert sessions.current(ROTATED) == ()
    removed = Settings(data_directory=Path("/nowhere"))
    assert sessions.find(cookie, removed) is None
    assert sessions.current(removed) == ()


def test_an_ended_session_stays_ended(path: Path) -> None:
    """For this process and the next; the reference gateway forgot sign-outs when it was restarted."""
    sessions = Sessions(path)
    first, session = sessions.open(SETTINGS, peer="::1", client="")
    second, other = sessions.open(SETTINGS, peer="::1", client="")
    assert sessions.end([session.id, "ses_nobody"]) == 1
    assert sessions.find(first, SETTINGS) is None
    assert Sessions(path).find(first, SETTINGS) is None
    assert [one.id for one in sessions.current(SETTINGS)] == [other.id]
    third, last = sessions.open(SETTINGS, peer="::1", client="")
    assert sessions.end_all(but=last.id) == 1
    assert sessions.find(second, SETTINGS) is None
    assert sessions.find(third, SETTINGS) is not None
    assert sessions.end_all() == 1
    assert Sessions(path.with_name("absent.json")).end_all() == 0


def test_what_another_process_ends_is_ended_here(path: Path) -> None:
    """The command line revokes while the server runs."""
    sessions = Sessions(path)
    cookie, session = sessions.open(SETTINGS, peer="::1", client="")
    assert sessions.find(cookie, SETTINGS) is not None
    Sessions(path).end([session.id])
    assert sessions.find(cookie, SETTINGS) is None


def test_last_seen_is_noted_once_a_minute(path: Path) -> None:
    """Not for each request: each note is a disk sync."""
    clock = Clock()
    sessions = Sessions(path, clock=clock)
    cookie, _ = sessions.open(SETTINGS, peer="::1", client="")
    written = path.read_bytes()
    clock.now_s += 59
    assert sessions.find(cookie, SETTINGS) is not None
    assert path.read_bytes() == written
    clock.now_s += 1
    found = sessions.find(cookie, SETTINGS)
    assert found is not None
    assert found.last_seen_at == "2027-01-15T08:01:00Z"
    assert json.loads(path.read_text())["sessions"][0]["lastSeenAt"] == "2027-01-15T08:01:00Z"


def test_a_disk_that_refuses_does_not_sign_out(path: Path) -> None:
    """Only the note is lost."""
    clock = Clock()
    sessions = Sessions(path, clock=clock)
    cookie, _ = sessions.open(SETTINGS, peer="::1", client="")
    path.with_name("sessions.json.lock").unlink()
    path.with_name("sessions.json.lock").mkdir()
    clock.now_s += 3600
    assert sessions.find(cookie, SETTINGS) is not None
    with pytest.raises(StoreUnavailable):
        sessions.open(SETTINGS, peer="::1", client="")


@pytest.mark.parametrize("rubbish", [b"", b"{", b"[]", b'{"signingKey": 1}', b"\xff\xfe"])
def test_a_damaged_file_signs_out_and_is_replaced(path: Path, rubbish: bytes) -> None:
    """Nobody is let in by it, and nobody is locked out by it."""
    cookie, _ = Sessions(path).open(SETTINGS, peer="::1", client="")
    path.write_bytes(rubbish)
    sessions = Sessions(path)
    assert sessions.find(cookie, SETTINGS) is None
    fresh, _ = sessions.open(SETTINGS, peer="::1", client="")
    assert Sessions(path).find(fresh, SETTINGS) is not None


def test_a_time_that_is_none_signs_out(path: Path) -> None:
    """Instead of failing at every request."""
    cookie, _ = Sessions(path).open(SETTINGS, peer="::1", client="")
    path.write_text(path.read_text().replace("Z", "X"))
    assert Sessions(path).find(cookie, SETTINGS) is None


def test_the_file_is_bounded(path: Path) -> None:
    """Of too many sessions the one that was not seen for longest goes."""
    clock = Clock()
    sessions = Sessions(path, clock=clock)
    first, _ = sessions.open(SETTINGS, peer="::1", client="")
    for _ in range(MAX_SESSIONS):
        clock.now_s += 1
        last, _ = sessions.open(SETTINGS, peer="::1", client="")
    assert len(sessions.current(SETTINGS)) == 100
    assert sessions.find(first, SETTINGS) is None
    assert sessions.find(last, SETTINGS) is not None


def test_sessions_opened_at_once_are_all_kept(path: Path) -> None:
    """Two stores stand for two processes; each writes under the lock and reads before."""
    stores = [Sessions(path), Sessions(path)]
    cookies: list[str] = []
    threads = [
        threading.Thread(
            target=lambda store=store: cookies.append(store.open(SETTINGS, peer="::1", client="")[0])  # type: ignore[misc]  # mypy infers no lambda with a default
        )
        for store in stores * 10
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Sessions(path).find(cookie, SETTINGS) is not None for cookie in cookies)
    assert len(cookies) == 20


WRITER = """
import sys
from pathlib import Path
from copilot_api.settings import Settings
from copilot_api.store.sessions import Sessions
sessions = Sessions(Path(sys.argv[1]))
settings = Settings(data_directory=Path("/nowhere"), admin_secret_hash="$argon2id$one")
while True:
    print(sessions.open(settings, peer="::1", client="x" * 150)[0], flush=True)
"""


def test_a_killed_server_keeps_every_session_that_it_told(path: Path) -> None:
    """kill -9 at any moment: what was answered with a cookie is on disk, and the file always loads."""
    for pause_s in (0.0, 0.001, 0.005, 0.02):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told = [process.stdout.readline().strip()]
            time.sleep(pause_s)
            os.kill(process.pid, signal.SIGKILL)
            told.extend(line.strip() for line in process.stdout if line.endswith("\n"))
        assert told[-1]
        assert Sessions(path).find(told[-1], SETTINGS) is not None
