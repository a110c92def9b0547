"""The device login understands every answer GitHub gives."""

from urllib.parse import parse_qs

import pytest

from copilot_api.copilot.github import DeviceLogin, GitHub
from copilot_api.copilot.github.device import read_code, read_fields
from copilot_api.errors import CredentialRefused, MalformedRequest, UpstreamProtocolError, UpstreamUnavailable
from recorded import reply
from unit.copilot.world import NOW, Clock, FakeGitHubSide, answer

CODE, TOKEN = "/login/device/code", "/login/oauth/access_token"
GRANTED = '{"access_token":"ghu_granted","token_type":"bearer","scope":""}'
PENDING = '{"error":"authorization_pending"}'


async def begun(*polls: str | Exception, expires_in: int = 899) -> tuple[DeviceLogin, FakeGitHubSide, Clock]:
    """A login whose polls will be answered so."""
    side, clock = FakeGitHubSide(), Clock()
    side.answers[CODE] = [
        answer(
            '{"device_code":"secret-half","user_code":"WDJB-MJHT","verification_uri":"https://github.com/login/device",'
            f'"expires_in":{expires_in},"interval":5}}'
        )
    ]
    side.answers[TOKEN] = [poll if isinstance(poll, Exception) else answer(poll) for poll in polls]
    github = GitHub(side, user_agent="copilot-api/test")
    return await github.start_login(clock=clock, sleep=clock.sleep), side, clock


async def test_a_login_shows_its_code_and_polls_until_granted() -> None:
    """Pending twice, then a token; the interval is kept."""
    login, side, clock = await begun(PENDING, PENDING, GRANTED)
    assert (login.code.user_code, login.code.verification_uri) == (
        "WDJB-MJHT",
        "https://github.com/login/device",
    )
    assert login.code.expires_at_unix_s == NOW + 899
    assert await login.wait() == "ghu_granted"
    assert (login.state, login.problem) == ("granted", None)
    assert clock.slept == [5.0, 5.0, 5.0]
    method, url, headers, body = side.asked[0]
    assert (method, url) == ("POST", "https://github.com/login/device/code")
    assert (headers["User-Agent"], headers["Accept"]) == ("copilot-api/test", "application/json")
    assert body == b"client_id=Iv1.b507a08c87ecfe98&scope=read%3Auser"
    assert parse_qs((side.asked[1][3] or b"").decode()) == {
        "client_id": ["Iv1.b507a08c87ecfe98"],
        "device_code": ["secret-half"],
        "grant_type": ["urn:ietf:params:oauth:grant-type:device_code"],
    }


async def test_slow_down_uses_the_interval_it_names() -> None:
    """`slow_down` with an interval: that one from now on."""
    login, _, clock = await begun('{"error":"slow_down","interval":10}', PENDING, GRANTED)
    await login.wait()
    assert clock.slept == [5.0, 10.0, 10.0]


async def test_slow_down_without_an_interval_adds_five_seconds() -> None:
    """RFC 8628: five seconds more, each time."""
    login, _, clock = await begun('{"error":"slow_down"}', '{"error":"slow_down","interval":"x"}', GRANTED)
    await login.wait()
    assert clock.slept == [5.0, 10.0, 15.0]


async def test_slow_down_never_grows_beyond_a_minute() -> None:
    """A hostile interval does not stall the login for ever."""
    login, _, clock = await begun('{"error":"slow_down","interval":5000}', GRANTED)
    await login.wait()
    assert clock.slept == [5.0, 60.0]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            "access_denied",
            "The login was denied in the browser. Log in again, in the admin or with `copilot-api login`.",
        ),
        ("expired_token", "The code has expired. Log in again for a new one."),
        ("device_flow_disabled", "GitHub has switched device login off for this app. Update copilot-api."),
        ("incorrect_client_credentials", "GitHub does not know this app's client id. Update copilot-api."),
        (
            "incorrect_device_code",
            "GitHub does not know this code any more. Log in again, in the admin or with `copilot-api login`.",
        ),
        ("unsupported_grant_type", "GitHub refused the kind of login. Update copilot-api."),
        (
            "brand_new",
            "GitHub ended the login with 'brand_new' ('why'). Log in again, in the admin or with `copilot-api login`.",
        ),
    ],
)
async def test_every_ending_stops_the_login_with_its_remedy(error: str, message: str) -> None:
    """A denied or expired login never polls on."""
    login, side, _ = await begun(f'{{"error":"{error}","error_description":"why"}}')
    with pytest.raises(CredentialRefused) as caught:
        await login.wait()
    assert (caught.value.message, caught.value.code) == (message, error)
    assert (login.state, login.problem) == ("failed", message)
    assert side.count(TOKEN) == 1


async def test_network_trouble_is_waited_out() -> None:
    """A lost poll is not a lost login."""
    login, _, _ = await begun(UpstreamUnavailable("no route"), GRANTED)
    assert await login.poll() is None
    assert (login.state, login.problem) == ("waiting", "no route")
    assert await login.poll() == "ghu_granted"


async def test_an_answer_of_neither_kind_is_waited_out() -> None:
    """A proxy's page in between says nothing about the login."""
    login, _, _ = await begun("<html>busy</html>", GRANTED)
    assert await login.poll() is None
    assert login.problem == "GitHub's answer names neither a token nor an error; still waiting."


async def test_the_code_expires_by_our_clock() -> None:
    """When GitHub cannot be reached the login still ends."""
    login, side, clock = await begun(PENDING)
    clock.now += 899
    with pytest.raises(CredentialRefused, match="has expired"):
        await login.poll()
    assert side.count(TOKEN) == 0


async def test_a_cancelled_login_stops() -> None:
    """The person may change their mind."""
    login, side, _ = await begun(PENDING)
    login.cancel()
    assert login.state == "cancelled"
    with pytest.raises(CredentialRefused, match="cancelled"):
        await login.wait()
    assert side.count(TOKEN) == 0


async def test_a_login_cancelled_during_a_poll_yields_no_token() -> None:
    """A token granted after the cancel is dropped."""
    login, side, _ = await begun(GRANTED)

    def grant() -> object:
        login.cancel()
        return answer(GRANTED)

    side.answers[TOKEN] = grant  # type: ignore[assignment]
    with pytest.raises(CredentialRefused, match="cancelled"):
        await login.poll()


async def test_a_finished_login_cannot_be_cancelled() -> None:
    """Only a waiting login can change."""
    login, _, _ = await begun(GRANTED)
    await login.wait()
    login.cancel()
    assert login.state == "granted"


@pytest.mark.parametrize(
    "body",
    [
        reply("device-code"),
        b"device_code=3584d83530557fdd1f46af8289938c8ef79f9dc5&expires_in=899&interval=5&user_code=WDJB-MJHT"
        b"&verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice",
    ],
)
def test_both_spellings_of_the_start_are_read(body: bytes) -> None:
    """JSON, and form-encoded as GitHub answers without Accept."""
    code = read_code(answer(body), NOW)
    assert (code.user_code, code.interval_s, code.expires_at_unix_s) == ("WDJB-MJHT", 5.0, NOW + 899)
    assert code.device_code == "3584d83530557fdd1f46af8289938c8ef79f9dc5"
    assert "3584d" not in repr(code)


def test_a_form_encoded_grant_is_read() -> None:
    """The token as GitHub writes it without Accept."""
    fields = read_fields(answer("access_token=ghu_EXAMPLE&scope=&token_type=bearer"))
    assert fields == {"access_token": "ghu_EXAMPLE", "scope": "", "token_type": "bearer"}


def test_missing_times_become_the_usual_ones() -> None:
    """900 s of life, polled every 5 s."""
    code = read_code(
        answer('{"device_code":"d","user_code":"u","verification_uri":"http://127.0.0.1/x"}'), NOW
    )
    assert (code.interval_s, code.expires_at_unix_s) == (5.0, NOW + 900)


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ('{"error":"device_flow_disabled"}', CredentialRefused, "switched device login off"),
        ('{"error":"odd","error_description":"d"}', CredentialRefused, r"'odd' \('d'\). Try again later"),
        ("Not Found", UpstreamProtocolError, "is the host right"),
        ("[]", UpstreamProtocolError, "is the host right"),
        (
            '{"device_code":"d","user_code":"u","verification_uri":"javascript:alert(1)"}',
            UpstreamProtocolError,
            "is no web page",
        ),
    ],
)
def test_a_start_that_is_none_says_why(body: str, kind: type[Exception], said: str) -> None:
    """A refusal, a wrong host, a page that is no page."""
    with pytest.raises(kind, match=said):
        read_code(answer(body), NOW)


async def test_a_tenant_is_asked_on_its_own_hosts() -> None:
    """GHE.com: login on the tenant, REST on api.<tenant>."""
    side, clock = FakeGitHubSide(), Clock()
    side.answers[CODE] = [answer(reply("device-code"))]
    side.answers["/user"] = [answer(reply("github-user"))]
    github = GitHub(
        side, user_agent="x", github_url="http://127.0.0.1:1", github_api_url="http://127.0.0.1:2/"
    )
    await github.start_login(clock=clock, sleep=clock.sleep, host="octo.ghe.com")
    await github.user("ghu_x", "octo.ghe.com")
    await github.user("ghu_x")
    assert [url for _, url, _, _ in side.asked] == [
        "https://octo.ghe.com/login/device/code",
        "https://api.octo.ghe.com/user",
        "http://127.0.0.1:2/user",
    ]
    assert side.asked[1][2]["Authorization"] == "token ghu_x"


@pytest.mark.parametrize(
    "host", ["ghe.example.com", "evil.test/octo.ghe.com", "ghe.com", "", "octo.ghe.com:1"]
)
async def test_a_host_that_has_no_copilot_is_refused(host: str) -> None:
    """Only github.com and GHE.com tenants have Copilot, and no token goes anywhere else."""
    side = FakeGitHubSide()
    with pytest.raises(MalformedRequest, match=r"neither github\.com nor a GHE\.com tenant"):
        await GitHub(side, user_agent="x").user("ghu_x", host)
    assert side.asked == []
