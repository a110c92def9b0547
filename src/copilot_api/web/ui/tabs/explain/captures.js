// The switch: whose requests are captured, for how long still; and the list of what was captured.
import { api, at } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { href } from "../../core/route.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Badge, Button, Card, confirm, Dot, EmptyState, IconButton, Notice, Select, Table } from "../../kit/kit.js";
import { clock, secondsTo, useSeconds } from "../../words/clock.js";
import { bytes, dateTime, number } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { outcomeOf } from "../usage/log/detail.js";

const MINUTES = [5, 10, 30, 60];
const EVERYTHING = "";
const HOUR_S = 3600;

export const isFine = (row) => row.outcome === "completed" && row.status < 400;

/** Begin to capture. `keyId` null means every request. */
export async function capture(keyId, minutes) {
  await api.post("/capture-windows", { keyId, minutes });
  tell({ text: t("explain.began", { minutes }), tone: "good" });
}

/** What is kept, where, and for how long: said before one begins. */
const Privacy = ({ limits }) => html`<${Notice} tone="warn" title=${t("explain.privacy")}>
  ${t("explain.privacyHint", { hours: number(limits.maxAgeS / HOUR_S), size: bytes(limits.maxBytes) })}
<//>`;

function Begin({ captures, limits }) {
  const keys = useResource("/keys", { keys: true }).data.value;
  const [keyId, setKeyId] = useState(EVERYTHING);
  const [minutes, setMinutes] = useState("10");
  const beginning = useAction(async () => {
    await capture(keyId || null, Number(minutes));
    await captures.load();
  });
  const options = [{ value: EVERYTHING, label: t("explain.everything") }, ...(keys ? keys.keys : []).map(({ id, name }) => ({ value: id, label: name }))];
  const spans = MINUTES.filter((count) => count <= limits.maxMinutes).map((count) => ({ value: String(count), label: t("explain.minutes", { count }) }));
  return html`<div class="explain-begin">
    <${Select} label=${t("explain.whose")} options=${options} value=${keyId} onValue=${setKeyId} />
    <${Select} label=${t("explain.howLong")} options=${spans} value=${minutes} onValue=${setMinutes} />
    <${Button} kind="primary" icon="record" isBusy=${beginning.isBusy.value} onClick=${beginning.run}>${t("explain.begin")}<//>
  </div>`;
}

const windowName = (entry) => (entry.keyId === null ? t("explain.everything") : entry.keyName || entry.keyId);

/** The windows that are open, each with what is left of it and a way to end it now. */
function Open({ captures, windows }) {
  const nowMs = useSeconds();
  const stopping = useAction(async (entry) => captures.put((await api.remove(at`/capture-windows/${entry.keyId === null ? "all" : entry.keyId}`)).document));
  return html`<ul class="explain-windows" aria-label=${t("explain.running")}>${windows.map((entry) => html`<li key=${entry.keyId}>
    <${Dot} tone="bad"><strong>${windowName(entry)}</strong><//>
    <span class="number">${t("explain.left", { left: clock(secondsTo(entry.until, nowMs)) })}</span>
    ${!session.value.isReadOnly && html`<${Button} size="small" icon="stop" aria-label=${t("explain.stopOf", { name: windowName(entry) })} onClick=${() => stopping.run(entry)}>${t("explain.stop")}<//>`}
  </li>`)}</ul>`;
}

export const Control = ({ captures, document }) => html`<${Card} title=${t("explain.capture")} lead=${t("explain.captureLead")} tone=${document.windows.length > 0 ? "bad" : "plain"}>
  <div class="stack">
    ${document.windows.length > 0
      ? html`<${Open} captures=${captures} windows=${document.windows} />`
      : html`<p class="muted">${t("explain.off")}</p>`}
    ${!session.value.isReadOnly && html`<${Begin} captures=${captures} limits=${document.limits} />`}
    <${Privacy} limits=${document.limits} />
    ${document.unreadable > 0 && html`<${Notice} title=${t("explain.unreadable", { count: document.unreadable })}>${t("explain.unreadableHint")}<//>`}
  </div>
<//>`;

function columnsOf(removing) {
  return [
    { key: "at", title: t("usage.time"), isHeader: true, render: (row) => html`<a href=${href("explain", row.traceId)} aria-label=${t("explain.open", { time: dateTime(row.startedAt) })}>${dateTime(row.startedAt)}</a>` },
    { key: "status", title: t("usage.status"), render: (row) => html`<${Badge} tone=${isFine(row) ? "good" : row.outcome === "client_gone" ? "warn" : "bad"}>${row.status} ${outcomeOf(row)}<//>` },
    { key: "model", title: t("usage.model"), render: (row) => row.requestedModel || "–" },
    { key: "route", title: t("usage.route"), render: (row) => `${row.ingress}${row.upstream ? ` → ${row.upstream}` : ""}` },
    { key: "client", title: t("usage.client"), class: "explain-client", render: (row) => [row.client, row.keyName].filter(Boolean).join(" · ") || "–" },
    { key: "size", title: t("explain.size"), align: "end", render: (row) => bytes(row.sizeBytes) },
    !session.value.isReadOnly && { key: "remove", title: t("kit.remove"), isTitleHidden: true, align: "end", class: "cell-corner",
      render: (row) => html`<${IconButton} icon="remove" label=${t("explain.removeOf", { time: dateTime(row.startedAt) })} onClick=${() => removing.run(row)} />` },
  ].filter(Boolean);
}

export function Captured({ captures, document }) {
  const removing = useAction(async (row) => captures.put((await api.remove(at`/captures/${row.traceId}`)).document));
  const clearing = useAction(async () => {
    if (!(await confirm({ title: t("explain.clearTitle"), text: t("explain.clearText"), action: t("explain.clear") }))) return;
    captures.put((await api.remove("/captures")).document);
  });
  const { captures: rows, limits } = document;
  const actions = rows.length > 0 && !session.value.isReadOnly && html`<${Button} size="small" icon="remove" isBusy=${clearing.isBusy.value} onClick=${clearing.run}>${t("explain.clear")}<//>`;
  const lead = t("explain.stored", { count: rows.length, most: limits.maxCaptures, size: bytes(limits.storedBytes), all: bytes(limits.maxBytes) });
  return html`<${Card} title=${t("explain.captured")} lead=${rows.length > 0 && lead} actions=${actions}>
    ${rows.length === 0
      ? html`<${EmptyState} icon="explain" title=${t("explain.none")}>${t("explain.noneHint")}<//>`
      : html`<div class="explain-list"><${Table} caption=${t("explain.captured")} columns=${columnsOf(removing)} rows=${rows} rowKey=${(row) => row.traceId} /></div>`}
  <//>`;
}
