// The request log: filtered, page by page by cursor, and live while one looks at its first page.
import { api, query, refusalOf, saveAnswer, send } from "../../../core/api.js";
import { on } from "../../../core/events.js";
import { html, useEffect, useState } from "../../../core/html.js";
import { remembered } from "../../../core/remember.js";
import { useAction, useResource } from "../../../core/resource.js";
import { session } from "../../../core/session.js";
import { tell } from "../../../core/tell.js";
import { Badge, Button, Card, confirm, Loaded, Menu, Pager, SearchField, Select, Table, Toggle } from "../../../kit/kit.js";
import { compact, dateTime, duration, number } from "../../../words/numbers.js";
import { t } from "../../../words/words.js";
import { Detail, outcomeOf } from "./detail.js";
import { AccountFilter, isNarrowed, NOTHING, questionOf, WordFilters } from "./filters.js";
import { account, scope } from "../range.js";

const SIZES = ["20", "50", "100"];
const OUTCOMES = ["", "errors", "completed", "failed", "cut", "refused", "client_gone"];

const size = remembered("usage.pageSize", "20", (value) => SIZES.includes(value));
const mode = remembered("usage.mode", "request", (value) => ["request", "conversation"].includes(value));
const source = remembered("usage.source", "all", (value) => ["all", "request"].includes(value));
const isLive = remembered("usage.live", true, (value) => typeof value === "boolean");

const isFine = (row) => row.outcome === "completed" && row.status < 400;
const choices = (name, values) => values.map((value) => ({ value, label: t(`usage.${name}.${value}`) }));

function columnsOf(onOpen) {
  const columns = [
    { key: "at", title: t(mode.value === "conversation" ? "usage.lastSeen" : "usage.time"), isHeader: true,
      render: (row) => html`<button type="button" class="usage-open" aria-label=${t("usage.detailOf", { time: dateTime(row.at) })} onClick=${() => onOpen(row.traceId)}>${dateTime(row.at)}</button>` },
    { key: "status", title: t("usage.status"), render: (row) => html`<${Badge} tone=${isFine(row) ? "good" : row.outcome === "client_gone" ? "warn" : "bad"}>${row.status} ${outcomeOf(row)}<//>` },
    { key: "model", title: t("usage.model"), render: (row) => row.mappedModel || row.requestedModel || "–" },
    { key: "route", title: t("usage.route"), render: (row) => `${row.ingress}${row.upstream ? ` → ${row.upstream}` : ""}` },
    { key: "client", title: t("usage.client"), render: (row) => `${row.clientName || "–"}${row.key ? ` · ${row.key}` : ""}` },
    { key: "tokens", title: t("usage.tokens"), align: "end", render: (row) => `${compact(row.inputTokens)} / ${compact(row.outputTokens)}` },
    { key: "credits", title: t("usage.credits"), align: "end", render: (row) => number(row.credits, 3) },
    { key: "delta", title: t("usage.delta"), align: "end", render: (row) => number(row.quotaDelta, 2) },
    { key: "time", title: t("usage.total"), align: "end", render: (row) => duration(row.totalMs) },
  ];
  if (mode.value === "conversation") columns.splice(5, 0, { key: "requests", title: t("usage.requests"), align: "end", render: (row) => number(row.requests, 0) });
  return columns;
}

/** The cursors of the pages gone through, so that one can go back; another question begins at the first page. */
function usePages(question) {
  const [state, setState] = useState({ question, cursors: [""] });
  const cursors = state.question === question ? state.cursors : [""];
  const goTo = (page, next) => setState({ question, cursors: page <= cursors.length ? cursors.slice(0, page) : [...cursors, next] });
  return { page: cursors.length, cursor: cursors.at(-1), goTo };
}

/** How many exchanges were told since the page was read; while live, the first page is read anew instead. */
function useTail(resource, isFirst) {
  const [count, setCount] = useState(0);
  useEffect(() => {
    let timer = 0;
    const off = on("exchange", () => {
      setCount((before) => before + 1);
      if (!isLive.value || !isFirst || timer) return;
      timer = setTimeout(() => {
        timer = 0;
        resource.load();
      }, 800);
    });
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [resource, isFirst]);
  useEffect(() => setCount(0), [resource.data.value]);
  return count;
}

function useUpkeep(resource, question) {
  const clear = useAction(async (whose) => {
    if (!(await confirm({ title: t("usage.clearTitle"), text: t("usage.clearText"), action: t("usage.clear") }))) return;
    const { document } = await api.remove(query("/usage/log", { account: whose }));
    tell({ text: t("usage.cleared", { count: document.removed }) });
    await resource.load();
  });
  const save = useAction(async (format) => {
    const response = await send("GET", query("/usage/export", { ...question, format }));
    if (!response.ok) throw await refusalOf(response);
    await saveAnswer(response, `copilot-api-usage.${format}`);
  });
  return { clear, save };
}

function Filters({ filter, setFilter }) {
  const put = (choice) => (value) => { choice.value = value; };
  const set = (name) => (value) => setFilter({ ...filter, [name]: value });
  return html`<div class="usage-filters">
    <${SearchField} label=${t("usage.search")} value=${filter.text} onValue=${set("text")} />
    <${Toggle} label=${t("usage.live")} isOn=${isLive.value} onToggle=${put(isLive)} />
  </div>
  <div class="usage-filters usage-choices">
    <${Select} label=${t("usage.mode")} options=${choices("mode", ["request", "conversation"])} value=${mode.value} onValue=${put(mode)} />
    <${Select} label=${t("usage.source")} options=${choices("source", ["all", "request"])} value=${source.value} onValue=${put(source)} />
    <${Select} label=${t("usage.outcome")} options=${choices("outcome", OUTCOMES)} value=${filter.outcome} onValue=${set("outcome")} />
    <${AccountFilter} filter=${filter} set=${set} />
    <${WordFilters} filter=${filter} set=${set} />
    ${isNarrowed(filter) && html`<${Button} size="small" kind="quiet" icon="close" onClick=${() => setFilter(NOTHING)}>${t("usage.resetFilters")}<//>`}
  </div>`;
}

function Upkeep({ upkeep }) {
  const whose = account.value;
  const items = [
    whose !== "all" && { label: t("usage.clearAccount"), icon: "remove", tone: "danger", onSelect: () => upkeep.clear.run(whose) },
    { label: t("usage.clearAll"), icon: "remove", tone: "danger", onSelect: () => upkeep.clear.run("all") },
  ];
  const formats = ["csv", "json"].map((format) => ({ label: t("usage.exportAs", { format: format.toUpperCase() }), icon: "download", onSelect: () => upkeep.save.run(format) }));
  return html`<${Menu} label=${t("usage.export")} icon="download" items=${formats} />
    ${!session.value.isReadOnly && html`<${Menu} label=${t("usage.clear")} icon="remove" items=${items} />`}`;
}

function Rows({ document, pages, news, onOpen, onReload }) {
  return html`
    ${news > 0 && html`<p><${Button} size="small" icon="refresh" onClick=${onReload}>${t("usage.newRows", { count: news })}<//></p>`}
    ${document.rows.length === 0 ? html`<p class="muted">${t("usage.logEmpty")}</p>` : html`<div class="usage-log">
      <${Table} caption=${t("usage.log")} columns=${columnsOf(onOpen)} rows=${document.rows} rowKey=${(row) => row.id} rowClass=${(row) => (isFine(row) ? "" : "is-bad")} />
    </div>`}
    <${Pager} page=${pages.page} hasNext=${document.nextCursor !== null} onPage=${(page) => pages.goTo(page, document.nextCursor)}>
      <${Select} label=${t("usage.pageSize")} isLabelHidden options=${SIZES.map((value) => ({ value, label: value }))} value=${size.value} onValue=${(value) => { size.value = value; }} />
    <//>`;
}

export function Log() {
  const [filter, setFilter] = useState(NOTHING);
  const [opened, setOpened] = useState(null);
  const { from } = scope();
  const question = { from, source: source.value, mode: mode.value, ...questionOf(filter) };
  const pages = usePages(JSON.stringify({ ...question, size: size.value }));
  const resource = useResource(query("/usage/log", { ...question, limit: size.value, cursor: pages.cursor }), { usage: true });
  const news = useTail(resource, pages.page === 1);
  const upkeep = useUpkeep(resource, question);
  return html`<${Card} title=${t("usage.log")} actions=${html`<${Upkeep} upkeep=${upkeep} />`}>
    <${Filters} filter=${filter} setFilter=${setFilter} />
    <${Loaded} resource=${resource} lines=${8}>${(document) => html`<${Rows} document=${document} pages=${pages}
      news=${isLive.value && pages.page === 1 ? 0 : news} onOpen=${setOpened} onReload=${resource.load} />`}<//>
    ${opened && html`<${Detail} traceId=${opened} onClose=${() => setOpened(null)} />`}
  <//>`;
}
