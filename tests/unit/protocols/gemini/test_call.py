"""What a Gemini URL asks for."""

import pytest

from copilot_api.protocols.gemini import GeminiCall, parse_path


@pytest.mark.parametrize(
    ("path", "query", "call"),
    [
        ("/v1beta/models/gpt-5:generateContent", "", GeminiCall("gpt-5", "generateContent")),
        ("/v1/models/gpt-5:generateContent", "key=abc", GeminiCall("gpt-5", "generateContent")),
        ("/v1alpha/models/gpt-5:countTokens", "", GeminiCall("gpt-5", "countTokens")),
        ("/models/gpt-5:embedContent", "", GeminiCall("gpt-5", "embedContent")),
        ("/v1beta/models/gpt-5:batchEmbedContents", "", GeminiCall("gpt-5", "batchEmbedContents")),
        (
            "/v1beta/models/gpt-5:streamGenerateContent",
            "key=abc&alt=sse",
            GeminiCall("gpt-5", "streamGenerateContent"),
        ),
        (
            "/v1beta/models/gpt-5:streamGenerateContent",
            "",
            GeminiCall("gpt-5", "streamGenerateContent", is_array=True),
        ),
        (
            "/v1beta/models/gpt-5:streamGenerateContent",
            "alt=json",
            GeminiCall("gpt-5", "streamGenerateContent", is_array=True),
        ),
        ("/v1beta/models/models/gpt-5:generateContent", "", GeminiCall("gpt-5", "generateContent")),
        ("/v1beta/models/models%2Fgpt-5%3AgenerateContent", "", GeminiCall("gpt-5", "generateContent")),
        ("/v1beta/models/org/some:name:generateContent", "", GeminiCall("org/some:name", "generateContent")),
        ("/v1beta/models/gpt-5:predict", "", None),
        ("/v1beta/models/gpt-5", "", None),
        ("/v1beta/models/:generateContent", "", None),
        ("/v2/models/gpt-5:generateContent", "", None),
        ("/v1/chat/completions", "", None),
    ],
)
def test_a_url_names_model_method_and_form(path: str, query: str, call: GeminiCall | None) -> None:
    """Both versions, both prefixes, percent-encoding; a stream without alt=sse is an array."""
    assert parse_path(path, query) == call


def test_only_one_method_streams() -> None:
    """The gateway asks this before it opens a stream."""
    assert GeminiCall("m", "streamGenerateContent").is_stream
    assert not GeminiCall("m", "generateContent").is_stream
