"""Google's Schema dialect, an OpenAPI 3.0 subset with upper-case types, as JSON Schema.

Owns both directions of tolerance: `parameters` and `responseSchema` are in the dialect; `parametersJsonSchema` and
`responseJsonSchema` are JSON Schema and stay untouched but for the upper-case types that Gemini CLI writes into them.
Source: google-genai 3.4 `types.Schema`; recorded requests of Gemini CLI 0.61 (read 2026-11).
"""

from typing import Final

from copilot_api.neutral.extras import Json, JsonObject

_TYPES: Final = {
    name.upper(): name for name in ("string", "number", "integer", "boolean", "array", "object", "null")
}
_UNSPECIFIED: Final = "TYPE_UNSPECIFIED"
_RENAMED: Final = {
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "defs": "$defs",
    "ref": "$ref",
    "max_items": "maxItems",
    "min_items": "minItems",
    "max_length": "maxLength",
    "min_length": "minLength",
    "max_properties": "maxProperties",
    "min_properties": "minProperties",
    "property_ordering": "propertyOrdering",
}
_COUNTS: Final = frozenset(
    ("maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties")
)
"""64-bit integers in Google's API, hence strings in its JSON."""
_MAPS: Final = frozenset(("properties", "$defs", "definitions", "patternProperties", "dependentSchemas"))
_LISTS: Final = frozenset(("anyOf", "oneOf", "allOf", "prefixItems"))
_SINGLES: Final = frozenset(
    ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
)


def from_dialect(schema: JsonObject) -> JsonObject:
    """A schema of Google's dialect as JSON Schema; its own property order is kept as the order of properties."""
    read: JsonObject = {}
    for name, value in schema.items():
        known = _RENAMED.get(name, name)
        if value is not None:
            read[known] = _dialect_value(known, value)
    if read.get("type") == _UNSPECIFIED:
        del read["type"]
    if read.get("format") == "enum":
        del read["format"]
    if "example" in read:
        read["examples"] = [read.pop("example")]
    _order(read, read.pop("propertyOrdering", None))
    if read.pop("nullable", None) is True:
        _allow_null(read)
    return read


def lower_types(schema: JsonObject) -> JsonObject:
    """A JSON Schema with its types in lower case; the very same object where they already are."""
    changed: JsonObject = {}
    for name, value in schema.items():
        lowered = _lowered(name, value)
        if lowered is not value:
            changed[name] = lowered
    return {**schema, **changed} if changed else schema


def _dialect_value(name: str, value: Json) -> Json:
    if name == "type":
        return _type(value)
    if name in _COUNTS and isinstance(value, str) and value.isdecimal() and len(value) <= 18:
        return int(value)
    if name in _MAPS and isinstance(value, dict):
        return {key: _dialect_schema(inner) for key, inner in value.items()}
    if name in _LISTS and isinstance(value, list):
        return [_dialect_schema(inner) for inner in value]
    if name in _SINGLES:
        return _dialect_schema(value)
    return value


def _dialect_schema(value: Json) -> Json:
    return from_dialect(value) if isinstance(value, dict) else value


def _lowered(name: str, value: Json) -> Json:
    if name == "type":
        lowered = _type(value)
        return value if lowered == value else lowered
    if name in _MAPS and isinstance(value, dict):
        inner = {key: _lowered_schema(entry) for key, entry in value.items()}
        return inner if any(inner[key] is not value[key] for key in value) else value
    if name in _LISTS and isinstance(value, list):
        entries = [_lowered_schema(entry) for entry in value]
        return entries if any(new is not old for new, old in zip(entries, value, strict=True)) else value
    return _lowered_schema(value) if name in _SINGLES else value


def _lowered_schema(value: Json) -> Json:
    return lower_types(value) if isinstance(value, dict) else value


def _type(value: Json) -> Json:
    if isinstance(value, str):
        return _TYPES.get(value.upper(), value)
    if isinstance(value, list):
        return [_type(entry) for entry in value]
    return value


def _order(schema: JsonObject, ordering: Json) -> None:
    """Put the properties into the order that was asked for, which is the order in which models write them."""
    properties = schema.get("properties")
    if isinstance(ordering, list) and isinstance(properties, dict):
        first = {name: properties[name] for name in ordering if isinstance(name, str) and name in properties}
        schema["properties"] = {**first, **properties}


def _allow_null(schema: JsonObject) -> None:
    """JSON Schema has no `nullable`: null is one more type, one more alternative, one more value."""
    kind = schema.get("type")
    if isinstance(kind, str):
        schema["type"] = [kind, "null"]
    alternatives = schema.get("anyOf")
    if isinstance(alternatives, list):
        schema["anyOf"] = [*alternatives, {"type": "null"}]
    values = schema.get("enum")
    if isinstance(values, list) and None not in values:
        schema["enum"] = [*values, None]
