"""The catalog as clients ask for it: in OpenAI's, Anthropic's or Google's shape.

Pure. `entries.py` decides what is listed, the other three say it. Must never know who asks (the edge
decides).
"""

from copilot_api.copilot.listing.anthropic import render_anthropic, render_anthropic_model
from copilot_api.copilot.listing.entries import Entry, find_entry, list_entries
from copilot_api.copilot.listing.google import render_google, render_google_model
from copilot_api.copilot.listing.openai import render_openai, render_openai_model

__all__ = [
    "Entry",
    "find_entry",
    "list_entries",
    "render_anthropic",
    "render_anthropic_model",
    "render_google",
    "render_google_model",
    "render_openai",
    "render_openai_model",
]
