// One request explained: how it ended, each step with its reason, both bodies side by side, both streams, the record.
import { api, at, refusalOf, saveAnswer, send } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { go, href } from "../../core/route.js";
import { session } from "../../core/session.js";
import { Badge, Button, Card, confirm, Facts, Loaded, Notice, Page, Segmented } from "../../kit/kit.js";
import { dateTime, duration, number } from "../../words/numbers.js";
import { locale, t } from "../../words/words.js";
import { Everything, outcomeOf } from "../usage/log/detail.js";
import { Bodies } from "./bodies.js";
import { capture, isFine } from "./captures.js";
import { Frames } from "./frames.js";
import { Timeline } from "./plan.js";
import { said } from "./said/said.js";

const MINUTES = 10;
const NANO = 1e9;

function Outcome({ explanation: { result, plan, record, redactions, summary } }) {
  const row = record ? record.row : {};
  const tokens = result.inputTokens === null && result.outputTokens === null ? null : t("explain.tokens", { input: number(result.inputTokens, 0), output: number(result.outputTokens, 0) });
  const items = [
    [t("usage.status"), html`<${Badge} tone=${isFine(result) ? "good" : "bad"}>${result.status} ${outcomeOf(result)}<//>`],
    [t("usage.time"), dateTime(result.startedAt)],
    [t("usage.total"), duration(result.totalMs)],
    [t("usage.firstByte"), duration(result.firstByteMs)],
    [t("usage.tokens"), tokens && html`${tokens}${result.cachedTokens > 0 && html`<br /><span class="muted small">${t("explain.cached", { count: number(result.cachedTokens, 0) })}</span>`}`],
    [t("usage.credits"), result.nanoAiu === null ? null : number(result.nanoAiu / NANO, 4)],
    [t("usage.account"), plan.account],
    [t("usage.key"), row.key],
    [t("usage.client"), row.clientName || row.client],
    redactions > 0 && [t("explain.redactions"), number(redactions, 0)],
  ];
  return html`<${Card} title=${t("explain.summary")} class="explain-outcome">
    <p class="explain-summary">${summary.map((sentence) => said(sentence)).join(locale.value === "zh-CN" ? "" : " ")}</p>
    <${Facts} items=${items.filter((item) => item && item[1])} /><//>`;
}

function Trouble({ result, hints }) {
  // What is missing without a capture has a notice of its own.
  const advice = hints.filter(({ code }) => code !== "advice.capture").map((one) => said(one)).join(" ");
  if (result.errorMessage) {
    return html`<${Notice} tone="bad" title=${result.errorCode || t("usage.error")}><p>${result.errorMessage}</p>${advice && html`<p><strong>${t("explain.advice")}</strong> ${advice}</p>`}<//>`;
  }
  return advice ? html`<${Notice} title=${t("explain.note")}>${advice}<//>` : null;
}

/** What is missing without a capture, and the way to have it of the next request. */
function Uncaptured({ record }) {
  const row = record ? record.row : {};
  const beginning = useAction(() => capture(row.keyId || null, MINUTES));
  const whose = row.keyId ? t("explain.captureKey", { name: row.key || row.keyId, minutes: MINUTES }) : t("explain.captureAll", { minutes: MINUTES });
  const action = !session.value.isReadOnly && html`<${Button} size="small" icon="record" isBusy=${beginning.isBusy.value} onClick=${beginning.run}>${whose}<//>`;
  return html`<${Notice} title=${t("explain.uncaptured")} action=${action}>${t("explain.uncapturedHint")} <a href=${href("explain")}>${t("explain.all")}</a><//>`;
}

function useDeeds(traceId) {
  const saving = useAction(async () => {
    const response = await send("GET", at`/captures/${traceId}/bundle`);
    if (!response.ok) throw await refusalOf(response);
    await saveAnswer(response, `copilot-api-explain-${traceId}.zip`);
  });
  const removing = useAction(async () => {
    if (!(await confirm({ title: t("explain.removeTitle"), text: t("explain.clearText"), action: t("kit.remove") }))) return;
    await api.remove(at`/captures/${traceId}`);
    go("explain");
  });
  return { saving, removing };
}

const Actions = ({ isCaptured, deeds }) => html`
  <${Button} icon="left" href=${href("explain")}>${t("explain.all")}<//>
  ${isCaptured && !session.value.isReadOnly && html`
    <${Button} icon="download" isBusy=${deeds.saving.isBusy.value} onClick=${deeds.saving.run}>${t("explain.bundle")}<//>
    <${Button} icon="remove" isBusy=${deeds.removing.isBusy.value} onClick=${deeds.removing.run}>${t("kit.remove")}<//>`}`;

/** Which of several attempts is shown beside the client; a repaired request has more than one. */
function Attempts({ attempts, chosen, onChoose }) {
  if (attempts.length < 2) return null;
  const options = attempts.map((attempt, index) => ({ value: String(index), label: t("explain.attempt", { count: index + 1, status: attempt.status ?? t("explain.noAnswer") }) }));
  return html`<${Segmented} label=${t("explain.attempts")} options=${options} value=${String(chosen)} onValue=${(value) => onChoose(Number(value))} />`;
}

function Texts({ explanation }) {
  const { attempts, client, answer } = explanation;
  const [chosen, setChosen] = useState(attempts.length - 1);
  const attempt = attempts[Math.min(chosen, attempts.length - 1)] || null;
  const picker = html`<${Attempts} attempts=${attempts} chosen=${chosen} onChoose=${setChosen} />`;
  return html`
    <${Bodies} key=${`bodies ${chosen}`} client=${client} attempt=${attempt} picker=${picker} />
    <${Frames} key=${`frames ${chosen}`} attempt=${attempt} answer=${answer} />`;
}

const Record = ({ record }) => html`<${Card} title=${t("explain.record")} lead=${t("explain.recordLead")}>
  ${[{ ...record.row, reason: record.route.reason }, ...record.others].map((row) => html`<${Everything} key=${row.id} row=${row} />`)}
<//>`;

const Whole = ({ explanation }) => html`<div class="stack">
  <${Trouble} result=${explanation.result} hints=${explanation.hints} />
  ${!explanation.isCaptured && html`<${Uncaptured} record=${explanation.record} />`}
  <${Outcome} explanation=${explanation} />
  <${Timeline} explanation=${explanation} />
  ${explanation.isCaptured && explanation.client && html`<${Texts} explanation=${explanation} />`}
  ${explanation.record && html`<${Record} record=${explanation.record} />`}
</div>`;

export function Explanation({ traceId }) {
  const resource = useResource(at`/captures/${traceId}`, {});
  const deeds = useDeeds(traceId);
  const known = resource.data.value;
  return html`<${Page} title=${t("usage.detail", { trace: traceId.slice(0, 8) })} lead=${html`<code>${traceId}</code>`}
    actions=${html`<${Actions} isCaptured=${known && known.isCaptured} deeds=${deeds} />`}>
    <${Loaded} resource=${resource} lines=${8}>${(explanation) => html`<${Whole} explanation=${explanation} />`}<//>
  <//>`;
}
