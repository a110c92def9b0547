"""The guard believes the socket, not headers; and says how to get in."""

from pathlib import Path

import pytest

from copilot_api.errors import Forbidden, Unauthorized
from copilot_api.settings import Settings
from copilot_api.web.guard import Guard, host_name, is_loopback, presented_key


def guard(**changes: object) -> Guard:
    """A guard for default settings with some changed."""
    return Guard(Settings(data_directory=Path("unused"), **changes))  # type: ignore[arg-type]  # by field name


def scope(**changes: object) -> dict[str, object]:
    """A request from this machine."""
    return {"client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 4141), "query_string": b"", **changes}


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4141", "127.0.0.1:4141", "[::1]:4141", "LOCALHOST", "127.0.0.1"]
)
def test_loopback_names_are_served(host: str) -> None:
    """With and without a port, in any case."""
    guard().check_host(scope(), {"host": host})


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example:4141",
        "attacker.example@localhost",
        "localhost, attacker.example",
        "localhost:4141:1",
        "[::1].attacker.example",
        "",
    ],
)
def test_a_name_that_is_not_ours_is_refused(host: str) -> None:
    """DNS rebinding comes under the attacker's own name, however it is dressed."""
    with pytest.raises(Forbidden) as caught:
        guard().check_host(scope(), {"host": host})
    assert caught.value.code == "host_not_allowed"


def test_the_address_of_the_socket_and_configured_names_are_served() -> None:
    """An address cannot be rebound; a name is ours only when the operator says so."""
    guard().check_host(scope(server=("192.168.1.5", 4141)), {"host": "192.168.1.5:4141"})
    guard(allowed_hosts=("gateway.lan",)).check_host(scope(), {"host": "Gateway.LAN:4141"})
    with pytest.raises(Forbidden):
        guard().check_host(scope(server=("192.168.1.5", 4141)), {"host": "192.168.1.6:4141"})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://attacker.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_origin_is_refused(headers: dict[str, str]) -> None:
    """Also a page on this machine: another port is another origin."""
    with pytest.raises(Forbidden) as caught:
        guard().check_origin({"host": "localhost:4141", **headers})
    assert caught.value.code == "origin_not_allowed"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-mode": "cors"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:4141"},
    ],
)
def test_clients_and_our_own_page_come_in(headers: dict[str, str]) -> None:
    """Node's fetch says `sec-fetch-mode: cors` and no Origin."""
    guard().check_origin({"host": "localhost:4141", **headers})


def test_a_configured_origin_comes_in() -> None:
    """The operator's own page."""
    allowing = guard(allowed_origins=("https://chat.lan",))
    allowing.check_origin({"host": "localhost:4141", "origin": "https://chat.lan"})
    assert allowing.is_allowed_origin("https://chat.lan")


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer secret-key-1"}, b""),
        ({"authorization": "bearer  secret-key-1 "}, b""),
        ({"x-api-key": "secret-key-1"}, b""),
        ({"x-goog-api-key": "secret-key-1"}, b""),
        ({}, b"alt=sse&key=secret-key-1"),
    ],
)
def test_a_key_is_taken_from_each_of_the_four_places(headers: dict[str, str], query: bytes) -> None:
    """OpenAI, Anthropic, and both of Google's ways."""
    asking = scope(query_string=query)
    assert presented_key(asking, headers) == "secret-key-1"
    assert guard(plain_keys=("secret-key-1",)).require_key(asking, headers) is not None


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic c2VjcmV0"}]
)
def test_without_the_right_key_nobody_comes_in(headers: dict[str, str]) -> None:
    """401 with the command that makes a key."""
    with pytest.raises(Unauthorized) as caught:
        guard(plain_keys=("secret-key-1",)).require_key(scope(), headers)
    assert "copilot-api keys create" in caught.value.message


def test_without_any_key_configured_none_is_asked_for() -> None:
    """Loopback by default."""
    assert guard().require_key(scope(), {"authorization": "Bearer anything"}) is None


def test_a_key_that_cannot_be_read_keeps_the_door_shut() -> None:
    """Losing the vault must not open the gateway."""
    with pytest.raises(Unauthorized):
        guard(has_unreadable_keys=True).require_key(scope(), {})


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "127.0.0.1"},
        {"x-real-ip": "127.0.0.1"},
        {"x-forwarded-host": "localhost"},
        {"forwarded": "for=127.0.0.1"},
        {"x-forwarded-proto": "https"},
    ],
)
@pytest.mark.parametrize("peer", ["127.0.0.1", "203.0.113.9"])
def test_a_forwarded_header_never_makes_a_peer_local(headers: dict[str, str], peer: str) -> None:
    """Such a header from an unconfigured peer can only lower trust."""
    assert not is_loopback(guard().peer(scope(client=(peer, 1)), headers))


def test_a_configured_proxy_is_believed_about_the_last_hop_only() -> None:
    """The rightmost address that is not a proxy of ours; what stands left of it the caller wrote."""
    trusting = guard(trusted_proxies=("10.0.0.0/8",))
    behind = scope(client=("10.0.0.7", 1))
    assert trusting.peer(behind, {"x-forwarded-for": "127.0.0.1, 203.0.113.9, 10.0.0.8"}) == "203.0.113.9"
    assert not is_loopback(trusting.peer(behind, {"x-forwarded-proto": "https"}))


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.2", False),
        ("::ffff:10.0.0.1", False),
        ("unix", False),
    ],
)
def test_loopback_is_a_matter_of_the_address(peer: str, expected: bool) -> None:
    """Mapped addresses count as what they are."""
    assert is_loopback(peer) is expected


def test_a_host_that_is_no_host_has_no_name() -> None:
    """Nothing odd slips through the parser."""
    assert host_name("localhost:port") == ""
    assert host_name("[::1") == ""
    assert host_name("[::1]:80") == "::1"
