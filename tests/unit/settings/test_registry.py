"""The table of settings: each entry is whole, and no value of any kind gets past its judgement."""

import math
from pathlib import Path

import msgspec
import pytest
import typer
from hypothesis import given
from hypothesis import settings as fewer
from hypothesis import strategies as st

from copilot_api.cli.app import app
from copilot_api.settings import Overrides, Settings, read_environment, resolve
from copilot_api.settings.registry import (
    BY_NAME,
    FLAGS,
    REGISTRY,
    SECTIONS,
    Setting,
    complaints,
    default_of,
    judge,
    standing,
    value_of,
)
from copilot_api.settings.registry.texts import from_text, to_text

DEFAULTS = Settings(data_directory=Path("/nowhere"))
ONE_BY_ONE = pytest.mark.parametrize("setting", REGISTRY, ids=[setting.name for setting in REGISTRY])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["0.0.0.0/33", "http://[::1", "~root/x", "~", "\0", "xhigh", "day", "https://a:99999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def settings_of(document: dict[str, object], **variables: str) -> Settings:
    """What a file and an environment decide."""
    return resolve(read_environment({"COPILOT_API_HOME": "/nowhere", **variables}), document)


def document_of(setting: Setting, value: object) -> dict[str, object]:
    """A file that says one thing."""
    return {setting.parent: {setting.leaf: value}} if setting.parent else {setting.leaf: value}


def test_no_two_settings_have_one_name_or_decide_one_field() -> None:
    """And every section of the page is a known one."""
    assert len(BY_NAME) == len(REGISTRY)
    assert len({setting.field for setting in REGISTRY}) == len(REGISTRY)
    assert {setting.section for setting in REGISTRY} <= set(SECTIONS)


@ONE_BY_ONE
def test_a_setting_says_what_it_is(setting: Setting) -> None:
    """In sentences; choices and limits fit the kind."""
    assert setting.description.endswith(".")
    assert setting.accepted
    assert (setting.kind == "choice") <= bool(setting.choices)
    if setting.minimum is not None or setting.maximum is not None:
        assert setting.kind in {"number", "integer"}


@ONE_BY_ONE
def test_a_setting_accepts_its_own_default_choices_and_limits(setting: Setting) -> None:
    """What the page offers is never refused."""
    if setting.is_secret:
        return
    offered = [default_of(setting)] + [
        limit for limit in (setting.minimum, setting.maximum) if limit is not None
    ]
    if setting.kind == "choice":
        offered += setting.choices
    if setting.kind == "map" and setting.choices:
        offered += [{"m": word} for word in setting.choices]
    for value in offered:
        assert judge(setting, value).refused == ()
    if setting.minimum is not None and setting.kind == "integer":
        assert judge(setting, int(setting.minimum) - 1).refused != ()


@ONE_BY_ONE
@fewer(max_examples=25)  # for each of some seventy settings
@given(value=JSON)
def test_any_value_is_either_in_force_or_refused(setting: Setting, value: object) -> None:
    """Reading a file never raises; what is accepted whole is what the settings hold, and is accepted again."""
    judged = judge(setting, value)
    if setting.is_secret:
        return
    settings = settings_of(document_of(setting, value))
    stands = standing(setting, settings, document_of(setting, value))
    assert value_of(setting, settings) == stands.value
    told = [problem for problem in settings.problems if setting.name in problem.path]
    assert len(told) == len(judged.refused)
    if judged.value is msgspec.UNSET:
        assert (stands.value, stands.decided_by) == (default_of(setting), "default")
    elif not judged.refused:
        assert stands.decided_by == "file"
        assert judge(setting, stands.value).refused == ()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400, -(10**400), True, "5"])
def test_a_number_is_a_finite_one(value: object) -> None:
    """Neither a truth value nor a text nor what no number holds."""
    for name in ("rateLimitSeconds", "port"):
        assert judge(BY_NAME[name], value).refused != ()


def test_flags_are_those_of_the_command() -> None:
    """What the page names, a person finds in `serve --help`."""
    command = typer.main.get_command(app)
    serve = command.commands["serve"]  # type: ignore[attr-defined]  # a group
    options = {option for parameter in serve.params for option in parameter.opts}
    assert set(FLAGS.values()) <= options


def test_the_environment_and_the_command_line_are_told_apart() -> None:
    """The variable or the flag is named; of two variables for one field the one that people know."""
    environment = read_environment({"COPILOT_API_HOME": "/nowhere", "PORT": "1", "DEBUG": "true"})
    settings = resolve(environment, {"host": "::1"}, Overrides(rate_limit_s=3, port=2))
    stands = {name: standing(BY_NAME[name], settings, {"host": "::1"}) for name in BY_NAME}
    assert (stands["port"].decided_by, stands["port"].variable, stands["port"].value) == (
        "commandLine",
        "--port",
        2,
    )
    assert (stands["rateLimitSeconds"].decided_by, stands["rateLimitSeconds"].variable) == (
        "commandLine",
        "--rate-limit",
    )
    assert (stands["verbose"].decided_by, stands["verbose"].variable) == ("environment", "VERBOSE")
    assert (stands["host"].decided_by, stands["host"].variable, stands["host"].value) == (
        "file",
        "HOST",
        "::1",
    )
    assert (stands["tokenEndpoint"].decided_by, stands["tokenEndpoint"].variable) == (
        "default",
        "COPILOT_API_TOKEN_ENDPOINT",
    )


def test_timeouts_of_file_and_environment_are_merged() -> None:
    """Each by itself; one that is no number costs only itself."""
    document: dict[str, object] = {"timeouts": {"idleSeconds": 5, "keepaliveSeconds": 6, "poolSeconds": "x"}}
    settings = settings_of(document, COPILOT_API_IDLE_TIMEOUT_S="7")
    timeouts = settings.timeouts
    assert (timeouts.idle_s, timeouts.keepalive_s, timeouts.pool_s) == (7, 6, 30)
    assert [str(problem) for problem in settings.problems] == [
        "config.json: timeouts.poolSeconds: 'x' is not accepted. Give a number of seconds greater than 0, such as 5 "
        "or 0.5."
    ]


def test_an_object_that_is_none_is_told_once() -> None:
    """With an example of how it looks."""
    (problem,) = settings_of({"timeouts": 5}).problems
    assert str(problem).startswith('config.json: timeouts: 5 is not accepted. Give an object such as {"')


def test_rules_look_at_what_is_about_to_change_only() -> None:
    """A file that is wrong already does not keep anybody from changing something else."""
    settings = settings_of({"host": "0.0.0.0"})
    assert complaints(BY_NAME, {"smallModel": "x"}, (), settings) == {}
    assert list(complaints(BY_NAME, {"host": "0.0.0.0"}, (), settings)) == ["host"]
    assert complaints(BY_NAME, {}, ("host",), settings) == {}
    wrong = settings_of({"contextManagement": {"targetRatio": 0.9}})
    assert list(complaints(BY_NAME, {"contextManagement.summarizeAtRatio": 0.7}, (), wrong)) == [
        "contextManagement.summarizeAtRatio"
    ]
    assert complaints(BY_NAME, {"contextManagement.summarizeAtRatio": 0.95}, (), wrong) == {}


@ONE_BY_ONE
def test_what_is_printed_can_be_typed_again(setting: Setting) -> None:
    """For the default of every kind of setting."""
    value = default_of(setting)
    if not setting.is_secret:
        assert from_text(setting, to_text(value)) == value
