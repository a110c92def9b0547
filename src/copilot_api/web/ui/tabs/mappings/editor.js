// The dialog in which a mapping is made or changed. A target is one of the account's models, or any id that is typed.
import { api } from "../../core/api.js";
import { html, useId, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { Button, Dialog, ErrorNote, Form, TextField } from "../../kit/kit.js";
import { t } from "../../words/words.js";

function faultsOf({ from, to }) {
  const faults = {};
  if (!from.trim()) faults.from = t("mappings.fromMissing");
  if (!to.trim()) faults.to = t("mappings.toMissing");
  return faults;
}

const Targets = ({ id, targets }) => html`<datalist id=${id}>
  ${targets.map((target) => html`<option key=${target.id} value=${target.id}>${target.name}</option>`)}
</datalist>`;

/** `mapping` with an empty `from` is a new one. `onSaved({document, version})` shows the list that was answered. */
export function Editor({ mapping, targets, resource, onSaved, onClose }) {
  const [typed, setTyped] = useState({ from: mapping.from, to: mapping.to });
  const [isAsked, setAsked] = useState(false);
  const [listId, formId] = [useId(), useId()];
  const isNew = mapping.from === "";
  const save = useAction(async () => {
    const entry = { from: typed.from.trim(), to: typed.to.trim() };
    const answer = isNew ? await api.post("/mappings", entry) : await api.post("/mappings/change", { from: mapping.from, mapping: entry });
    onSaved(answer);
    onClose();
  }, { isInline: true, resource });
  const faults = isAsked ? faultsOf(typed) : {};
  const told = (save.error.value && save.error.value.fields) || {};
  const submit = () => {
    setAsked(true);
    if (Object.keys(faultsOf(typed)).length === 0) save.run();
  };
  const isTold = Object.keys(told).length > 0;
  const actions = html`<${Button} onClick=${onClose}>${t("kit.cancel")}<//>
    <${Button} kind="primary" type="submit" form=${formId} isBusy=${save.isBusy.value}>${t("kit.save")}<//>`;
  return html`<${Dialog} title=${t(isNew ? "mappings.add" : "mappings.edit")} onClose=${onClose} actions=${actions}>
    <${Form} id=${formId} onSubmit=${submit}>
      <${TextField} label=${t("mappings.from")} hint=${t("mappings.fromHint")} error=${faults.from || told.from} value=${typed.from}
        onValue=${(from) => setTyped({ ...typed, from })} />
      <${TextField} label=${t("mappings.to")} hint=${t("mappings.toHint")} error=${faults.to || told.to} value=${typed.to}
        list=${listId} onValue=${(to) => setTyped({ ...typed, to })} />
      <${Targets} id=${listId} targets=${targets} />
      ${!isTold && html`<${ErrorNote} error=${save.error.value} />`}
    <//>
  <//>`;
}
