"""Single values of what GitHub and Copilot say."""

from copilot_api.copilot.fields import as_table, as_text


def test_a_text_is_taken_without_the_space_around_it() -> None:
    """A blank one is none, and so is everything that is no text."""
    assert [as_text(value) for value in (" gpt-5\n", "  ", 5, None, ["a"])] == ["gpt-5", "", "", "", ""]


def test_a_table_is_taken_as_it_is() -> None:
    """Everything that is no object is an empty one."""
    assert as_table({"a": 1}) == {"a": 1}
    assert [as_table(value) for value in ([("a", 1)], "a", None)] == [{}, {}, {}]
