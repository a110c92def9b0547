// The live check: whether a request of the chosen tool has reached the gateway since the page was opened.
import { on } from "../../core/events.js";
import { html, useEffect, useState } from "../../core/html.js";
import { Card, Facts, Notice, When } from "../../kit/kit.js";
import { duration } from "../../words/numbers.js";
import { t } from "../../words/words.js";

/** The exchanges told since the page was opened, the newest first; those of this page's own playground are left out. */
export function useArrivals() {
  const [arrivals, setArrivals] = useState([]);
  useEffect(() => on("exchange", (row) => {
    if (row.key !== "playground") setArrivals((before) => [row, ...before].slice(0, 50));
  }), []);
  return arrivals;
}

const isFine = (row) => row.status < 400 && row.outcome === "completed";

const factsOf = (row) => [
  html`<${When} at=${row.at} />`,
  `${row.ingress} → ${row.upstream || "–"}`,
  row.totalMs === null ? "–" : duration(row.totalMs),
];

function Arrived({ client, row }) {
  if (isFine(row)) {
    return html`<${Notice} tone="good" title=${t("connect.arrived", { name: client.name, model: row.requestedModel || row.answeringModel })}>
      ${factsOf(row).flatMap((value, index) => (index ? [" · ", value] : [value]))}
    <//>`;
  }
  return html`<${Notice} tone="warn" title=${t("connect.arrivedBad", { name: client.name, status: row.status })}>${row.errorMessage}<//>`;
}

export function Arrival({ client, arrivals }) {
  const mine = arrivals.find((row) => client.clientNames.includes(row.clientName));
  const others = [...new Set(arrivals.filter((row) => !client.clientNames.includes(row.clientName)).map((row) => row.clientName || row.client || t("kit.unknown")))];
  return html`<${Card} title=${t("connect.check")} lead=${t("connect.checkLead", { name: client.name })}>
    <div role="status">
      ${mine ? html`<${Arrived} client=${client} row=${mine} />` : html`<p class="connect-wait">${t("connect.waiting", { name: client.name })}</p>`}
    </div>
    ${others.length > 0 && html`<p class="muted small">${t("connect.other", { names: others.join(", ") })}</p>`}
  <//>`;
}

export const Addresses = ({ baseUrls }) => html`<${Card} title=${t("connect.addresses")} lead=${t("connect.addressesLead")}>
  <${Facts} items=${[
    [t("connect.openai"), html`<code>${baseUrls.openai}</code>`],
    [t("connect.anthropic"), html`<code>${baseUrls.anthropic}</code>`],
    [t("connect.gemini"), html`<code>${baseUrls.gemini}</code>`],
  ]} />
<//>`;
