// Connect: what to write where, for each tool, so that it uses this gateway; and whether its first request has come.
import { api } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { remembered } from "../../core/remember.js";
import { useAction, useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Button, Card, Code, confirm, Loaded, Page, SecretField, Select } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Addresses, Arrival, useArrivals } from "./arrival.js";

const PLACEHOLDER_KEY = "cpa_YOUR_KEY";
const OPEN_KEY = "copilot-api";

const chosen = remembered("connect.client", "claude-code", (value) => typeof value === "string");
const models = remembered("connect.models", {}, (value) => value !== null && typeof value === "object");

function filled(text, address, key, model) {
  return text.replaceAll("{{address}}", address).replaceAll("{{key}}", key).replaceAll("{{model}}", model);
}

/** Make a key named after the tool; the first key of all shuts the door for everybody else, so that is asked. */
function useKeyMaker(resource, onKey) {
  return useAction(async (client) => {
    const isFirst = !resource.data.value.needsKey;
    const question = { title: t("connect.keyFirst"), text: t("connect.keyFirstText"), action: t("connect.keyMake"), tone: "primary" };
    if (isFirst && !(await confirm(question))) return;
    const { document } = await api.post("/keys", { name: client.id, scopes: ["inference"] });
    onKey(document.value);
    tell({ text: t("connect.keyMade", { name: document.key.name }) });
    await resource.load();
  });
}

function Choices({ document, client, model, typedKey, setKey, maker }) {
  const options = document.clients.map((other) => ({ value: other.id, label: other.name }));
  const known = document.models.map((other) => ({ value: other.id, label: other.id }));
  return html`<${Card}>
    <div class="connect-choices">
      <${Select} label=${t("connect.client")} options=${options} value=${client.id} onValue=${(value) => { chosen.value = value; }} />
      <${Select} label=${t("connect.model")} hint=${t("connect.modelHint")} options=${known} value=${model}
        onValue=${(value) => { models.value = { ...models.value, [client.id]: value }; }} />
      <div>
        <${SecretField} label=${t("connect.key")} hint=${`${t(document.needsKey ? "connect.keyNeeded" : "connect.keyOpen")} ${t("connect.keyHint")}`}
          placeholder=${document.needsKey ? PLACEHOLDER_KEY : OPEN_KEY} value=${typedKey} onValue=${setKey} />
        ${!session.value.isReadOnly && html`<${Button} size="small" icon="keys" isBusy=${maker.isBusy.value} onClick=${() => maker.run(client)}>${t("connect.keyMake")}<//>`}
      </div>
    </div>
  <//>`;
}

function Snippets({ document, client, model, typedKey }) {
  const key = typedKey.trim() || (document.needsKey ? PLACEHOLDER_KEY : OPEN_KEY);
  const notes = Array.isArray(client.notes) ? client.notes : client.notes ? [client.notes] : [];
  return html`<${Card} title=${t("connect.settings", { name: client.name })}>
    <div class="stack">
      ${client.snippets.map((snippet) => html`<div key=${snippet.title} class="connect-snippet">
        ${snippet.file && html`<p class="connect-file">${t("connect.file")}: ${snippet.file}</p>`}
        <${Code} label=${snippet.title} language=${snippet.language} text=${filled(snippet.text, document.address, key, model)} />
      </div>`)}
      ${notes.length > 0 && html`<ul class="connect-notes">${notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}
    </div>
  <//>`;
}

function Everything({ document, resource }) {
  const [typedKey, setKey] = useState("");
  const arrivals = useArrivals();
  const maker = useKeyMaker(resource, setKey);
  const client = document.clients.find((other) => other.id === chosen.value) || document.clients[0];
  const wanted = models.value[client.id];
  const model = document.models.some((other) => other.id === wanted) ? wanted : client.suggestedModel;
  const shared = { document, client, model, typedKey };
  return html`<div class="stack">
    <${Choices} ...${shared} setKey=${setKey} maker=${maker} />
    <div class="connect">
      <${Snippets} ...${shared} />
      <div class="stack">
        <${Arrival} client=${client} arrivals=${arrivals} />
        <${Addresses} baseUrls=${document.baseUrls} />
      </div>
    </div>
  </div>`;
}

export default function Connect() {
  const resource = useResource("/connect", { keys: true, models: true });
  return html`<${Page} title=${t("tab.connect")} lead=${t("connect.lead")}>
    <${Loaded} resource=${resource} lines=${6}>${(document) => html`<${Everything} document=${document} resource=${resource} />`}<//>
  <//>`;
}
