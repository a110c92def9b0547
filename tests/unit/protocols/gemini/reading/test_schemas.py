"""Google's Schema dialect and JSON Schema."""

import pytest

from copilot_api.neutral.extras import JsonObject
from copilot_api.protocols.gemini.reading.schemas import from_dialect, lower_types


@pytest.mark.parametrize(
    ("dialect", "schema"),
    [
        ({"type": "STRING"}, {"type": "string"}),
        ({"type": "string"}, {"type": "string"}),
        ({"type": "Custom"}, {"type": "Custom"}),
        ({"type": 7}, {"type": 7}),
        ({"type": "TYPE_UNSPECIFIED", "title": None}, {}),
        ({"type": "INTEGER", "format": "int64"}, {"type": "integer", "format": "int64"}),
        (
            {"type": "STRING", "format": "enum", "enum": ["a", "b"]},
            {"type": "string", "enum": ["a", "b"]},
        ),
        (
            {"type": "STRING", "nullable": True, "enum": ["a"]},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ({"nullable": True, "enum": ["a", None]}, {"enum": ["a", None]}),
        ({"type": "STRING", "nullable": False}, {"type": "string"}),
        (
            {"any_of": [{"type": "STRING"}, {"type": "NUMBER"}], "nullable": True},
            {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
        ),
        ({"type": "ARRAY", "items": {"type": "BOOLEAN"}}, {"type": "array", "items": {"type": "boolean"}}),
        (
            {"type": "ARRAY", "minItems": "1", "max_items": "9", "maxLength": 3, "minLength": "x"},
            {"type": "array", "minItems": 1, "maxItems": 9, "maxLength": 3, "minLength": "x"},
        ),
        ({"type": "STRING", "example": "a"}, {"type": "string", "examples": ["a"]}),
        (
            {"ref": "#/$defs/A", "defs": {"A": {"type": "OBJECT"}}},
            {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object"}}},
        ),
        (
            {"type": "OBJECT", "additional_properties": False, "properties": {"any_of": {"type": "STRING"}}},
            {"type": "object", "additionalProperties": False, "properties": {"any_of": {"type": "string"}}},
        ),
        ({"properties": 7, "anyOf": 7, "items": 7}, {"properties": 7, "anyOf": 7, "items": 7}),
    ],
)
def test_the_dialect_becomes_json_schema(dialect: JsonObject, schema: JsonObject) -> None:
    """Types in lower case, null as a type, counts as numbers; names of properties are the user's."""
    assert from_dialect(dialect) == schema


def test_the_order_of_properties_is_kept() -> None:
    """Models write properties in the order of the schema."""
    dialect: JsonObject = {
        "properties": {"a": {}, "b": {}, "c": {}},
        "propertyOrdering": ["c", "b", "missing", 7],
    }
    schema = from_dialect(dialect)
    assert list(schema) == ["properties"]
    assert schema == {"properties": {"c": {}, "b": {}, "a": {}}}
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("given", "lowered"),
    [
        (
            {"type": "OBJECT", "properties": {"type": {"type": "STRING"}, "b": {"type": ["STRING", "NULL"]}}},
            {"type": "object", "properties": {"type": {"type": "string"}, "b": {"type": ["string", "null"]}}},
        ),
        (
            {"anyOf": [{"type": "STRING"}, {"type": "number"}, True]},
            {"anyOf": [{"type": "string"}, {"type": "number"}, True]},
        ),
        ({"items": {"type": "ARRAY"}}, {"items": {"type": "array"}}),
    ],
)
def test_upper_case_types_are_lowered(given: JsonObject, lowered: JsonObject) -> None:
    """Gemini CLI writes them into JSON Schema too."""
    assert lower_types(given) == lowered


def test_json_schema_that_is_json_schema_is_untouched() -> None:
    """The very same object, and values that look like types are values."""
    schema: JsonObject = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"kind": {"const": "STRING", "enum": ["STRING"], "default": {"type": "STRING"}}},
        "anyOf": [{"type": ["string", "null"]}],
        "additionalProperties": False,
        "not": {"type": "null"},
    }
    assert lower_types(schema) is schema
