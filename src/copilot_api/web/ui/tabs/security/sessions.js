// The browsers that are signed in, and how to send one away.
import { api, at } from "../../core/api.js";
import { html } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { loadSession, session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Badge, Button, EmptyState, Loaded, Table, When } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const Who = ({ entry }) => html`<span class="row">
  <span>${entry.client || t("kit.unknown")}</span>
  ${entry.isCurrent && html`<${Badge} tone="accent">${t("security.thisOne")}<//>`}
</span>`;

function columnsOf(ending) {
  const end = (entry) => html`<${Button} size="small" isBusy=${ending.isBusy.value} aria-label=${t("security.endOf", { client: entry.client })}
    onClick=${() => ending.run(entry)}>${t("security.end")}<//>`;
  return [
    { key: "client", title: t("security.client"), isHeader: true, render: (entry) => html`<${Who} entry=${entry} />` },
    { key: "peer", title: t("security.peer"), render: (entry) => html`<code>${entry.peer}</code>` },
    { key: "createdAt", title: t("security.began"), render: (entry) => html`<${When} at=${entry.createdAt} />` },
    { key: "lastSeenAt", title: t("security.seen"), render: (entry) => html`<${When} at=${entry.lastSeenAt} />` },
    { key: "expiresAt", title: t("security.until"), render: (entry) => html`<${When} at=${entry.expiresAt} />` },
    ...(session.value.isReadOnly ? [] : [{ key: "end", title: t("security.end"), isTitleHidden: true, align: "end", render: end }]),
  ];
}

/** All sessions of the secret. Without a secret there is none: the machine itself is trusted. */
export function Sessions() {
  const sessions = useResource("/sessions", { session: true });
  const ending = useAction(async (entry) => {
    const { document } = await api.remove(at`/sessions/${entry.id}`);
    sessions.put(document);
    if (entry.isCurrent) await loadSession();
  }, { resource: sessions });
  const endingOthers = useAction(async () => {
    sessions.put((await api.post("/sessions/revoke-others")).document);
    tell({ text: t("security.othersEnded"), tone: "good" });
  }, { resource: sessions });
  return html`<${Loaded} resource=${sessions}>${({ sessions: entries }) =>
    entries.length === 0
      ? html`<${EmptyState} icon="lock" title=${t("security.noSessions")}>${t("security.noSessionsHint")}<//>`
      : html`<${Table} caption=${t("security.sessions")} columns=${columnsOf(ending)} rows=${entries} rowKey=${(entry) => entry.id} />
        ${entries.length > 1 && !session.value.isReadOnly && html`<div>
          <${Button} icon="leave" isBusy=${endingOthers.isBusy.value} onClick=${endingOthers.run}>${t("security.endOthers")}<//>
        </div>`}`}<//>`;
}
