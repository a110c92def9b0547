"""Laws of the request repairs over every recorded client request."""

import json
from typing import cast

import pytest

import recorded
from copilot_api.copilot.catalog import Limits, Model
from copilot_api.copilot.quirks import QuirkContext, QuirkRoute, before_send
from copilot_api.wire.body import Body

EXPECTED = {
    "claude-code": {"turn-output-config", "thinking-display"},
    "codex": {"item-ids"},
    "opencode/tool-anthropic": {"eager-input-streaming"},
    "opencode/tool-chat": set[str](),
}
"""The quirks that a client's requests need, and no others."""


def route_of(path: str) -> QuirkRoute:
    return cast(
        QuirkRoute, {"messages": "messages", "responses": "responses"}.get(path.rpartition("_")[2], "chat")
    )


def model_of(raw: bytes) -> Model:
    return Model(id=json.loads(raw)["model"], limits=Limits(output_tokens=128000))


def after(name: str, raw: bytes) -> tuple[bytes, list[str]]:
    body = Body(raw)
    names = before_send(route_of(name), body, QuirkContext(model=model_of(raw)))
    return body.encode(), names


@pytest.mark.parametrize("name", recorded.MODEL_IN_BODY_NAMES)
def test_real_requests_change_only_where_a_quirk_names_itself(name: str) -> None:
    """Most bodies keep their exact bytes; the others say what was done."""
    raw = recorded.request(name)
    encoded, names = after(name, raw)
    allowed = next(quirks for client, quirks in EXPECTED.items() if name.startswith(client))
    assert set(names) <= allowed
    assert (encoded == raw) == (not names)


@pytest.mark.parametrize("name", recorded.MODEL_IN_BODY_NAMES)
def test_repairing_a_request_twice_is_repairing_it_once(name: str) -> None:
    """What goes upstream needs nothing any more."""
    once, _ = after(name, recorded.request(name))
    assert after(name, once) == (once, [])


@pytest.mark.parametrize("name", recorded.MODEL_IN_BODY_NAMES)
def test_what_a_quirk_does_not_name_is_still_there(name: str) -> None:
    """Top-level members that no quirk edits keep their values."""
    raw = recorded.request(name)
    before, encoded = json.loads(raw), json.loads(after(name, raw)[0])
    edited = {"messages", "input", "tools", "thinking"}
    assert {key: value for key, value in before.items() if key not in edited} == {
        key: value for key, value in encoded.items() if key not in edited
    }
    assert list(before) == list(encoded)
