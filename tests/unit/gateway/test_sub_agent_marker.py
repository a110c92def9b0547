"""What is a sub-agent's marker in a text, and what is left of the text without it."""

import pytest

from copilot_api.gateway.request.custom.subagent import Marker, strip_markers, take_marker

MARKER = '__SUBAGENT_MARKER__{"session_id":"s","agent_id":"a","agent_type":"t"}'
OUTER = MARKER.replace('"a"', '"outer"')
LABEL = "SubagentStart hook additional context: "


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (MARKER, ""),
        (f"{LABEL}{MARKER}\n\nRest\n", "Rest\n"),
        (f"Before\n\n{LABEL}{MARKER}", "Before"),
        (f"Before\n{LABEL}{MARKER}\n\nAfter", "Before\nAfter"),
        (f"<system-reminder>{MARKER}</system-reminder>After", "After"),
        (
            f"<system-reminder>Note. {MARKER} More.</system-reminder>",
            "<system-reminder>Note.  More.</system-reminder>",
        ),
        (
            f"<system-reminder>\n{LABEL}{MARKER}\nNote.\n</system-reminder>\nAfter",
            "<system-reminder>\nNote.\n</system-reminder>\nAfter",
        ),
        (f"<system-reminder>a</system-reminder>\n{MARKER}\n<b>", "<system-reminder>a</system-reminder>\n<b>"),
        (f"  {MARKER}  \nAfter", "  \nAfter"),
    ],
)
def test_a_marker_goes_with_its_label_its_line_and_its_wrapper(text: str, left: str) -> None:
    """What else stands there stays."""
    found: list[Marker] = []
    assert strip_markers(text, found).lstrip(" ") == left.lstrip(" ")
    assert found == [Marker("s", "a", "t")]


@pytest.mark.parametrize(
    "text",
    [
        "__SUBAGENT_MARKER__",
        f"Say {MARKER}",
        f"{MARKER} and so on",
        f"<system-reminder> open {MARKER} for ever",
        f"<system-reminder>a</system-reminder> b {MARKER} c <system-reminder>d</system-reminder>",
        '__SUBAGENT_MARKER__ {"session_id":"s","agent_id":"a","agent_type":"t"}',
    ],
)
def test_words_about_a_marker_are_words(text: str) -> None:
    """Only a line of its own or a reminder makes one."""
    found: list[Marker] = []
    assert (strip_markers(text, found), found) == (text, [])


def test_the_innermost_agent_is_the_one_that_asks() -> None:
    """All markers go; the last one speaks."""
    body = b'{"input":"' + f"{OUTER}\\n{MARKER}\\nGo".replace('"', '\\"').encode() + b'"}'
    left, headers, is_marked = take_marker("responses", body, {"user-agent": "x"})
    assert (left, is_marked) == (b'{"input":"Go"}', True)
    assert headers["x-claude-code-agent-id"] == "a"
    assert headers["user-agent"] == "x"


def test_a_flood_of_markers_ends() -> None:
    """A hostile text costs a bounded number of looks."""
    found: list[Marker] = []
    left = strip_markers(f"{MARKER}\n" * 100, found)
    assert len(found) == 16
    assert left.count("__SUBAGENT_MARKER__") == 84


def test_the_interaction_follows_from_session_and_agent() -> None:
    """A UUID of version 4, the same for every request of the same sub-agent."""
    first, again = Marker("s", "a", "t").headers(), Marker("s", "a", "other").headers()
    assert first == again
    assert len(first["x-interaction-id"]) == 36
    assert first["x-interaction-id"][14] == "4"
    assert Marker("s", "b", "t").headers()["x-interaction-id"] != first["x-interaction-id"]


def test_a_request_without_a_marker_is_the_very_same() -> None:
    """Neither decoded nor copied, whatever it is."""
    body, headers = b"not even JSON", {"a": "b"}
    left, kept, is_marked = take_marker("chat", body, headers)
    assert left is body
    assert kept is headers
    assert not is_marked


def test_a_field_of_a_wrong_type_is_left_to_whoever_refuses_it() -> None:
    """The needle alone changes nothing."""
    for body in (
        b'{"input":"__SUBAGENT_MARKER__"}',
        b'{"input":{"__SUBAGENT_MARKER__":1}}',
        b'{"input":[{"role":"user","content":{"__SUBAGENT_MARKER__":1}}]}',
        b'{"input":[{"role":"user","content":[["__SUBAGENT_MARKER__"]]}]}',
        b'{"input":["__SUBAGENT_MARKER__"],"model":"m"}',
    ):
        assert take_marker("responses", body, {}) == (body, {}, False)
