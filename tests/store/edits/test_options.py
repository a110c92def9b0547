"""Settings, models and mappings in the document: put where they belong, and nothing else touched."""

import pytest

from copilot_api.errors import ClientFault
from copilot_api.settings.registry import BY_NAME
from copilot_api.store.edits import mappings, models, options

Document = dict[str, object]


def test_a_setting_is_put_and_taken_out() -> None:
    """Inside objects as well; an object goes with its last entry, unless somebody else's stands in it."""
    document: Document = {"timeouts": {"theirs": 1}}
    options.put(document, BY_NAME["timeouts.idleSeconds"], 5)
    options.put(document, BY_NAME["contextManagement.mode"], "off")
    options.put(document, BY_NAME["smallModel"], "m")
    assert document == {
        "timeouts": {"theirs": 1, "idleSeconds": 5},
        "contextManagement": {"mode": "off"},
        "smallModel": "m",
    }
    for name in ("timeouts.idleSeconds", "contextManagement.mode", "smallModel", "adminAuth.enforceHttps"):
        options.take_out(document, BY_NAME[name])
    assert document == {"timeouts": {"theirs": 1}}


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("rateLimitSeconds", {}),
        ("rateLimitWait", {}),
        ("anthropicApiKey", {}),
        ("usageTestIntervalMinutes", {"usageTestIntervalMinutes": None}),
    ],
)
def test_null_stands_in_the_file_only_where_it_is_not_the_default(name: str, document: Document) -> None:
    """Elsewhere it takes the setting out."""
    found: Document = {name: "before"}
    options.put(found, BY_NAME[name], None)
    assert found == document


def test_a_secret_loses_the_line_break_it_was_pasted_with() -> None:
    """Other texts keep every character."""
    document: Document = {}
    options.put(document, BY_NAME["anthropicApiKey"], " sk-1\n")
    options.put(document, BY_NAME["smallModel"], " m ")
    assert document == {"anthropicApiKey": "sk-1", "smallModel": " m "}


def test_models_are_hidden_once_and_shown_again() -> None:
    """Whatever else stands in the list stays."""
    document: Document = {"hiddenModels": ["a", 5]}
    models.hide(document, ["a", "b"], is_hidden=True)
    assert document == {"hiddenModels": [5, "a", "b"]}
    models.hide(document, ["a"], is_hidden=False)
    assert document == {"hiddenModels": [5, "b"]}
    empty: Document = {}
    models.hide(empty, ["a"], is_hidden=True)
    assert empty == {"hiddenModels": ["a"]}


def test_words_about_a_model_leave_the_rest_of_its_card() -> None:
    """A card goes when nothing is left on it; silence about a silent table writes nothing."""
    document: Document = {"modelCardMetadata": {"m": {"features": ["x"]}, "n": 5}}
    models.note_window(document, "m", 9)
    assert document["modelCardMetadata"] == {"m": {"features": ["x"], "contextWindowTokens": 9}, "n": 5}
    models.note_window(document, "m", None)
    models.note_window(document, "n", 7)
    models.note_window(document, "n", None)
    assert document == {"modelCardMetadata": {"m": {"features": ["x"]}}}
    models.note(document, "extraPrompts", "m", None)
    assert "extraPrompts" not in document
    models.note(document, "extraPrompts", "m", "")
    assert document["extraPrompts"] == {"m": ""}


def test_mappings_keep_their_order_and_what_is_none() -> None:
    """Entries that are no text to text stay where they are."""
    document: Document = {"modelMapping": {"odd": 5, "a": "1", "b": "2"}}
    mappings.add(document, ("c", "3"), 1)
    mappings.add(document, ("first", "0"), -4)
    mappings.add(document, ("last", "9"), 99)
    assert list(document["modelMapping"]) == ["odd", "first", "a", "c", "b", "last"]  # type: ignore[call-overload]
    assert [source for source, _ in mappings.entries(document)] == ["first", "a", "c", "b", "last"]
    mappings.replace(document, [("z", "1"), ("a", "2")])
    assert document["modelMapping"] == {"z": "1", "a": "2", "odd": 5}
    mappings.replace(document, [("odd", "6")])
    assert document["modelMapping"] == {"odd": "6"}


def test_what_is_no_object_or_list_is_refused_and_left() -> None:
    """Somebody has to mend it first."""
    document: Document = {"hiddenModels": "x", "extraPrompts": [], "modelMapping": 5, "timeouts": "x"}
    before = dict(document)
    for edit in (
        lambda: models.hide(document, ["a"], is_hidden=True),
        lambda: models.note(document, "extraPrompts", "m", "x"),
        lambda: mappings.add(document, ("a", "b")),
        lambda: options.put(document, BY_NAME["timeouts.idleSeconds"], 1),
        lambda: options.take_out(document, BY_NAME["timeouts.idleSeconds"]),
    ):
        with pytest.raises(ClientFault, match="Mend it there first") as caught:
            edit()
        assert (caught.value.status, caught.value.code) == (409, "config_malformed")
    assert document == before
