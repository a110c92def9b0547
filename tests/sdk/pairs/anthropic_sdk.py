"""anthropic-sdk-python."""

from typing import Any

import anthropic
import pytest

from sdk.pairs.speaking import SCHEMA, TOOL, Ask, Bird, Call, Reply

_CLASSES: dict[int, type[anthropic.APIStatusError]] = {
    400: anthropic.BadRequestError,
    404: anthropic.NotFoundError,
    429: anthropic.RateLimitError,
    502: anthropic.InternalServerError,
}


class Messages:
    """`client.messages`."""

    name = "anthropic"
    broken: tuple[type[Exception], ...] = (anthropic.APIError,)

    def __init__(self, url: str, key: str) -> None:
        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0)

    def said(self, words: str) -> list[Any]:
        """The user's turn."""
        return [{"role": "user", "content": words}]

    def shown(self, words: str, image: str) -> list[Any]:
        """The user's turn with a PNG in base64."""
        source = {"type": "base64", "media_type": "image/png", "data": image}
        return [
            {
                "role": "user",
                "content": [{"type": "image", "source": source}, {"type": "text", "text": words}],
            }
        ]

    def results(self, reply: Reply, texts: list[str]) -> list[Any]:
        """One user turn with all results."""
        calls = zip(reply.calls, texts, strict=True)
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": text} for call, text in calls]
        return [{"role": "user", "content": results}]

    def ask(self, ask: Ask) -> Reply:
        """One answer, by `messages.stream` or whole."""
        options = _options(ask)
        if ask.is_stream:
            with self.client.messages.stream(**options) as stream:
                answer: Any = stream.get_final_message()
        else:
            answer = self.client.messages.create(**options)
        blocks, usage = answer.content, answer.usage
        cached, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
        return Reply(
            text="".join(block.text for block in blocks if block.type == "text"),
            thoughts="".join(block.thinking for block in blocks if block.type == "thinking"),
            calls=[Call(block.id, block.name, block.input) for block in blocks if block.type == "tool_use"],
            finish=answer.stop_reason,
            usage=(usage.input_tokens + cached + written, cached, usage.output_tokens),
            turn=[{"role": "assistant", "content": blocks}],
        )

    def parse(self, model: str, words: str) -> object:
        """A structured answer."""
        answer = self.client.messages.parse(
            model=model, max_tokens=500, messages=self.said(words), output_format=Bird
        )
        return answer.parsed_output

    def refusal(self, model: str, words: str, *, is_stream: bool) -> tuple[int, str, float | None]:
        """What the SDK raised."""
        with pytest.raises(anthropic.APIStatusError) as caught:
            self.client.messages.create(
                model=model, max_tokens=500, messages=self.said(words), stream=is_stream
            )
        error: Any = caught.value
        assert type(error) is _CLASSES[error.status_code]
        wait = error.response.headers.get("retry-after")
        return error.status_code, error.body["error"]["message"], None if wait is None else float(wait)

    def close(self) -> None:
        """Close its connections."""
        self.client.close()


def _options(ask: Ask) -> dict[str, Any]:
    options: dict[str, Any] = {"model": ask.model, "max_tokens": ask.limit, "messages": ask.history}
    if ask.system:
        options["system"] = ask.system
    if ask.has_tools:
        options["tools"] = [{"name": TOOL, "description": "Read a file.", "input_schema": SCHEMA}]
    if ask.choice:
        named = {"none": {"type": "none"}, "required": {"type": "any"}}
        options["tool_choice"] = named.get(ask.choice, {"type": "tool", "name": ask.choice})
    if ask.stop:
        options["stop_sequences"] = ask.stop
    if ask.is_thinking:
        options["thinking"] = {"type": "adaptive", "display": "summarized"}
    return options
