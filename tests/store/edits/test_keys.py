"""Client keys in the document: added, changed, rotated and revoked, and nothing else touched."""

import pytest

from copilot_api.errors import StoreUnavailable
from copilot_api.settings import ClientKeyEntry, RateLimits
from copilot_api.store.edits import keys

NOON = 1_700_000_000.0
A, B = "a" * 64, "b" * 64


def _document() -> dict[str, object]:
    document: dict[str, object] = {"clientKeys": ["odd"], "theirs": 1}
    keys.add(document, ClientKeyEntry("key_1", "laptop", A, created_at="2025"))
    return document


def test_a_key_is_written_without_what_says_nothing() -> None:
    """People read the file; what is odd there stays."""
    document = _document()
    keys.add(document, ClientKeyEntry("key_2", "ci", B, rate_limit=RateLimits(concurrency=2), strict=True))
    assert document["clientKeys"] == [
        "odd",
        {"id": "key_1", "name": "laptop", "sha256": A, "scopes": ["inference"], "createdAt": "2025"},
        {
            "id": "key_2",
            "name": "ci",
            "sha256": B,
            "scopes": ["inference"],
            "strict": True,
            "rateLimit": {"concurrency": 2},
        },
    ]
    empty: dict[str, object] = {}
    keys.add(empty, ClientKeyEntry("key_1", "laptop", A))
    assert len(empty["clientKeys"]) == 1


def test_a_damaged_list_of_keys_is_not_replaced() -> None:
    """There may be keys in it."""
    document: dict[str, object] = {"clientKeys": {"key_1": 1}}
    with pytest.raises(StoreUnavailable, match=r"clientKeys in config\.json is not an array"):
        keys.add(document, ClientKeyEntry("key_1", "laptop", A))
    assert document == {"clientKeys": {"key_1": 1}}


def test_fields_are_set_and_taken_back() -> None:
    """None is the default; what is not named stays, also what we do not know."""
    document = _document()
    found = keys.find(document, "key_1")
    assert found is not None
    found["note"] = "of theirs"
    assert keys.change(document, "key_1", {"models": ["gpt-*"], "createdAt": None}) is True
    assert found == {
        "id": "key_1",
        "name": "laptop",
        "sha256": A,
        "scopes": ["inference"],
        "models": ["gpt-*"],
        "note": "of theirs",
    }
    assert keys.change(document, "key_9", {"models": []}) is False


def test_names_are_known() -> None:
    """A key may keep its own name when it is changed."""
    document = _document()
    assert keys.has_name(document, "laptop") is True
    assert keys.has_name(document, "laptop", but="key_1") is False
    assert keys.has_name(document, "ci") is False


def test_a_rotated_key_keeps_what_it_was_for_a_while() -> None:
    """The former values that are still good, and no others."""
    document = _document()
    found = keys.find(document, "laptop")
    assert found is not None
    more = {"sha256": B, "hint": "cpa_\u2026bbbb", "now_unix_s": NOON}
    assert keys.rotate(document, "key_1", grace_s=60, **more) is True
    assert (found["sha256"], found["hint"]) == (B, "cpa_\u2026bbbb")
    assert found["former"] == [{"sha256": A, "until": "2023-11-14T22:14:20Z"}]
    found["former"] += ["odd", {"sha256": A, "until": "soon"}, {"sha256": A, "until": "2023-11-14T22:13:20Z"}]
    later = {"sha256": "c" * 64, "hint": "", "now_unix_s": NOON}
    assert keys.rotate(document, "key_1", grace_s=10**9, **later) is True
    assert found["former"] == [
        {"sha256": A, "until": "2023-11-14T22:14:20Z"},
        {"sha256": B, "until": "2023-12-14T22:13:20Z"},
    ]
    assert keys.rotate(document, "key_9", grace_s=0, **later) is False


def test_a_key_rotated_without_grace_has_no_past() -> None:
    """Whoever lost a key wants none of its values to work."""
    document = _document()
    keys.rotate(document, "key_1", grace_s=600, sha256=B, hint="", now_unix_s=NOON)
    keys.rotate(document, "key_1", grace_s=0, sha256="c" * 64, hint="", now_unix_s=NOON)
    found = keys.find(document, "key_1")
    assert found is not None
    assert "former" not in found


def test_a_revoked_key_is_gone_by_name_or_id() -> None:
    """An id wins over a name that looks like it."""
    document = _document()
    keys.add(document, ClientKeyEntry("key_2", "key_1", B))
    revoked = keys.revoke(document, "key_1")
    assert revoked is not None
    assert revoked["name"] == "laptop"
    assert keys.revoke(document, "key_1") is not None
    assert keys.revoke(document, "key_1") is None
    assert document["clientKeys"] == ["odd"]
    assert keys.revoke({}, "key_1") is None
