// The admin API as the gateway describes it: every route, what it takes, what it answers.
import { html, useState } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { setQuery, route } from "../../core/route.js";
import { Badge, Card, EmptyState, ExternalLink, Loaded, Page, SearchField } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Operation } from "./operation.js";
import { readOperations } from "./document.js";

const matches = (operation, words) =>
  words.every((word) => `${operation.method} ${operation.path} ${operation.summary}`.toLowerCase().includes(word));

function Group({ name, operations, document }) {
  return html`<${Card} title=${name} actions=${html`<${Badge}>${operations.length}<//>`} class="api-group">
    ${operations.map((operation) => html`<${Operation} key=${operation.id} operation=${operation} document=${document} />`)}
  <//>`;
}

function Whole({ document, sought }) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const found = readOperations(document).filter((operation) => matches(operation, words));
  if (!found.length) return html`<${EmptyState} icon="search" title=${t("api.nothing")} />`;
  const groups = Map.groupBy(found, (operation) => operation.group);
  return [...groups].map(([name, operations]) => html`<${Group} key=${name} name=${name} operations=${operations} document=${document} />`);
}

export default function Api() {
  const openapi = useResource("/openapi.json");
  const [sought, setSought] = useState(route.value.query.get("q") || "");
  const seek = (text) => {
    setSought(text);
    setQuery({ q: text });
  };
  const actions = html`<${ExternalLink} href="/admin/api/openapi.json">${t("api.document")}<//>`;
  return html`<${Page} title=${t("tab.api")} lead=${t("api.lead")} actions=${actions}>
    <${SearchField} label=${t("api.search")} value=${sought} onValue=${seek} />
    <${Loaded} resource=${openapi} lines=${8}>${(document) => html`<${Whole} document=${document} sought=${sought} />`}<//>
  <//>`;
}
