"""The headers Copilot expects, and the truth about who speaks."""

from itertools import count

import pytest

from copilot_api import __version__
from copilot_api.copilot.headers import Initiation, Interactions, build, build_catalog, judge
from copilot_api.protocols.base import RequestPeek, Speaker

OWN_ID = "0b9c1f7e-1111-4222-8333-444455556666"


def peek(
    speaker: Speaker = Speaker.HUMAN,
    human_turn: tuple[int, str] | None = (0, "hello"),
    session: str | None = "s",
    background: str | None = None,
) -> RequestPeek:
    """What routing saw of a request."""
    return RequestPeek(
        model="m",
        stream=True,
        speaker=speaker,
        has_images=False,
        human_turn=human_turn,
        session=session,
        background=background,
    )


def test_a_request_carries_exactly_these_headers() -> None:
    """Our own name and version; the request id twice; no Authorization."""
    assert build(
        identity="gateway",
        initiation=Initiation("user", "conversation-user"),
        interaction_id="i",
        request_id="r",
        is_stream=True,
    ) == {
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
        "Accept-Encoding": "identity",
        "User-Agent": f"copilot-api/{__version__}",
        "Editor-Version": f"copilot-api/{__version__}",
        "Editor-Plugin-Version": f"copilot-api/{__version__}",
        "Copilot-Integration-Id": "vscode-chat",
        "X-GitHub-Api-Version": "2026-08-01",
        "OpenAI-Intent": "conversation-agent",
        "X-Initiator": "user",
        "X-Interaction-Type": "conversation-user",
        "X-Interaction-Id": "i",
        "X-Request-Id": "r",
        "X-Agent-Task-Id": "r",
    }


def test_facts_add_their_header() -> None:
    """Vision and betas only where there are some; the editor profile where the operator chose it."""
    headers = build(
        identity="editor",
        initiation=Initiation("agent", "conversation-agent"),
        interaction_id="i",
        request_id="r",
        is_stream=False,
        has_images=True,
        anthropic_beta="a,b",
        intent="conversation-panel",
    )
    assert (headers["Copilot-Vision-Request"], headers["anthropic-beta"]) == ("true", "a,b")
    assert (headers["Accept"], headers["OpenAI-Intent"]) == ("application/json", "conversation-panel")
    assert headers["Editor-Version"] == "vscode/1.109.2"
    assert headers["Editor-Plugin-Version"] == "copilot-chat/0.35.0"
    assert headers["User-Agent"] == "GitHubCopilotChat/0.35.0"


def test_each_request_gets_its_own_headers() -> None:
    """What one caller adds is not in the next one's."""
    fact = Initiation("user", "conversation-user")
    build(identity="gateway", initiation=fact, interaction_id="i", request_id="r", is_stream=True)["X"] = "y"
    again = build(identity="gateway", initiation=fact, interaction_id="i", request_id="r", is_stream=True)
    assert "X" not in again


def test_the_catalog_has_headers_of_its_own() -> None:
    """`model-access`, and no body."""
    headers = build_catalog("gateway", "r")
    assert (headers["OpenAI-Intent"], headers["X-Request-Id"]) == ("model-access", "r")
    assert headers["X-GitHub-Api-Version"] == "2026-08-01"
    assert "Content-Type" not in headers
    assert "X-Initiator" not in headers


@pytest.mark.parametrize(
    ("seen", "client_headers", "initiator", "interaction_type"),
    [
        (peek(), {}, "user", "conversation-user"),
        (peek(Speaker.TOOL), {}, "agent", "conversation-agent"),
        (peek(Speaker.ASSISTANT), {}, "agent", "conversation-agent"),
        (peek(Speaker.NOBODY), {}, "agent", "conversation-agent"),
        (peek(background="title"), {}, "agent", "conversation-background"),
        (peek(background="compaction"), {}, "agent", "conversation-compaction"),
        (peek(), {"x-claude-code-agent-id": "a1"}, "agent", "conversation-subagent"),
        (peek(), {"x-openai-subagent": "collab_spawn"}, "agent", "conversation-subagent"),
        (peek(), {"x-claude-code-request-class": "auxiliary"}, "agent", "conversation-background"),
        (peek(), {"x-claude-code-request-class": "main"}, "user", "conversation-user"),
        (peek(), {"x-initiator": " Agent "}, "agent", "conversation-agent"),
        (peek(), {"x-initiator": "user"}, "user", "conversation-user"),
        (peek(Speaker.TOOL), {"x-initiator": "user"}, "agent", "conversation-agent"),
        (peek(background="title"), {"x-initiator": "user"}, "agent", "conversation-background"),
    ],
)
def test_the_initiator_is_true(
    seen: RequestPeek, client_headers: dict[str, str], initiator: str, interaction_type: str
) -> None:
    """`user` only for what a human has just written; a client may lower it and never raise it (contract 8.1)."""
    assert judge(seen, client_headers) == Initiation(initiator, interaction_type)  # type: ignore[arg-type]


def interactions(max_entries: int = 4096) -> Interactions:
    """Interactions numbered from 1."""
    numbers = count(1)
    return Interactions(lambda: f"id-{next(numbers)}", max_entries)


def test_a_turn_and_its_tool_loop_share_one_id() -> None:
    """One uuid for everything one human turn causes."""
    subject = interactions()
    assert subject.id_for(peek(), {}) == "id-1"
    assert subject.id_for(peek(Speaker.TOOL), {}) == "id-1"
    assert subject.id_for(peek(Speaker.TOOL), {}) == "id-1"
    assert subject.id_for(peek(human_turn=(4, "next")), {}) == "id-2"


def test_a_clients_retry_keeps_the_id() -> None:
    """The same words before any tool loop are the same interaction."""
    subject = interactions()
    assert [subject.id_for(peek(), {}) for _ in range(3)] == ["id-1", "id-1", "id-1"]


def test_the_same_words_after_the_tool_loop_are_a_new_interaction() -> None:
    """A second conversation that begins alike is not the first one."""
    subject = interactions()
    assert subject.id_for(peek(), {}) == "id-1"
    assert subject.id_for(peek(Speaker.TOOL), {}) == "id-1"
    assert subject.id_for(peek(), {}) == "id-2"
    assert subject.id_for(peek(Speaker.TOOL), {}) == "id-2"


def test_a_tool_loop_seen_first_has_an_id_too() -> None:
    """After a restart of the gateway the loop goes on with one new id."""
    subject = interactions()
    assert [subject.id_for(peek(Speaker.TOOL), {}) for _ in range(2)] == ["id-1", "id-1"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((peek(session="a"), {}), (peek(session="b"), {})),
        (
            (peek(session=None), {"x-claude-code-session-id": "a"}),
            (peek(session=None), {"x-claude-code-session-id": "b"}),
        ),
        ((peek(session=None), {"session-id": "a"}), (peek(session=None), {"session-id": "b"})),
        ((peek(), {}), (peek(), {"x-claude-code-agent-id": "sub"})),
        ((peek(human_turn=(0, "a")), {}), (peek(human_turn=(1, "a")), {})),
    ],
)
def test_other_conversations_have_other_ids(
    first: tuple[RequestPeek, dict[str, str]], second: tuple[RequestPeek, dict[str, str]]
) -> None:
    """Session, sub-agent, position and words tell turns apart."""
    subject = interactions()
    assert (subject.id_for(*first), subject.id_for(*second)) == ("id-1", "id-2")


def test_a_clients_own_uuid_is_kept_and_anything_else_is_not() -> None:
    """Only a uuid passes, so that no header can be smuggled in it."""
    subject = interactions()
    assert subject.id_for(peek(), {"x-interaction-id": OWN_ID}) == OWN_ID
    assert subject.id_for(peek(), {"x-interaction-id": f"{OWN_ID}\r\nX: y"}) == "id-1"


def test_a_request_without_a_human_turn_stands_alone() -> None:
    """Nothing to recognise it by."""
    subject = interactions()
    nobody = peek(Speaker.NOBODY, None)
    assert [subject.id_for(nobody, {}), subject.id_for(nobody, {})] == ["id-1", "id-2"]


def test_memory_is_bounded_and_the_least_recent_goes_first() -> None:
    """A long-running gateway does not grow."""
    subject = interactions(max_entries=2)
    turns = [peek(human_turn=(0, text)) for text in ("a", "b", "c")]
    assert [subject.id_for(turn, {}) for turn in turns[:2]] == ["id-1", "id-2"]
    assert subject.id_for(turns[0], {}) == "id-1"
    assert subject.id_for(turns[2], {}) == "id-3"
    assert subject.id_for(turns[0], {}) == "id-1"
    assert subject.id_for(turns[1], {}) == "id-4"


def test_words_that_are_no_unicode_are_digested_too() -> None:
    """A lone surrogate is a client's business."""
    assert interactions().id_for(peek(human_turn=(0, "\ud800")), {}) == "id-1"
