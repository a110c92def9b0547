// How the figures are checked: the usage test and its interval, and the sums beside GitHub's own.
import { api, query } from "../../core/api.js";
import { html } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { activeAccount } from "../../core/known.js";
import { Button, Card, InlineEdit, Loaded, Select, Table, When } from "../../kit/kit.js";
import { day, number } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";
import { account } from "./range.js";

const DAYS = 14;

function useTest(resource) {
  const put = ({ document, version }) => resource.put(document, version);
  const save = useAction(async (changes) => {
    const { intervalMinutes, method } = { ...resource.data.value, ...changes };
    put(await api.put("/usage/test", { intervalMinutes, method }));
    tell({ text: t("usage.saved") });
  }, { resource });
  const run = useAction(async () => put(await api.post("/usage/test", {})), { resource });
  return { save, run };
}

const costOf = ({ credits, premiumRequests }) => (credits || premiumRequests
  ? t("usage.testCost", { credits: number(credits, 4), requests: number(premiumRequests, 2) })
  : t("usage.testFree"));

function TestForm({ document, test }) {
  const isReadOnly = session.value.isReadOnly;
  const methods = ["quota", "request"].map((value) => ({ value, label: t(`usage.testMethod.${value}`) }));
  const saveInterval = (typed) => test.save.run({ intervalMinutes: typed.trim() === "" ? null : Number(typed) });
  return html`<div class="stack">
    <div class="row-wide">
      <div><span class="field-label">${t("usage.testInterval")}</span>
        <${InlineEdit} value=${document.intervalMinutes} label=${t("usage.testInterval")} kind="number" min="1" isDisabled=${isReadOnly} onSave=${saveInterval}>
          ${document.intervalMinutes === null ? t("kit.none") : `${number(document.intervalMinutes)} ${t("usage.testMinutes")}`}
        <//>
        <p class="field-hint">${t("usage.testIntervalHint")}</p>
      </div>
      <${Select} label=${t("usage.testMethod")} hint=${costOf(document.cost)} options=${methods} value=${document.method}
        disabled=${isReadOnly} onValue=${(method) => test.save.run({ method })} />
    </div>
    <p role="status">${t("usage.testLast")}: ${document.lastAt ? html`<${When} at=${document.lastAt} /> ${document.lastResult}` : t("usage.testNever")}</p>
    ${!isReadOnly && html`<div><${Button} icon="refresh" isBusy=${test.run.isBusy.value} onClick=${test.run.run}>${t("usage.testRun")}<//></div>`}
  </div>`;
}

export function UsageTest() {
  const resource = useResource("/usage/test", { quota: true, settings: true });
  const test = useTest(resource);
  return html`<${Card} title=${t("usage.test")} lead=${t("usage.testLead")}>
    <${Loaded} resource=${resource}>${(document) => html`<${TestForm} document=${document} test=${test} />`}<//>
  <//>`;
}

const COLUMNS = () => [
  { key: "day", title: t("usage.day"), isHeader: true, render: (row) => day(row.day) },
  { key: "here", title: t("usage.here"), align: "end", render: (row) => number(row.localCredits ?? row.localRequests, 2) },
  { key: "github", title: t("usage.github"), align: "end", render: (row) => number(row.githubDelta, 2) },
  { key: "gap", title: t("usage.gap"), align: "end", render: (row) => number(row.gap, 2) },
  { key: "why", title: t("usage.why"), class: "usage-why", render: (row) => (hasWords(`usage.why.${row.cause}`) ? t(`usage.why.${row.cause}`) : row.explanation) },
];

export function Reconciliation() {
  const active = activeAccount.value;
  const accountId = ["all", "active"].includes(account.value) ? active && active.id : account.value;
  const resource = useResource(query("/usage/reconciliation", { accountId, days: DAYS }), {});
  return html`<${Card} title=${t("usage.reconcile")} lead=${t("usage.reconcileLead")}>
    <${Loaded} resource=${resource}>${({ days }) => (days.length === 0
      ? html`<p class="muted">${t("usage.reconcileNone")}</p>`
      : html`<${Table} caption=${t("usage.reconcile")} columns=${COLUMNS()} rows=${days} rowKey=${(row) => row.day} />`)}<//>
  <//>`;
}
