"""Whether a client of OpenAI's protocols wants its prompt cached unasked, which is what they do.

Source: openai 3.54, types/chat/completion_create_params.py, PromptCacheOptions (read 2026-11).
"""

from copilot_api.neutral.extras import Remainder


def note_caching(request: Remainder, spelled: dict[str, str]) -> None:
    """Note that only marked prefixes are to be cached."""
    options = request.peek("prompt_cache_options")
    if isinstance(options, dict) and options.get("mode") == "explicit":
        spelled["cache"] = "explicit"
