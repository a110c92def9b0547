// Making a key, and changing what it may do.
import { api, at } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { tell } from "../../core/tell.js";
import { Button, Check, Dialog, Disclosure, ErrorNote, Form, TextField, Toggle } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { changesOf, draftOf, isEdited, problemsOf } from "./draft.js";
import { AccountField, BudgetFields, ExpiryFields, LimitFields, ModelsField } from "./parts.js";

function Scopes({ draft, set, scopes }) {
  const toggle = (scope) => (isOn) =>
    set({ scopes: scopes.filter((name) => (name === scope ? isOn : draft.scopes.includes(name))) });
  return html`<fieldset class="field">
    <legend class="field-label">${t("keys.scopes")}</legend>
    ${scopes.map((scope) => html`<${Check}
      key=${scope} label=${t(`keys.scope.${scope}`)} hint=${t(`keys.scopeHint.${scope}`)} isOn=${draft.scopes.includes(scope)} onToggle=${toggle(scope)}
    />`)}
  </fieldset>`;
}

const More = ({ draft, set, problems, isOpen }) => html`<${Disclosure} summary=${t("keys.more")} isOpen=${isOpen}>
  <div class="stack">
    <${ModelsField} draft=${draft} set=${set} error=${problems.models} />
    <${LimitFields} draft=${draft} set=${set} problems=${problems} />
    <${BudgetFields} draft=${draft} set=${set} problems=${problems} />
    <${Toggle} label=${t("keys.strictLabel")} hint=${t("keys.strictHint")} isOn=${draft.isStrict} onToggle=${(isStrict) => set({ isStrict })} />
  </div>
<//>`;

const hasLimit = (limits) => Object.values(limits || {}).some((limit) => limit !== null);
const hasMore = (entry) =>
  Boolean(entry && (entry.models.length || hasLimit(entry.rateLimit) || entry.budget || entry.isStrict));

function useSaving({ entry, keys, onCreated, onClose }) {
  return useAction(async (changes) => {
    if (!entry) {
      const { document } = await api.post("/keys", changes);
      onCreated(document.key, document.value);
      return;
    }
    const { document, version } = await api.patch(at`/keys/${entry.id}`, changes);
    keys.put(document, version);
    tell({ text: t("keys.saved", { name: changes.name || entry.name }), tone: "good" });
    onClose();
  }, { isInline: true, resource: keys });
}

/** `entry` is the key to change, or null for a new one. */
export function KeyDialog({ entry, scopes, keys, onClose, onCreated }) {
  const [draft, setDraft] = useState(() => draftOf(entry));
  const [isTried, setTried] = useState(false);
  const set = (changes) => setDraft((before) => ({ ...before, ...changes }));
  const saving = useSaving({ entry, keys, onCreated, onClose });
  const failure = saving.error.value;
  const found = problemsOf(draft);
  const problems = { ...(failure ? failure.fields : {}), ...(isTried ? found : {}) };
  const submit = () => {
    setTried(true);
    if (Object.keys(found).length === 0) saving.run(changesOf(draft, entry));
  };
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}<//>
    <${Button} kind="primary" type="submit" form="key-form" isBusy=${saving.isBusy.value} isDisabled=${entry && !isEdited(draft, entry)}>
      ${t(entry ? "kit.save" : "keys.create")}
    <//>`;
  return html`<${Dialog} title=${entry ? t("keys.edit", { name: entry.name }) : t("keys.create")} onClose=${onClose} actions=${actions} isFirm>
    <${Form} id="key-form" onSubmit=${submit}>
      <${TextField}
        label=${t("keys.name")} hint=${t("keys.nameHint")} value=${draft.name} onValue=${(name) => set({ name })}
        error=${problems.name} autofocus=${!entry} maxlength="100"
      />
      <div class="form-row">
        <${AccountField} draft=${draft} set=${set} error=${problems.accountId} />
        <${ExpiryFields} draft=${draft} set=${set} error=${problems.expires} entry=${entry} />
      </div>
      <${Scopes} draft=${draft} set=${set} scopes=${scopes} />
      ${problems.scopes && html`<p class="field-error" role="alert">${problems.scopes}</p>`}
      <${More} draft=${draft} set=${set} problems=${problems} isOpen=${hasMore(entry)} />
      <${ErrorNote} error=${failure} />
    <//>
  <//>`;
}
