// The admin secret: set, changed with the old one, taken away with the old one.
import { html, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { changeSecret, removeSecret, session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { useUnsaved } from "../../core/unsaved.js";
import { AdminName, Badge, Button, Card, Dialog, ErrorNote, Form, SecretField } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const EMPTY = { current: "", fresh: "", again: "" };

function Change({ hasSecret }) {
  const [draft, setDraft] = useState(EMPTY);
  const set = (name) => (value) => setDraft((before) => ({ ...before, [name]: value }));
  useUnsaved(Boolean(draft.fresh), { within: "security" });
  const changing = useAction(async () => {
    await changeSecret(draft.current, draft.fresh);
    setDraft(EMPTY);
    tell({ text: t(hasSecret ? "security.changed" : "security.set"), tone: "good" });
  }, { isInline: true });
  const failure = changing.error.value;
  const fields = failure ? failure.fields : {};
  const differs = draft.again && draft.again !== draft.fresh ? t("security.differs") : null;
  const isReady = draft.fresh && draft.again === draft.fresh && (!hasSecret || draft.current);
  return html`<${Form} class="form security-form" onSubmit=${() => isReady && changing.run()}>
    <${AdminName} />
    ${hasSecret && html`<${SecretField} label=${t("security.current")} value=${draft.current} onValue=${set("current")} error=${fields.current} autocomplete="current-password" />`}
    <${SecretField} label=${t("security.fresh")} hint=${t("security.freshHint")} value=${draft.fresh} onValue=${set("fresh")} error=${fields.new} autocomplete="new-password" />
    <${SecretField} label=${t("security.again")} value=${draft.again} onValue=${set("again")} error=${differs} autocomplete="new-password" />
    <${ErrorNote} error=${failure} />
    <div><${Button} kind="primary" type="submit" isBusy=${changing.isBusy.value} isDisabled=${!isReady}>
      ${t(hasSecret ? "security.change" : "security.setIt")}
    <//></div>
  <//>`;
}

function Removal({ onClose }) {
  const [current, setCurrent] = useState("");
  const removing = useAction(async () => {
    await removeSecret(current);
    tell({ text: t("security.removed"), tone: "good" });
    onClose();
  }, { isInline: true });
  const failure = removing.error.value;
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}<//>
    <${Button} kind="danger" isDisabled=${!current} isBusy=${removing.isBusy.value} onClick=${removing.run}>${t("security.remove")}<//>`;
  return html`<${Dialog} title=${t("security.removeTitle")} size="small" onClose=${onClose} actions=${actions}>
    <${Form} onSubmit=${() => current && removing.run()}>
      <p>${t("security.removeText")}</p>
      <${SecretField} label=${t("security.current")} value=${current} onValue=${setCurrent} autocomplete="current-password"
        error=${failure && failure.fields.current} autofocus />
      <${ErrorNote} error=${failure} />
    <//>
  <//>`;
}

/** Whether there is a secret, and the forms to change that. */
export function Secret() {
  const [isRemoving, setRemoving] = useState(false);
  const { hasSecret, isReadOnly } = session.value;
  const badge = html`<${Badge} tone=${hasSecret ? "good" : "warn"} icon=${hasSecret ? "lock" : "warning"}>
    ${t(hasSecret ? "security.isSet" : "security.isNotSet")}
  <//>`;
  const foot = hasSecret && !isReadOnly && html`<${Button} icon="remove" size="small" onClick=${() => setRemoving(true)}>${t("security.remove")}<//>`;
  return html`<${Card} title=${t("security.secret")} lead=${t(hasSecret ? "security.isSetHint" : "security.isNotSetHint")} actions=${badge} footer=${foot}>
      ${!isReadOnly && html`<${Change} hasSecret=${hasSecret} />`}
    <//>
    ${isRemoving && html`<${Removal} onClose=${() => setRemoving(false)} />`}`;
}
