"""Why something could not be said: the translators' reasons, each with a code.

Pure. A translator says why in English and knows nothing of languages; here its sentence is recognised. A test reads the
translators and fails for a sentence that is missing here.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

LOSSES: Final[Mapping[str, str]] = {
    "loss.tiers": "Copilot has no service tiers",
    "loss.one-tier": "this model has one tier of service",
    "loss.no-tier": "there is no tier {tier}",
    "loss.not-stored": "Copilot stores no answers",
    "loss.send-history": "answers are not stored: send the whole history each time",
    "loss.nobody-keeps": "nobody keeps the answers of this model",
    "loss.cache-by-mark": "Messages caches by mark, not by key",
    "loss.cache-unmarked": "prefixes are cached without marks",
    "loss.cache-tools": "chat marks messages, and tools stand before them all",
    "loss.cache-time": "chat's cache marks name no time",
    "loss.cache-times": "Messages keeps a cache for 5m or 1h",
    "loss.caching": "only about caching",
    "loss.bookkeeping": "only for the client's or its provider's books",
    "loss.cost": "only about speed, price or who pays",
    "loss.delivery": "only about how an answer is delivered",
    "loss.picture-tokens": "only about how many tokens a picture is worth",
    "loss.history-cut": "only about what is cut from a history that grows too long: nothing is cut here",
    "loss.absent": "only about something that is not there: its tool, its medium, its mode",
    "loss.replayed": "only about how a part of the history came to be",
    "loss.label": "only a label: pictures have none",
    "loss.thinking-told": "thinking is told wherever the model tells it",
    "loss.known": "known from elsewhere in the request",
    "loss.anyway": "says what happens anyway",
    "loss.told-by-place": "things in a history are told apart by their place",
    "loss.replay-whole": "whatever is replayed is whole",
    "loss.think-on": "Messages cannot go on from a thought",
    "loss.cites-own": "Messages cites addresses and its own documents only",
    "loss.cites-others": "Messages knows no citations of other services",
    "loss.cites-answers": "only an answer's links can be cited",
    "loss.cites-sources": "chat has no place for the sources of a replayed text",
    "loss.cites-requests": "chat's requests carry no citations",
    "loss.cites-words": "chat cites addresses, for words",
    "loss.json-mode": "Messages has no JSON mode without a schema: asked for in words",
    "loss.schema-held": "Messages holds every answer to its schema",
    "loss.detail-messages": "Messages has no detail levels for images",
    "loss.detail-chat": "chat has no detail {detail}",
    "loss.detail-responses": "the Responses API has no detail {detail}",
    "loss.no-event": "Messages has no such event",
    "loss.no-field": "Messages has no such field",
    "loss.no-knob": "Messages has no such knob",
    "loss.no-knob-responses": "the Responses API has no such knob",
    "loss.no-knob-thinking": "a thinking Messages model does not take it",
    "loss.no-top-k": "chat has no top_k",
    "loss.forced-call": "Messages models do not think where a tool call is forced",
    "loss.user-id": "Messages takes a user id and nothing else",
    "loss.scale": "Messages' scale ends at 1",
    "loss.turn-names": "Messages' turns have no names",
    "loss.message-names": "messages bear no names",
    "loss.turn-phases": "Messages' turns have no phases",
    "loss.commentary": "chat tells no commentary from answers",
    "loss.sealed-by": "it was sealed by {maker}, which alone can read it",
    "loss.reasoning-sealed": "this reasoning was sealed by {maker}, which alone can read it",
    "loss.thinking-sealed": "the thinking was sealed by {maker}, which alone can read it",
    "loss.sealed-unsigned": "the sealed thinking holds no signature",
    "loss.unsigned": "unsigned thinking is refused by Messages models",
    "loss.calls-unsigned": "the calls being answered came without signed thinking, which Messages requires",
    "loss.unverified": "the model '{model}' cannot verify this reasoning",
    "loss.no-proof": "the model '{model}' takes no reasoning without its proof",
    "loss.encrypted-only": "reasoning can only be replayed in encrypted form",
    "loss.proof-hides": "a proof behind the last text would hide that text: Claude Code prints only a last block",
    "loss.call-signature": "a call has no place for a signature",
    "loss.text-signature": "a text has no place for a signature",
    "loss.document-text": "a document given as text became text",
    "loss.document-chat": "chat takes no documents: said as text",
    "loss.freeform": "a freeform tool became a function with one text property",
    "loss.freeform-text": "text is what a freeform tool takes anyway",
    "loss.schema-name": "a label, which Messages does without",
    "loss.placeholder": "a placeholder that nobody can call",
    "loss.result-pictures": "a result holds text only: its pictures follow",
    "loss.result-failed": "chat has no failed results: said in the text",
    "loss.result-error": "the result's text says that it is an error",
    "loss.result-lone": "the result answers no call of the turn before it: written as text",
    "loss.result-missing": "the call has no result: one that says so was added",
    "loss.turn-pictures": "an assistant's turn holds no pictures in Messages",
    "loss.answer-text": "an answer is text anyway",
    "loss.chat-answers": "chat answers with text and calls only",
    "loss.chat-assistant": "chat's assistant says text and calls only",
    "loss.one-effort": "chat has one effort for the whole request: the newest turn's",
    "loss.one-effort-all": "one effort holds for the whole request: the newest turn's",
    "loss.metadata-pairs": "chat takes at most {count} pairs of strings",
    "loss.metadata-texts": "only texts can be values",
    "loss.stops": "chat takes {most} stop sequences, not {count}",
    "loss.no-tool-named": "no tool is declared under '{tool}'",
    "loss.no-tool-left": "no tool is left to choose",
    "loss.name-twice": "the name '{name}' is declared twice",
    "loss.allowed-tools": "the list of allowed tools is not enforced",
    "loss.one-call": "the model calls one tool at a time",
    "loss.namespace": "the namespace '{name}' became part of its tools' names{rest}",
    "loss.server-tool": "the tool '{tool}' is run by a server that speaks {protocol}",
    "loss.tool-there": "the tool is there from the start",
    "loss.root-schema": "the schema's root is no plain object: it stands under 'input'",
    "loss.raw-arguments": "the arguments are no JSON object: sent as {name}",
    "loss.no-object": "the arguments are no JSON object",
    "loss.after-call": "what was said after a tool call is said before it",
    "loss.role": "the role '{role}' cannot say this",
    "loss.own-event": "only its own clients know this event",
    "loss.only-says": "only {protocol} says this",
    "loss.only-part": "only {protocol} has a part '{part}'",
    "loss.only-field": "only {protocol} has this field",
    "loss.only-choice": "only {protocol} can say this choice",
    "loss.only-knows-text": "only {protocol} knows '{part}': said as text",
    "loss.only-knows": "only {protocol} knows '{part}'",
    "loss.alone": "'{part}' is known to {protocol} alone",
    "loss.as-text": "said as text",
    "loss.no-part-messages": "a {part} cannot stand in an answer of Messages",
    "loss.no-part": "a {part} has no place in an answer",
    "loss.file-upstream": "the file is known to upstream only",
    "loss.pause": "Responses has no place for a pause to be continued",
    "loss.no-address": "Responses has no place for a source without an address",
    "loss.such-part": "Responses has no place for such a part",
    "loss.such-part-named": "Responses has no place for such a part in an answer: {part}",
    "loss.such-part-text": "Responses has no place for such a part: said as text",
    "loss.such-event": "Responses has no place for such an event",
    "loss.this-field": "Responses has no place for this field",
    "loss.efforts-known": "the model knows no effort '{effort}', only {known}",
    "loss.effort-none": "there is no such effort",
    "loss.effort-nearest": "the nearest that the model lists is '{effort}'",
    "loss.effort-became": "'{effort}' became '{nearest}', which the model has",
    "loss.effort-became-nearest": "'{effort}' became '{nearest}', the nearest effort of the model",
    "loss.effort-budget": "'{effort}' became a budget of tokens",
    "loss.budget-effort": "a budget became the effort '{effort}'",
    "loss.the-budget-effort": "the budget became the effort '{effort}'",
    "loss.budget-tokens": "a budget of {tokens} tokens became '{effort}'",
    "loss.budget-nearest": "{budget} became {nearest}, the nearest that the model takes",
    "loss.thinks-anyway": "the model thinks as much as it likes anyway",
    "loss.no-choice": "the model '{model}' lets nobody choose how much it thinks",
    "loss.no-thinking": "the model '{model}' does not think",
    "loss.no-efforts": "the model '{model}' lists no reasoning efforts",
    "loss.no-room": "{tokens} output tokens leave no room for thinking",
    "loss.least": "the least that can be asked for is {count}",
    "loss.embedding-hint": "embeddings take no hint on what they are for",
    "loss.unpriced": "the answer was ended at a stop sequence, before upstream said what it cost",
}
"""Reasons by code; a word in braces is a parameter."""
_HOLE: Final = re.compile(r"\\{(\w+)\\}")


def recognised(reason: str) -> tuple[str, dict[str, str]]:
    """Return the code and the parameters of a translator's reason; "" and none for one that is not known.

    Shape: "chat takes 4 stop sequences, not 5" -> ("loss.stops", {"most": "4", "count": "5"})
    """
    for code, pattern in _patterns():
        match = pattern.fullmatch(reason)
        if match is not None:
            return code, match.groupdict()
    return "", {}


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The sentences that say most of themselves first: one with holes may fit what another says exactly."""
    by_words = sorted(LOSSES.items(), key=lambda entry: -len(re.sub(r"\{\w+\}", "", entry[1])))
    return tuple((code, re.compile(_HOLE.sub(r"(?P<\1>.*)", re.escape(text)))) for code, text in by_words)
