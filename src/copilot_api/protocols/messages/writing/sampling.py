"""The knobs of other protocols, as far as Messages has them.

Source: Anthropic API reference, messages; extended thinking, feature compatibility (read 2026-11).
"""

from typing import Final

from copilot_api.errors import UnsupportedContent
from copilot_api.neutral.extras import JsonObject
from copilot_api.neutral.request import ModelRequest
from copilot_api.protocols.losses import Losses

_MAX_TEMPERATURE: Final = 1
"""Anthropic's scale ends at 1; OpenAI's and Google's at 2."""
_MIN_THINKING_TOP_P: Final = 0.95
_UNKNOWN: Final = ("frequency_penalty", "presence_penalty", "seed", "logit_bias", "logprobs", "top_logprobs")
_QUIET: Final[tuple[object, ...]] = (None, False, 0, {})
"""Values of a knob that ask for nothing."""


def write_sampling(request: ModelRequest, losses: Losses, *, is_thinking: bool) -> JsonObject:
    """The knobs that Messages has; thinking models take no temperature, no `top_k` and hardly a `top_p`.

    Raises: UnsupportedContent for more than one candidate.
    """
    sampling, word = request.sampling, losses.word
    if sampling.candidates is not None and sampling.candidates > 1:
        name = word("candidates")
        raise UnsupportedContent(
            f"{name!r} is {sampling.candidates} and this model gives one answer at a time. Send {sampling.candidates} "
            "requests, or choose a model that is served by chat completions.",
            param=name,
        )
    for name in _UNKNOWN:
        if getattr(sampling, name) not in _QUIET or (name == "seed" and sampling.seed is not None):
            losses.drop(word(name), "Messages has no such knob")
    if sampling.verbosity not in (None, "medium"):
        losses.drop(word("verbosity"), "Messages has no such knob")
    said: JsonObject = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
    if sampling.temperature is not None and sampling.temperature > _MAX_TEMPERATURE:
        losses.approximate(word("temperature"), "Messages' scale ends at 1")
        said["temperature"] = _MAX_TEMPERATURE
    if is_thinking:
        _drop_for_thinking(said, losses)
    if sampling.stop:
        said["stop_sequences"] = list(sampling.stop)
    return said


def _drop_for_thinking(said: JsonObject, losses: Losses) -> None:
    top_p = said["top_p"]
    refused = {
        "temperature": said["temperature"] not in (None, 1),
        "top_p": isinstance(top_p, int | float) and top_p < _MIN_THINKING_TOP_P,
        "top_k": said["top_k"] is not None,
    }
    for name, is_refused in refused.items():
        if is_refused:
            losses.drop(losses.word(name), "a thinking Messages model does not take it")
            said[name] = None
