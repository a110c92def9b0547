"""Any JSON is read or refused, whatever is in it."""

import contextlib

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot_api.errors import ClientFault, MalformedRequest
from copilot_api.neutral.extras import Json, JsonObject
from copilot_api.protocols.gemini import peek_call, read_count, read_embeddings
from unit.protocols.gemini.reading.asking import INGRESS

WORDS = """
    contents parts role text thought thoughtSignature thought_signature functionCall functionResponse name id args
    response inlineData fileData mimeType mime_type data fileUri displayName mediaResolution level executableCode
    code codeExecutionResult output systemInstruction tools functionDeclarations parameters parametersJsonSchema
    type properties anyOf items enum nullable propertyOrdering minItems toolConfig functionCallingConfig mode
    allowedFunctionNames generationConfig temperature topK stopSequences candidateCount responseModalities
    responseMimeType responseSchema responseJsonSchema thinkingConfig thinkingBudget thinkingLevel labels store
    serviceTier cachedContent generateContentRequest content requests outputDimensionality embedContentConfig
""".split()  # noqa: SIM905 - reads better
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["user", "model", "image/png", "AUTO", "STRING", "https://a.example/x.png", "capi1.x"])
)
KEYS = st.sampled_from(WORDS) | st.text(max_size=4)
JSON: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=30,
)
PART = st.dictionaries(KEYS, JSON, max_size=3)
CONTENT = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "model", "function"]), "parts": st.lists(PART, max_size=4)}
)
DOCUMENT = st.dictionaries(KEYS, JSON, max_size=5)


@given(DOCUMENT, st.lists(CONTENT, max_size=4) | JSON)
@settings(max_examples=300)
def test_any_document_is_read_or_refused(document: JsonObject, contents: Json) -> None:
    """By every method: no exception but a refusal that says something."""
    given_document: JsonObject = {**document, "contents": contents}
    body = msgspec.json.encode(given_document)
    for read in (INGRESS.read_request, read_count):
        with contextlib.suppress(MalformedRequest):
            read(given_document)
    for attempt in (
        lambda: peek_call("/v1/models/m:generateContent", "", body),
        lambda: read_embeddings("m", given_document),
    ):
        with contextlib.suppress(ClientFault):
            attempt()
    assert msgspec.json.encode(given_document) == body
