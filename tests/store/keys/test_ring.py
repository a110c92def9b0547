"""Client keys: shown once, kept as a digest, recognised quickly."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from copilot_api.settings import ClientKeyEntry, FormerKey, Settings
from copilot_api.store.keys import KeyRing, create_key, hint_of, new_value, read_expiry

NOON = 1_700_000_000.0


def test_a_new_key_opens_the_door_and_only_its_digest_is_kept() -> None:
    """What config.json holds does not let anybody in."""
    key, entry = create_key("laptop", account_id="7", scopes=("inference", "admin"), clock=lambda: NOON)
    assert key.startswith("cpa_")
    assert len(key) == 47
    assert entry.id.startswith("key_")
    assert (entry.name, entry.account_id, entry.created_at) == ("laptop", "7", "2023-11-14T22:13:20Z")
    assert key not in msgspec.json.encode(entry).decode()
    ring = KeyRing([entry])
    assert ring.verify(key) is entry
    assert ring.verify(entry.sha256) is None
    assert ring.verify("") is None
    assert ring.verify(key + "x") is None
    assert create_key("laptop")[0] != key


def test_plain_keys_of_the_reference_format_work_the_same() -> None:
    """They reach the models and the usage, not the admin."""
    ring = KeyRing([], ["first-key", "zweiter-schlüssel"])
    found = ring.verify("zweiter-schlüssel")
    assert found is not None
    assert (found.id, found.name, found.scopes) == ("plain_2", "api key 2", ("inference", "usage"))


def test_an_expired_key_is_unknown_from_its_last_moment_on() -> None:
    """The clock is asked at every request, not when the ring is built."""
    now = [NOON]
    key, entry = create_key("ci", expires_at="2023-11-14T22:13:30Z")
    ring = KeyRing([entry], clock=lambda: now[0])
    assert ring.verify(key) is entry
    now[0] = NOON + 10
    assert ring.verify(key) is None
    assert ring.is_open is False


def test_hostile_texts_are_simply_unknown() -> None:
    """Nothing a client sends makes verification fail or take long."""
    ring = KeyRing([], ["key-1234"])
    assert ring.verify("x" * 1025) is None
    assert ring.verify("\ud800") is None
    assert ring.verify("\x00") is None


def test_the_door_is_open_only_when_no_key_is_configured() -> None:
    """A key that cannot be read shuts it too."""
    settings = Settings(data_directory=Path("/nowhere"))
    assert KeyRing.of(settings).is_open is True
    assert KeyRing.of(msgspec.structs.replace(settings, plain_keys=("k",))).is_open is False
    assert KeyRing.of(msgspec.structs.replace(settings, has_unreadable_keys=True)).is_open is False
    entry = ClientKeyEntry("i", "n", hashlib.sha256(b"k").hexdigest())
    assert KeyRing.of(msgspec.structs.replace(settings, client_keys=(entry,))).verify("k") is entry


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90d", "2024-02-12T22:13:20Z"),
        ("12h", "2023-11-15T10:13:20Z"),
        ("2w", "2023-11-28T22:13:20Z"),
        ("1y", "2024-11-13T22:13:20Z"),
        ("2030-01-31", "2030-01-31T00:00:00Z"),
        ("2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00Z"),
    ],
)
def test_an_expiry_is_a_span_or_a_time(text: str, expected: str) -> None:
    """Both end as a time in UTC."""
    assert read_expiry(text, lambda: NOON) == expected


@pytest.mark.parametrize("text", ["", "soon", "0d", "2001-01-01", "99999y", "-1d"])
def test_an_expiry_in_the_past_or_in_no_known_form_is_refused(text: str) -> None:
    """A key that is dead on arrival helps nobody."""
    with pytest.raises(ValueError, match=r"is not accepted\. Give a span such as 90d"):
        read_expiry(text, lambda: NOON)


def test_a_former_value_opens_the_door_until_its_time() -> None:
    """It is the same key: same id, same limits, and never longer than the key itself."""
    now = [NOON]
    old, old_digest = new_value()
    new, entry = create_key("ci", clock=lambda: NOON)
    rotated = msgspec.structs.replace(entry, former=(FormerKey(old_digest, "2023-11-14T22:14:20Z"),))
    ring = KeyRing([rotated], clock=lambda: now[0])
    assert (ring.verify(old), ring.verify(new)) == (rotated, rotated)
    now[0] = NOON + 60
    assert (ring.verify(old), ring.verify(new)) == (None, rotated)
    now[0] = NOON + 10
    ends = msgspec.structs.replace(rotated, expires_at="2023-11-14T22:13:25Z")
    assert KeyRing([ends], clock=lambda: now[0]).verify(old) is None


def test_a_former_value_never_stands_in_front_of_a_key() -> None:
    """What is a key today is that key, whatever another one was yesterday."""
    value, digest = new_value()
    first = ClientKeyEntry("1", "first", digest)
    other = ClientKeyEntry("2", "other", new_value()[1], former=(FormerKey(digest, "2999-01-01"),))
    assert KeyRing([other, first]).verify(value) is first
    assert KeyRing([first, other]).verify(value) is first


def test_a_hint_lets_a_person_know_a_key_again_and_nobody_guess_it() -> None:
    """The last four characters of a long key; nothing of one that a person made up."""
    value, _ = new_value()
    assert hint_of(value) == f"cpa_\u2026{value[-4:]}"
    assert hint_of("0123456789abcdef01234567") == "\u20264567"
    assert hint_of("correct horse battery") == ""
    assert create_key("laptop")[1].hint.startswith("cpa_\u2026")
