"""What Copilot's `/chat/completions` refuses or distorts: the list, in the order it is applied.

Source: upstream contract 4 (read 2026-11).
"""

from typing import Final

from copilot_api.copilot.quirks.base import FrameQuirk, RejectionQuirk, RequestQuirk
from copilot_api.copilot.quirks.chat import rejections, request
from copilot_api.copilot.quirks.general import rejections as general
from copilot_api.copilot.quirks.general.trailing import trim_final_text

REQUEST: Final = (
    RequestQuirk(
        "too-many-tools",
        "More than 128 tools are refused; no choice of ours could say which to leave out.",
        "contract 4.1 (VSC HARD_TOOL_LIMIT); user reports, theme 10",
        "Copilot takes more.",
        request.refuse_too_many_tools,
    ),
    RequestQuirk(
        "service-tier",
        "`service_tier` is unsupported.",
        "contract 4.1 (CAO f7835a44, MCG)",
        "Copilot accepts `service_tier`.",
        request.drop_service_tier,
    ),
    RequestQuirk(
        "effort",
        "400 `reasoning_effort … was provided, but model … does not support reasoning effort`.",
        "contract 4.1; charmbracelet/crush#2902; fixture 400-reasoning-effort-chat",
        "Never: catalogs differ by model.",
        request.repair_effort,
    ),
    RequestQuirk(
        "null-fields",
        "`tool_calls: null`, `refusal: null` and the like, which SDK dumps of earlier answers are full of.",
        "defect P8 of the reference gateway; client survey (Copilot CLI)",
        "Copilot's schema accepts null everywhere.",
        request.drop_nulls,
    ),
    RequestQuirk(
        "unproven-reasoning",
        "400 `Invalid signature in thinking block` for `reasoning_text` without its `reasoning_opaque`.",
        "contract 4.3; CAO#54, CAO#73, ericc-ch#166",
        "Copilot ignores reasoning that it cannot verify.",
        request.drop_unproven_reasoning,
    ),
    RequestQuirk(
        "bare-image-url",
        "400 `failed to validate schema`: `image_url` must be an object with a string `url`.",
        "contract 4.1 (CAO#176)",
        "Copilot's schema accepts the string.",
        request.wrap_image_urls,
    ),
    RequestQuirk(
        "empty-prediction",
        "400 for a prediction with empty content.",
        "contract 4.1 (VSC)",
        "Copilot accepts it.",
        request.drop_empty_prediction,
    ),
    RequestQuirk(
        "trailing-white-space",
        "400 when the final assistant message ends in white space.",
        "contract 4.1",
        "All models accept it.",
        trim_final_text,
    ),
    RequestQuirk(
        "max-tokens",
        "400 for an output limit above the model's.",
        "contract 3.1, 6.3",
        "Copilot clamps by itself.",
        request.clamp_max_tokens,
    ),
)

REJECTION: Final = (
    RejectionQuirk(
        "max-tokens-name",
        "400 `Unsupported parameter: 'max_tokens'`: newer models know only `max_completion_tokens`.",
        "contract 4.1; published error form of the OpenAI API",
        "All models accept both names.",
        rejections.rename_max_tokens,
    ),
    RejectionQuirk(
        "effort",
        "The same where the catalog lists no efforts.",
        "contract 4.1; fixture 400-reasoning-effort-chat",
        "The catalog lists efforts for every model.",
        general.lower_effort,
    ),
    RejectionQuirk(
        "reasoning-proof",
        "400 for a `reasoning_opaque` that does not verify.",
        "contract 4.3, 4.5; CAO#54; fixture 400-thinking-signature",
        "Never: a conversation may move between accounts and vendors.",
        rejections.drop_refused_reasoning,
    ),
    RejectionQuirk(
        "tool-choice",
        '`tool_choice: "required"` is unsupported by some models.',
        "contract 4.1 (VSC)",
        "All models accept it.",
        rejections.loosen_tool_choice,
    ),
    RejectionQuirk(
        "developer-role",
        "Models of other vendors do not know the role `developer`.",
        "client survey (pi); contract 4.1",
        "All models accept it.",
        rejections.rename_developer,
    ),
    RejectionQuirk(
        "parameters",
        "400 `Unsupported parameter: 'temperature'` and the like, for fields that carry no content.",
        "contract 4.1; published error form of the OpenAI API",
        "Never: models differ in their parameters.",
        general.drop_parameter,
    ),
    RejectionQuirk(
        "max-tokens",
        "The same where the catalog names no limit.",
        "contract 6.3; fixture 400-max-tokens",
        "The catalog names every limit.",
        general.lower_limit,
    ),
)

FRAME: Final = (
    FrameQuirk(
        "split-choices",
        "One Claude answer spread over several choices; merged into choice 0, tool calls in one numbering.",
        "contract 0.3 item 17, 4.4 (MCG, CAO 075ed78e, XUA); fixtures chat-claude-split*",
        "No recording has it any more.",
    ),
    FrameQuirk(
        "empty-first-frame",
        "Azure's first frame has an empty id, model and object; it is held until the next one names them.",
        "contract 0.3 item 16, 4.2; fixture chat-azure-text",
        "Azure fills them.",
    ),
    FrameQuirk(
        "unstable-identity",
        "Ids that are empty or change from frame to frame.",
        "contract 4.2",
        "Upstream ids are stable.",
    ),
    FrameQuirk(
        "irregular-frames",
        "Frames without `object` or `finish_reason` (Gemini, Claude), `choices: null`, calls without `index`.",
        "contract 4.2, 4.5; client survey (opencode and pi need `index`)",
        "Upstream frames follow the published shape.",
    ),
    FrameQuirk(
        "repeated-role",
        "`role` in every frame (Gemini) or once for each split choice (Claude); SDKs join it to `assistantassistant`, "
        "which they send back. Said once.",
        "contract 4.5; fixtures chat-gemini-*, chat-claude-split-choices; openai-python 3.54 `accumulate_delta`",
        "Upstream says it in the first frame only.",
    ),
    FrameQuirk(
        "stop-with-tools",
        "`finish_reason: stop` although tools were called; said as `tool_calls`.",
        "contract 4.2 (VSC); fixtures chat-stop-with-tools, chat-gemini-stop-with-tools",
        "Upstream says tool_calls.",
    ),
    FrameQuirk(
        "missing-finish",
        "A clean end without any finish reason, upon which clients loop.",
        "contract 4.2 (copilot-sdk#1081); client survey (opencode: endless loop)",
        "Upstream always sends one.",
    ),
    FrameQuirk(
        "missing-done",
        "A finished stream without `data: [DONE]`.",
        "contract 4.2 (VSC)",
        "Upstream always sends it.",
    ),
    FrameQuirk(
        "runaway-arguments",
        "Tool arguments that turn into line breaks and tabs without end; the answer ends in an error.",
        "contract 4.2 (FLO, CAO); fixture chat-whitespace-args",
        "Upstream stops such answers itself.",
    ),
)
