"""google-genai on the models list, on both of the paths it uses."""

from typing import Any

import pytest
from google import genai
from google.genai import errors

from live import Gateway


@pytest.mark.parametrize("api_version", [None, "v1", "v1beta"])
def test_models_are_listed_in_googles_shape(gateway: Gateway, api_version: str | None) -> None:
    """`/v1/models` follows the caller's `x-goog-api-key`; `/v1beta/models` is Google's alone."""
    options: Any = {"base_url": gateway.url} | ({"api_version": api_version} if api_version else {})
    with genai.Client(api_key=gateway.key, http_options=options) as client:
        names = {model.name for model in client.models.list()}
        one = client.models.get(model="gemini-3-flash-preview")
    assert {"models/gemini-3-flash-preview", "models/gpt-5.5", "models/claude-opus-4.8"} <= names
    assert one.name == "models/gemini-3-flash-preview"
    assert one.input_token_limit is not None
    assert one.input_token_limit > 0


def test_an_unknown_model_is_not_found(google_client: genai.Client) -> None:
    """A name nobody knows is the SDK's ClientError with status 404."""
    with pytest.raises(errors.ClientError) as caught:
        google_client.models.get(model="gemini-nobody")
    assert caught.value.code == 404
    assert caught.value.status == "NOT_FOUND"


def test_a_wrong_key_is_unauthenticated(gateway: Gateway) -> None:
    """A wrong key is the SDK's ClientError in Google's words."""
    with (
        genai.Client(api_key="wrong", http_options={"base_url": gateway.url}) as client,
        pytest.raises(errors.ClientError) as caught,
    ):
        list(client.models.list())
    assert caught.value.code == 401
    assert caught.value.status == "UNAUTHENTICATED"
