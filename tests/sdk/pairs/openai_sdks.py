"""openai-python in the two protocols that it speaks."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

from sdk.pairs.speaking import SCHEMA, TOOL, Ask, Bird, Call, Reply

_CLASSES: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    502: openai.InternalServerError,
}


class _OpenAi:
    broken: tuple[type[Exception], ...] = (openai.APIError,)

    def __init__(self, url: str, key: str) -> None:
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

    def said(self, words: str) -> list[Any]:
        """The user's turn."""
        return [{"role": "user", "content": words}]

    def close(self) -> None:
        """Close its connections."""
        self.client.close()

    def _refused(self, request: Callable[[], object]) -> tuple[int, str, float | None]:
        with pytest.raises(openai.APIStatusError) as caught:
            request()
        error: Any = caught.value
        assert type(error) is _CLASSES[error.status_code]
        wait = error.response.headers.get("retry-after")
        return error.status_code, error.body["message"], None if wait is None else float(wait)


class Chat(_OpenAi):
    """`client.chat.completions`."""

    name = "openai-chat"

    def shown(self, words: str, image: str) -> list[Any]:
        """The user's turn with a PNG in base64."""
        picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image}"}}
        return [{"role": "user", "content": [{"type": "text", "text": words}, picture]}]

    def results(self, reply: Reply, texts: list[str]) -> list[Any]:
        """One tool message for each call."""
        calls = zip(reply.calls, texts, strict=True)
        return [{"role": "tool", "tool_call_id": call.id, "content": text} for call, text in calls]

    def ask(self, ask: Ask) -> Reply:
        """One answer, by `chat.completions.stream` or whole."""
        options = _chat_options(ask)
        if ask.is_stream:
            usage_too = {"include_usage": True}
            with self.client.chat.completions.stream(**options, stream_options=usage_too) as stream:
                try:
                    answer: Any = stream.get_final_completion()
                except openai.LengthFinishReasonError as error:
                    answer = error.completion
        else:
            answer = self.client.chat.completions.create(**options)
        (choice,) = answer.choices
        message, usage = choice.message, answer.usage
        calls = [
            Call(call.id, call.function.name, json.loads(call.function.arguments))
            for call in message.tool_calls or []
        ]
        turn = message.model_dump(exclude_none=True, exclude={"parsed": True})
        for call in turn.get("tool_calls", []):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        return Reply(
            text=message.content or "",
            thoughts=getattr(message, "reasoning_text", None) or "",
            calls=calls,
            finish=choice.finish_reason,
            usage=(0, 0, 0)
            if usage is None  # upstream was cut off at a stop sequence, before it said
            else (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens, usage.completion_tokens),
            turn=[turn],
        )

    def parse(self, model: str, words: str) -> object:
        """A structured answer."""
        answer = self.client.chat.completions.parse(
            model=model, messages=self.said(words), response_format=Bird
        )
        return answer.choices[0].message.parsed

    def refusal(self, model: str, words: str, *, is_stream: bool) -> tuple[int, str, float | None]:
        """What the SDK raised."""
        create = self.client.chat.completions.create
        return self._refused(lambda: create(model=model, messages=self.said(words), stream=is_stream))


class Responses(_OpenAi):
    """`client.responses`."""

    name = "openai-responses"
    broken: tuple[type[Exception], ...] = (RuntimeError, openai.APIError)
    """`response.failed` is an event, not an exception: `ask` makes one of it."""

    def shown(self, words: str, image: str) -> list[Any]:
        """The user's turn with a PNG in base64."""
        picture = {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{image}"}
        return [{"role": "user", "content": [{"type": "input_text", "text": words}, picture]}]

    def results(self, reply: Reply, texts: list[str]) -> list[Any]:
        """One output item for each call."""
        calls = zip(reply.calls, texts, strict=True)
        return [{"type": "function_call_output", "call_id": call.id, "output": text} for call, text in calls]

    def ask(self, ask: Ask) -> Reply:
        """One answer, by `responses.stream` or whole."""
        options = _responses_options(ask)
        if ask.is_stream:
            with self.client.responses.stream(**options) as stream:
                # `get_final_response` knows no incomplete answers.
                last: Any = list(stream)[-1]
            if last.type not in ("response.completed", "response.incomplete"):
                raise RuntimeError(last.type)
            answer: Any = last.response
        else:
            answer = self.client.responses.create(**options)
        calls = [
            Call(item.call_id, item.name, json.loads(item.arguments))
            for item in answer.output
            if item.type == "function_call"
        ]
        thoughts = [part.text for item in answer.output if item.type == "reasoning" for part in item.summary]
        usage = answer.usage
        return Reply(
            text=answer.output_text,
            thoughts="".join(thoughts),
            calls=calls,
            finish=answer.incomplete_details.reason if answer.incomplete_details else answer.status,
            usage=(usage.input_tokens, usage.input_tokens_details.cached_tokens, usage.output_tokens),
            turn=[item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in answer.output],
        )

    def parse(self, model: str, words: str) -> object:
        """A structured answer."""
        return self.client.responses.parse(model=model, input=words, text_format=Bird).output_parsed

    def refusal(self, model: str, words: str, *, is_stream: bool) -> tuple[int, str, float | None]:
        """What the SDK raised."""
        create = self.client.responses.create
        return self._refused(lambda: create(model=model, input=words, stream=is_stream))


def _chat_options(ask: Ask) -> dict[str, Any]:
    system = [{"role": "system", "content": ask.system}] if ask.system else []
    options: dict[str, Any] = {
        "model": ask.model,
        "messages": [*system, *ask.history],
        "max_completion_tokens": ask.limit,
    }
    if ask.has_tools:
        # The streaming helper takes strict tools only, and the gateway must carry that word too.
        schema = {**SCHEMA, "required": ["path"], "additionalProperties": False}
        function = {"name": TOOL, "description": "Read a file.", "parameters": schema, "strict": True}
        options["tools"] = [{"type": "function", "function": function}]
    if ask.choice in ("none", "required"):
        options["tool_choice"] = ask.choice
    elif ask.choice:
        options["tool_choice"] = {"type": "function", "function": {"name": ask.choice}}
    if ask.stop:
        options["stop"] = ask.stop
    if ask.is_thinking:
        options["reasoning_effort"] = "medium"
    return options


def _responses_options(ask: Ask) -> dict[str, Any]:
    options: dict[str, Any] = {
        "model": ask.model,
        "input": ask.history,
        "max_output_tokens": ask.limit,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    if ask.system:
        options["instructions"] = ask.system
    if ask.has_tools:
        options["tools"] = [{"type": "function", "name": TOOL, "parameters": SCHEMA, "strict": False}]
    if ask.choice in ("none", "required"):
        options["tool_choice"] = ask.choice
    elif ask.choice:
        options["tool_choice"] = {"type": "function", "name": ask.choice}
    if ask.is_thinking:
        options["reasoning"] = {"effort": "medium", "summary": "auto"}
    return options
