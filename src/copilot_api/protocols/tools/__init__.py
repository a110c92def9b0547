"""Tools on their way to a target that knows fewer kinds of them, and their calls on the way back. Pure.

request writer:  naming = Naming(request.tools); functions = write_functions(...); naming.arguments(call)
                 -> Written(names=naming.names)
reply writer:    restorer = CallRestorer(names); for event in restorer.feed(event): ...
                 restore_completion(completion, names)
"""

from copilot_api.protocols.tools.custom import INPUT, InputUnwrapper, unwrap_input, wrap_custom, wrap_input
from copilot_api.protocols.tools.functions import write_choice, write_functions
from copilot_api.protocols.tools.naming import MAX_NAME_CHARS, Naming
from copilot_api.protocols.tools.restore import CallRestorer, restore_call, restore_completion
from copilot_api.protocols.tools.schema import ValueUnwrapper, object_schema, unwrap_value, wrap_value

__all__ = [
    "INPUT",
    "MAX_NAME_CHARS",
    "CallRestorer",
    "InputUnwrapper",
    "Naming",
    "ValueUnwrapper",
    "object_schema",
    "restore_call",
    "restore_completion",
    "unwrap_input",
    "unwrap_value",
    "wrap_custom",
    "wrap_input",
    "wrap_value",
    "write_choice",
    "write_functions",
]
