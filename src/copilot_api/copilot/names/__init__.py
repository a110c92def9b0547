"""From the name a client asks for to the model that answers: the rules, and what can be said about them."""

from copilot_api.copilot.names.resolution import (
    Catalogued,
    Reason,
    Resolution,
    exact_aliases,
    explain,
    map_name,
    remedy,
    require,
    require_model,
    resolve,
)
from copilot_api.copilot.names.steps import Step, StepKind, Trail, follow
from copilot_api.copilot.names.warnings import MappingWarning, WarningCode, warnings_of

__all__ = [
    "Catalogued",
    "MappingWarning",
    "Reason",
    "Resolution",
    "Step",
    "StepKind",
    "Trail",
    "WarningCode",
    "exact_aliases",
    "explain",
    "follow",
    "map_name",
    "remedy",
    "require",
    "require_model",
    "resolve",
    "warnings_of",
]
