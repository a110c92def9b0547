// What was changed here, by whom, newest first.
import { api, query } from "../../core/api.js";
import { html, useEffect, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { Button, EmptyState, ErrorNote, Skeleton, Table, When } from "../../kit/kit.js";
import { hasWords, t } from "../../words/words.js";

const AT_ONCE = 50;

/** A session is named by its id, a key by its name, the rest by the door they came through. */
function whoOf(who) {
  if (who.startsWith("ses_")) return html`<span title=${who}>${t("security.by.session")}</span>`;
  return hasWords(`security.by.${who}`) ? t(`security.by.${who}`) : who;
}

const columns = () => [
  { key: "at", title: t("security.when"), render: (entry) => html`<${When} at=${entry.at} isExact />` },
  { key: "action", title: t("security.action"), isHeader: true, render: (entry) => html`<code>${entry.action}</code>` },
  { key: "target", title: t("security.target"), render: (entry) => entry.target },
  { key: "detail", title: t("security.detail"), class: "security-detail", render: (entry) => entry.detail },
  { key: "who", title: t("security.who"), render: (entry) => html`${whoOf(entry.who)} <span class="muted">${entry.peer}</span>` },
];

export function Audit() {
  const [entries, setEntries] = useState(null);
  const [cursor, setCursor] = useState(null);
  const loading = useAction(async (from) => {
    const { document } = await api.get(query("/audit", { cursor: from, limit: AT_ONCE }));
    setEntries((before) => [...(from ? before : []), ...document.entries]);
    setCursor(document.nextCursor);
  }, { isInline: true });
  useEffect(() => {
    loading.run(null);
  }, []);
  const failure = html`<${ErrorNote} error=${loading.error.value} onRetry=${() => loading.run(cursor)} />`;
  if (!entries) return loading.error.value ? failure : html`<${Skeleton} />`;
  if (entries.length === 0) return html`<${EmptyState} icon="clock" title=${t("security.noChanges")}>${t("security.noChangesHint")}<//>`;
  return html`<div class="row-wide">
      <p class="muted">${t("security.auditHint")}</p>
      <${Button} class="push" size="small" icon="refresh" isBusy=${loading.isBusy.value} onClick=${() => loading.run(null)}>${t("kit.refresh")}<//>
    </div>
    <${Table} caption=${t("security.audit")} columns=${columns()} rows=${entries} rowKey=${(entry) => entry.id} />
    ${failure}
    ${cursor !== null && html`<div class="row"><${Button} isBusy=${loading.isBusy.value} onClick=${() => loading.run(cursor)}>${t("security.older")}<//></div>`}`;
}
