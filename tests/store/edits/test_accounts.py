"""Accounts in the document: remembered in place, chosen, put in order, forgotten and brought back."""

import pytest

from copilot_api.settings import AccountEntry
from copilot_api.store.edits.accounts import (
    Forgotten,
    account_id,
    account_type,
    bring_back,
    change,
    choose,
    find,
    forget,
    put_in_order,
    remember,
)

ANN = AccountEntry("1", "ann", "gho_1", created_at="2025-01-01T00:00:00Z")
BOB = AccountEntry("2@o.ghe.com", "bob", "gho_2", account_type="business", github_host="o.ghe.com")


def test_the_first_account_becomes_active_and_the_next_does_not() -> None:
    """Switching is a person's decision."""
    document: dict[str, object] = {"accounts": "oops"}
    remember(document, ANN)
    remember(document, BOB)
    assert document["activeAccountId"] == "1"
    assert document["accounts"] == [
        {
            "id": "1",
            "login": "ann",
            "avatarUrl": "",
            "token": "gho_1",
            "accountType": "individual",
            "createdAt": "2025-01-01T00:00:00Z",
        },
        {
            "id": "2@o.ghe.com",
            "login": "bob",
            "avatarUrl": "",
            "token": "gho_2",
            "accountType": "business",
            "createdAt": "",
            "githubHost": "o.ghe.com",
        },
    ]
    remember(document, BOB, activate=True)
    assert document["activeAccountId"] == "2@o.ghe.com"


def test_a_second_login_renews_the_account_in_its_place() -> None:
    """What only the file knows stays: when it came, and keys of others."""
    document: dict[str, object] = {
        "accounts": [
            {
                "id": 1,
                "login": "old",
                "token": "old",
                "createdAt": "2020",
                "credentialMode": "direct",
                "x": 1,
            },
            "odd",
        ],
        "activeAccountId": "1",
    }
    remember(document, ANN)
    assert document["accounts"] == [
        {
            "id": "1",
            "login": "ann",
            "token": "gho_1",
            "createdAt": "2020",
            "credentialMode": "direct",
            "x": 1,
            "avatarUrl": "",
            "accountType": "individual",
        },
        "odd",
    ]


def test_the_first_one_left_takes_the_place_of_a_forgotten_active_account() -> None:
    """So that a dead account never blocks the others."""
    document: dict[str, object] = {}
    remember(document, ANN)
    remember(document, BOB)
    assert forget(document, "9") is None
    assert choose(document, "9") is False
    assert forget(document, "1") is not None
    assert document["activeAccountId"] == "2@o.ghe.com"
    remember(document, ANN)
    assert forget(document, "1") is not None
    assert document["activeAccountId"] == "2@o.ghe.com"
    assert forget(document, "2@o.ghe.com") is not None
    assert document == {"accounts": [], "activeAccountId": None}
    assert choose({}, "1") is False


def _three() -> dict[str, object]:
    return {"accounts": [{"id": 1}, "odd", {"id": "2"}, {"id": "3"}], "activeAccountId": "2"}


def test_a_successor_is_chosen_where_there_is_one() -> None:
    """Whoever removes the active account may say who follows; a successor who is gone is nobody."""
    document = _three()
    assert forget(document, "2", successor="3") is not None
    assert document["activeAccountId"] == "3"
    document = _three()
    assert forget(document, "2", successor="7") is not None
    assert document["activeAccountId"] == "1"
    document = _three()
    assert forget(document, "3", successor="1") is not None
    assert document["activeAccountId"] == "2"


def test_accounts_are_put_in_order() -> None:
    """Each of them once; what is no account goes to the end, untouched."""
    document = _three()
    assert put_in_order(document, ["3", "1", "2"]) is True
    assert document["accounts"] == [{"id": "3"}, {"id": 1}, {"id": "2"}, "odd"]
    assert document["activeAccountId"] == "2"
    before = list(document["accounts"])
    for wrong in (["3", "1"], ["3", "1", "2", "4"], ["3", "1", "1"], ["3", "1", "2", "2"], []):
        assert put_in_order(document, wrong) is False
    assert document["accounts"] == before
    assert put_in_order({}, []) is True


def test_a_forgotten_account_comes_back_as_it_was() -> None:
    """In its place, with what only the file knows, and active again if it was."""
    document: dict[str, object] = {
        "accounts": [{"id": "1"}, {"id": "2", "token": "vault:x", "theirs": [1]}, {"id": "3"}],
        "activeAccountId": "2",
    }
    forgotten = forget(document, "2")
    assert forgotten == Forgotten("2", {"id": "2", "token": "vault:x", "theirs": [1]}, 1, was_active=True)
    assert "vault:x" not in repr(forgotten)
    assert document == {"accounts": [{"id": "1"}, {"id": "3"}], "activeAccountId": "1"}
    assert bring_back(document, forgotten, "gho_plain") is True
    assert document == {
        "accounts": [{"id": "1"}, {"id": "2", "token": "gho_plain", "theirs": [1]}, {"id": "3"}],
        "activeAccountId": "2",
    }
    assert bring_back(document, forgotten, "gho_plain") is False


@pytest.mark.parametrize("document", [{}, {"accounts": None, "activeAccountId": None}, {"accounts": "odd"}])
def test_the_only_account_comes_back_active(document: dict[str, object]) -> None:
    """Whatever became of the file meanwhile; somebody must answer."""
    assert bring_back(document, Forgotten("2", {"id": "2"}, 5, was_active=False), "t") is True
    assert document == {"accounts": [{"id": "2", "token": "t"}], "activeAccountId": "2"}


def test_fields_of_an_account_are_changed_where_it_is() -> None:
    """An account that is gone is not invented."""
    document = _three()
    assert change(document, "1", {"accountType": "business"}) is True
    assert find(document, "1") == {"id": 1, "accountType": "business"}
    assert change(document, "9", {"accountType": "business"}) is False
    assert find(document, "") is None


def test_ids_and_kinds_follow_the_reference_format() -> None:
    """Tenants number their people on their own."""
    assert account_id(7) == "7"
    assert account_id(7, "o.ghe.com") == "7@o.ghe.com"
    kinds = {plan: account_type(plan) for plan in ("free", "individual_pro", "business", "enterprise", "")}
    assert kinds == {
        "free": "individual",
        "individual_pro": "individual",
        "business": "business",
        "enterprise": "enterprise",
        "": "individual",
    }
