"""What an operator, or a client's plugin, asks to be done to requests; one file each, all of them named in the record.

    subagent   a sub-agent's marker leaves the prompt and becomes headers
    warmup     a client's warm-up goes to `smallModel`
    freeform   freeform editing tools as functions (`useFunctionApplyPatch`)
    prompt     `extraPrompts`: a model's own text after the system text
    effort     `modelReasoningEfforts`: a model's effort where the client names none

The first two work on the client's own request, `freeform` on the neutral one, the last two on what goes upstream.
Without a setting that asks for it nothing is decoded and no byte changes.
"""

from copilot_api.gateway.request.custom.subagent import NAME as SUBAGENT
from copilot_api.gateway.request.custom.subagent import take_marker
from copilot_api.gateway.request.custom.tailor import tailored
from copilot_api.gateway.request.custom.warmup import NAME as SMALL_MODEL
from copilot_api.gateway.request.custom.warmup import is_warm_up, small_model

__all__ = ["SMALL_MODEL", "SUBAGENT", "is_warm_up", "small_model", "tailored", "take_marker"]
