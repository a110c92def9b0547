"""Models and mappings from the command line: said, mapped, tried, and what has changed."""

import msgspec

from copilot_api.store.memory.catalogs import CatalogFile, ModelChange, Remembered

NOON = 1_700_000_000.0


def test_a_model_is_hidden_annotated_and_left_alone_again(command_line) -> None:
    """Each word stands where the file format of the reference gateway has it."""
    arguments = ("--hide", "--effort", "high", "--multiplier", "0.5", "--prompt", "Read.", "--window", "9000")
    assert command_line("models", "set", "gpt-5-mini", *arguments) == 0
    assert command_line.document() == {
        "hiddenModels": ["gpt-5-mini"],
        "modelReasoningEfforts": {"gpt-5-mini": "high"},
        "premiumModelMultipliers": {"gpt-5-mini": 0.5},
        "extraPrompts": {"gpt-5-mini": "Read."},
        "modelCardMetadata": {"gpt-5-mini": {"contextWindowTokens": 9000}},
    }
    words = [word for name in ("effort", "multiplier", "prompt", "window") for word in ("--reset", name)]
    assert command_line("models", "set", "gpt-5-mini", "--show", *words) == 0
    assert command_line.document() == {
        "hiddenModels": [],
        "modelReasoningEfforts": {},
        "premiumModelMultipliers": {},
        "extraPrompts": {},
        "modelCardMetadata": {},
    }


def test_what_cannot_be_said_of_a_model_is_refused(command_line) -> None:
    """And nothing is written."""
    for arguments, words in (
        ((), "Nothing is said."),
        (("--effort", "huge"), "--effort: m: 'huge' is not accepted. Give one of none"),
        (("--multiplier", "-1"), "--multiplier: m: -1.0 is not accepted."),
        (("--reset", "price"), "--reset: 'price' is not accepted. Give effort, multiplier, prompt, window."),
    ):
        assert command_line("models", "set", "m", *arguments) == 1
        assert words in command_line.err
    assert not command_line.home.exists()


def test_the_models_are_listed_with_the_protocols_they_speak(command_line, start_simulator) -> None:
    """As before there were subcommands."""
    _log_in(command_line, start_simulator())
    assert command_line("models") == 0
    row = next(line.split() for line in command_line.out.splitlines() if "gpt-5.1 " in line)
    assert row == ["gpt-5.1", "OpenAI", "chat", "responses", "264k", "64k"]


def _log_in(command_line, simulator, **document: object) -> None:
    command_line.use(simulator)
    command_line.home.mkdir()
    document["accounts"] = [{"id": "1", "login": "octo-dev", "token": simulator.github_token()}]
    (command_line.home / "config.json").write_bytes(msgspec.json.encode(document))


def test_mappings_are_added_changed_copied_moved_and_removed(command_line) -> None:
    """In their order; the names of copies are the reference gateway's."""
    for name, target in (("opus", "claude-opus-4.6"), ("fast", "gpt-5-mini")):
        assert command_line("mappings", "add", name, target) == 0
    assert command_line("mappings", "add", "claude-*", "opus", "--position", "0") == 0
    assert list(command_line.document()["modelMapping"].items()) == [
        ("claude-*", "opus"),
        ("opus", "claude-opus-4.6"),
        ("fast", "gpt-5-mini"),
    ]
    assert command_line("mappings", "copy", "opus") == 0
    assert command_line.out == "opus-copy\n"
    assert command_line("mappings", "copy", "opus") == 0
    assert command_line.out == "opus-copy-2\n"
    assert command_line("mappings", "change", "opus-copy", "gpt-5.1", "--as", "gpt") == 0
    assert command_line("mappings", "remove", "opus-copy-2") == 0
    assert command_line("mappings", "move", "fast", "0") == 0
    assert command_line.json("mappings", "list", "--json") == [
        {"from": "fast", "to": "gpt-5-mini", "warnings": []},
        {
            "from": "claude-*",
            "to": "opus",
            "warnings": [
                "'opus' is itself mapped, to 'claude-opus-4.6'. Names are mapped once: 'opus' is asked for as it is."
            ],
        },
        {"from": "opus", "to": "claude-opus-4.6", "warnings": []},
        {"from": "gpt", "to": "gpt-5.1", "warnings": []},
    ]
    assert command_line("mappings", "list") == 0
    assert "'opus' is itself mapped" in command_line.out


def test_a_mapping_that_cannot_be_is_refused(command_line) -> None:
    """In the admin's words; the file stays as it is."""
    assert command_line("mappings", "add", "a", "b") == 0
    for arguments, words in (
        (("add", "a", "c"), "'a' is mapped already."),
        (("add", " ", "c"), "' ' is not accepted. Give a name of 1 to 200 characters"),
        (("add", "x", "c*"), "'c*' is not accepted. Give one model, without *."),
        (("remove", "z"), "'z' is not mapped, or not any more."),
        (("copy", "z"), "'z' is not mapped, or not any more."),
        (("move", "z", "0"), "'z' is not mapped, or not any more."),
        (("change", "z", "c"), "'z' is not mapped, or not any more."),
    ):
        assert command_line("mappings", *arguments) == 1
        assert words in command_line.err
    assert command_line.document() == {"modelMapping": {"a": "b"}}


def test_a_name_is_tried_against_what_copilot_offers(command_line, start_simulator) -> None:
    """Each step is told; a name that leads nowhere ends in a refusal with the remedy."""
    _log_in(command_line, start_simulator(), modelMapping={"opus": "claude-opus-4-6-20260101"})
    tried = command_line.json("mappings", "try", "opus", "--json")
    assert [step["kind"] for step in tried["steps"]] == ["mapping", "dated", "spelling", "exact"]
    assert tried["model"] == "claude-opus-4.6"
    assert command_line("mappings", "try", "llama") == 1
    assert "'llama' is not offered to this account." in command_line.out
    assert "Pick an id from GET /v1/models" in command_line.err


def test_what_changed_in_the_catalogue_is_told_newest_first(command_line) -> None:
    """As a running server noticed it; older changes than asked for are left out."""
    command_line.clock = lambda: NOON
    assert command_line("models", "changes", "--account", "1") == 0
    assert command_line.out == "No server has seen this account's models yet.\n"
    changes = (
        ModelChange("2023-10-01T00:00:00Z", "old", "Old", "removed"),
        ModelChange("2023-11-13T00:00:00Z", "gpt-9", "GPT-9", "changed", "efforts", ["low"], ["low", "high"]),
        ModelChange("2023-11-14T00:00:00Z", "new", "New", "added"),
    )
    command_line.home.mkdir()
    CatalogFile(command_line.home / "catalogs.json").save(
        {"1": Remembered("2023-01-01T00:00:00Z", {}, changes)}
    )
    assert command_line("models", "changes", "--account", "1") == 0
    rows = [line.split()[1:] for line in command_line.out.splitlines() if "2023" in line]
    assert rows == [["new", "added"], ["gpt-9", "changed", "efforts", '["low"]', '["low",', '"high"]']]
    found = command_line.json("models", "changes", "--account", "1", "--days", "90", "--json")
    assert [one["modelId"] for one in found] == ["new", "gpt-9", "old"]
    assert command_line("models", "changes", "--account", "2") == 0
