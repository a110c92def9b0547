// One operation, folded until somebody wants to know more.
import { html } from "../../core/html.js";
import { Badge, Code, Icon } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { contentOf, objectOf, typeOf } from "./document.js";

const TONES = { GET: "blue", POST: "good", PUT: "warn", PATCH: "warn", DELETE: "bad" };
const DEEPEST = 3;

/** The properties of an object, each with its type; what is an object itself is folded inside. */
function Properties({ document, schema, depth = 0, seen = [] }) {
  const found = objectOf(document, schema);
  if (!found || depth > DEEPEST || seen.includes(found)) return null;
  const required = found.required || [];
  return html`<ul class="api-fields">${Object.entries(found.properties).map(([name, property]) => {
    const inside = html`<${Properties} document=${document} schema=${property} depth=${depth + 1} seen=${[...seen, found]} />`;
    const head = html`<code>${name}</code> <span class="muted">${typeOf(document, property)}</span>
      ${required.includes(name) && html` <span class="api-required">${t("api.required")}</span>`}
      ${property.description && html`<span class="api-hint">${property.description}</span>`}`;
    return html`<li key=${name}>${objectOf(document, property) && depth < DEEPEST
      ? html`<details><summary><${Icon} name="right" size=${13} />${head}</summary>${inside}</details>`
      : html`<div>${head}</div>`}</li>`;
  })}</ul>`;
}

const Parameter = ({ document, parameter }) => html`<li>
  <code>${parameter.name}</code> <span class="muted">${t(`api.in.${parameter.in}`)}, ${typeOf(document, parameter.schema)}</span>
  ${parameter.required && html` <span class="api-required">${t("api.required")}</span>`}
  ${parameter.description && html`<span class="api-hint">${parameter.description}</span>`}
</li>`;

function Body({ document, title, body }) {
  const content = contentOf(body);
  if (!content) return null;
  return html`<h3>${title}</h3>
    <p class="muted small">${typeOf(document, content.schema)} · ${content.mediaType}</p>
    <${Properties} document=${document} schema=${content.schema} />`;
}

function Answer({ document, status, answer }) {
  const content = contentOf(answer);
  const isGood = status < "400";
  return html`<li><div class="row"><${Badge} tone=${isGood ? "good" : "plain"}>${status}<//><span>${answer.description}</span></div>
    ${isGood && content && html`<${Properties} document=${document} schema=${content.schema} />`}
  </li>`;
}

function curlOf({ method, path }) {
  const write = method === "GET" ? "" : ` -X ${method} -H 'content-type: application/json' -d '{}'`;
  return `curl -s ${location.origin}${path} -H "authorization: Bearer $ADMIN_SECRET"${write}`;
}

export function Operation({ operation, document }) {
  const { method, path, summary, description, parameters, body, responses } = operation;
  return html`<details class="api-operation">
    <summary>
      <${Badge} tone=${TONES[method]}>${method}<//><code>${path}</code><span class="api-summary">${summary}</span><${Icon} name="down" size=${16} />
    </summary>
    <div class="api-inside">
      ${description && html`<p>${description}</p>`}
      ${parameters.length > 0 && html`<h3>${t("api.parameters")}</h3>
        <ul class="api-fields">${parameters.map((parameter) => html`<${Parameter} key=${parameter.name} document=${document} parameter=${parameter} />`)}</ul>`}
      ${body && html`<${Body} document=${document} title=${t("api.body")} body=${body} />`}
      <h3>${t("api.answers")}</h3>
      <ul class="api-answers">${responses.map(([status, answer]) => html`<${Answer} key=${status} document=${document} status=${status} answer=${answer} />`)}</ul>
      <${Code} text=${curlOf(operation)} label=${t("api.curl")} language="sh" />
    </div>
  </details>`;
}
