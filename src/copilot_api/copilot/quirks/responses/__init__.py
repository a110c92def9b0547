"""What Copilot's `/responses` refuses or distorts: the list, in the order it is applied.

Source: upstream contract 5 (read 2026-11).
"""

from typing import Final

from copilot_api.copilot.quirks.base import FrameQuirk, RejectionQuirk, RequestQuirk
from copilot_api.copilot.quirks.general import rejections as general
from copilot_api.copilot.quirks.responses import rejections, request

REQUEST: Final = (
    RequestQuirk(
        "stored-state",
        "`previous_response_id`, `conversation` and `item_reference` refer to responses that nobody stores.",
        "contract 0.3 item 20, 5.2; fixture 400-previous-response-not-found",
        "Copilot stores responses, or the gateway does.",
        request.refuse_stored_state,
    ),
    RequestQuirk(
        "store",
        "400 `store is not supported`.",
        "contract 0.3 item 20, 5.2 (FLO); fixture 400-store",
        "Copilot accepts `store`.",
        request.unset_store,
    ),
    RequestQuirk(
        "service-tier",
        "`service_tier` is unsupported.",
        "contract 0.3 item 21, 5.2 (CAO, FLO, MCG)",
        "Copilot accepts `service_tier`.",
        request.drop_service_tier,
    ),
    RequestQuirk(
        "image-generation",
        "The `image_generation` tool is rejected.",
        "contract 5.2 (FLO)",
        "Copilot generates images.",
        request.drop_image_generation,
    ),
    RequestQuirk(
        "item-ids",
        "400 for ids above 64 characters, for ids of an earlier connection, and for reasoning whose id is not the "
        "one in its ciphertext. Ids are dropped; reasoning and compaction get their own pair back.",
        "contract 0.3 item 19, 5.2, 5.3; copilot-cli#3594, oh-my-pi#284, CAO#307, openclaw#71333, oh-my-pi#290",
        "Ids are stable and short upstream, and any id may be echoed.",
        request.repair_items,
    ),
    RequestQuirk(
        "namespace-description",
        "400 on some deployments for a namespace tool with an empty description.",
        "contract 5.2 (CAO#345)",
        "All deployments accept it.",
        request.describe_namespaces,
    ),
    RequestQuirk(
        "reserved-namespace",
        "The namespace name `collaboration` is reserved; sent under another name, answered under its own.",
        "contract 5.2 (FLO#273); user reports, theme 3",
        "The name is no longer reserved.",
        request.rename_reserved_namespace,
    ),
    RequestQuirk(
        "effort",
        "400 for a `reasoning.effort` that the model does not list.",
        "contract 3.2, 5.1",
        "Never: catalogs differ by model.",
        request.repair_effort,
    ),
    RequestQuirk(
        "output-limit",
        "400 for `max_output_tokens` below 16 or above the model's limit.",
        "contract 5.2 (QL)",
        "Copilot clamps by itself.",
        request.repair_output_limit,
    ),
)

REJECTION: Final = (
    RejectionQuirk(
        "encrypted-content",
        "400 `The encrypted content for item … could not be verified`, or `invalid_encrypted_content`.",
        "contract 5.2; openclaw#71333, oh-my-pi#290; fixture 400-encrypted-content-mismatch",
        "Never: a conversation may move between accounts and regions.",
        rejections.drop_refused_reasoning,
    ),
    RejectionQuirk(
        "item-ids",
        "400 for an id that is still too long or of another connection.",
        "contract 5.2; fixtures 400-item-id-too-long, 400-item-id-connection",
        "Any id may be echoed.",
        rejections.drop_refused_ids,
    ),
    RejectionQuirk(
        "web-search",
        "Some deployments refuse the `web_search` tool; dropped where other tools remain.",
        "contract 5.2, 10",
        "All deployments accept it.",
        rejections.drop_refused_web_search,
    ),
    RejectionQuirk(
        "effort",
        "The same where the catalog lists no efforts.",
        "contract 4.1, 6.3",
        "The catalog lists efforts for every model.",
        general.lower_effort,
    ),
    RejectionQuirk(
        "parameters",
        "400 `Unsupported parameter: 'temperature'` and the like, for fields that carry no content.",
        "contract 5.1; published error form of the OpenAI API",
        "Never: models differ in their parameters.",
        general.drop_parameter,
    ),
    RejectionQuirk(
        "output-limit",
        "The same where the catalog names no limit.",
        "contract 6.3",
        "The catalog names every limit.",
        general.lower_limit,
    ),
)

FRAME: Final = (
    FrameQuirk(
        "rotating-item-ids",
        "Item ids of 380-1108 characters that differ between `added`, each delta, `done` and `completed.output`.",
        "contract 0.3 item 19, 5.3; client survey (opencode: `text part … not found`); QL, CAO, XUA, MCG, FLO",
        "Upstream ids are stable.",
    ),
    FrameQuirk(
        "sealed-pair",
        "Ciphertext replays only with the `done` event's id; the pair is sealed into `encrypted_content`.",
        "contract 5.2, 5.3 (FLO PR#248, #252)",
        "Any id may accompany the ciphertext.",
    ),
    FrameQuirk(
        "long-response-id",
        "A response id of 120 and more characters, above the API's own limit for ids.",
        "contract 5.3; fixture responses-text",
        "Upstream ids have at most 64 characters.",
    ),
    FrameQuirk(
        "empty-completed-output",
        "A terminal event with an empty `output`, from which clients take the answer.",
        "client survey (Copilot CLI: `No response was returned`)",
        "Upstream always fills it.",
    ),
    FrameQuirk(
        "two-compactions",
        "Two compaction items where clients want exactly one (gpt-5-mini); the last is kept.",
        "contract 5.2 (FLO); client survey (Codex: `expected exactly one compaction output item`)",
        "gpt-5-mini returns one.",
    ),
    FrameQuirk(
        "reserved-namespace",
        "Gives calls in the namespace `collaboration` their name back.",
        "contract 5.2 (FLO#273)",
        "The name is no longer reserved.",
    ),
    FrameQuirk(
        "runaway-arguments",
        "Tool arguments that turn into line breaks and tabs without end; the answer ends in an error.",
        "contract 4.2 (FLO, CAO); fixture chat-whitespace-args",
        "Upstream stops such answers itself.",
    ),
)
