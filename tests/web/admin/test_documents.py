"""Documents in and out of the admin API: read strictly, refused in one shape, answered with their version."""

import msgspec
import pytest
from litestar import Litestar, Response, post
from litestar.testing import AsyncTestClient

from copilot_api.errors import GatewayError, StoreUnavailable
from copilot_api.web.admin.desk import AnyRequest, SaidFault, answered, if_match, read_json, say


class Limit(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A part of the document below."""

    requests_per_minute: int | None = None


class Wish(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """What a test sends."""

    name: str
    is_strict: bool = False
    rate_limit: Limit | msgspec.UnsetType = msgspec.UNSET


@post("/wish", status_code=200)
async def wish(request: AnyRequest) -> Response[Wish]:
    """Answer with what was read, under the version that was sent."""
    return answered(await read_json(request, Wish), (if_match(request) or "none").strip('"'))


@post("/broken")
async def broken() -> None:
    """Fail as a store does."""
    raise StoreUnavailable("The disk is full.")


def _say(_: AnyRequest, error: GatewayError) -> Response[SaidFault]:
    return say(error)


async def ask(body: bytes, **headers: str) -> tuple[int, dict[str, object], dict[str, str]]:
    """Post to the page above: the status, the document and the headers."""
    app = Litestar([wish, broken], exception_handlers={GatewayError: _say}, openapi_config=None)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = named.pop("path", "/wish")
    async with AsyncTestClient(app) as client:
        answer = await client.post(path, content=body, headers=named)
    return answer.status_code, answer.json(), dict(answer.headers)


JSON = "application/json"


async def test_a_document_is_read_and_answered_with_its_version() -> None:
    """The version of the answer is its ETag, in quotes."""
    status, document, headers = await ask(b'{"name": "a"}', content_type=JSON, if_match='"v1"')
    assert (status, document) == (200, {"name": "a", "isStrict": False})
    assert (headers["etag"], headers["cache-control"]) == ('"v1"', "no-store")


async def test_every_wrong_field_is_named_at_once() -> None:
    """One answer names all that is wrong, by the names of the document."""
    body = b'{"isStrict": "yes", "rateLimit": {"requestsPerMinute": "5"}, "extra": 1}'
    status, document, _ = await ask(body, content_type=JSON)
    assert status == 422
    error = document["error"]
    assert isinstance(error, dict)
    assert error["code"] == "not_accepted"
    assert error["fields"] == {
        "name": "This is required.",
        "isStrict": "Expected 'bool', got 'str'",
        "rateLimit.requestsPerMinute": "Expected 'int | null', got 'str'",
        "extra": "This field is not known here.",
    }


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        (b'{"name": "\\ud800"}', 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b"[]", 422, "not_accepted"),
        (b"", 422, "not_accepted"),
    ],
)
async def test_what_is_not_a_document_is_refused(body: bytes, status: int, code: str) -> None:
    """Malformed is 400; JSON that is not the document is 422."""
    answer, document, _ = await ask(body, content_type=JSON)
    error = document["error"]
    assert isinstance(error, dict)
    assert (answer, error["code"]) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "application/json; charset=latin-1"},
        {"content_type": JSON, "content_encoding": "gzip"},
    ],
)
async def test_what_is_not_announced_as_json_is_refused(headers: dict[str, str]) -> None:
    """A web page can post text/plain to any site without asking; JSON it cannot."""
    status, document, _ = await ask(b'{"name": "a"}', **headers)
    error = document["error"]
    assert isinstance(error, dict)
    assert (status, error["code"]) == (415, "not_json")


async def test_a_store_that_fails_is_no_fault_of_the_caller() -> None:
    """The one shape also for the faults of the rest of the house; 503 for the store."""
    status, document, _ = await ask(b"", path="/broken")
    assert status == 503
    assert document == {
        "error": {"code": "store_unavailable", "message": "The disk is full.", "remedy": "", "fields": {}}
    }
