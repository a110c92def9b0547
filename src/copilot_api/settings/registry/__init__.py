"""Every setting that a person may change, as data: read from config.json, shown and changed by CLI and admin alike.

A new setting is one entry in one of the tables beside this file, and a field of Settings.
"""

from copilot_api.settings.registry.admission import ADMISSION, TELEMETRY
from copilot_api.settings.registry.changes import (
    MAX_PROMPT_CHARACTERS,
    RULES,
    Changes,
    Rule,
    complaints,
    tidied,
    told,
)
from copilot_api.settings.registry.kinds import EFFORTS
from copilot_api.settings.registry.models import MODELS, PROMPTS, TOOLS
from copilot_api.settings.registry.serving import ADVANCED, LIMITS, NETWORK, SECURITY, SERVER
from copilot_api.settings.registry.setting import (
    SECTIONS,
    Judgement,
    Kind,
    Refused,
    Section,
    Setting,
    Unit,
    complaint,
    judge,
    shorten,
)
from copilot_api.settings.registry.standing import (
    FLAGS,
    DecidedBy,
    Standing,
    default_of,
    is_in,
    standing,
    value_of,
    written,
)
from copilot_api.settings.registry.usage import RETENTION, USAGE

REGISTRY: tuple[Setting, ...] = (
    *SERVER,
    *LIMITS,
    *ADMISSION,
    *MODELS,
    *PROMPTS,
    *TOOLS,
    *USAGE,
    *NETWORK,
    *RETENTION,
    *SECURITY,
    *ADVANCED,
    *TELEMETRY,
)
"""In the order in which a page shows them."""

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in REGISTRY}

__all__ = [
    "BY_NAME",
    "EFFORTS",
    "FLAGS",
    "MAX_PROMPT_CHARACTERS",
    "REGISTRY",
    "RULES",
    "SECTIONS",
    "Changes",
    "DecidedBy",
    "Judgement",
    "Kind",
    "Refused",
    "Rule",
    "Section",
    "Setting",
    "Standing",
    "Unit",
    "complaint",
    "complaints",
    "default_of",
    "is_in",
    "judge",
    "shorten",
    "standing",
    "tidied",
    "told",
    "value_of",
    "written",
]
