"""Whose token it is, and whether Copilot is theirs."""

import pytest

from copilot_api.copilot.accounts import Identified, identify
from copilot_api.copilot.github import GitHub
from copilot_api.errors import CredentialRefused, UpstreamUnavailable
from copilot_api.settings import AccountEntry
from unit.copilot.world import FakeGitHubSide, answer

USER, SEAT, TOKEN = "/user", "/copilot_internal/user", "/copilot_internal/v2/token"
WHO = '{"id": 7, "login": "octo", "avatar_url": "https://avatars.githubusercontent.com/u/7"}'
REFUSED = answer('{"error_details":{"notification_id":"no_copilot_access","message":"no"}}', 403)


async def asked(**answers: object) -> tuple[Identified, FakeGitHubSide]:
    """Ask a GitHub that answers like this."""
    github = FakeGitHubSide()
    paths = {"user": USER, "seat": SEAT, "token": TOKEN}
    github.answers = {paths[name]: [found] for name, found in answers.items()}  # type: ignore[assignment,list-item]
    found = await identify(GitHub(github, user_agent="x"), "ghu_1", "github.com", created_at="2026")
    return found, github


async def test_an_account_is_ready_to_be_remembered() -> None:
    """Two questions; the kind follows the plan."""
    found, github = await asked(user=answer(WHO), seat=answer('{"copilot_plan": "business"}'))
    assert found.entry == AccountEntry(
        id="7",
        login="octo",
        token="ghu_1",
        avatar_url="https://avatars.githubusercontent.com/u/7",
        account_type="business",
        created_at="2026",
    )
    assert (found.refusal, found.doubt, len(github.asked)) == (None, None, 2)


async def test_no_seat_and_no_token_is_no_copilot() -> None:
    """The refusal that says more is kept: the token's, unless it only says that there is no such route."""
    found, _ = await asked(user=answer(WHO), seat=answer("{}", 404), token=REFUSED)
    assert found.refusal is not None
    assert found.refusal.code == "no_copilot_access"
    found, _ = await asked(
        user=answer(WHO), seat=answer('{"message":"Not Found"}', 404), token=answer("{}", 404)
    )
    assert found.refusal is not None
    assert (found.refusal.code, found.refusal.parted) == (
        "no_copilot",
        (
            "GitHub answered 404 to GET /copilot_internal/user: 'Not Found'.",
            "The account has no Copilot plan or seat; get one at https://github.com/settings/copilot, "
            "then log in again.",
        ),
    )


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"seat": answer("{}", 404), "token": answer('{"token":"tid=1"}')}, "no_copilot"),
        ({"seat": answer("{}", 404), "token": answer("{}", 500)}, "upstream_unavailable"),
        ({"seat": answer("{}", 500)}, "upstream_unavailable"),
        ({"seat": UpstreamUnavailable("down")}, "upstream_unavailable"),
    ],
)
async def test_what_cannot_be_said_is_a_doubt(answers: dict[str, object], code: str) -> None:
    """A token that is granted all the same, or a GitHub that fails, is no refusal."""
    found, _ = await asked(user=answer(WHO), **answers)
    assert found.refusal is None
    assert found.doubt is not None
    assert found.doubt.code == code
    assert found.kind({"accountType": "enterprise"}) == "enterprise"
    assert found.kind({}) == "individual"
    assert found.kind(None) == "individual"


async def test_the_plan_wins_over_what_was_known() -> None:
    """Where GitHub says it."""
    found, _ = await asked(user=answer(WHO), seat=answer('{"copilot_plan": "enterprise"}'))
    assert found.kind({"accountType": "business"}) == "enterprise"


async def test_a_token_of_nobody_is_refused() -> None:
    """With the remedy."""
    with pytest.raises(CredentialRefused, match="copilot-api login"):
        await asked(user=answer('{"message":"Bad credentials"}', 401))
