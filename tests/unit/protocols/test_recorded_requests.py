"""What the peeks say of requests that real clients sent."""

import pytest

from copilot_api.protocols.base import RequestPeek
from copilot_api.protocols.gemini import peek_call
from copilot_api.protocols.registry import PROTOCOLS
from recorded import REQUEST_NAMES, request, url

PROTOCOL_OF_PATH = {"chat_completions": "chat", "v1_responses": "responses", "v1_messages": "messages"}


def peeked(name: str) -> RequestPeek:
    """A recorded request through the peek of its protocol."""
    if name.startswith("gemini-cli"):
        return peek_call(*url(name), request(name))
    protocol = next(protocol for path, protocol in PROTOCOL_OF_PATH.items() if name.endswith(path))
    return PROTOCOLS[protocol].ingress.peek(request(name))


SUMMARIES: list[tuple[str, str, str, bool, bool, int | None, str | None]] = [
    ("claude-code/compact/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/compact/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/compact/003-POST-v1_messages", "claude-opus-5-5", "human", True, False, 3, None),
    ("claude-code/compact/004-POST-v1_messages", "claude-opus-5-5", "human", True, False, 3, None),
    ("claude-code/image/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/image/002-POST-v1_messages", "claude-opus-5-5", "tool", True, True, 0, None),
    ("claude-code/parallel/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/parallel/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/subagent/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/subagent/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/subagent/003-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, "subagent"),
    ("claude-code/subagent/004-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, "subagent"),
    ("claude-code/subagent/005-POST-v1_messages", "claude-opus-5-5", "human", True, False, 5, None),
    ("claude-code/text/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/think/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/think/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/tool/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/tool/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/web/001-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, None),
    ("claude-code/web/002-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("claude-code/web/003-POST-v1_messages", "claude-opus-5-5", "human", True, False, 0, "web_search"),
    ("claude-code/web/004-POST-v1_messages", "claude-opus-5-5", "tool", True, False, 0, None),
    ("codex/image-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/image-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, True, 3, None),
    ("codex/output-schema/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/parallel-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/parallel-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    ("codex/patch-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/patch-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    ("codex/subagent-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/subagent-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    ("codex/subagent-gpt-5.5/003-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    ("codex/subagent-gpt-5.5/004-POST-v1_responses", "gpt-5.5", "human", True, False, 3, "subagent"),
    ("codex/subagent-gpt-5.5/005-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, "subagent"),
    ("codex/subagent-gpt-5.5/006-POST-v1_responses", "gpt-5.5", "human", True, False, 10, None),
    ("codex/text/001-POST-v1_responses", "gpt-5", "human", True, False, 3, None),
    ("codex/think-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/think-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    ("codex/tool-gpt-5.5/001-POST-v1_responses", "gpt-5.5", "human", True, False, 3, None),
    ("codex/tool-gpt-5.5/002-POST-v1_responses", "gpt-5.5", "tool", True, False, 3, None),
    (
        "gemini-cli/parallel/001-POST-eta_models_gemini_3_5_flash_lite_generateContent",
        "gemini-3.5-flash-lite",
        "human",
        False,
        False,
        1,
        "router",
    ),
    (
        "gemini-cli/parallel/002-POST-ta_models_gemini_3_8_flash_streamGenerateContent",
        "gemini-3.8-flash",
        "human",
        True,
        False,
        0,
        None,
    ),
    (
        "gemini-cli/parallel/003-POST-ta_models_gemini_3_8_flash_streamGenerateContent",
        "gemini-3.8-flash",
        "tool",
        True,
        False,
        0,
        None,
    ),
    (
        "gemini-cli/text/001-POST-eta_models_gemini_3_5_flash_lite_generateContent",
        "gemini-3.5-flash-lite",
        "human",
        False,
        False,
        1,
        "router",
    ),
    (
        "gemini-cli/text/002-POST-ta_models_gemini_3_8_flash_streamGenerateContent",
        "gemini-3.8-flash",
        "human",
        True,
        False,
        0,
        None,
    ),
    (
        "gemini-cli/tool/001-POST-eta_models_gemini_3_5_flash_lite_generateContent",
        "gemini-3.5-flash-lite",
        "human",
        False,
        False,
        1,
        "router",
    ),
    (
        "gemini-cli/tool/002-POST-ta_models_gemini_3_8_flash_streamGenerateContent",
        "gemini-3.8-flash",
        "human",
        True,
        False,
        0,
        None,
    ),
    (
        "gemini-cli/tool/003-POST-ta_models_gemini_3_8_flash_streamGenerateContent",
        "gemini-3.8-flash",
        "tool",
        True,
        False,
        0,
        None,
    ),
    ("opencode/tool-anthropic/001-POST-v1_messages", "claude-sonnet-4-5", "human", True, False, 0, "title"),
    ("opencode/tool-anthropic/002-POST-v1_messages", "claude-sonnet-4-5", "human", True, False, 0, None),
    ("opencode/tool-anthropic/003-POST-v1_messages", "claude-sonnet-4-5", "tool", True, False, 0, None),
    ("opencode/tool-chat/001-POST-v1_chat_completions", "gpt-5", "human", True, False, 2, "title"),
    ("opencode/tool-chat/002-POST-v1_chat_completions", "gpt-5", "human", True, False, 1, None),
    ("opencode/tool-chat/003-POST-v1_chat_completions", "gpt-5", "tool", True, False, 1, None),
]


@pytest.mark.parametrize("summary", SUMMARIES, ids=lambda summary: summary[0])
def test_a_recorded_request_is_understood(
    summary: tuple[str, str, str, bool, bool, int | None, str | None],
) -> None:
    """Who spoke, whether there are images, which turn was human, and what side call it is."""
    name, model, speaker, stream, has_images, human_index, background = summary
    peek = peeked(name)
    assert (peek.model, peek.speaker, peek.stream, peek.has_images) == (model, speaker, stream, has_images)
    assert (peek.human_turn[0] if peek.human_turn else None) == human_index
    assert peek.background == background


def test_every_recorded_request_is_among_them() -> None:
    """A new recording needs its line."""
    assert [summary[0] for summary in SUMMARIES] == REQUEST_NAMES


def test_all_requests_of_one_claude_code_run_share_the_session() -> None:
    """The main line, its sub-agent and the result that comes later."""
    sessions = {peeked(f"claude-code/subagent/00{number}-POST-v1_messages").session for number in range(1, 6)}
    assert sessions == {"bdfb3bfa-4a56-4faf-8eec-f7174e86fbb3"}


def test_the_tool_loop_of_a_turn_shares_its_human_turn() -> None:
    """From it the interaction id is made: one per thing a human asked, though the client edits older turns."""
    for name in (
        "claude-code/tool/00{}-POST-v1_messages",
        "claude-code/think/00{}-POST-v1_messages",
        "codex/tool-gpt-5.5/00{}-POST-v1_responses",
    ):
        first, second = peeked(name.format(1)), peeked(name.format(2))
        assert first.human_turn is not None
        assert first.human_turn == second.human_turn
        assert first.session == second.session is not None
