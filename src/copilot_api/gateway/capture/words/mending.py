"""What each repair does and why, for somebody who asks about one request; docs/quirks.md has evidence and symptoms."""

from collections.abc import Mapping
from typing import Final

REPAIRS: Final[Mapping[str, str]] = {
    "repair.too-many-tools": (
        "Copilot takes at most 128 tools; the request was refused rather than sent with some of them missing."
    ),
    "repair.service-tier": "service_tier was taken out: Copilot refuses it.",
    "repair.effort": "The reasoning effort was taken out or replaced by one that the model lists: it refuses others.",
    "repair.null-fields": "Fields that are null in replayed answers were taken out: Copilot refuses them.",
    "repair.unproven-reasoning": (
        "Reasoning without its proof was taken out of the history: the model would refuse it."
    ),
    "repair.bare-image-url": "The image's address was wrapped into the object that Copilot wants.",
    "repair.empty-prediction": "An empty prediction was taken out: Copilot refuses it.",
    "repair.trailing-white-space": (
        "White space at the end of the last assistant turn was cut off: Copilot refuses it."
    ),
    "repair.max-tokens": "The output limit was lowered to the model's own: Copilot refuses a higher one.",
    "repair.stored-state": "It refers to an earlier answer that nobody stores, and was refused with the remedy.",
    "repair.store": "store was set to false: Copilot keeps no answers and refuses anything else.",
    "repair.image-generation": "The image_generation tool was taken out: Copilot does not have it.",
    "repair.item-ids": (
        "Ids of earlier items were taken out, or restored where they belong to sealed reasoning: Copilot "
        "refuses others."
    ),
    "repair.namespace-description": (
        "A namespace tool without a description was given one: some deployments refuse it otherwise."
    ),
    "repair.reserved-namespace": (
        "The tool namespace 'collaboration' was sent under another name and answered under its own: Copilot "
        "reserves it."
    ),
    "repair.output-limit": "max_output_tokens was brought into the range that the model takes.",
    "repair.message-threads": (
        "It refers to a message thread that nobody keeps, and was refused rather than answered without its "
        "context."
    ),
    "repair.refused-fields": (
        "Fields that Copilot does not take on Messages were left out (inference_geo, fallbacks, "
        "service_tier, speed)."
    ),
    "repair.root-cache-control": (
        "cache_control at the root was moved to the last block, which is what it means: Copilot refuses it "
        "at the root."
    ),
    "repair.cache-control": (
        "Cache marks were reduced to what Copilot takes: type and ttl only, four at most, none on thinking "
        "blocks."
    ),
    "repair.eager-input-streaming": "eager_input_streaming was taken out of the tools: Copilot refuses it.",
    "repair.turn-output-config": "output_config was taken off single turns: Copilot refuses it there.",
    "repair.inline-system": (
        "System messages within the conversation were put into the user turns at their place: the model "
        "refuses the role there."
    ),
    "repair.foreign-thinking": (
        "Thinking that another service signed was taken out of the history: its signature does not verify "
        "here."
    ),
    "repair.empty-text": "Empty text blocks were taken out: Copilot refuses them.",
    "repair.thinking-display": "thinking.display was sent as 'summarized': Copilot does not know the client's value.",
    "repair.manual-thinking": "A thinking budget was turned into adaptive thinking: the model refuses budgets.",
    "repair.adaptive-thinking": "Adaptive thinking was turned into a budget: the model knows nothing else.",
    "repair.idle-clear-thinking": (
        "The rule that clears old thinking was taken out: Copilot refuses it while thinking is off."
    ),
    "repair.input-list": "The single text was put in a list: Copilot refuses it otherwise.",
    "repair.max-tokens-name": "max_tokens was renamed to max_completion_tokens: the model knows only that.",
    "repair.reasoning-proof": (
        "Copilot could not verify the proof of earlier reasoning, so that reasoning was taken out and the "
        "request sent again."
    ),
    "repair.tool-choice": (
        "tool_choice 'required' was refused, so it was sent again with the choice left to the model."
    ),
    "repair.developer-role": (
        "The model does not know the role 'developer', so those messages were sent again as 'system'."
    ),
    "repair.parameters": (
        "Copilot refused a parameter of this model by name; it was taken out and the request sent again."
    ),
    "repair.encrypted-content": (
        "Copilot could not verify encrypted reasoning; it was taken out and the request sent again."
    ),
    "repair.web-search": "The deployment refused the web_search tool; it was taken out and the request sent again.",
    "repair.refused-betas": (
        "Copilot refused beta flags in the anthropic-beta header; they were taken out and the request sent "
        "again."
    ),
    "repair.extra-inputs": (
        "Copilot refused a field that it does not know; it was taken out and the request sent again."
    ),
    "repair.thinking-signature": (
        "Copilot refused the signature of earlier thinking; that thinking was taken out and the request sent "
        "again."
    ),
    "repair.tool-results": (
        "Tool calls without results, or results without calls, were completed and the request sent again."
    ),
    "repair.prefill": (
        "The model does not go on from a begun answer, so a user turn that asks to continue was added and "
        "the request sent again."
    ),
    "repair.attribution": (
        "The client's billing line was refused in the system text; it was taken out and the request sent "
        "again."
    ),
    "repair.strict": "The backend refused strict tools and output formats; the request was sent again without them.",
    "repair.cache-ttl": "The lifetime of cache marks was refused; the request was sent again without it.",
    "repair.split-choices": "Copilot spread one answer over several choices; they were joined into one.",
    "repair.empty-first-frame": "The first frame named neither id nor model; it was held until the next one did.",
    "repair.unstable-identity": "Ids that were empty or changed within the answer were made one.",
    "repair.irregular-frames": "Fields that Copilot leaves out of frames were filled in.",
    "repair.repeated-role": "The role was repeated in every frame; it is said once.",
    "repair.stop-with-tools": "The answer calls tools but said 'stop'; it says 'tool_calls' now.",
    "repair.missing-finish": "The answer ended without a reason; one was added, since clients loop without it.",
    "repair.missing-done": "The stream ended without [DONE]; it was added.",
    "repair.runaway-arguments": (
        "The model wrote white space without end as tool arguments; the answer was ended with an error."
    ),
    "repair.rotating-item-ids": "Ids of items changed from frame to frame; each keeps its first one.",
    "repair.sealed-pair": "Encrypted reasoning was sealed together with the id that it needs to be replayed.",
    "repair.long-response-id": "The id of the answer was shortened: it was longer than the API allows.",
    "repair.empty-completed-output": "The last event said nothing of the output; it was filled in from the stream.",
    "repair.two-compactions": "Two compaction items came where clients want one; the last is kept.",
    "repair.stray-done": "A stray [DONE] after the end was taken out: it is no JSON for an Anthropic client.",
    "repair.base64-vectors": "The vectors were encoded in base64, as the client asked: Copilot answers numbers.",
    "repair.image-url": (
        "The picture or document was fetched and sent with the request: Copilot fetches no addresses."
    ),
}
"""By the code of the quirk's name."""
