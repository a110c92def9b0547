"""Tools for targets that know only functions, and the way back."""

import json

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.events import (
    Event,
    OpaqueSet,
    PartEnded,
    PartStarted,
    ReplyStarted,
    TextDelta,
    ToolInputDelta,
)
from copilot_api.neutral.extras import Extras, JsonObject
from copilot_api.neutral.fold import Completion, fold
from copilot_api.neutral.loss import Handling, Loss
from copilot_api.neutral.opaque import Opaque
from copilot_api.neutral.parts import Text, ToolCall
from copilot_api.neutral.request import (
    CustomTool,
    FunctionTool,
    ModelRequest,
    Namespace,
    NativeTool,
    Tool,
    ToolChoice,
)
from copilot_api.protocols.base import Target, ToolNames
from copilot_api.protocols.losses import Losses
from copilot_api.protocols.tools import (
    CallRestorer,
    InputUnwrapper,
    Naming,
    ValueUnwrapper,
    object_schema,
    restore_call,
    restore_completion,
    unwrap_input,
    unwrap_value,
    wrap_custom,
    wrap_input,
    wrap_value,
    write_choice,
    write_functions,
)

TARGET = Target("chat", "gpt-x", "chat:gpt-x:1")
OBJECT: JsonObject = {"type": "object", "properties": {"a": {"type": "string"}}}
UNION: JsonObject = {"anyOf": [{"type": "object"}, {"type": "string"}], "$defs": {"x": {}}}


def ask(*tools: Tool, choice: ToolChoice | None = None) -> ModelRequest:
    return ModelRequest("responses", "gpt-x", (), tools=tools, tool_choice=choice)


def written(request: ModelRequest) -> tuple[tuple[FunctionTool, ...], Naming, Losses]:
    naming = Naming(request.tools)
    losses = Losses("responses", "chat")
    return write_functions(request, TARGET, naming, losses), naming, losses


class TestNames:
    """How tools are named for a target."""

    def test_a_fit_name_is_kept_and_needs_no_way_back(self) -> None:
        """Nothing is renamed without need."""
        naming = Naming((FunctionTool("read_file-2"),))
        assert naming.name("read_file-2") == "read_file-2"
        assert naming.names == ToolNames()

    def test_an_unfit_name_gets_a_mark_made_from_its_content(self) -> None:
        """The same name is spelled the same in every request, and leads back."""
        long = "mcp__server.with.dots__" + "x" * 60
        naming = Naming((FunctionTool(long), FunctionTool("a b")))
        assert naming.name("a b") == "a_b_2e32c0ab"
        shortened = naming.name(long)
        assert len(shortened) == 64
        assert shortened.startswith("mcp__server_with_dots__xxx")
        assert naming.names.back == {
            "a_b_2e32c0ab": ("a b", None, "function"),
            shortened: (long, None, "function"),
        }

    def test_an_empty_name_becomes_a_mark(self) -> None:
        """A broken history fails nothing."""
        assert Naming(()).name("") == "_e617bd6e"

    def test_namespaces_are_flattened_with_two_underscores(self) -> None:
        """The target has no namespaces, the client gets its own back."""
        naming = Naming((Namespace("agents", (FunctionTool("spawn"),)),))
        assert naming.name("spawn", "agents") == "agents__spawn"
        assert naming.names.back == {"agents__spawn": ("spawn", "agents", "function")}

    def test_a_function_of_that_very_name_keeps_it(self) -> None:
        """Two tools never share a name; the plain one came first, wherever it stands."""
        naming = Naming((Namespace("a", (FunctionTool("b"),)), FunctionTool("a__b")))
        assert naming.name("a__b") == "a__b"
        assert naming.name("b", "a") == "a__b_734cc587"

    def test_a_freeform_tool_and_a_function_of_one_name_are_told_apart(self) -> None:
        """The kind is part of what a name means."""
        naming = Naming((CustomTool("x"), FunctionTool("x")))
        assert naming.name("x") == "x"
        assert naming.name("x", None, "custom") == "x_4bedbd91"
        assert naming.find("x") == ("x", "function", None)
        assert naming.find("y") is None

    def test_a_target_with_namespaces_and_freeform_tools_keeps_them(self) -> None:
        """Only the name itself is made fit there."""
        tools = (Namespace("n", (FunctionTool("a"), FunctionTool("b.c"))), CustomTool("patch"))
        naming = Naming(tools, keeps_custom=True, keeps_namespaces=True)
        assert naming.name("a", "n") == "a"
        assert naming.name("a", "m") == "a"
        assert naming.name("patch", None, "custom") == "patch"
        assert naming.names.back == {naming.name("b.c", "n"): ("b.c", None, "function")}
        assert naming.arguments(ToolCall("1", "patch", "*** x", "custom")) == "*** x"

    @given(st.text(), st.none() | st.text(), st.sampled_from(["function", "custom"]))
    def test_every_name_is_fit_and_leads_back(self, name: str, namespace: str | None, kind: str) -> None:
        """Whatever a client calls its tools."""
        naming = Naming(())
        said = naming.call_name(ToolCall("1", name, "", kind, namespace))  # type: ignore[arg-type]
        assert 1 <= len(said) <= 64
        assert all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in said)
        back = naming.names.back.get(said, (said, None, "function"))
        assert back == (name, namespace, kind)


class TestSchemas:
    """Parameter schemas as every target takes them."""

    def test_a_fit_schema_is_passed_on_untouched(self) -> None:
        """The very same object."""
        assert object_schema(OBJECT)[0] is OBJECT

    @pytest.mark.parametrize(
        ("given_schema", "expected"),
        [
            (None, {"type": "object", "properties": {}}),
            ({}, {"type": "object", "properties": {}}),
            ({"type": "object"}, {"type": "object", "properties": {}}),
            ({"type": "object", "properties": None}, {"type": "object", "properties": {}}),
            ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        ],
    )
    def test_what_is_missing_is_filled_in(
        self, given_schema: dict[str, object] | None, expected: dict[str, object]
    ) -> None:
        """Targets refuse a function without `type` or `properties`."""
        assert object_schema(given_schema) == (expected, False)  # type: ignore[arg-type]

    def test_a_root_that_is_no_plain_object_is_wrapped(self) -> None:
        """Definitions stay at the root, where references find them."""
        assert object_schema(UNION) == (
            {
                "type": "object",
                "properties": {"input": {"anyOf": [{"type": "object"}, {"type": "string"}]}},
                "required": ["input"],
                "$defs": {"x": {}},
            },
            True,
        )
        assert object_schema({"type": "string"})[1] is True
        assert object_schema({"type": "object", "oneOf": []})[1] is True
        assert object_schema({"$ref": "#/$defs/x"})[1] is True

    def test_arguments_are_wrapped_and_unwrapped_as_text(self) -> None:
        """Numbers and key order survive, since nothing is parsed."""
        assert wrap_value('{"b":1.0, "a":2}') == '{"input":{"b":1.0, "a":2}}'
        assert wrap_value("") == '{"input":{}}'
        assert unwrap_value(' {"input" : {"b":1.0, "a":2} } ') == '{"b":1.0, "a":2}'
        assert unwrap_value('{"input":5}') == "5"
        assert unwrap_value('{"b":1}') == '{"b":1}'
        assert unwrap_value("") == ""

    def test_arguments_of_another_shape_are_given_back_at_the_end(self) -> None:
        """Also long ones, in many pieces."""
        unwrapper = ValueUnwrapper()
        assert unwrapper.feed('{"other":"' + "x" * 60) == ""
        assert unwrapper.feed('y"}') == ""
        assert unwrapper.finish() == '{"other":"' + "x" * 60 + 'y"}'

    @given(
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
        st.integers(1, 9),
    )
    def test_wrapped_arguments_come_back_whatever_the_pieces(self, value: object, size: int) -> None:
        """Cut anywhere, the value's text is whole."""
        text = msgspec.json.encode(value).decode()
        wrapped = wrap_value(text)
        unwrapper = ValueUnwrapper()
        pieces = [unwrapper.feed(wrapped[at : at + size]) for at in range(0, len(wrapped), size)]
        assert "".join(pieces) + unwrapper.finish() == text


class TestFreeform:
    """Freeform tools as functions."""

    def test_the_grammar_is_told_in_the_description(self) -> None:
        """Nobody enforces it any more, so the model must be told."""
        tool = CustomTool(
            "apply_patch", "Edit files.", {"type": "grammar", "syntax": "lark", "definition": "start: x"}
        )
        assert wrap_custom(tool, "apply_patch") == FunctionTool(
            "apply_patch",
            "Edit files.\n\nGive the whole freeform text as `input`.\n\n"
            "It must follow this lark grammar:\nstart: x",
            {
                "type": "object",
                "properties": {"input": {"type": "string"}},
                "required": ["input"],
                "additionalProperties": False,
            },
        )

    def test_chat_spells_the_grammar_one_level_deeper(self) -> None:
        """Both spellings are read; a plain text format says nothing."""
        nested = {"type": "grammar", "grammar": {"syntax": "regex", "definition": "a+"}}
        assert "regex grammar:\na+" in str(wrap_custom(CustomTool("x", None, nested), "x").description)  # type: ignore[arg-type]
        plain = wrap_custom(CustomTool("x", None, {"type": "text"}), "x")
        assert plain.description == "Give the whole freeform text as `input`."

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ('{"input":"a\\nb"}', "a\nb"),
            (' { "input" : "a" } ', "a"),
            ('{"input":"\\ud83d\\ude00 \\u00e9 \\/ \\" \\\\"}', '😀 é / " \\'),
            ('{"input":"\\ud83d"}', "\ufffd"),
            ('{"input":"\\ud83d\\u0041"}', "\ufffdA"),
            ('{"input":"\\ud83d', "\ufffd"),
            ('{"input":"a\\', "a"),
            ('{"input":"a\\u12', "a"),
            ('{"input":"a\\uzz"}', "a\\uzz"),
            ('{"input":"cut of', "cut of"),
            ('{"other":1,"input":"a"}', "a"),
            ('{"input":{"a":1}}', '{"input":{"a":1}}'),
            ('{"patch":"a"}', '{"patch":"a"}'),
            ("*** Begin Patch", "*** Begin Patch"),
            ('"quoted"', '"quoted"'),
            ("[1]", "[1]"),
            ("", ""),
        ],
    )
    def test_the_input_is_taken_out_of_the_arguments(self, arguments: str, expected: str) -> None:
        """What a model writes otherwise is given to the client as it is."""
        assert unwrap_input(arguments) == expected

    def test_text_of_another_shape_is_held_until_the_end(self) -> None:
        """It might still turn out to hold an input."""
        unwrapper = InputUnwrapper()
        long = '{"other":"' + "x" * 60
        assert [unwrapper.feed(long), unwrapper.feed('","input":"yes"}')] == ["", ""]
        assert unwrapper.finish() == "yes"

    def test_text_appears_as_it_comes(self) -> None:
        """A long patch is seen while it is written; what follows the closing quote is not."""
        unwrapper = InputUnwrapper()
        pieces = ['{"in', 'put":"*** Be', "gin", " Patch\\", 'n"', "}", " "]
        assert [unwrapper.feed(piece) for piece in pieces] == ["", "*** Be", "gin", " Patch", "\n", "", ""]
        assert unwrapper.finish() == ""

    @given(st.text(), st.integers(1, 9), st.booleans())
    def test_any_text_comes_back_whatever_the_pieces(self, text: str, size: int, is_ascii: bool) -> None:
        """Cut anywhere, also between the halves of an escaped pair."""
        wrapped = json.dumps({"input": text}) if is_ascii else wrap_input(text)
        unwrapper = InputUnwrapper()
        pieces = [unwrapper.feed(wrapped[at : at + size]) for at in range(0, len(wrapped), size)]
        assert "".join(pieces) + unwrapper.finish() == text


class TestFunctions:
    """All tools of a request as functions."""

    def test_every_kind_becomes_a_function_or_a_loss(self) -> None:
        """Nothing disappears without a word."""
        functions, naming, losses = written(
            ask(
                FunctionTool("f", "d", OBJECT, strict=True, extras=Extras("responses", {"x": 1, "y": None})),
                CustomTool("c"),
                Namespace("n", (FunctionTool("f"),)),
                NativeTool("responses", "web_search", {"type": "web_search"}),
                FunctionTool("u", parameters=UNION),
                FunctionTool("DeferredToolPlaceholder", is_deferred=True),
                FunctionTool("WebSearch", is_deferred=True),
                FunctionTool("f"),
            )
        )
        assert [function.name for function in functions] == ["f", "c", "n__f", "u", "WebSearch"]
        assert functions[0] == FunctionTool("f", "d", OBJECT, strict=True)
        assert [(loss.path, loss.handling.value, loss.reason) for loss in losses.all] == [
            ("tools[0].x", "dropped", "only Responses has this field"),
            ("tools[1]", "approximated", "a freeform tool became a function with one text property"),
            ("tools[2]", "approximated", "the namespace 'n' became part of its tools' names"),
            ("tools[3]", "dropped", "the tool 'web_search' is run by a server that speaks Responses"),
            (
                "tools[4].parameters",
                "approximated",
                "the schema's root is no plain object: it stands under 'input'",
            ),
            ("tools[]", "harmless", "a placeholder that nobody can call"),
            ("tools[].defer_loading", "harmless", "the tool is there from the start"),
            ("tools[7]", "dropped", "the name 'f' is declared twice"),
        ]
        assert naming.names.wrapped == frozenset({"u"})

    def test_more_tools_than_the_target_takes_are_refused(self) -> None:
        """No choice of ours could say which to leave out."""
        tools = tuple(FunctionTool(f"t{index}") for index in range(129))
        with pytest.raises(UnsupportedContent, match=r"129 tools and the model 'gpt-x' takes at most 128"):
            written(ask(*tools))

    def test_calls_of_the_history_are_wrapped_like_their_tools(self) -> None:
        """The model reads its own calls in the shape it must write them in."""
        naming = Naming((FunctionTool("u", parameters=UNION), CustomTool("c"), FunctionTool("f")))
        assert naming.arguments(ToolCall("1", "u", "[1]")) == '{"input":[1]}'
        assert naming.arguments(ToolCall("1", "c", 'a"b', "custom")) == '{"input":"a\\"b"}'
        assert naming.arguments(ToolCall("1", "f", "broken{")) == "broken{"


class TestChoice:
    """Which tool may be called, in the target's names."""

    @pytest.mark.parametrize(
        ("choice", "expected", "reasons"),
        [
            (None, None, []),
            (ToolChoice("auto"), ToolChoice("auto"), []),
            (ToolChoice("named", ("a.b",)), ToolChoice("named", ("a_b_6d477e77",)), []),
            (
                ToolChoice("allowed", ("f", "gone"), is_required=True),
                ToolChoice("allowed", ("f",), is_required=True),
                ["no tool is declared under ['gone']"],
            ),
            (ToolChoice("named", ("gone",)), None, ["no tool is declared under ['gone']"]),
            (ToolChoice("native"), None, ["only Responses can say this choice"]),
            (
                ToolChoice("none", extras=Extras("responses", {"x": 1})),
                ToolChoice("none"),
                ["only Responses has this field"],
            ),
        ],
    )
    def test_a_choice_never_dangles(
        self, choice: ToolChoice | None, expected: ToolChoice | None, reasons: list[str]
    ) -> None:
        """A tool that is not declared cannot be chosen."""
        request = ask(FunctionTool("f"), FunctionTool("a.b"), choice=choice)
        naming, losses = Naming(request.tools), Losses("responses", "chat")
        assert write_choice(request, naming, True, losses) == expected
        assert [loss.reason for loss in losses.all] == reasons

    def test_without_tools_there_is_nothing_to_choose(self) -> None:
        """A forced call that cannot happen is a loss, "auto" is none."""
        losses = Losses("responses", "chat")
        assert write_choice(ask(choice=ToolChoice("auto")), Naming(()), False, losses) is None
        assert write_choice(ask(choice=ToolChoice("required")), Naming(()), False, losses) is None
        assert losses.all == (
            Loss("tool_choice", "responses", "chat", Handling.DROPPED, "no tool is left to choose"),
        )


class TestWayBack:
    """Calls as the client knows them."""

    NAMES = ToolNames(
        back={"n__f": ("f", "n", "function"), "c": ("c", None, "custom")}, wrapped=frozenset({"u"})
    )

    def test_whole_calls_are_restored(self) -> None:
        """Name, namespace, kind and arguments."""
        completion = Completion(
            "id",
            "m",
            (
                Text("a"),
                ToolCall("1", "n__f", "{}"),
                ToolCall("2", "c", '{"input":"x"}'),
                ToolCall("3", "u", '{"input":[1]}'),
                ToolCall("4", "f", "{}"),
            ),
        )
        assert restore_completion(completion, self.NAMES).parts == (
            Text("a"),
            ToolCall("1", "f", "{}", namespace="n"),
            ToolCall("2", "c", "x", kind="custom"),
            ToolCall("3", "u", "[1]"),
            ToolCall("4", "f", "{}"),
        )
        assert restore_completion(completion, ToolNames()) is completion

    def test_a_call_that_is_freeform_already_keeps_its_input(self) -> None:
        """A target with freeform tools wraps nothing; the client's namespace is kept as well."""
        call = ToolCall("1", "c", '{"input":"x"}', "custom", "ns")
        assert restore_call(call, self.NAMES) == call

    def test_streamed_calls_are_restored_piece_by_piece(self) -> None:
        """A stream adds up to what the whole would be."""
        events: list[Event] = [
            ReplyStarted("id", "m"),
            PartStarted(0, Text("")),
            TextDelta(0, "hi"),
            PartEnded(0),
            PartStarted(1, ToolCall("1", "c", '{"inp')),
            ToolInputDelta(1, 'ut":"a'),
            ToolInputDelta(1, "\\ud83d"),
            PartEnded(1),
            PartStarted(2, ToolCall("2", "c", "")),
            ToolInputDelta(2, '{"input"'),
            ToolInputDelta(2, ':"b"}'),
            PartEnded(2, ToolCall("2", "c", '{"input":"b"}')),
            PartStarted(3, ToolCall("3", "u", '{"input":[1')),
            OpaqueSet(3, Opaque("chat", {"a": "b"})),
            ToolInputDelta(3, "]}"),
            PartEnded(3),
            PartStarted(4, ToolCall("4", "n__f", "")),
            ToolInputDelta(4, "{}"),
            PartEnded(4, ToolCall("4", "n__f", "{}")),
        ]
        restorer = CallRestorer(self.NAMES)
        assert fold(said for event in events for said in restorer.feed(event)).parts == (
            Text("hi"),
            ToolCall("1", "c", "a\ufffd", kind="custom"),
            ToolCall("2", "c", "b", kind="custom"),
            ToolCall("3", "u", "[1]", opaque=Opaque("chat", {"a": "b"})),
            ToolCall("4", "f", "{}", namespace="n"),
        )

    def test_without_renamed_tools_events_pass_as_they_are(self) -> None:
        """The hot path: the same object, no look at it."""
        event = PartStarted(0, ToolCall("1", "c", "{}"))
        assert CallRestorer(ToolNames()).feed(event) == (event,)
