"""What Copilot's `/v1/messages` refuses or distorts: the list, in the order it is applied.

Source: upstream contract 6 (read 2026-11).
"""

from typing import Final

from copilot_api.copilot.quirks.base import FrameQuirk, RejectionQuirk, RequestQuirk
from copilot_api.copilot.quirks.general import rejections as general
from copilot_api.copilot.quirks.general.trailing import trim_final_text
from copilot_api.copilot.quirks.messages import cache, fields, rejections, results, thinking, turns

EXTRA = "400 `<field>: Extra inputs are not permitted`"

REQUEST: Final = (
    RequestQuirk(
        "message-threads",
        "`thread` refers to a history that nobody keeps; ignored, the model would answer without its context.",
        "client survey (anthropic-python 2.12 tool runner); contract 6.3 lists no such field",
        "Copilot serves `thread`, or keeps messages.",
        fields.refuse_thread,
    ),
    RequestQuirk(
        "refused-fields",
        f"{EXTRA} for `inference_geo` and `fallbacks`; `service_tier` and `speed` are not understood.",
        "contract 6.3, 6.4, 10 (C2A 2026-07-16; MCG, CAO strip service_tier)",
        "The simulator's list of refused fields no longer matches a live probe.",
        fields.drop_refused_fields,
    ),
    RequestQuirk(
        "root-cache-control",
        f"{EXTRA} for `cache_control` at the root; the mark is moved to the last block, which is what it means.",
        "contract 6.3 (C2A 2026-07-16), fixture 400-extra-inputs-bedrock",
        "Copilot accepts a root `cache_control`.",
        cache.move_root_mark,
    ),
    RequestQuirk(
        "cache-control",
        f"{EXTRA} for `cache_control.ephemeral.scope` and other keys than `type` and `ttl`; 400 for marks on "
        "thinking blocks, on tools with `defer_loading`, and for more than four (the oldest turns' go first).",
        "contract 0.3 item 24, 6.1, 6.3; user reports, theme 8; fixture 400-extra-inputs-anthropic",
        "Copilot accepts `cache_control.scope`; the other two rules are Anthropic's own.",
        cache.repair_marks,
    ),
    RequestQuirk(
        "eager-input-streaming",
        "400 `tools.0.custom.eager_input_streaming: Extra inputs are not permitted`.",
        "contract 0.3 item 24; client survey (opencode sends it on every tool); fixture 400-eager-input-streaming",
        "Copilot accepts the field.",
        fields.drop_eager_streaming,
    ),
    RequestQuirk(
        "turn-output-config",
        f"{EXTRA} for `output_config` on a single turn, whose beta (`per-turn-control-*`) is not let through.",
        "recordings of Claude Code 2.1.330; contract 6.2",
        "Copilot accepts the `per-turn-control-*` beta.",
        turns.drop_turn_config,
    ),
    RequestQuirk(
        "inline-system",
        '400 `messages: Unexpected role "system"` for Claude up to 4.7.',
        "contract 6.4 (FLO); fixture 400-inline-system",
        "The last Claude model up to 4.7 is retired.",
        turns.fold_known_inline_system,
    ),
    RequestQuirk(
        "foreign-thinking",
        "A signature that another upstream sealed does not verify.",
        "contract 6.5; user reports, theme 3",
        "No client can switch protocols within a conversation.",
        turns.open_signatures,
    ),
    RequestQuirk(
        "empty-text",
        "400 for text blocks that are empty or only white space.",
        "contract 6.1 (the official client drops them)",
        "Anthropic accepts empty text blocks.",
        turns.drop_empty_text,
    ),
    RequestQuirk(
        "trailing-white-space",
        "400 when the final assistant turn ends in white space.",
        "contract 4.1, 6.1",
        "Anthropic accepts it.",
        trim_final_text,
    ),
    RequestQuirk(
        "thinking-display",
        "An unknown `thinking.display` (`updates`), whose beta is not let through; sent as `summarized`.",
        "client survey (Claude Code 2.1.330); contract 6.1, 6.4",
        "Copilot accepts the `thinking-display-updates-*` beta.",
        thinking.repair_display,
    ),
    RequestQuirk(
        "manual-thinking",
        "Opus from 4.7 on refuses `thinking.enabled`, although its catalog entry advertises budgets.",
        "contract 6.4 (C2A #43, XUA)",
        "Those models accept manual thinking.",
        thinking.manual_to_adaptive,
    ),
    RequestQuirk(
        "adaptive-thinking",
        "Claude up to 4.5 has no adaptive thinking.",
        "contract 6.4 (XUA)",
        "The last Claude model up to 4.5 is retired.",
        thinking.adaptive_to_manual,
    ),
    RequestQuirk(
        "effort",
        "400 `invalid_reasoning_effort` for an effort that the model does not list.",
        "contract 0.3 item 26, 6.4; opencode#34438; fixture 400-reasoning-effort-messages",
        "Never: catalogs differ by model.",
        thinking.repair_effort,
    ),
    RequestQuirk(
        "max-tokens",
        "400 `The maximum tokens you requested exceeds the model limit`.",
        "contract 6.1, 6.3; fixture 400-max-tokens",
        "Copilot clamps by itself.",
        thinking.clamp_max_tokens,
    ),
    RequestQuirk(
        "idle-clear-thinking",
        "400 `clear_thinking_20251015 strategy requires thinking to be enabled`.",
        "user reports, theme 3",
        "Anthropic accepts the edit without thinking.",
        thinking.drop_idle_clearing,
    ),
)

REJECTION: Final = (
    RejectionQuirk(
        "refused-betas",
        "400 `Unexpected value(s) … for the anthropic-beta header`: the backends differ in what they know.",
        "contract 6.2, 6.6; gh-aw#34556; fixture 400-anthropic-beta-vertex",
        "All backends accept the same values.",
        rejections.drop_refused_betas,
    ),
    RejectionQuirk(
        "extra-inputs",
        f"{EXTRA} for a field that this page does not know yet.",
        "contract 6.3; fixtures 400-extra-inputs-*, 400-context-management-no-beta",
        "Never: clients add fields faster than Copilot's copy of the API.",
        general.drop_extra_inputs,
    ),
    RejectionQuirk(
        "inline-system",
        "The same for a model that is not known to refuse it.",
        "contract 6.4; fixture 400-inline-system",
        "All models accept inline system turns.",
        rejections.fold_refused_system,
    ),
    RejectionQuirk(
        "effort",
        "The same where the catalog lists no efforts.",
        "contract 6.4; fixture 400-reasoning-effort-messages",
        "The catalog lists efforts for every model.",
        general.lower_effort,
    ),
    RejectionQuirk(
        "thinking-signature",
        "400 ``messages.N.content.M: Invalid `signature` in `thinking` block``.",
        "contract 6.5; user reports, theme 3; fixture 400-thinking-signature",
        "Never: a conversation may move between accounts and vendors.",
        rejections.drop_refused_thinking,
    ),
    RejectionQuirk(
        "manual-thinking",
        "The same for a model that is not known to refuse it.",
        "contract 6.4",
        "All models accept manual thinking.",
        rejections.adapt_refused_thinking,
    ),
    RejectionQuirk(
        "tool-results",
        "400 `tool_use` ids without `tool_result` blocks, and results without their call: interrupted tools, cut "
        "histories.",
        "contract 6.3, 7.1; fixture 400-tool-result-missing",
        "Never: clients lose results.",
        results.pair_results,
    ),
    RejectionQuirk(
        "prefill",
        "400 `This model does not support assistant message prefill`.",
        "user reports, theme 8; contract 6.1",
        "All models accept a prefill.",
        rejections.continue_refused_prefill,
    ),
    RejectionQuirk(
        "attribution",
        "400 `x-anthropic-billing-header is a reserved keyword`; stripped only where it is refused.",
        "user reports, theme 8",
        "Claude Code no longer sends the block.",
        rejections.drop_refused_attribution,
    ),
    RejectionQuirk(
        "strict",
        "400 `FAILED_PRECONDITION` on Vertex for `tools[].strict` and `output_config.format`.",
        "contract 6.6, 10 (XUA 2026-07-02)",
        "Vertex seats accept structured output.",
        general.drop_strictness,
    ),
    RejectionQuirk(
        "cache-ttl",
        "`ttl` refused in spite of its beta.",
        "contract 6.2, 10 (FLO)",
        "All backends accept `ttl`.",
        rejections.drop_refused_ttl,
    ),
    RejectionQuirk(
        "max-tokens",
        "The same where the catalog names no limit, or too high a one.",
        "contract 6.3; fixture 400-max-tokens",
        "The catalog names every limit.",
        general.lower_limit,
    ),
)

FRAME: Final = (
    FrameQuirk(
        "stray-done",
        "OpenAI's `data: [DONE]` after `message_stop`, which is no JSON for an Anthropic client.",
        "contract 0.3 item 28, 6.5 (CAO 665bfe5f); fixture messages-stray-done",
        "No recording has it any more.",
    ),
    FrameQuirk(
        "runaway-arguments",
        "Tool arguments that turn into line breaks and tabs without end; the answer ends in an error.",
        "contract 4.2 (FLO, CAO); fixture chat-whitespace-args",
        "Upstream stops such answers itself.",
    ),
)
