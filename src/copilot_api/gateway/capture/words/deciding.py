"""What was decided of a request, and what somebody can do about how it ended: by code, in English."""

from collections.abc import Mapping
from typing import Final

DECISIONS: Final[Mapping[str, str]] = {
    "mapping.mapping": "Your model mapping has an entry for this name.",
    "mapping.wildcard": "A wildcard of your model mapping fits this name.",
    "mapping.exact": "Copilot offers this account a model of exactly this name.",
    "mapping.snapshot": "It is the snapshot that fits, or the newest of several.",
    "mapping.prefix": "Google's clients put 'models/' before a name; it was taken off.",
    "mapping.window": "The client's own note on the context window is no part of the name; it was taken off.",
    "mapping.long-window": "'[1m]' asks for the variant with the long context window.",
    "mapping.latest": "'-latest' means the model itself.",
    "mapping.dated": "The date of a snapshot was left out.",
    "mapping.spelling": "Vendors write a version with dashes, Copilot with dots; case does not count.",
    "mapping.unknown": "Copilot offers this account no model of this name.",
    "mapping.hidden": "The model is hidden, and hidden models are switched off here.",
    "mapping.disabled": "The model's policy is switched off for this account.",
    "mapping.resolved": "The name was resolved to this one.",
    "route.native": "The model speaks the client's own protocol, so nothing was translated.",
    "route.preferred": (
        "The model does not speak the client's protocol; of those that it speaks, this one loses least."
    ),
    "route.only-way": "The model speaks no other protocol.",
    "route.counter": "Copilot's token counter takes this protocol.",
    "route.carries": "Of the protocols that the model speaks, this one can carry what the request has: {needs}.",
    "route.freeform": "The request was written anew, so that its freeform tools could become functions.",
    "route.no-counter": "Answered on this machine, since Copilot has no token counter for this model.",
    "route.local": "Nobody at Copilot was asked: it was answered on this machine ({why}).",
    "route.none": "It did not come so far: the request was refused before a way was chosen.",
    "translation": (
        "The request was rewritten into the model's protocol, and the answer back into the client's. What "
        "could not be said is listed as a loss."
    ),
    "repair.answer": "What Copilot is known to distort in answers was put right on the way to the client.",
    "custom.reasoning-effort": "modelReasoningEfforts names an effort for this model, and the client named none.",
    "custom.extra-prompt": "extraPrompts has a text for this model; it follows the system text.",
    "custom.small-model": "It is a client's warm-up, and smallModel says who answers those.",
    "custom.subagent-marker": "A sub-agent's marker was taken out of the prompt; the request counts as the agent's.",
    "custom.function-tools": "Freeform editing tools were sent as functions, as useFunctionApplyPatch says.",
    "retry.mended": "Copilot answered the attempt before with {status}; the request was changed and sent again.",
    "retry.logged": "Copilot refused it first; it was changed and sent again. Attempts in all: {count}.",
}
"""Steps by code; a word in braces is a parameter."""
ADVICE: Final[Mapping[str, str]] = {
    "advice.lost": (
        "Something that may matter was left out ({count}), since the two protocols do not say the same: see "
        "the losses below. Choose a model that speaks the client's protocol to lose nothing, or send "
        "x-copilot-api-strict: true to be refused instead."
    ),
    "advice.near": (
        "Some things ({count}) were said in other words that mean nearly the same: see the losses below. "
        "Usually there is nothing to do."
    ),
    "advice.client-gone": (
        "The client hung up before the answer was complete: look at its own timeout, or at who stopped it."
    ),
    "advice.broke-off": (
        "Copilot's answer broke off in the middle: send it again; if it happens often, look at a proxy on "
        "the way."
    ),
    "advice.refused": (
        "Copilot refused the request as it was sent: compare the client's body with the last one that went "
        "upstream. The error says what Copilot did not like."
    ),
    "advice.slow-down": (
        "Copilot asked to slow down: wait as long as the answer says, and send it again. An account's own "
        "limits are under Usage."
    ),
    "advice.read-error": "The error says what to do.",
    "advice.capture": (
        "This request was not captured, so its bodies are not known. To see those of the next one, turn "
        "capture on under Explain in the admin, or with: copilot-api capture on --minutes 10. Then send it "
        "again."
    ),
}
"""What to do, by code."""
SUMMARY: Final[Mapping[str, str]] = {
    "summary.native": (
        "The model speaks the client's own protocol ({protocol}), so the request was passed on without a "
        "translation."
    ),
    "summary.translated": (
        "The client speaks {client} and the model {upstream}: the request was translated, and the answer "
        "back."
    ),
    "summary.local": "It was answered on this machine; Copilot was not asked.",
    "summary.refused": "It was refused here, before anything was sent to Copilot.",
    "summary.not-taken": "Copilot refused it with {status}.",
    "summary.no-answer": "Copilot did not answer.",
    "summary.cut": "Copilot's answer broke off before its end.",
    "summary.repaired": "Repaired for Copilot or for the client: {count}.",
    "summary.dropped": "Left out, and it may matter: {count}.",
    "summary.approximated": "Said in other words: {count}.",
    "summary.harmless": "Left out without effect: {count}.",
    "summary.unchanged": "Nothing had to be repaired or left out.",
    "summary.again": "It was sent {count} times, since Copilot refused it as it was.",
    "summary.cost": "It cost {credits} AI credits: {input} tokens in, {output} out.",
    "summary.tokens": "It took {input} tokens in and {output} out; no price is known for them.",
}
"""A request in a few sentences, by code."""
