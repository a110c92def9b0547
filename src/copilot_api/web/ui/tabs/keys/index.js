// What clients present: named keys, what each may do, and the one moment in which a new one is seen.
import { api, at } from "../../core/api.js";
import { html, useEffect, useState } from "../../core/html.js";
import { useAction, useResource } from "../../core/resource.js";
import { go, href, route } from "../../core/route.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Button, confirm, EmptyState, Loaded, Notice, Page } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { KeyDialog } from "./form.js";
import { KeyTable } from "./list.js";
import { RotateDialog } from "./rotate.js";
import { ShownOnce } from "./shown.js";

const CREATING = "new";

const createButton = () =>
  html`<${Button} kind="primary" icon="add" href=${href("keys", CREATING)}>${t("keys.create")}<//>`;

const None = () => html`<${EmptyState} icon="keys" title=${t("keys.none")}
  action=${!session.value.isReadOnly && createButton()}>${t("keys.noneHint")}<//>`;

const Open = () => html`<${Notice} tone="warn" title=${t("keys.open")}>${t("keys.openHint")}<//>`;

/** What the user does with one key; each is a promise that settles when it is done. */
function useDeeds(keys) {
  const revoking = useAction(async (key) => {
    const asked = { title: t("keys.revokeTitle", { name: key.name }), text: t("keys.revokeText"), action: t("keys.revoke") };
    if (!(await confirm(asked))) return;
    const { document, version } = await api.remove(at`/keys/${key.id}`);
    keys.put(document, version);
    tell({ text: t("keys.revoked", { name: key.name }), tone: "good" });
  }, { resource: keys });
  return { revoking };
}

/** What lies over the list: the form, the rotation, or the key that is shown once. `open` says which. */
function Layer({ open, setOpen, keys, document }) {
  const close = () => {
    setOpen(null);
    if (route.value.rest[0] === CREATING) go("keys");
  };
  const show = (key, value, isNew) => {
    keys.load();
    if (route.value.rest[0] === CREATING) go("keys");
    setOpen({ kind: "shown", key, value, isNew });
  };
  if (!open) return null;
  if (open.kind === "shown") return html`<${ShownOnce} secret=${open} onClose=${close} />`;
  if (open.kind === "rotate") return html`<${RotateDialog} entry=${open.key} onClose=${close} onDone=${(key, value) => show(key, value, false)} />`;
  return html`<${KeyDialog}
    entry=${open.key} scopes=${document.scopes} keys=${keys} onClose=${close} onCreated=${(key, value) => show(key, value, true)}
  />`;
}

export default function Keys() {
  const keys = useResource("/keys", { keys: true, accounts: true });
  const [open, setOpen] = useState(null);
  const { revoking } = useDeeds(keys);
  const isWriter = !session.value.isReadOnly;
  const isCreating = route.value.rest[0] === CREATING;
  useEffect(() => {
    if (isCreating && isWriter) setOpen({ kind: "form", key: null });
  }, [isCreating]);
  const deeds = isWriter && {
    edit: (key) => setOpen({ kind: "form", key }),
    rotate: (key) => setOpen({ kind: "rotate", key }),
    revoke: revoking.run,
  };
  return html`<${Page} title=${t("tab.keys")} lead=${t("keys.lead")} actions=${isWriter && createButton()}>
    <${Loaded} resource=${keys}>${(document) => html`
      ${document.isOpen && html`<${Open} />`}
      ${document.keys.length ? html`<${KeyTable} keys=${document.keys} deeds=${deeds} />` : html`<${None} />`}
      <${Layer} open=${open} setOpen=${setOpen} keys=${keys} document=${document} />`}<//>
  <//>`;
}
