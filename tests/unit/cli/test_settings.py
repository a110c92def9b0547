"""Every setting from the command line: shown with who decided it, set, unset, refused in the admin's words."""

import json


def test_a_setting_is_set_shown_and_unset(command_line) -> None:
    """The file says it, `get` says it, and afterwards the file is as it was."""
    assert command_line("config", "set", "rateLimitSeconds", "2.5") == 0
    assert command_line.out == "rateLimitSeconds is set.\n"
    assert command_line.document() == {"rateLimitSeconds": 2.5}
    assert command_line("config", "get", "rateLimitSeconds") == 0
    assert command_line.out == "2.5\n"
    assert command_line("config", "unset", "rateLimitSeconds") == 0
    assert command_line.document() == {}
    assert command_line("config", "get", "rateLimitSeconds") == 0
    assert command_line.out == "null\n"


def test_each_kind_of_value_is_typed_as_a_person_types_it(command_line) -> None:
    """Words for yes and no, lists with commas or as JSON, maps as JSON, texts as they are, null where it is one."""
    for name, text, value in (
        ("rateLimitWait", "on", True),
        ("port", "5000", 5000),
        ("smallModel", "gpt-5-mini", "gpt-5-mini"),
        ("logFormat", "json", "json"),
        ("allowedHosts", "box.local, 10.0.0.9", ["box.local", "10.0.0.9"]),
        ("hiddenModels", '["a,b"]', ["a,b"]),
        ("extraPrompts", '{"gpt-5-mini": "Read."}', {"gpt-5-mini": "Read."}),
        ("usageTestIntervalMinutes", "null", None),
    ):
        assert command_line("config", "set", name, text) == 0, command_line.err
        assert command_line.document()[name] == value
        assert command_line.json("config", "get", name, "--json") == value


def test_a_setting_in_an_object_leaves_its_neighbours_alone(command_line) -> None:
    """And when it goes, the object stays for the others, and goes with the last."""
    command_line.home.mkdir()
    (command_line.home / "config.json").write_text('{"timeouts": {"mine": 1}, "else": 2}')
    assert command_line("config", "set", "timeouts.idleSeconds", "60") == 0
    assert command_line.document() == {"timeouts": {"mine": 1, "idleSeconds": 60}, "else": 2}
    assert command_line("config", "unset", "timeouts.idleSeconds") == 0
    assert command_line.document() == {"timeouts": {"mine": 1}, "else": 2}
    assert command_line("config", "set", "contextManagement.mode", "off") == 0
    assert command_line("config", "unset", "contextManagement.mode") == 0
    assert "contextManagement" not in command_line.document()


def test_a_secret_comes_from_standard_input_and_is_never_shown(command_line) -> None:
    """Neither printed nor left in the file in clear."""
    command_line.input = "sk-ant-very-secret\n"
    assert command_line("config", "set", "anthropicApiKey") == 0
    assert "very-secret" not in (command_line.home / "config.json").read_text()
    assert command_line("config", "get", "anthropicApiKey") == 0
    assert command_line.out == "(set)\n"
    listed = command_line.json("config", "list", "--json")
    (shown,) = [one for one in listed if one["name"] == "anthropicApiKey"]
    assert (shown["value"], shown["isSet"], shown["decidedBy"]) == (None, True, "file")
    assert command_line("config", "unset", "anthropicApiKey") == 0
    assert command_line("config", "get", "anthropicApiKey") == 0
    assert command_line.out == "(not set)\n"


def test_what_is_refused_is_refused_in_one_sentence_and_nothing_is_saved(command_line) -> None:
    """The sentence names the setting, the value and what is accepted."""
    for arguments, words in (
        (("port", "99999"), "port: 99999 is not accepted. Give a whole number from 0 to 65535."),
        (("port", "many"), "port: 'many' is not accepted. Give a whole number"),
        (("extraPrompts", "{"), "extraPrompts: '{' is not accepted. Give names of models to texts."),
        (("modelReasoningEfforts", '{"a": "huge"}'), "modelReasoningEfforts: a: 'huge' is not accepted."),
        (("host", "0.0.0.0"), "host: '0.0.0.0' would let other machines in"),
        (("portt", "1"), "There is no setting 'portt'. Nearest: port"),
        (("zzz", "1"), "There is no setting 'zzz'. `copilot-api config list` shows them."),
        (("contextManagement.targetRatio", "0.9"), "contextManagement.targetRatio: A history is shortened"),
    ):
        assert command_line("config", "set", *arguments) == 1
        assert words in command_line.err
    assert not (command_line.home / "config.json").exists()


def test_what_the_environment_decides_cannot_be_set(command_line) -> None:
    """The refusal and the list name the variable."""
    command_line.variables["PORT"] = "5001"
    assert command_line("config", "set", "port", "5002") == 1
    assert "port: PORT decides this" in command_line.err
    assert command_line("config", "list", "--section", "server") == 0
    line = next(line for line in command_line.out.splitlines() if " port " in line)
    assert line.split() == ["server", "port", "5001", "PORT"]


def test_the_list_can_be_narrowed(command_line) -> None:
    """To a section that exists, and to what somebody chose."""
    assert command_line("config", "list", "--changed") == 0
    assert command_line.out == "Everything is at its default.\n"
    command_line("config", "set", "extraPrompts", json.dumps({"m": "x" * 99}))
    assert command_line("config", "list", "--changed") == 0
    assert "…" in command_line.out
    assert [one["name"] for one in command_line.json("config", "list", "--section", "tools", "--json")] == [
        "useFunctionApplyPatch"
    ]
    assert command_line("config", "list", "--section", "nowhere") == 1
    assert "There is no section 'nowhere'." in command_line.err


def test_a_setting_that_waits_for_a_restart_says_so(command_line) -> None:
    """The others count at once."""
    assert command_line("config", "set", "port", "5000") == 0
    assert command_line.out == "port is set. It counts from the next start on.\n"


def test_a_file_that_is_no_object_where_one_is_needed_is_not_touched(command_line) -> None:
    """Somebody has to mend it first."""
    command_line.home.mkdir()
    (command_line.home / "config.json").write_text('{"timeouts": 5}')
    assert command_line("config", "set", "timeouts.idleSeconds", "60") == 1
    assert "'timeouts' in config.json is not an object" in command_line.err
    assert command_line.document() == {"timeouts": 5}
