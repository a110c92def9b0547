// Model mappings: which model answers to which name, in the order in which the entries are tried.
import { api } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Badge, Button, Card, EmptyState, Icon, Loaded, Menu, Page, SortableList } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Editor } from "./editor.js";
import { Trial } from "./trial.js";

const keyOf = (mapping) => mapping.from;
const pairs = (list) => list.map(({ from, to }) => ({ from, to }));

const Warnings = ({ warnings }) => warnings.length > 0 && html`<ul class="mappings-warnings">
  ${warnings.map((warning) => html`<li key=${warning.code}><${Icon} name="warning" size=${14} />${warning.message}</li>`)}
</ul>`;

function Row({ mapping, handle, isReadOnly, onEdit, onCopy, onRemove }) {
  const items = [
    { label: t("kit.copy"), icon: "copy", onSelect: () => onCopy(mapping) },
    { label: t("kit.remove"), icon: "remove", tone: "danger", onSelect: () => onRemove(mapping) },
  ];
  return html`<div class="mappings-row">
    ${isReadOnly ? html`<span></span>` : handle || html`<span></span>`}
    <span class="mappings-name">${mapping.from} ${mapping.isWildcard && html`<${Badge} tone="blue">${t("mappings.wildcard")}<//>`}</span>
    <span class="mappings-arrow" role="img" aria-label=${t("mappings.isAnsweredBy")}><${Icon} name="right" size=${16} /></span>
    <span class="mappings-name mappings-to">${mapping.to}</span>
    <span class="mappings-end row">
      ${!isReadOnly && html`<${Button} kind="quiet" size="small" icon="edit" aria-label=${t("kit.edit", { name: mapping.from, value: mapping.to })} onClick=${() => onEdit(mapping)} />
        <${Menu} label=${t("mappings.actions", { from: mapping.from })} items=${items} />`}
    </span>
    <${Warnings} warnings=${mapping.warnings} />
  </div>`;
}

/** Every change of the list; each answers with the whole list, which is then shown. */
function useChanges(resource) {
  const show = ({ document, version }) => resource.put(document, version);
  const options = { resource };
  const order = useAction(async (list) => show(await api.put("/mappings", { mappings: pairs(list) }, { version: resource.version })), options);
  const copy = useAction(async ({ from }) => {
    const before = new Set(resource.data.value.mappings.map(keyOf));
    const answer = await api.post("/mappings/copy", { from });
    show(answer);
    const made = answer.document.mappings.find((mapping) => !before.has(mapping.from));
    if (made) tell({ text: t("mappings.copied", { from: made.from }) });
  }, options);
  const restore = useAction(async ({ from, to }, position) => show(await api.post("/mappings", { from, to, position })), options);
  const remove = useAction(async (mapping) => {
    const position = resource.data.value.mappings.findIndex(({ from }) => from === mapping.from);
    show(await api.post("/mappings/remove", { from: mapping.from }));
    tell({ text: t("mappings.removed", { from: mapping.from }), undo: () => restore.run(mapping, position) });
  }, options);
  return { show, order, copy, remove };
}

export default function Mappings() {
  const resource = useResource("/mappings", { mappings: true, models: true });
  const changes = useChanges(resource);
  const [edited, setEdited] = useState(null);
  const isReadOnly = session.value.isReadOnly;
  const add = !isReadOnly && resource.data.value && html`<${Button} kind="primary" icon="add" onClick=${() => setEdited({ from: "", to: "" })}>${t("mappings.add")}<//>`;
  const row = (mapping, handle) => html`<${Row} mapping=${mapping} handle=${handle} isReadOnly=${isReadOnly}
    onEdit=${setEdited} onCopy=${changes.copy.run} onRemove=${changes.remove.run} />`;
  const list = ({ mappings }) => mappings.length === 0
    ? html`<${EmptyState} icon="mappings" title=${t("mappings.empty")} />`
    : html`<${SortableList} label=${t("mappings.list")} items=${mappings} itemKey=${keyOf}
        itemName=${({ from, to }) => t("mappings.name", { from, to })} onReorder=${changes.order.run}>${row}<//>`;
  return html`<${Page} title=${t("tab.mappings")} lead=${t("mappings.lead")} actions=${add}>
    <div class="stack">
      <${Card}><${Loaded} resource=${resource}>${list}<//><//>
      <${Trial} version=${resource.data.value && resource.data.value.version} />
    </div>
    ${edited && resource.data.value && html`<${Editor} mapping=${edited} targets=${resource.data.value.targets} onSaved=${changes.show} resource=${resource} onClose=${() => setEdited(null)} />`}
  <//>`;
}
