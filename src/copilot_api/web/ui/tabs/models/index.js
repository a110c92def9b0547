// Models: what Copilot offers to an account, by provider; what is hidden, what things cost, how hard each one thinks.
import { api, at, query } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { accounts, activeAccount } from "../../core/known.js";
import { useAction, useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Badge, Button, EmptyState, Icon, Loaded, Notice, Page, SearchField, Segmented, Select, Toggle } from "../../kit/kit.js";
import { ago } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { ModelCard } from "./card.js";
import { Changes } from "./changes.js";
import { Details } from "./details.js";
import { closed, grouped, protocolsOf, shown, speaks } from "./filter.js";

/** Everything that can be changed here; each write is shown as soon as the gateway has answered. */
function useChanges(resource) {
  const options = { resource };
  const put = ({ document, version }) => resource.put(document, version);
  const patch = useAction(async (model, changes) => {
    const { document, version } = await api.patch(at`/models/${model.id}`, changes);
    const { version: _, ...changed } = document;
    const now = resource.data.value;
    const next = now.models.map((other) => (other.id === model.id ? { ...other, ...(changed.model || changed) } : other));
    resource.put({ ...now, models: next, version }, version);
    return changed;
  }, options);
  const hide = useAction(async (models, isHidden) => {
    put(await api.post("/models-visibility", { ids: models.map((model) => model.id), isHidden }));
    const name = models.length === 1 ? models[0].name : t("models.count", { count: models.length });
    tell({ text: t(isHidden ? "models.nowHidden" : "models.nowShown", { name }), undo: () => hide.run(models, !isHidden) });
  }, options);
  const policy = useAction(async (disableHiddenModels) => put(await api.put("/models-policy", { disableHiddenModels })), options);
  const refresh = useAction(async (accountId) => {
    put(await api.post("/models/refresh", { accountId }));
    tell({ text: t("models.refreshed") });
  }, options);
  return { patch, hide, policy, refresh };
}

function Tools({ document, text, setText, isManaging, setManaging, isReadOnly }) {
  const hidden = document.models.filter((model) => model.isHidden).length;
  const options = [
    { value: "visible", label: t("models.visible", { count: document.models.length - hidden }) },
    { value: "hidden", label: t("models.hidden", { count: hidden }) },
    { value: "all", label: t("models.everything", { count: document.models.length }) },
  ];
  const protocols = [{ value: "", label: t("models.speaksAny") }, ...protocolsOf(document.models).map((protocol) => ({ value: protocol, label: protocol }))];
  return html`<div class="models-tools">
    <${SearchField} label=${t("models.search")} value=${text} onValue=${setText} />
    <${Segmented} label=${t("models.shown")} options=${options} value=${shown.value} onValue=${(value) => { shown.value = value; }} />
    <${Select} label=${t("models.speaks")} isLabelHidden options=${protocols} value=${speaks.value} onValue=${(value) => { speaks.value = value; }} />
    ${!isReadOnly && html`<${Button} icon=${isManaging ? "check" : "edit"} kind=${isManaging ? "primary" : "plain"} aria-pressed=${isManaging ? "true" : "false"} onClick=${() => setManaging(!isManaging)}>${t(isManaging ? "models.done" : "models.manage")}<//>`}
  </div>`;
}

function Provider({ provider, models, isManaging, ...rest }) {
  const isClosed = closed.value.includes(provider);
  const premium = models.filter((model) => model.isPremium).length;
  const turn = () => {
    closed.value = isClosed ? closed.value.filter((name) => name !== provider) : [...closed.value, provider];
  };
  return html`<section aria-label=${provider}>
    <header class="models-provider-head">
      <h2><button type="button" class="models-provider-toggle" aria-expanded=${isClosed ? "false" : "true"} onClick=${turn}>
        <${Icon} name=${isClosed ? "right" : "down"} size=${16} />${provider}
      </button></h2>
      <span class="muted">${t("models.count", { count: models.length })}</span>
      ${premium > 0 && html`<${Badge} tone="violet">${t("models.premiumCount", { count: premium })}<//>`}
      ${isManaging && html`<span class="push row">
        <${Button} size="small" onClick=${() => rest.onHide(models, true)}>${t("models.hideAll")}<//>
        <${Button} size="small" onClick=${() => rest.onHide(models, false)}>${t("models.showAll")}<//>
      </span>`}
    </header>
    ${!isClosed && html`<ul class="models-grid">
      ${models.map((model) => html`<${ModelCard} key=${model.id} model=${model} isManaging=${isManaging} ...${rest} />`)}
    </ul>`}
  </section>`;
}

function Catalogue({ document, changes, accountId }) {
  const [text, setText] = useState("");
  const [isManaging, setManaging] = useState(false);
  const [openId, setOpenId] = useState(null);
  const isReadOnly = session.value.isReadOnly;
  const groups = grouped(document.models, text);
  const opened = document.models.find((model) => model.id === openId);
  const tools = { document, text, setText, isManaging, setManaging, isReadOnly };
  return html`<div class="stack">
    ${document.problem && html`<${Notice} tone="warn" title=${document.problem.message}>${document.problem.remedy}<//>`}
    <${Tools} ...${tools} />
    ${isManaging && html`<${Toggle} label=${t("models.policy")} hint=${t("models.policyHint")} isOn=${document.disableHiddenModels} onToggle=${changes.policy.run} />`}
    ${groups.map((group) => html`<${Provider} key=${group.provider} ...${group} isManaging=${isManaging} isReadOnly=${isReadOnly}
      onPatch=${changes.patch.run} onHide=${changes.hide.run} onOpen=${(model) => setOpenId(model.id)} />`)}
    ${groups.length === 0 && html`<${EmptyState} icon="models" title=${t(document.models.length > 0 ? "models.tried" : "models.empty")} />`}
    <${Changes} accountId=${accountId} />
    ${opened && html`<${Details} model=${opened} isReadOnly=${isReadOnly} onPatch=${changes.patch.run} onClose=${() => setOpenId(null)} />`}
  </div>`;
}

const Whose = ({ list, value, onValue }) => list.length > 1 && html`<${Select} label=${t("models.account")} isLabelHidden value=${value || ""}
  options=${list.map((account) => ({ value: account.id, label: account.login }))} onValue=${onValue} />`;

export default function Models() {
  const [chosen, choose] = useState(null);
  const list = accounts.data.value ? accounts.data.value.accounts : [];
  const active = activeAccount.value;
  const accountId = chosen && list.some((account) => account.id === chosen) ? chosen : null;
  const resource = useResource(query("/models", { accountId }), { models: true, mappings: true, settings: true });
  const changes = useChanges(resource);
  const document = resource.data.value;
  const account = list.find((other) => other.id === (document && document.accountId)) || active;
  const lead = document && document.fetchedAt && account ? t("models.lead", { login: account.login, when: ago(document.fetchedAt) }) : t("models.leadNone");
  const actions = html`<${Whose} list=${list} value=${accountId || (active && active.id)} onValue=${choose} />
    ${!session.value.isReadOnly && html`<${Button} icon="refresh" isBusy=${changes.refresh.isBusy.value} onClick=${() => changes.refresh.run(accountId)}>${t("kit.refresh")}<//>`}`;
  return html`<${Page} title=${t("tab.models")} lead=${lead} actions=${actions}>
    <${Loaded} resource=${resource} lines=${8}>${(shownDocument) => html`<${Catalogue} document=${shownDocument} changes=${changes} accountId=${accountId} />`}<//>
  <//>`;
}
