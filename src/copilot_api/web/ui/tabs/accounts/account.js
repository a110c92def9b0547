// One account: who it is, whether it works, what is left, and what can be done with it.
import { api, at } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { useAction } from "../../core/resource.js";
import { go } from "../../core/route.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Avatar, Badge, Button, Card, confirm, Dot, Menu, Notice, When } from "../../kit/kit.js";
import { ago } from "../../words/numbers.js";
import { errorText, t } from "../../words/words.js";
import { Options } from "./options.js";
import { planOf, Quota, QuotaDates } from "./quota.js";

const take = ({ document, version }) => accounts.put(document, version);

/** Another account answers from the next request on. One that cannot answer is switched to only when one insists. */
export async function activate(account, force = false) {
  try {
    take(await api.post(at`/accounts/${account.id}/activate`, force ? { force } : {}));
    tell({ text: t("accounts.switched", { login: account.login }), tone: "good" });
  } catch (error) {
    if (error.code !== "account_not_usable" || force) throw error;
    const text = html`<p>${errorText(error)}</p>${error.remedy && html`<p>${error.remedy}</p>`}<p class="muted">${t("accounts.forceHint")}</p>`;
    const asked = { title: t("accounts.cannotAnswer", { login: account.login }), text, action: t("accounts.force"), tone: "danger" };
    if (await confirm(asked)) await activate(account, true);
  }
}

async function takeBack(undo) {
  take(await api.post(at`/accounts/undo/${undo.id}`));
}

function consequences(account, known) {
  const next = known.accounts.find((other) => other.id !== account.id);
  return html`<p>${t("accounts.removeText")}</p>
    ${account.isActive && next && html`<p>${t("accounts.removeActive", { login: next.login })}</p>`}
    ${account.isActive && !next && html`<p>${t("accounts.removeLast")}</p>`}
    ${account.boundKeys.length > 0 && html`<p>${t("accounts.removeBound", { keys: account.boundKeys.join(", ") })}</p>`}`;
}

async function remove(account, known, undoing) {
  const asked = { title: t("accounts.removeTitle", { login: account.login }), text: consequences(account, known), action: t("kit.remove") };
  if (!(await confirm(asked))) return;
  const { document } = await api.remove(at`/accounts/${account.id}`);
  accounts.put(document.accounts);
  const forMs = Math.max(1000, new Date(document.undo.expiresAt).getTime() - Date.now());
  tell({ text: t("accounts.removed", { login: account.login }), undo: () => undoing.run(document.undo), forMs });
}

async function refresh(account) {
  const { document } = await api.post(at`/accounts/${account.id}/refresh`);
  accounts.load();
  const isFresh = document.quota && (!account.quota || document.quota.readAt !== account.quota.readAt);
  if (isFresh) tell({ text: t("accounts.refreshed"), tone: "good" });
  else tell({ text: t("accounts.notYet", { time: ago(document.nextRefreshAt) }) });
}

async function retry(account) {
  const { document } = await api.post(at`/accounts/${account.id}/retry`);
  await accounts.load();
  if (document.state === "ready") tell({ text: t("accounts.works", { login: account.login }), tone: "good" });
}

function useDeeds(account, known) {
  const undoing = useAction(takeBack, { resource: accounts });
  return {
    activating: useAction(() => activate(account), { resource: accounts }),
    removing: useAction(() => remove(account, known, undoing), { resource: accounts }),
    refreshing: useAction(() => refresh(account), { resource: accounts }),
    retrying: useAction(() => retry(account), { resource: accounts }),
  };
}

function Actions({ account, deeds, onOptions }) {
  const { activating, removing, refreshing, retrying } = deeds;
  const items = [
    { label: t("accounts.refresh"), icon: "refresh", onSelect: refreshing.run },
    account.state !== "ready" && { label: t("accounts.retry"), icon: "refresh", onSelect: retrying.run },
    { label: t("accounts.signInAgain"), icon: "accounts", onSelect: () => go("accounts", "add") },
    { label: t("accounts.options"), icon: "settings", onSelect: onOptions },
    { label: t("kit.remove"), icon: "remove", tone: "danger", onSelect: removing.run },
  ];
  return html`<div class="accounts-actions">
    ${!account.isActive && html`<${Button} size="small" class="accounts-activate" isBusy=${activating.isBusy.value} onClick=${activating.run}>
      ${t("accounts.activate")}
    <//>`}
    <${Menu} label=${t("accounts.menu", { login: account.login })} items=${items} />
  </div>`;
}

const Head = ({ account, handle, actions }) => html`<header class="accounts-head">
  ${handle}
  <${Avatar} src=${account.avatar} initials=${account.initials} size=${40} />
  <div class="accounts-who">
    <h2>${account.login}</h2>
    <div class="row">
      ${account.isActive && html`<${Badge} tone="accent" icon="check">${t("accounts.active")}<//>`}
      ${account.plan && html`<${Badge}>${planOf(account.plan)}<//>`}
      ${account.host !== "github.com" && html`<${Badge} tone="blue">${account.host}<//>`}
      ${account.quota && account.quota.isTokenBilled && html`<${Badge} tone="violet">${t("accounts.tokenBilled")}<//>`}
      ${account.state === "starting" && html`<${Badge} tone="warn" icon="clock">${t("accounts.starting")}<//>`}
      ${account.state === "failed" && html`<${Badge} tone="bad" icon="warning">${t("accounts.failed")}<//>`}
    </div>
  </div>
  ${actions}
</header>`;

function Health({ account }) {
  const { credential } = account;
  const until = credential.isUsable && credential.expiresAt ? ` · ${t("accounts.renewed", { time: ago(credential.expiresAt) })}` : "";
  return html`<${Dot} tone=${credential.isUsable ? "good" : account.state === "starting" ? "warn" : "bad"}>
    ${t(credential.isUsable ? "accounts.credentialGood" : "accounts.credentialNone")}${until}
  <//>`;
}

const Foot = ({ account }) => html`<footer class="accounts-foot">
  <${Health} account=${account} />
  <span>${t("accounts.models", { count: account.modelCount })}</span>
  ${account.quota && html`<${QuotaDates} quota=${account.quota} />`}
  ${account.boundKeys.length > 0 && html`<span>${t("accounts.boundKeys", { keys: account.boundKeys.join(", ") })}</span>`}
  ${account.createdAt && html`<span>${t("accounts.added")} <${When} at=${account.createdAt} /></span>`}
</footer>`;

function Trouble({ account, retrying }) {
  const buttons = html`<div class="row">
    <${Button} size="small" icon="refresh" isBusy=${retrying.isBusy.value} onClick=${retrying.run}>${t("accounts.retry")}<//>
    <${Button} size="small" onClick=${() => go("accounts", "add")}>${t("accounts.signInAgain")}<//>
  </div>`;
  return html`<${Notice} tone="bad" title=${account.problem.message} action=${!session.value.isReadOnly && buttons}>
    ${account.problem.remedy && html`<p>${account.problem.remedy}</p>`}
  <//>`;
}

/** The card of one account. `handle` is what it is dragged by. */
export function Account({ account, known, handle }) {
  const [isTuning, setTuning] = useState(false);
  const deeds = useDeeds(account, known);
  const isWriter = !session.value.isReadOnly;
  const actions = isWriter && html`<${Actions} account=${account} deeds=${deeds} onOptions=${() => setTuning(true)} />`;
  return html`<${Card} as="article" class="accounts-card" tone=${account.isActive ? "active" : "plain"} aria-label=${account.login}>
    <${Head} account=${account} handle=${isWriter && handle} actions=${actions} />
    ${account.problem && html`<${Trouble} account=${account} retrying=${deeds.retrying} />`}
    ${(account.quota || account.state !== "failed") && html`<${Quota} quota=${account.quota} />`}
    <${Foot} account=${account} />
    ${isTuning && html`<${Options} account=${account} onClose=${() => setTuning(false)} />`}
  <//>`;
}
