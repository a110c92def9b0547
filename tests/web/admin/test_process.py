"""The admin of a real process: the setup link that it prints, its way down, and kill -9."""

import json
import re
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from live import Gateway, running_gateway, running_simulator
from web.admin.visiting import API, FAR, SECRET


def ask(
    gateway: Gateway, method: str, path: str, document: object = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    """One request to the admin: status, document and headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if document is not None:
        named["content-type"] = "application/json"
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(gateway.url + API + path, data, named, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), dict(error.headers)


def links(gateway: Gateway) -> list[dict[str, Any]]:
    """The lines of the log that offer a setup."""
    lines = [json.loads(line) for line in gateway.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == "setup.offered"]


FORWARDED = {name.replace("-", "_"): value for name, value in FAR.items()}


def test_a_gateway_that_strangers_reach_prints_a_link_once(tmp_path: Path) -> None:
    """It sets the secret, signs in, and is worth nothing afterwards; the next start prints none."""
    config = {"trustedProxies": ["127.0.0.1"]}
    with running_simulator(tmp_path / "simulator.log") as simulator:
        with running_gateway(simulator, tmp_path / "home", config=config) as gateway:
            (offered,) = links(gateway)
            found = re.fullmatch(r"(http://127\.0\.0\.1:\d+)/admin#setup=([\w-]{43})", offered["link"])
            assert found is not None
            assert found[1] == gateway.url
            _, session, _ = ask(gateway, "GET", "/session", **FORWARDED)
            assert session["needs"] == "setup"
            csrf = {"x_csrf_token": session["csrf"]}
            body = {"token": found[2], "secret": SECRET}
            status, session, headers = ask(gateway, "POST", "/session/setup", body, **FORWARDED, **csrf)
            assert (status, session["signedIn"]) == (200, True)
            cookie = headers["set-cookie"].partition(";")[0]
            assert ask(gateway, "GET", "/status", **FORWARDED, cookie=cookie)[0] == 200
            assert ask(gateway, "POST", "/session/setup", body, **FORWARDED, **csrf)[0] == 409
        home = (tmp_path / "home").rglob("*")
        kept = [path for path in home if path.is_file() and path.name != "gateway.log"]
        assert not any(found[2].encode() in path.read_bytes() for path in kept)


def test_a_gateway_that_only_this_machine_reaches_prints_none(tmp_path: Path) -> None:
    """Whoever is on it is in; and one with a secret needs no link."""
    with running_simulator(tmp_path / "simulator.log") as simulator:
        with running_gateway(simulator, tmp_path / "bare") as gateway:
            assert links(gateway) == []
        config = {"trustedProxies": ["127.0.0.1"], "adminAuth": {"secretHash": HASH}}
        with running_gateway(simulator, tmp_path / "secret", config=config) as gateway:
            assert links(gateway) == []


HASH = (  # of "correct horse", by node:crypto as the reference gateway calls it
    "scrypt$AAECAwQFBgcICQoLDA0ODw$"
    "JbN2hANm9NOw4h5BRHZnbjzQ6Jr0QwNWojTOC2WgIbViM-ewsk8HvJNAGV8ZyQodp1YlFO0HYqba48J_9bB9Yg"
)


def test_open_event_streams_do_not_hold_up_the_way_down(tmp_path: Path) -> None:
    """They end when the server drains, not when its patience does (30 s)."""
    with running_simulator(tmp_path / "simulator.log") as simulator:
        with running_gateway(simulator, tmp_path / "home") as gateway:
            streams = [urllib.request.urlopen(f"{gateway.url}{API}/events", timeout=10) for _ in range(5)]
            assert all(stream.readline() for stream in streams)
            began_s = time.monotonic()
        took_s = time.monotonic() - began_s
        for stream in streams:
            stream.close()
    assert took_s < 8.0


@pytest.mark.parametrize("form", ["scrypt$short", "$argon2id$nonsense", "correct horse"])
def test_a_hash_that_is_none_stops_the_start(tmp_path: Path, form: str) -> None:
    """The reference gateway started, and nobody could ever sign in."""
    config = {"adminAuth": {"secretHash": form}}
    with (
        running_simulator(tmp_path / "simulator.log") as simulator,
        pytest.raises(TimeoutError, match=r"adminAuth\.secretHash"),
        running_gateway(simulator, tmp_path / "home", config=config),
    ):
        pass
