// A new value for a key that keeps its name and its limits; the old one may go on for a while.
import { api, at } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { Button, Dialog, ErrorNote, Select } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const GRACES = [["0", "keys.grace.none"], ["3600", "keys.grace.hour"], ["86400", "keys.grace.day"], ["604800", "keys.grace.week"]];

export function RotateDialog({ entry, onClose, onDone }) {
  const [graceS, setGrace] = useState("0");
  const rotating = useAction(async () => {
    const { document } = await api.post(at`/keys/${entry.id}/rotate`, { graceS: Number(graceS) });
    onDone(document.key, document.value);
  }, { isInline: true });
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}<//>
    <${Button} kind="primary" isBusy=${rotating.isBusy.value} onClick=${rotating.run}>${t("keys.rotate")}<//>`;
  return html`<${Dialog} title=${t("keys.rotateTitle", { name: entry.name })} size="small" onClose=${onClose} actions=${actions}>
    <p>${t("keys.rotateText")}</p>
    <${Select} label=${t("keys.grace")} value=${graceS} onValue=${setGrace}
      options=${GRACES.map(([value, word]) => ({ value, label: t(word) }))} />
    <${ErrorNote} error=${rotating.error.value} />
  <//>`;
}
