// What may be asked for in a minute and at a time, by everybody and by single keys, and who stands in line for it now.
import { html } from "../../core/html.js";
import { href } from "../../core/route.js";
import { Badge, Button, Card, EmptyState, Table } from "../../kit/kit.js";
import { number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const NAMES = ["requestsPerMinute", "tokensPerMinute", "concurrency"];
const LINES = ["minute", "slot", "spacing"];

const isLimited = (limits) => limits && NAMES.some((name) => limits[name] !== null && limits[name] !== undefined);

/** Everybody first, then each key that has a limit of its own. */
function rowsOf(keys, values) {
  const everybody = Object.fromEntries(NAMES.map((name) => [name, values[name]]));
  return [
    ...(isLimited(everybody) ? [{ id: "", name: t("limits.everybody"), limits: everybody, place: ["settings", "limits"] }] : []),
    ...keys.filter((key) => isLimited(key.rateLimit)).map((key) => ({ id: key.id, name: key.name, limits: key.rateLimit, place: ["keys"] })),
  ];
}

const columnsOf = () => [
  { key: "name", title: t("limits.whose"), isHeader: true, render: (row) => row.name },
  ...NAMES.map((name) => ({
    key: name, title: t(`limits.rate.${name}`), align: "end",
    render: (row) => (row.limits[name] === null ? html`<span class="muted">–</span>` : number(row.limits[name], 0)),
  })),
  { key: "change", title: t("limits.change"), isTitleHidden: true, align: "end",
    render: (row) => html`<a href=${href(...row.place)} aria-label=${t("limits.changeOf", { name: row.name })}>${t("limits.change")}</a>` },
];

function Queues({ queues }) {
  const lines = LINES.filter((name) => queues[name] > 0);
  if (lines.length === 0) return html`<span class="dot-row"><span class="dot dot-good"></span>${t("limits.noQueue")}</span>`;
  return html`<span class="row">${lines.map((name) => html`<${Badge} key=${name} tone="warn" icon="clock">${t(`limits.queue.${name}`, { count: queues[name] })}<//>`)}</span>`;
}

const Manner = ({ values }) => html`<p class="muted small">
  ${values.rateLimitWait ? t("limits.waits", { seconds: number(values.rateLimitMaxWaitSeconds) }) : t("limits.refuses")}
  ${" "}<a href=${href("settings", "limits")} aria-label=${t("limits.changeOf", { name: t("limits.rates") })}>${t("limits.change")}</a>
</p>`;

const None = () => html`<${EmptyState} icon="clock" title=${t("limits.noRates")} action=${html`<div class="row">
  <${Button} size="small" icon="settings" href=${href("settings", "limits")}>${t("limits.rateAll")}<//>
  <${Button} size="small" icon="keys" href=${href("keys")}>${t("limits.rateKey")}<//>
</div>`}>${t("limits.noRatesHint")}<//>`;

export function Rates({ keys, queues, values }) {
  const rows = rowsOf(keys, values);
  const spacing = values.rateLimitSeconds;
  if (rows.length === 0 && !spacing) return html`<${Card} title=${t("limits.rates")}><${None} /><//>`;
  return html`<${Card} title=${t("limits.rates")} lead=${t("limits.ratesLead")} actions=${html`<${Queues} queues=${queues} />`}>
    <div class="stack-tight">
      ${rows.length > 0 && html`<${Table} caption=${t("limits.rates")} columns=${columnsOf()} rows=${rows} rowKey=${(row) => row.id} />`}
      ${spacing ? html`<p>${t("limits.spacing", { seconds: number(spacing) })}</p>` : null}
      <${Manner} values=${values} />
    </div>
  <//>`;
}
