"""Pictures of accounts: from their own GitHub's avatar host, small, cached, and nothing but pictures."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from copilot_api.copilot.github import Avatars
from copilot_api.copilot.transport.answer import Answer
from copilot_api.errors import UpstreamUnavailable
from copilot_api.settings import AccountEntry
from copilot_api.web.admin.accounts.view import initials_of
from gate import running_gate
from unit.copilot.world import Clock, task_group
from web.admin.accounts.scene import ANN, BOB, by_id, count, three
from web.admin.visiting import Visitor

PNG = b"\x89PNG\r\n\x1a\n and pixels"
THEIRS = "https://avatars.githubusercontent.com/u/1?v=4"


class Web:
    """Answers every picture alike and remembers who was asked."""

    def __init__(self, body: bytes = PNG, status: int = 200, fault: Exception | None = None) -> None:
        self.body, self.status, self.fault = body, status, fault
        self.asked: list[tuple[str, str, dict[str, str], int]] = []

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], /, *, max_bytes: int
    ) -> Answer:
        """Answer."""
        self.asked.append((method, url, dict(headers), max_bytes))
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        return Answer(self.status, {}, self.body)


def account(url: str, host: str = "github.com") -> AccountEntry:
    """An account with a picture."""
    return AccountEntry(id="1", login="ann", token="t", avatar_url=url, github_host=host)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (THEIRS, "github.com"),
        ("https://avatars2.githubusercontent.com:443/u/1", "github.com"),
        ("https://avatars.octo.ghe.com/u/1", "octo.ghe.com"),
        ("https://octo.ghe.com/avatars/u/1?s=80", "octo.ghe.com"),
        ("http://127.0.0.1:9/avatars/u/1", "github.com"),
    ],
)
async def test_the_accounts_own_github_is_asked(url: str, host: str) -> None:
    """Without any credential."""
    async with task_group() as group:
        web = Web()
        avatars = Avatars(
            web, user_agent="us/1", clock=Clock(), spawn=group.create_task, own_bases=("http://127.0.0.1:9",)
        )
        found = await avatars.of(account(url, host))
        assert found is not None
        assert (found.media_type, found.data) == ("image/png", PNG)
        accept = "image/png, image/jpeg, image/gif, image/webp"
        assert web.asked == [("GET", url, {"Accept": accept, "User-Agent": "us/1"}, 1024 * 1024)]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("", "github.com"),
        ("https://avatars.example/u/1", "github.com"),
        ("https://githubusercontent.com.evil.test/u/1", "github.com"),
        ("https://evil.test/.githubusercontent.com", "github.com"),
        ("https://user@avatars.githubusercontent.com/u/1", "github.com"),
        ("https://avatars.githubusercontent.com:8443/u/1", "github.com"),
        ("http://avatars.githubusercontent.com/u/1", "github.com"),
        ("https://avatars.githubusercontent.com/u 1", "github.com"),
        ("https://avatars.githubusercontent.com/\x00", "github.com"),
        ("https://avatars.githubusercontent.com/u/1", "octo.ghe.com"),
        ("https://avatars.other.ghe.com/u/1", "octo.ghe.com"),
        ("https://octo.ghe.com/u/1", "github.com"),
        ("https://a.evil.test/u/1", "evil.test"),
        ("https://github.com/octo.png", "github.com"),
        ("https://api.github.com/user", "github.com"),
        ("http://169.254.169.254/latest/meta-data", "github.com"),
        ("http://127.0.0.1:10/avatars/u/1", "github.com"),
        ("http://127.0.0.1:9@evil.test/", "github.com"),
        ("file:///etc/passwd", "github.com"),
        ("data:image/png;base64,AAAA", "github.com"),
        ("//avatars.githubusercontent.com/u/1", "github.com"),
        ("https://[::1", "github.com"),
        ("https://avatars.githubusercontent.com:x/u/1", "github.com"),
    ],
)
async def test_nobody_else_is(url: str, host: str) -> None:
    """The address stands in a file that may have been brought from anywhere."""
    async with task_group() as group:
        web = Web()
        bases = ("https://github.com", "https://api.github.com", "http://127.0.0.1:9")
        avatars = Avatars(web, user_agent="u", clock=Clock(), spawn=group.create_task, own_bases=bases)
        assert avatars.address(account(url, host)) is None
        assert await avatars.of(account(url, host)) is None
        assert web.asked == []


@pytest.mark.parametrize(
    "web",
    [
        Web(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        Web(b"<html>"),
        Web(b""),
        Web(PNG, status=302),
        Web(PNG, status=404),
        Web(fault=UpstreamUnavailable("larger than 1048576 bytes")),
    ],
)
async def test_what_is_no_picture_is_none_and_not_asked_for_again_soon(web: Web) -> None:
    """By its first bytes, whatever is said of it; a redirect is not followed. Ten minutes later once more."""
    async with task_group() as group:
        clock = Clock()
        avatars = Avatars(web, user_agent="u", clock=clock, spawn=group.create_task)
        for _ in range(3):
            assert await avatars.of(account(THEIRS)) is None
        assert len(web.asked) == 1
        clock.now += 600
        await avatars.of(account(THEIRS))
        assert len(web.asked) == 2


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
    ],
)
async def test_the_other_kinds_of_pictures_are_known(data: bytes, media_type: str) -> None:
    """What GitHub serves."""
    async with task_group() as group:
        found = await Avatars(Web(data), user_agent="u", clock=Clock(), spawn=group.create_task).of(
            account(THEIRS)
        )
        assert found is not None
        assert found.media_type == media_type


async def test_a_picture_is_fetched_once_a_day_for_all() -> None:
    """Many pages at once share one fetch; a thousand accounts do not fill the memory."""
    async with task_group() as group:
        web, clock = Web(), Clock()
        avatars = Avatars(web, user_agent="u", clock=clock, spawn=group.create_task)
        await asyncio.gather(*(avatars.of(account(THEIRS)) for _ in range(20)))
        clock.now += 86_399
        await avatars.of(account(THEIRS))
        assert len(web.asked) == 1
        clock.now += 2
        await avatars.of(account(THEIRS))
        assert len(web.asked) == 2
        for number in range(100):
            await avatars.of(account(f"https://avatars.githubusercontent.com/u/{number}"))
        assert len(avatars._kept) == 64


async def test_the_page_gets_the_picture_from_us(tmp_path: Path) -> None:
    """With a tag, so that it is sent once; as a picture and nothing else."""
    document = three()
    accounts = document["accounts"]
    assert isinstance(accounts, list)
    async with running_gate(tmp_path, document=document) as gate:

        def give_pictures(stored: dict[str, object]) -> None:
            kept = stored["accounts"]
            assert isinstance(kept, list)
            for one in kept[:2]:
                one["avatarUrl"] = f"{gate.simulator.url}/avatars/u/{one['id']}?v=4"
            kept[1]["avatarUrl"] = f"{gate.simulator.url}/avatars/u/1?v=4"

        await asyncio.to_thread(gate.config.update, give_pictures)
        await gate.house._adopt(gate.config.load())
        browser = Visitor(gate)
        shown = (await browser.get("/accounts")).document
        assert by_id(shown, ANN)["avatar"] == f"/admin/api/accounts/{ANN}/avatar"
        answer = await browser.get(f"/accounts/{ANN}/avatar")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
        assert answer.body.startswith(b"\x89PNG")
        assert answer.headers["cache-control"] == "private, max-age=3600"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
        again = await browser.get(f"/accounts/{ANN}/avatar", if_none_match=answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert count(gate, f"/avatars/u/{ANN}") == 1
        asked = next(entry for entry in gate.simulator.requests() if "avatars" in str(entry["path"]))
        assert "authorization" not in asked["headers"]
        missing = await browser.get(f"/accounts/{BOB}/avatar")
        assert (missing.status, missing.code) == (404, "avatar_missing")


@pytest.mark.parametrize(
    ("login", "initials"),
    [
        ("octo-dev", "OD"),
        ("ann", "AN"),
        ("a", "A"),
        ("", "?"),
        ("---", "?"),
        ("élan-vital-x", "ÉV"),
        ("张伟", "张伟"),
        ("<script>", "SC"),
    ],
)
def test_initials_stand_in_where_there_is_no_picture(login: str, initials: str) -> None:
    """One or two letters of any script."""
    assert initials_of(login) == initials
