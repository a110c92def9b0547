"""Who answers, and how the accounts follow the settings."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from multidict import CIMultiDict

from copilot_api.copilot.accounts import Account, Accounts, Surroundings
from copilot_api.copilot.github import GitHub
from copilot_api.copilot.names import require
from copilot_api.errors import (
    CredentialRefused,
    NoAccount,
    UnknownModel,
    UpstreamProtocolError,
    UpstreamRejected,
)
from copilot_api.settings import AccountEntry, Settings
from recorded import reply
from unit.copilot.world import Clock, FakeGitHubSide, answer, task_group

TOKEN_PATH, USER_PATH = "/copilot_internal/v2/token", "/copilot_internal/user"
ENVELOPE = '{"token":"tid=1","refresh_in":1500,"sku":"s","endpoints":{"api":"https://api.business.githubcopilot.com"}}'
NOT_FOUND = answer('{"message":"Not Found"}', 404)


class FakeReply:
    """An answer of the fake Copilot."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.headers: Mapping[str, str] = {}
        self.body = body
        self.is_closed = False

    async def read(self) -> bytes:
        """The whole of it."""
        return self.body

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


class FakeUpstream:
    """Copilot as far as the accounts room needs it."""

    def __init__(self) -> None:
        self.status = 200
        self.body = reply("models")
        self.asked: list[tuple[str, str, str]] = []

    async def send(
        self, account: Account, path: str, body: bytes, headers: object, *, method: str
    ) -> FakeReply:
        """Answer, after asking for bearer and place as the real one does."""
        bearer = await account.credential.bearer()
        self.asked.append((method, await account.locate() + path, bearer.token))
        return FakeReply(self.status, self.body)


class World:
    """Accounts with a fake GitHub and a fake Copilot."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self.github, self.upstream, self.clock = FakeGitHubSide(), FakeUpstream(), Clock()
        self.github.answers[TOKEN_PATH] = [answer(ENVELOPE)]
        self.github.answers[USER_PATH] = [answer(reply("user-business"))]
        numbers = count(1)
        self.surroundings = Surroundings(
            github=GitHub(self.github, user_agent="x"),
            upstream=self.upstream,  # type: ignore[arg-type]
            spawn=group.create_task,
            clock=self.clock,
            new_id=lambda: f"r{next(numbers)}",
            sleep=self.clock.sleep,
        )
        self.accounts = Accounts(self.surroundings)


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    """A world that ends with its background work."""
    async with task_group() as group:
        yield World(group)


async def settle() -> None:
    """Let the background run."""
    for _ in range(60):
        await asyncio.sleep(0)


def settings(*entries: AccountEntry, active: str | None = None, **more: object) -> Settings:
    """Settings with these accounts."""
    return Settings(
        data_directory=Path("/nowhere"),
        accounts=entries,
        active_account_id=active,
        **more,  # type: ignore[arg-type]
    )


def entry(account_id: str = "1", token: str = "ghu_1", **more: object) -> AccountEntry:  # noqa: S107
    """One account of the settings."""
    return AccountEntry(id=account_id, login=f"octo-{account_id}", token=token, **more)  # type: ignore[arg-type]


async def test_a_new_account_gets_ready_in_the_background() -> None:
    """apply() returns at once; plan, host and catalog come from GitHub and Copilot."""
    async with world() as here:
        await here.accounts.apply(settings(entry(), active="1"))
        account = here.accounts.choose()
        assert (account.state, account.catalog.current, here.github.asked) == ("starting", None, [])
        await settle()
        assert (account.state, account.problem, account.plan) == ("ready", None, "business")
        assert account.api_base == "https://api.business.githubcopilot.com"
        assert here.upstream.asked == [("GET", "https://api.business.githubcopilot.com/models", "tid=1")]
        assert account.quota is not None
        assert account.quota.buckets["premium_interactions"].remaining == -1.0
        assert (account.id, account.login, account.host) == ("1", "octo-1", "github.com")
        assert here.accounts.problem is None


async def test_settings_that_change_nothing_keep_the_running_account() -> None:
    """A save of the file does not cost a token."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        before = here.accounts.choose()
        await settle()
        await here.accounts.apply(settings(entry(avatar_url="new")))
        await settle()
        assert here.accounts.choose() is before
        assert (before.entry.avatar_url, here.github.count(TOKEN_PATH)) == ("new", 1)


async def test_a_new_login_replaces_the_running_credential_at_once() -> None:
    """Seed defect O10: the old token stayed in use until a restart."""
    async with world() as here:
        await here.accounts.apply(settings(entry(token="ghu_old"), active="1"))
        before = here.accounts.choose()
        await settle()
        await here.accounts.apply(settings(entry(token="ghu_new"), active="1"))
        assert here.accounts.choose() is not before
        await settle()
        authorizations = [
            asked[2]["Authorization"] for asked in here.github.asked if asked[1].endswith(TOKEN_PATH)
        ]
        assert authorizations == ["token ghu_old", "token ghu_new"]


async def test_accounts_are_switched_and_removed_by_the_settings() -> None:
    """And a request that holds its account keeps it."""
    async with world() as here:
        await here.accounts.apply(settings(entry("1"), entry("2"), active="1"))
        assert here.accounts.choose().id == "1"
        assert here.accounts.choose("2").id == "2"
        assert [account.id for account in here.accounts.all()] == ["1", "2"]
        await here.accounts.apply(settings(entry("1"), entry("2"), active="2"))
        assert here.accounts.choose().id == "2"
        await here.accounts.apply(settings(entry("1")))
        assert here.accounts.get("2") is None
        active = here.accounts.active
        assert active is not None
        assert active.id == "1"  # nobody chose: the first


@pytest.mark.parametrize(
    ("entries", "active", "wanted", "message"),
    [
        ((), None, None, "Nobody is logged in. Run `copilot-api login`; a running server notices."),
        (
            (entry("1"),),
            "gone",
            None,
            "No account is active. Choose one with `copilot-api accounts switch` or in the admin.",
        ),
        (
            (entry("1"),),
            "1",
            "gone",
            "This client key is bound to account 'gone', which is not logged in. Log in with `copilot-api login`, "
            "or bind the key to another account in the admin.",
        ),
    ],
)
async def test_no_account_is_said_with_the_remedy(
    entries: tuple[AccountEntry, ...], active: str | None, wanted: str | None, message: str
) -> None:
    """Never another account in place of the one that was chosen."""
    async with world() as here:
        await here.accounts.apply(settings(*entries, active=active))
        with pytest.raises(NoAccount) as caught:
            here.accounts.choose(wanted)
        assert caught.value.message == message
        assert here.accounts.problem == (None if wanted else message)


async def test_a_dead_account_is_kept_with_its_problem() -> None:
    """A revoked token never stops the server; the request learns what to do."""
    async with world() as here:
        here.github.answers[TOKEN_PATH] = [answer('{"message":"Bad credentials"}', 401)]
        here.github.answers[USER_PATH] = [answer('{"message":"Bad credentials"}', 401)]
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        assert account.state == "failed"
        assert account.problem is not None
        assert "run `copilot-api login` again" in account.problem
        with pytest.raises(CredentialRefused, match="copilot-api login"):
            await account.resolve("gpt-4o", settings())


async def test_a_secret_that_does_not_open_is_one_accounts_problem() -> None:
    """The others go on."""
    async with world() as here:

        def open_token(item: AccountEntry) -> str:
            if item.id == "1":
                raise ValueError("wrong key")
            return item.token

        here.surroundings.open_token = open_token
        await here.accounts.apply(settings(entry("1"), entry("2"), active="1"))
        with pytest.raises(
            NoAccount, match=r"octo-1' cannot be opened \(wrong key\); run `copilot-api login` again"
        ):
            here.accounts.choose()
        assert here.accounts.choose("2").id == "2"


async def test_a_host_that_is_not_copilots_is_refused() -> None:
    """Neither the envelope nor the user document may lead a token elsewhere."""
    evil = '{"token":"tid=1","refresh_in":1500,"endpoints":{"api":"https://copilot.evil.test"}}'
    async with world() as here:
        here.github.answers[TOKEN_PATH] = [answer(evil)]
        here.github.answers[USER_PATH] = [answer('{"endpoints":{"api":"http://api.githubcopilot.com"}}')]
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        assert here.upstream.asked == []
        assert account.problem is not None
        assert account.problem.startswith("GitHub named 'https://copilot.evil.test' as the Copilot API host")
        with pytest.raises(UpstreamProtocolError, match=r"'http://api\.githubcopilot\.com'"):
            await account.locate()


async def test_the_operators_override_is_the_host_of_every_account() -> None:
    """Whatever GitHub says; loopback http included."""
    async with world() as here:
        await here.accounts.apply(settings(entry(), upstream_url="http://127.0.0.1:9/"))
        await settle()
        assert here.upstream.asked == [("GET", "http://127.0.0.1:9/models", "tid=1")]
        assert here.accounts.choose().api_base == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("user", "host", "base"),
    [
        (
            '{"endpoints":{"api":"https://api.individual.githubcopilot.com"}}',
            "github.com",
            "https://api.individual.githubcopilot.com",
        ),
        ("{}", "github.com", "https://api.githubcopilot.com"),
        ("{}", "octo.ghe.com", "https://copilot-api.octo.ghe.com"),
    ],
)
async def test_a_direct_account_learns_its_host_from_the_user_document(
    user: str, host: str, base: str
) -> None:
    """The token's app cannot exchange, so the other answer names the host, or the default does."""
    async with world() as here:
        here.github.answers[TOKEN_PATH] = [NOT_FOUND]
        here.github.answers[USER_PATH] = [answer(user)]
        await here.accounts.apply(settings(entry(github_host=host)))
        await settle()
        account = here.accounts.choose()
        assert here.upstream.asked == [("GET", f"{base}/models", "ghu_1")]
        assert (account.credential.is_direct, account.api_base) == (True, base)


async def test_a_refused_model_list_is_a_problem() -> None:
    """With Copilot's own words; the answer is closed."""
    async with world() as here:
        here.upstream.status, here.upstream.body = 466, b"too old\n"
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        assert account.problem is not None
        assert "too old. Copilot no longer accepts the API version" in account.problem
        with pytest.raises(UpstreamRejected):
            await account.resolve("x", settings())


async def test_an_unknown_name_looks_once_more_and_then_rests() -> None:
    """A model that came out meanwhile is found; nonsense costs one fetch a minute."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        for _ in range(5):
            with pytest.raises(UnknownModel):
                require(await account.resolve("new-model", settings()))
        assert len(here.upstream.asked) == 1
        here.clock.now += 60
        here.upstream.body = b'{"data":[{"id":"new-model"}]}'
        assert require(await account.resolve("new-model", settings())).id == "new-model"
        assert len(here.upstream.asked) == 2
        hidden = settings(hidden_models=("new-model",), disable_hidden_models=True)
        here.clock.now += 60
        assert (await account.resolve("new-model", hidden)).reason == "hidden"
        assert len(here.upstream.asked) == 2


async def test_doubt_asks_github_again_but_seldom() -> None:
    """A 403 may mean that the seat has moved; the next request then goes to the new host."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        moved = ENVELOPE.replace("business", "enterprise").replace("tid=1", "tid=2")
        here.github.answers[TOKEN_PATH] = [answer(moved)]
        for _ in range(5):
            account.doubt()
            await settle()
        assert account.api_base == "https://api.enterprise.githubcopilot.com"
        assert (here.github.count(TOKEN_PATH), here.github.count(USER_PATH)) == (2, 2)
        here.clock.now += 600
        account.doubt()
        await settle()
        assert here.github.count(TOKEN_PATH) == 3


async def test_a_direct_account_in_doubt_only_asks_for_the_user() -> None:
    """There is no token to exchange."""
    async with world() as here:
        await here.accounts.apply(settings(entry(credential_mode="direct")))
        await settle()
        here.accounts.choose().doubt()
        await settle()
        assert (here.github.count(TOKEN_PATH), here.github.count(USER_PATH)) == (0, 2)


async def test_quota_follows_the_replies_and_ignores_those_without() -> None:
    """Read when somebody asks, not per request."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        account.observe(CIMultiDict({"X-Quota-Snapshot-Chat": "ent=200&rem=50&totRem=100"}))
        account.observe({"content-type": "text/plain"})
        assert account.quota is not None
        assert account.quota.buckets["chat"].remaining == 100.0
        assert account.quota.buckets["premium_interactions"].remaining == -1.0
        account.observe({"x-quota-snapshot-chat": "nonsense"})
        assert account.quota.buckets["chat"].remaining == 100.0


async def test_describe_answers_with_the_user_document() -> None:
    """For `whoami` and the admin."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        user = await here.accounts.choose().describe()
        assert (user.login, user.plan) == ("octo-dev", "business")


async def test_the_timer_refreshes_every_catalog() -> None:
    """Failures are kept, the timer goes on."""
    async with world() as here, asyncio.timeout(5):
        await here.accounts.apply(settings(entry("1"), entry("2"), active="1"))
        await settle()
        assert len(here.upstream.asked) == 2
        here.upstream.status = 500
        async with asyncio.TaskGroup() as group:
            timer = group.create_task(here.accounts.run(600.0))
            while len(here.upstream.asked) < 6:
                await asyncio.sleep(0)
            timer.cancel()
        problem = here.accounts.choose().problem
        assert problem is not None
        assert problem.startswith("The model list could not be refreshed; the old list stays in use.")


async def test_a_prepared_account_has_asked_for_its_models_again() -> None:
    """A token is fetched where none is at hand; the list always, for it proves that the token works."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        await settle()
        await here.accounts.prepare("1")
        assert (here.github.count(TOKEN_PATH), len(here.upstream.asked)) == (1, 2)
        here.clock.now += 3600
        await here.accounts.prepare("1")
        assert (here.github.count(TOKEN_PATH), len(here.upstream.asked)) == (2, 3)
        here.upstream.status, here.upstream.body = 403, b"no\n"
        with pytest.raises(CredentialRefused):
            await here.accounts.prepare("1")
        with pytest.raises(NoAccount, match="'9' is not logged in"):
            await here.accounts.prepare("9")


async def test_an_account_that_could_not_be_set_up_is_tried_anew() -> None:
    """The keyring was locked; now it is not."""
    async with world() as here:
        is_locked = [True]

        def open_token(item: AccountEntry) -> str:
            if is_locked[0]:
                raise ValueError("locked")
            return item.token

        here.surroundings.open_token = open_token
        await here.accounts.apply(settings(entry()))
        await here.accounts.retry("1")
        trouble = here.accounts.trouble_of("1")
        assert trouble is not None
        assert (trouble.code, "cannot be opened (locked)" in trouble.message) == ("token_unreadable", True)
        with pytest.raises(NoAccount, match=r"cannot be opened \(locked\)"):
            await here.accounts.prepare("1")
        is_locked[0] = False
        await here.accounts.retry("1")
        await settle()
        assert here.accounts.trouble_of("1") is None
        assert here.accounts.choose().state == "ready"
        assert here.accounts.trouble_of("9") is None
        await here.accounts.retry("9")


async def test_a_person_does_not_wait_for_a_cool_down() -> None:
    """After a refusal requests leave GitHub alone for minutes; a retry asks now, and once for all who press."""
    async with world() as here:
        here.github.answers[TOKEN_PATH] = [answer('{"message":"Bad credentials"}', 401)]
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        assert account.trouble is not None
        assert (account.trouble.code, account.trouble.remedy) == (
            "bad_credentials",
            "The GitHub token is no longer valid; run `copilot-api login` again.",
        )
        here.github.answers[TOKEN_PATH] = [answer(ENVELOPE)]
        before = here.github.count(TOKEN_PATH)
        await asyncio.gather(*(here.accounts.retry("1") for _ in range(5)))
        assert (account.state, account.trouble) == ("ready", None)
        assert here.github.count(TOKEN_PATH) == before + 1


async def test_quota_is_asked_for_once_an_interval() -> None:
    """Those who ask meanwhile share the answer; a failure counts as asking."""
    async with world() as here:
        await here.accounts.apply(settings(entry()))
        await settle()
        account = here.accounts.choose()
        assert here.github.count(USER_PATH) == 1
        await account.ask(600)
        assert (here.github.count(USER_PATH), account.meter.wait_s(600)) == (1, 600)
        here.clock.now += 600
        await asyncio.gather(*(account.ask(600) for _ in range(5)))
        assert here.github.count(USER_PATH) == 2
        here.clock.now += 600
        here.github.answers[USER_PATH] = [answer("{}", 500)]
        for _ in range(3):
            await account.ask(600)
        assert here.github.count(USER_PATH) == 3
        assert account.trouble is not None
        assert account.quota is not None


async def test_a_new_credential_of_the_same_person_keeps_what_is_known() -> None:
    """Plan and quota are the person's, not the token's; another host's account of the same id is somebody else."""
    async with world() as here:
        await here.accounts.apply(settings(entry(token="ghu_old")))
        await settle()
        await here.accounts.apply(settings(entry(token="ghu_new")))
        renewed = here.accounts.choose()
        assert (renewed.plan, renewed.quota is None) == ("business", False)
        await here.accounts.apply(settings(entry(token="ghu_new", github_host="octo.ghe.com")))
        assert (here.accounts.choose().plan, here.accounts.choose().quota) == ("", None)
