"""google-genai, as it comes: on `/v1/models/...`."""

import base64
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from sdk.pairs.speaking import SCHEMA, TOOL, Ask, Bird, Call, Reply

_CLASSES: dict[int, type[errors.APIError]] = {
    400: errors.ClientError,
    404: errors.ClientError,
    429: errors.ClientError,
    502: errors.ServerError,
}


class Google:
    """`client.models`."""

    name = "google-genai"
    broken: tuple[type[Exception], ...] = (errors.APIError,)

    def __init__(self, url: str, key: str) -> None:
        self.client = genai.Client(api_key=key, http_options={"base_url": url})

    def said(self, words: str) -> list[Any]:
        """The user's turn."""
        return [types.Content(role="user", parts=[types.Part(text=words)])]

    def shown(self, words: str, image: str) -> list[Any]:
        """The user's turn with a PNG in base64."""
        picture = types.Part.from_bytes(data=base64.b64decode(image), mime_type="image/png")
        return [types.Content(role="user", parts=[types.Part(text=words), picture])]

    def results(self, reply: Reply, texts: list[str]) -> list[Any]:
        """One user turn with all results."""
        parts = [
            types.Part(
                function_response=types.FunctionResponse(
                    id=call.id, name=call.name, response={"output": text}
                )
            )
            for call, text in zip(reply.calls, texts, strict=True)
        ]
        return [types.Content(role="user", parts=parts)]

    def ask(self, ask: Ask) -> Reply:
        """One answer, by `generate_content_stream` or whole."""
        options: dict[str, Any] = {"model": ask.model, "contents": ask.history, "config": _config(ask)}
        if ask.is_stream:
            answers = list(self.client.models.generate_content_stream(**options))
        else:
            answers = [self.client.models.generate_content(**options)]
        parts: list[Any] = []
        finish: Any = None
        for answer in answers:
            for candidate in answer.candidates or []:
                assert finish is None, "a part after the end"
                finish = candidate.finish_reason
                parts += (candidate.content.parts or []) if candidate.content else []
        usage: Any = answers[-1].usage_metadata
        calls = [part.function_call for part in parts if part.function_call]
        output = usage.candidates_token_count + (usage.thoughts_token_count or 0)
        return Reply(
            text="".join(part.text for part in parts if part.text and not part.thought),
            thoughts="".join(part.text for part in parts if part.text and part.thought),
            calls=[Call(call.id, call.name, call.args) for call in calls],
            finish=finish.value,
            usage=(usage.prompt_token_count, usage.cached_content_token_count or 0, output),
            turn=[types.Content(role="model", parts=parts)],
        )

    def parse(self, model: str, words: str) -> object:
        """A structured answer."""
        config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Bird)
        return self.client.models.generate_content(model=model, contents=words, config=config).parsed

    def refusal(self, model: str, words: str, *, is_stream: bool) -> tuple[int, str, float | None]:
        """What the SDK raised."""
        models = self.client.models
        ask: Any = models.generate_content_stream if is_stream else models.generate_content
        with pytest.raises(errors.APIError) as caught:
            list(ask(model=model, contents=words))
        error: Any = caught.value
        assert type(error) is _CLASSES[error.code]
        details = error.details["error"].get("details", [])
        waits = [float(one["retryDelay"].rstrip("s")) for one in details if "retryDelay" in one]
        return error.code, str(error.message), waits[0] if waits else None

    def close(self) -> None:
        """Close its connections."""
        self.client.close()


def _config(ask: Ask) -> types.GenerateContentConfig:
    config = types.GenerateContentConfig(max_output_tokens=ask.limit)
    if ask.system:
        config.system_instruction = ask.system
    if ask.has_tools:
        read = types.FunctionDeclaration(name=TOOL, description="Read a file.", parameters_json_schema=SCHEMA)
        config.tools = [types.Tool(function_declarations=[read])]
    if ask.choice:
        modes = {"none": "NONE", "required": "ANY"}
        calling = types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode(modes.get(ask.choice, "ANY"))
        )
        if ask.choice not in modes:
            calling.allowed_function_names = [ask.choice]
        config.tool_config = types.ToolConfig(function_calling_config=calling)
    if ask.stop:
        config.stop_sequences = ask.stop
    if ask.is_thinking:
        config.thinking_config = types.ThinkingConfig(include_thoughts=True)
    return config
