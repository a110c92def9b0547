// Requests that wait for a person: who asks for what, how big it is, how long it still waits; yes or no.
import { api, at } from "../../core/api.js";
import { html, useRef } from "../../core/html.js";
import { approvals } from "../../core/known.js";
import { useAction } from "../../core/resource.js";
import { href } from "../../core/route.js";
import { session } from "../../core/session.js";
import { Badge, Button, Card, EmptyState, Loaded } from "../../kit/kit.js";
import { clock, secondsTo, useSeconds } from "../../words/clock.js";
import { bytes, number } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";

/** What it comes to, as the gateway counted it: what of it is known, and why the rest is not. */
function estimateOf({ estimate }) {
  if (!estimate) return t("limits.counting");
  const { inputTokens, credits, mostCredits, problem } = estimate;
  const why = `limits.unpriced.${problem}`;
  return [
    inputTokens !== null && t("limits.tokensIn", { tokens: number(inputTokens, 0) }),
    credits === null ? t(hasWords(why) ? why : "limits.unpriced") : t("limits.from", { credits: number(credits, 4) }),
    mostCredits !== null && t("limits.most", { credits: number(mostCredits, 4) }),
  ].filter(Boolean).join(t("limits.and"));
}

const Asked = ({ entry }) => html`<div class="limits-asked">
  <strong>${entry.model || entry.requestedModel}</strong>
  ${entry.requestedModel && entry.requestedModel !== entry.model && html`<span class="muted">${t("limits.askedAs", { model: entry.requestedModel })}</span>`}
  ${entry.isStream && html`<${Badge}>${t("limits.stream")}<//>`}
</div>`;

const Who = ({ entry }) => html`<dl class="limits-who">
  <div><dt>${t("limits.key")}</dt><dd>${entry.key || t("limits.noKey")}</dd></div>
  <div><dt>${t("limits.account")}</dt><dd>${entry.account}</dd></div>
  <div><dt>${t("limits.client")}</dt><dd>${entry.client || t("kit.unknown")}</dd></div>
  <div><dt>${t("limits.size")}</dt><dd>${bytes(entry.requestBytes)}</dd></div>
  <div><dt>${t("limits.estimate")}</dt><dd title=${t("limits.estimateHint")}>${estimateOf(entry)}</dd></div>
</dl>`;

function Patience({ entry, nowMs }) {
  const [begun, end] = [new Date(entry.askedAt).getTime(), new Date(entry.expiresAt).getTime()];
  const left = secondsTo(entry.expiresAt, nowMs);
  const share = end > begun ? Math.min(100, (100 * left * 1000) / (end - begun)) : 0;
  return html`<div class="limits-patience">
    <span class="muted small">${t("limits.age", { age: clock((nowMs - begun) / 1000) })}</span>
    <span class="number small">${t("limits.left", { left: clock(left) })}</span>
    <div class="bar-track"><div class="bar-fill" style=${{ width: `${share}%` }}></div></div>
  </div>`;
}

function Waiting({ entry, nowMs, deciding }) {
  const who = { model: entry.model || entry.requestedModel, key: entry.key || t("limits.noKey") };
  const answer = (isApproved) => () => deciding.run([entry], isApproved);
  return html`<li class="limits-waiting" tabindex="-1" aria-label=${t("limits.waitingOf", who)}>
    <${Asked} entry=${entry} />
    <${Who} entry=${entry} />
    <${Patience} entry=${entry} nowMs=${nowMs} />
    ${!session.value.isReadOnly && html`<div class="limits-answers">
      <${Button} icon="close" aria-label=${t("limits.refuseOf", who)} onClick=${answer(false)}>${t("limits.refuse")}<//>
      <${Button} kind="primary" icon="check" aria-label=${t("limits.approveOf", who)} onClick=${answer(true)}>${t("limits.approve")}<//>
    </div>`}
  </li>`;
}

/** The queue. After an answer the focus is on the next request, not on its button: a second Enter answers nothing. */
function Queue({ entries, deciding }) {
  const nowMs = useSeconds();
  const ordered = entries.toSorted((one, other) => one.askedAt.localeCompare(other.askedAt));
  return html`<ol class="limits-queue">
    ${ordered.map((entry) => html`<${Waiting} key=${entry.id} entry=${entry} nowMs=${nowMs} deciding=${deciding} />`)}
  </ol>`;
}

const Nobody = ({ isOn }) => (isOn
  ? html`<p class="limits-none"><span class="dot dot-good"></span>${t("limits.nobody")}</p>`
  : html`<${EmptyState} icon="hand" title=${t("limits.approvalOff")}
      action=${html`<${Button} size="small" icon="settings" href=${href("settings", "limits")}>${t("limits.switchOn")}<//>`}
    >${t("limits.approvalOffHint")}<//>`);

function useDeciding(card) {
  return useAction(async (entries, isApproved) => {
    for (const entry of entries) {
      approvals.put((await api.post(at`/approvals/${entry.id}`, { isApproved })).document);
    }
    requestAnimationFrame(() => {
      const next = card.current && (card.current.querySelector(".limits-waiting") || document.getElementById("page-title"));
      if (next) next.focus();
    });
  });
}

export function Approvals() {
  const card = useRef(null);
  const deciding = useDeciding(card);
  const known = approvals.data.value;
  const entries = known ? known.approvals : [];
  const all = entries.length > 1 && !session.value.isReadOnly && html`
    <${Button} size="small" isDisabled=${deciding.isBusy.value} onClick=${() => deciding.run(entries, false)}>${t("limits.refuseAll")}<//>
    <${Button} size="small" isDisabled=${deciding.isBusy.value} onClick=${() => deciding.run(entries, true)}>${t("limits.approveAll")}<//>`;
  return html`<div ref=${card}><${Card} title=${t("limits.approvals")} lead=${known && known.isOn ? t("limits.approvalsLead") : null} actions=${all}
    tone=${entries.length > 0 ? "warn" : "plain"}>
    <span class="offscreen" role="status">${entries.length > 0 ? t("shell.waiting", { count: entries.length }) : ""}</span>
    <${Loaded} resource=${approvals}>${({ isOn }) => (entries.length > 0
      ? html`<${Queue} entries=${entries} deciding=${deciding} />`
      : html`<${Nobody} isOn=${isOn} />`)}<//>
  <//></div>`;
}
