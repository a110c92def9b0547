// One request in full: the way it went, what it cost, what was repaired or lost, and what went wrong.
import { at } from "../../../core/api.js";
import { html } from "../../../core/html.js";
import { useResource } from "../../../core/resource.js";
import { href } from "../../../core/route.js";
import { Button, Dialog, Facts, Loaded, Notice } from "../../../kit/kit.js";
import { bytes, dateTime, duration, number } from "../../../words/numbers.js";
import { hasWords, t } from "../../../words/words.js";

const some = (value) => (value === null || value === undefined || value === "" ? null : String(value));
const fact = (words, value) => (some(value) === null ? null : [t(words), value]);

export const outcomeOf = (row) => (hasWords(`usage.outcome.${row.outcome}`) ? t(`usage.outcome.${row.outcome}`) : row.outcome);

function costsOf(row) {
  const credits = row.credits === null ? null : `${number(row.credits, 4)}${row.creditsFrom ? ` (${t(`usage.creditsFrom.${row.creditsFrom}`)})` : ""}`;
  const input = row.cachedTokens ? t("usage.tokensCached", { count: number(row.inputTokens), cached: number(row.cachedTokens) }) : number(row.inputTokens);
  const output = row.reasoningTokens ? t("usage.tokensReasoning", { count: number(row.outputTokens), reasoning: number(row.reasoningTokens) }) : number(row.outputTokens);
  return [
    fact("usage.inputTokens", input), fact("usage.outputTokens", output), fact("usage.credits", credits),
    fact("usage.multiplier", row.multiplier === null ? null : `${number(row.multiplier, 2)}×`),
    fact("usage.delta", row.quotaDelta === null ? null : number(row.quotaDelta, 3)),
  ];
}

function wayOf(row) {
  return [
    fact("usage.time", dateTime(row.at)), fact("usage.status", `${row.status} ${outcomeOf(row)}`),
    fact("usage.route", `${row.ingress}${row.upstream ? ` → ${row.upstream}` : ""}`), fact("usage.mode_", row.mode),
    fact("usage.reason", row.reason), fact("usage.asked", row.requestedModel), fact("usage.meant", row.mappedModel),
    fact("usage.answered", row.answeringModel), fact("usage.account", row.account), fact("usage.key", row.key),
    fact("usage.client", row.clientVersion ? `${row.clientName} ${row.clientVersion}` : row.clientName || row.client),
    fact("usage.initiator", row.initiator), fact("usage.conversation", row.interactionId), fact("usage.finish", row.finish),
    fact("usage.firstByte", row.firstByteMs ? duration(row.firstByteMs) : null), fact("usage.total", duration(row.totalMs)),
    fact("usage.sizes", t("usage.sizesOf", { up: bytes(row.requestBytes), down: bytes(row.responseBytes) })),
    row.attempts > 1 ? fact("usage.attempts", row.attempts) : null, fact("usage.upstreamId", row.upstreamRequestId),
  ];
}

const Names = ({ title, names }) => names.length > 0 && html`<div><strong>${title}</strong>
  <ul class="bullets">${names.map((name) => html`<li key=${name}>${name}</li>`)}</ul>
</div>`;

/** All that was written down of one request; `row.reason` is of its route. */
export const Everything = ({ row }) => html`<div class="stack">
  ${row.errorMessage && html`<${Notice} tone="bad" title=${row.errorCode || t("usage.error")}>${row.errorMessage}<//>`}
  <${Facts} items=${wayOf(row)} />
  <${Facts} items=${costsOf(row)} />
  <${Names} title=${t("usage.repairs")} names=${row.repairs} />
  <${Names} title=${t("usage.losses")} names=${row.losses} />
</div>`;

export function Detail({ traceId, onClose }) {
  const resource = useResource(at`/usage/log/${traceId}`, {});
  return html`<${Dialog} title=${t("usage.detail", { trace: traceId.slice(0, 8) })} size="wide" onClose=${onClose}
    actions=${html`<${Button} icon="explain" href=${href("explain", traceId)}>${t("usage.explain")}<//>`}>
    <${Loaded} resource=${resource} lines=${8}>${({ row, route, others }) => [{ ...row, reason: route.reason }, ...others].map((each) => html`<${Everything} key=${each.id} row=${each} />`)}<//>
    <p class="muted small"><code>${traceId}</code></p>
  <//>`;
}
