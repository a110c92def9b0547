"""What the admin says about itself: what runs, what was changed, and what its API is."""

import re
from pathlib import Path
from typing import Any

from litestar.routes import HTTPRoute

from copilot_api import __version__
from gate import Gate, running_gate
from web.admin.visiting import API, SECRET, Visitor


async def test_about_says_what_runs_here(tmp_path: Path) -> None:
    """And that it is unofficial."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        document = (await Visitor(gate).get("/about")).document
    assert document["version"] == __version__
    assert document["dataDirectory"] == str(tmp_path)
    assert document["license"] == "MIT"
    assert document["notice"].startswith("Unofficial.")
    assert set(document) == {
        "version", "python", "platform", "license", "dataDirectory", "notice", "repository",
    }  # fmt: skip


async def test_the_audit_log_is_read_in_pages(tmp_path: Path) -> None:
    """The newest first, each once, until there are no more."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        here = Visitor(gate)
        for number in range(7):
            gate.house.desk.audit.append(who="loopback", peer="::1", action="x.y", target=str(number))
        seen: list[str] = []
        cursor, pages = "", 0
        while True:
            page = (await here.get(f"/audit?limit=3{cursor}")).document
            seen.extend(entry["target"] for entry in page["entries"])
            pages += 1
            if page["nextCursor"] is None:
                break
            cursor = f"&cursor={page['nextCursor']}"
        assert (seen, pages) == (["6", "5", "4", "3", "2", "1", "0"], 3)
        assert set(page["entries"][0]) == {"id", "at", "who", "peer", "action", "target", "detail"}


async def test_a_wrong_page_of_the_audit_log_is_refused(tmp_path: Path) -> None:
    """With the name of what is wrong."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        here = Visitor(gate)
        for query, field in (
            ("cursor=x", "cursor"),
            ("cursor=-1", "cursor"),
            ("limit=0", "limit"),
            ("limit=x", "limit"),
        ):
            answer = await here.get(f"/audit?{query}")
            assert answer.status == 422, query
            assert list(answer.document["error"]["fields"]) == [field]
        assert (await here.get("/audit")).document == {"entries": [], "nextCursor": None}


async def description(gate: Gate) -> dict[str, Any]:
    """The API's own description."""
    answer = await Visitor(gate).get("/openapi.json")
    assert answer.status == 200
    return answer.document


async def test_every_route_describes_itself(tmp_path: Path) -> None:
    """What it is for, what it reads, what it answers, how it refuses, who may call it."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        document = await description(gate)
        routes = {
            (route.path_format, method.lower())
            for route in gate.house.operations.litestar().routes
            if isinstance(route, HTTPRoute) and route.path.startswith(API)
            for method in route.methods - {"OPTIONS"}
        }
    described = {
        (path, method): each for path, item in document["paths"].items() for method, each in item.items()
    }
    assert set(described) == routes
    for place, operation in described.items():
        assert re.match(r"[A-Z]", operation["summary"]), place
        assert {"400", "401", "403", "422", "429", "503"} <= set(operation["responses"]), place
        assert ("200" in operation["responses"]) != ("201" in operation["responses"]), place
        assert operation["security"], place
        if place[1] in {"post", "put", "patch"}:
            assert "requestBody" in operation, place
            assert {"413", "415"} <= set(operation["responses"]), place
        if "{" in place[0]:
            assert "404" in operation["responses"], place
            assert [one["name"] for one in operation["parameters"] if one["in"] == "path"], place
    names = [operation["operationId"] for operation in described.values()]
    assert len(set(names)) == len(names)


async def test_every_reference_of_the_description_leads_somewhere(tmp_path: Path) -> None:
    """No dangling name, and the one shape of refusals is described."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        document = await description(gate)
    schemas = document["components"]["schemas"]
    wanted = set(re.findall(r"#/components/schemas/([\w.]+)", str(document)))
    assert wanted == set(schemas)
    assert set(schemas["SaidError"]["required"]) == {"code", "message", "remedy", "fields"}
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session", "csrf"}


async def test_a_replacement_says_that_it_wants_a_version(tmp_path: Path) -> None:
    """If-Match is described where 412 and 428 are."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        document = await description(gate)
    operation = document["paths"]["/admin/api/mappings"]["put"]
    assert [one["name"] for one in operation["parameters"] if one["in"] == "header"] == ["if-match"]
    assert {"412", "428"} <= set(operation["responses"])


async def test_who_changed_what_is_told_to_whoever_asks(tmp_path: Path) -> None:
    """The log over the API is the log on the disk."""
    async with running_gate(tmp_path, is_ready=False) as gate:
        browser = Visitor(gate)
        await browser.write("PUT", "/secret", {"new": SECRET})
        (opened, changed) = (await browser.get("/audit")).document["entries"]
    assert (changed["who"], changed["peer"], changed["action"]) == ("loopback", "127.0.0.1", "secret.set")
    assert (opened["action"], opened["who"]) == ("session.open", opened["target"])
