"""What no protocol serves here is refused in the words of the protocol it belongs to."""

import json
from typing import Any

import pytest

from gate import Gate

ANTHROPIC = {"anthropic-version": "2023-06-01"}


async def asked(gate: Gate, method: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and document of one request."""
    async with gate.http.request(method, gate.url + path, headers=headers) as response:
        assert response.headers["content-type"].startswith("application/json")
        return response.status, json.loads(await response.read())


@pytest.mark.parametrize(
    ("method", "path", "headers", "remedy"),
    [
        ("POST", "/v1/messages/batches", {}, "Send each request by itself."),
        ("GET", "/v1/messages/batches/msgbatch_1", {}, "Send each request by itself."),
        ("POST", "/v1/complete", {}, "POST /v1/messages."),
        ("POST", "/v1/files", ANTHROPIC, "Send a file's bytes within the request."),
        ("POST", "/messages/odd", {}, "Served are POST /v1/messages,"),
    ],
)
async def test_anthropics_clients_get_their_envelope(
    gate: Gate, method: str, path: str, headers: dict[str, str], remedy: str
) -> None:
    """`{"type": "error"}`, and what to do instead."""
    status, document = await asked(gate, method, path, headers)
    assert (status, document["type"], document["error"]["type"]) == (404, "error", "not_found_error")
    assert document["error"]["message"].startswith(f"{method} {path} is not served.")
    assert remedy in document["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "remedy"),
    [
        ("POST", "/v1/files", "Send a file's bytes within the request."),
        ("POST", "/v1/completions", "as a user message to POST /v1/chat/completions."),
        ("GET", "/v1/responses/resp_1", "No response is kept here."),
        ("POST", "/v1/responses/compact", "compaction_trigger"),
        ("POST", "/v1/audio/speech", "Served are POST /v1/chat/completions,"),
        ("GET", "/chat/odd", "Served are POST /v1/chat/completions,"),
    ],
)
async def test_openais_clients_get_their_envelope(gate: Gate, method: str, path: str, remedy: str) -> None:
    """An error object with type and code."""
    status, document = await asked(gate, method, path)
    assert (status, document["error"]["type"], document["error"]["code"]) == (
        404,
        "not_found_error",
        "not_found",
    )
    assert remedy in document["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/v1beta/foo", {}),
        ("GET", "/v1beta/files/f1", {}),
        ("POST", "/v1beta/models/gpt-5:predict", {}),
        ("POST", "/v1/cachedContents", {"x-goog-api-key": "k"}),
    ],
)
async def test_googles_clients_get_their_envelope(
    gate: Gate, method: str, path: str, headers: dict[str, str]
) -> None:
    """A status in words; a method that no model has is named, and those that they have."""
    status, document = await asked(gate, method, path, headers)
    assert (status, document["error"]["code"], document["error"]["status"]) == (404, 404, "NOT_FOUND")
    assert "generateContent, streamGenerateContent, countTokens" in document["error"]["message"]


async def test_a_path_of_nobodys_is_left_to_the_operations(gate: Gate) -> None:
    """Their 404 says where the endpoints are listed."""
    status, document = await asked(gate, "GET", "/nothing")
    assert (status, document["error"]["code"]) == (404, "not_found")
    assert "README" in document["error"]["message"]
