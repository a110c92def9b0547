"""Accounts in the document: remembered in place, chosen, forgotten."""

from copilot_api.settings import AccountEntry
from copilot_api.store.accounts import account_id, account_type, choose, forget, remember

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
    assert forget(document, "9") is False
    assert choose(document, "9") is False
    assert forget(document, "1") is True
    assert document["activeAccountId"] == "2@o.ghe.com"
    remember(document, ANN)
    assert forget(document, "1") is True
    assert document["activeAccountId"] == "2@o.ghe.com"
    assert forget(document, "2@o.ghe.com") is True
    assert document == {"accounts": [], "activeAccountId": None}
    assert choose({}, "1") is False


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
