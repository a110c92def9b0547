// The one moment in which a key is seen.
import { html } from "../../core/html.js";
import { href } from "../../core/route.js";
import { Button, CopyButton, Dialog, Notice } from "../../kit/kit.js";
import { t } from "../../words/words.js";

/** `secret` is {key, value, isNew}. A press beside it does not close it: what is in it cannot be had again. */
export function ShownOnce({ secret, onClose }) {
  const { key, value, isNew } = secret;
  const actions = html`
    <${Button} href=${href("connect")} onClick=${onClose}>${t("keys.howToUse")}<//>
    <${Button} kind="primary" onClick=${onClose}>${t("keys.stored")}<//>`;
  return html`<${Dialog} title=${t(isNew ? "keys.madeTitle" : "keys.rotatedTitle", { name: key.name })} onClose=${onClose} actions=${actions} isFirm>
    <${Notice} tone="warn" title=${t("keys.once")}>${t("keys.onceHint")}<//>
    <div class="keys-value"><output aria-label=${t("keys.value")}>${value}</output><${CopyButton} text=${value} label=${t("keys.copy")} kind="primary" size="normal" /></div>
  <//>`;
}
