"""Who is in: loopback until a secret is set, then the secret, a session or a key; and the ways in and out."""

import asyncio
from pathlib import Path

import pytest

from gate import running_gate, until
from web.admin.visiting import FAR, PROXY, SECRET, Visitor

HASH = (  # of "correct horse", by node:crypto as the reference gateway calls it
    "scrypt$AAECAwQFBgcICQoLDA0ODw$"
    "JbN2hANm9NOw4h5BRHZnbjzQ6Jr0QwNWojTOC2WgIbViM-ewsk8HvJNAGV8ZyQodp1YlFO0HYqba48J_9bB9Yg"
)


async def test_this_machine_is_in_until_a_secret_is_set(tmp_path: Path) -> None:
    """And then needs it as everybody does."""
    async with running_gate(tmp_path) as gate:
        here = Visitor(gate)
        document = (await here.get("/session")).document
        assert (document["signedIn"], document["how"], document["needs"]) == (True, "loopback", None)
        assert document["address"] == gate.url
        assert document["hasSecret"] is False
        assert (await here.get("/status")).status == 200
        answer = await here.write("PUT", "/secret", {"current": None, "new": SECRET})
        assert (answer.status, answer.document["how"]) == (200, "session")
        assert (await here.get("/status")).status == 200
        other = Visitor(gate)
        document = (await other.get("/session")).document
        assert (document["signedIn"], document["needs"]) == (False, "login")
        assert (document["version"], document["address"], document["startedAt"]) == (None, None, None)
        refused = await other.get("/status")
        assert (refused.status, refused.code) == (401, "sign_in_needed")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert (await other.sign_in()).document["how"] == "session"
        assert (await other.get("/status")).status == 200


async def test_a_session_is_a_cookie_that_no_script_reads(tmp_path: Path) -> None:
    """HttpOnly, same site only, for the admin only, and with an end."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        answer = await Visitor(gate).sign_in()
        parts = answer.headers["set-cookie"].split("; ")
        assert {"HttpOnly", "Path=/admin", "SameSite=strict", "Max-Age=432000"} <= set(parts)
        assert "Secure" not in parts
        assert answer.document["expiresAt"] is not None
    async with running_gate(tmp_path / "tls", ADMIN_SECRET=SECRET, **PROXY) as gate:
        answer = await Visitor(gate, FAR).sign_in()
        assert "Secure" in answer.headers["set-cookie"].split("; ")


async def test_a_session_survives_a_restart_and_a_sign_out_does_too(tmp_path: Path) -> None:
    """What the reference gateway forgot: a signed-out cookie was good again after a restart."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        stays, leaves = Visitor(gate), Visitor(gate)
        await stays.sign_in()
        await leaves.sign_in()
        stolen = leaves.cookie
        answer = await leaves.write("DELETE", "/session")
        assert (answer.document["signedIn"], leaves.cookie) == (False, "")
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        stays.gate = leaves.gate = gate
        leaves.cookie = stolen
        assert (await stays.get("/status")).status == 200
        assert (await leaves.get("/status")).status == 401


async def test_another_secret_in_the_environment_ends_the_sessions(tmp_path: Path) -> None:
    """An operator who exports a new one means it."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        browser = Visitor(gate)
        await browser.sign_in()
    async with running_gate(tmp_path, ADMIN_SECRET="another secret") as gate:
        browser.gate = gate
        assert (await browser.get("/status")).status == 401


@pytest.mark.parametrize("encoded", [HASH, ""])
async def test_both_forms_of_the_environment_open_the_admin(tmp_path: Path, encoded: str) -> None:
    """ADMIN_SECRET_HASH wins over ADMIN_SECRET; a hash of the reference gateway is good."""
    variables = {"ADMIN_SECRET": "wrong horse"} | ({"ADMIN_SECRET_HASH": encoded} if encoded else {})
    right = "correct horse" if encoded else "wrong horse"
    async with running_gate(tmp_path, **variables) as gate:
        assert (await Visitor(gate).sign_in(right)).status == 200
        refused = await Visitor(gate).sign_in(right + "!")
        assert (refused.status, refused.code) == (401, "secret_wrong")
        bearer = {"authorization": f"Bearer {right}"}
        assert (await Visitor(gate, bearer).get("/status")).status == 200
        browser = Visitor(gate)
        await browser.sign_in(right)
        answer = await browser.write("PUT", "/secret", {"current": right, "new": "a new secret"})
        assert (answer.status, answer.code) == (409, "secret_from_environment")


async def test_a_secret_in_the_reference_gateways_config_still_opens(tmp_path: Path) -> None:
    """And can be rotated here; the new hash is argon2id."""
    document: dict[str, object] = {"adminAuth": {"secretHash": HASH, "sessionTtlDays": 2}}
    async with running_gate(tmp_path, document=document, is_ready=False) as gate:
        browser, other = Visitor(gate), Visitor(gate)
        answer = await browser.sign_in("correct horse")
        assert "Max-Age=172800" in answer.headers["set-cookie"]
        await other.sign_in("correct horse")
        answer = await browser.write("PUT", "/secret", {"current": "correct horse", "new": "battery staple"})
        assert answer.status == 200
        admin = gate.config.load().document["adminAuth"]
        assert isinstance(admin, dict)
        assert str(admin["secretHash"]).startswith("$argon2id$")
        assert admin["sessionTtlDays"] == 2
        assert (await browser.get("/status")).status == 200
        assert (await other.get("/status")).status == 401
        assert (await Visitor(gate).sign_in("correct horse")).status == 401
        assert (await Visitor(gate).sign_in("battery staple")).status == 200


async def test_rotation_asks_for_the_old_secret(tmp_path: Path) -> None:
    """A browser left open must not give the admin away."""
    async with running_gate(tmp_path) as gate:
        browser = Visitor(gate)
        await browser.write("PUT", "/secret", {"new": SECRET})
        for current in ({}, {"current": None}, {"current": " "}, {"current": "wrong one"}):
            answer = await browser.write("PUT", "/secret", {"new": "a new secret"} | current)
            assert answer.status == 422
            assert list(answer.document["error"]["fields"]) == ["current"]
        answer = await browser.write("PUT", "/secret", {"current": SECRET, "new": " short  "})
        assert (answer.status, list(answer.document["error"]["fields"])) == (422, ["new"])
        assert (await Visitor(gate).sign_in()).status == 200


async def test_of_two_rotations_at_once_one_is_first(tmp_path: Path) -> None:
    """The other is told; it does not overwrite a secret that its owner never knew."""
    async with running_gate(tmp_path) as gate:
        await Visitor(gate).write("PUT", "/secret", {"new": SECRET})
        browsers = [Visitor(gate) for _ in range(4)]
        for browser in browsers:
            await browser.sign_in()
        answers = await asyncio.gather(
            *(
                browser.write("PUT", "/secret", {"current": SECRET, "new": f"new secret {number}"})
                for number, browser in enumerate(browsers)
            )
        )
        assert {answer.status for answer in answers} <= {200, 401, 409, 422}
        (winner,) = [number for number, answer in enumerate(answers) if answer.status == 200]
        assert (await Visitor(gate).sign_in(f"new secret {winner}")).status == 200


async def test_the_secret_can_be_removed_on_this_machine(tmp_path: Path) -> None:
    """With the secret itself; every session ends with it."""
    async with running_gate(tmp_path) as gate:
        browser = Visitor(gate)
        await browser.write("PUT", "/secret", {"new": SECRET})
        assert (await browser.write("DELETE", "/secret", {"current": "wrong one"})).status == 422
        answer = await browser.write("DELETE", "/secret", {"current": SECRET})
        assert (answer.status, answer.document["how"], answer.document["hasSecret"]) == (
            200,
            "loopback",
            False,
        )
        assert browser.cookie == ""
        assert "adminAuth" not in gate.config.load().document
        assert (await browser.write("DELETE", "/secret", {"current": SECRET})).code == "no_secret"
        assert (await browser.sign_in()).code == "no_secret"


async def test_the_secret_cannot_be_removed_from_afar(tmp_path: Path) -> None:
    """It would shut out everybody who is not on the machine, the caller first."""
    async with running_gate(tmp_path, **PROXY) as gate:
        await Visitor(gate).write("PUT", "/secret", {"new": SECRET})
        far = Visitor(gate, FAR)
        await far.sign_in()
        answer = await far.write("DELETE", "/secret", {"current": SECRET})
        assert (answer.status, answer.code) == (409, "would_lock_out")


async def test_sessions_are_listed_and_ended(tmp_path: Path) -> None:
    """By their public ids; ending one's own signs out."""
    async with running_gate(tmp_path, ADMIN_SECRET=SECRET) as gate:
        first, second, third = (Visitor(gate, {"user-agent": name}) for name in ("one", "two", "three"))
        for browser in (first, second, third):
            await browser.sign_in()
        shown = (await first.get("/sessions")).document["sessions"]
        assert {session["client"] for session in shown} == {"one", "two", "three"}
        assert [session["client"] for session in shown if session["isCurrent"]] == ["one"]
        ids = {session["client"]: session["id"] for session in shown}
        assert all(set(session) == {
            "id", "createdAt", "lastSeenAt", "expiresAt", "peer", "client", "isCurrent",
        } for session in shown)  # fmt: skip
        answer = await first.write("DELETE", f"/sessions/{ids['two']}")
        assert {session["client"] for session in answer.document["sessions"]} == {"one", "three"}
        assert (await second.get("/status")).status == 401
        assert (await first.write("DELETE", f"/sessions/{ids['two']}")).code == "session_not_found"
        answer = await first.write("POST", "/sessions/revoke-others")
        assert [session["client"] for session in answer.document["sessions"]] == ["one"]
        assert (await third.get("/status")).status == 401
        await first.write("DELETE", f"/sessions/{ids['one']}")
        assert first.cookie == ""


async def test_a_key_reads_what_its_scope_says(tmp_path: Path) -> None:
    """`admin` reads everything but secrets, `usage` the usage, `inference` nothing; none of them writes."""
    keys = {
        "admin": "1" * 40,
        "usage": "2" * 40,
        "inference": "3" * 40,
    }
    import hashlib  # noqa: PLC0415 - for the digests of this test alone

    document: dict[str, object] = {
        "clientKeys": [
            {"id": f"key_{scope}", "name": scope, "scopes": [scope],
             "sha256": hashlib.sha256(key.encode()).hexdigest()}
            for scope, key in keys.items()
        ]
    }  # fmt: skip
    async with running_gate(tmp_path, document=document, is_ready=False, **PROXY) as gate:
        by = {s: Visitor(gate, {**FAR, "authorization": f"Bearer {key}"}) for s, key in keys.items()}
        assert (await by["admin"].get("/status")).status == 200
        session = (await by["admin"].get("/session")).document
        assert (session["how"], session["isReadOnly"]) == ("key", True)
        assert (await by["usage"].get("/status")).code == "scope_missing"
        assert (await by["inference"].get("/status")).code == "scope_missing"
        assert (await by["usage"].get("/usage/summary")).status == 200
        assert (await by["admin"].get("/usage/summary")).status == 200
        assert (await by["inference"].get("/usage/summary")).code == "scope_missing"
        for visitor in by.values():
            assert (await visitor.write("PUT", "/secret", {"new": SECRET})).code == "read_only"
            async with gate.http.get(gate.url + "/token", headers=visitor.headers) as found:
                assert found.status == 403
        assert (
            await Visitor(gate, {**FAR, "authorization": "Bearer " + "4" * 40}).get("/status")
        ).status == 403


async def test_the_setup_link_works_once(tmp_path: Path) -> None:
    """For whoever is not on this machine: a container, a wide bind, a proxy."""
    async with running_gate(tmp_path, **PROXY) as gate:
        token = gate.house.door.setup.offer()
        far = Visitor(gate, FAR)
        assert (await far.get("/session")).document["needs"] == "setup"
        assert (await far.get("/status")).code == "admin_local_only"
        refused = await far.write("POST", "/session/setup", {"token": "wrong", "secret": SECRET})
        assert (refused.status, refused.code) == (401, "setup_invalid")
        short = await far.write("POST", "/session/setup", {"token": token, "secret": "1234567"})
        assert (short.status, short.code) == (422, "secret_not_accepted")
        both = await asyncio.gather(
            *(
                Visitor(gate, FAR).write("POST", "/session/setup", {"token": token, "secret": SECRET})
                for _ in "ab"
            )
        )
        assert sorted(answer.status for answer in both) == [200, 409]
        assert [answer.document["how"] for answer in both if answer.status == 200] == ["session"]
        again = await Visitor(gate, FAR).write(
            "POST", "/session/setup", {"token": token, "secret": "another one"}
        )
        assert (again.status, again.code) == (409, "secret_exists")
        assert (await far.get("/session")).document["needs"] == "login"


async def test_without_a_link_a_stranger_is_told_what_to_do(tmp_path: Path) -> None:
    """Nothing is offered, and the remedy is a command."""
    async with running_gate(tmp_path, **PROXY) as gate:
        far = Visitor(gate, FAR)
        assert (await far.get("/session")).document["needs"] == "local"
        refused = await far.get("/status")
        assert "copilot-api admin set-secret" in refused.document["error"]["remedy"]
        assert (await far.sign_in()).code == "admin_local_only"


async def test_a_secret_is_not_taken_in_clear_from_a_network(tmp_path: Path) -> None:
    """Unless the operator says so; the header that claims encryption counts only from a configured proxy."""
    clear = {**FAR, "x-forwarded-proto": "http", "host": "gateway.lan"}
    variables = {"ADMIN_SECRET": SECRET, "COPILOT_API_ALLOWED_HOSTS": "gateway.lan"}
    async with running_gate(tmp_path, **variables, **PROXY) as gate:
        refused = await Visitor(gate, clear).sign_in()
        assert (refused.status, refused.code) == (403, "https_required")
        bearer = {"authorization": f"Bearer {SECRET}"}
        assert (await Visitor(gate, clear | bearer).get("/status")).code == "https_required"
        assert (await Visitor(gate, {**clear, "x-forwarded-proto": "https"}).sign_in()).status == 200
    async with running_gate(tmp_path / "untrusted", **variables) as gate:
        refused = await Visitor(gate, {**clear, "x-forwarded-proto": "https"}).sign_in()
        assert (refused.status, refused.code) == (403, "https_required")
    document: dict[str, object] = {"adminAuth": {"enforceHttps": False}}
    async with running_gate(
        tmp_path / "off", document=document, is_ready=False, **variables, **PROXY
    ) as gate:
        assert (await Visitor(gate, clear).sign_in()).status == 200


async def test_what_happens_at_the_door_is_in_the_audit_log(tmp_path: Path) -> None:
    """Who, from where, what; never the secret."""
    async with running_gate(tmp_path) as gate:
        browser = Visitor(gate)
        await browser.write("PUT", "/secret", {"new": SECRET})
        await browser.write("DELETE", "/session")
        written = (tmp_path / "audit.jsonl").read_text()
        assert [line.split('"action":"')[1].split('"')[0] for line in written.splitlines()] == [
            "secret.set",
            "session.open",
            "session.close",
        ]
        assert SECRET not in written


async def test_a_secret_set_by_another_process_shuts_the_door_here(tmp_path: Path) -> None:
    """The command line sets it while the server runs; loopback is out within a second or two."""
    async with running_gate(tmp_path) as gate:
        here = Visitor(gate)
        assert (await here.get("/status")).status == 200
        await asyncio.to_thread(gate.config.update, lambda doc: doc.update(adminAuth={"secretHash": HASH}))
        await until(lambda: gate.house.settings.admin_secret_hash == HASH)
        assert (await here.get("/status")).status == 401


async def test_a_configuration_that_is_lost_opens_nothing(tmp_path: Path) -> None:
    """Whatever secret it held still holds while the server runs."""
    async with running_gate(tmp_path) as gate:
        browser = Visitor(gate)
        await browser.write("PUT", "/secret", {"new": SECRET})
        (tmp_path / "config.json.last-good").unlink()
        (tmp_path / "config.json").write_text("{ this is not json")
        await until(lambda: "config.refused" in gate.log.getvalue())
        assert (await Visitor(gate).get("/status")).status == 401
        assert (await browser.get("/status")).status == 200
        answer = await browser.write("PUT", "/secret", {"current": SECRET, "new": "a new secret"})
        assert (answer.status, answer.code) == (503, "store_unavailable")
        assert (await Visitor(gate).sign_in()).status == 200
