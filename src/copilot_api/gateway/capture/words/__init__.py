"""What explanations say, by code: in English here, in other languages on the page, which knows the codes."""

from copilot_api.gateway.capture.words.deciding import ADVICE, DECISIONS, SUMMARY
from copilot_api.gateway.capture.words.losing import LOSSES, recognised
from copilot_api.gateway.capture.words.mending import REPAIRS

PHRASES = {**DECISIONS, **REPAIRS, **ADVICE, **SUMMARY, **LOSSES}
"""Every code that an explanation may have."""

__all__ = ["ADVICE", "DECISIONS", "LOSSES", "PHRASES", "REPAIRS", "SUMMARY", "recognised"]
