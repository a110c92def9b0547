// What is different in Copilot's list of models since some days ago.
import { html } from "../../core/html.js";
import { query } from "../../core/api.js";
import { useResource } from "../../core/resource.js";
import { Card, Loaded, When } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const said = (value) => (value === null || value === undefined ? t("kit.none") : typeof value === "object" ? JSON.stringify(value) : String(value));

const words = (change) => (change.kind === "changed"
  ? t("models.change.changed", { field: change.field, before: said(change.before), after: said(change.after) })
  : t(`models.change.${change.kind}`));

const List = ({ changes }) => html`<ul class="models-changes">
  ${changes.map((change) => html`<li key=${`${change.at} ${change.modelId} ${change.kind} ${change.field}`}>
    <code>${change.modelId}</code><span>${words(change)}</span><span class="muted push"><${When} at=${change.at} /></span>
  </li>`)}
</ul>`;

export function Changes({ accountId }) {
  const resource = useResource(query("/models-changes", { accountId, days: 7 }), { models: true });
  return html`<${Card} title=${t("models.changes")} lead=${t("models.changesLead")}>
    <${Loaded} resource=${resource}>${({ changes }) => (changes.length > 0 ? html`<${List} changes=${changes} />` : html`<p class="muted">${t("models.noChanges")}</p>`)}<//>
  <//>`;
}
