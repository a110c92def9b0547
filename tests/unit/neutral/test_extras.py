"""Taking the known fields out of a document, and naming what is of the wrong type."""

from collections.abc import Callable

import pytest

from copilot_api.errors import MalformedRequest
from copilot_api.neutral.extras import Remainder

Take = Callable[[Remainder, str], object]


@pytest.mark.parametrize(
    ("take", "value", "words"),
    [
        (Remainder.text, 7, "tools[0].x must be a string, not 7."),
        (Remainder.flag, "yes", "tools[0].x must be true or false, not 'yes'."),
        (Remainder.whole, 1.5, "tools[0].x must be an integer, not 1.5."),
        (Remainder.whole, True, "tools[0].x must be an integer, not True."),
        (Remainder.number, "1", "tools[0].x must be a number, not '1'."),
        (Remainder.array, {"a": 1}, "tools[0].x must be a list, not {'a': 1}."),
        (Remainder.object, [1], "tools[0].x must be an object, not [1]."),
        (Remainder.nested, "f", "tools[0].x must be an object, not 'f'."),
    ],
)
def test_a_wrong_type_is_quoted_with_its_place(take: Take, value: object, words: str) -> None:
    """What was sent, what is accepted, and where."""
    fields = Remainder({"x": value}, "chat", "tools[0]")  # type: ignore[dict-item]  # JSON
    with pytest.raises(MalformedRequest) as error:
        take(fields, "x")
    assert (error.value.message, error.value.param) == (words, "tools[0].x")


@pytest.mark.parametrize(("length", "shown"), [(78, "'" + "a" * 78 + "'"), (79, "'" + "a" * 76 + "...")])
def test_a_long_value_is_quoted_in_part(length: int, shown: str) -> None:
    """Eighty characters tell what it was."""
    with pytest.raises(MalformedRequest) as error:
        Remainder({"x": "a" * length}, "chat").array("x")
    assert error.value.message == f"x must be a list, not {shown}."
