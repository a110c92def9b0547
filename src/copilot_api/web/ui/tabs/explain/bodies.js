// What the client sent beside what Copilot was sent: as trees or as text, searched together, differences marked.
import { html, useMemo, useState } from "../../core/html.js";
import { remembered } from "../../core/remember.js";
import { Card, CopyButton, Disclosure, Facts, Notice, SearchField, Segmented, Toggle } from "../../kit/kit.js";
import { bytes } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { compare, readJson } from "./difference.js";
import { grow, Tree } from "./tree.js";

const FORMS = ["tree", "text"];
const form = remembered("explain.form", "tree", (value) => FORMS.includes(value));
const NO_MARKS = new Map();
const measure = new TextEncoder();

export const Headers = ({ title, headers }) => headers.length > 0 && html`<${Disclosure} summary=${`${title} (${headers.length})`}>
  <${Facts} items=${headers} />
<//>`;

function Content({ text, document, marks, view }) {
  const node = useMemo(() => (document === undefined ? null : grow(document, marks, view.words)), [document, marks, view.words]);
  if (text === "") return html`<p class="muted">${t("explain.noBody")}</p>`;
  if (!node || form.value === "text") return html`<pre class="explain-text" tabindex="0"><code>${node ? JSON.stringify(document, null, 2) : text}</code></pre>`;
  if (view.words && node.hits === 0) return html`<p class="muted">${t("explain.nothingFound")}</p>`;
  if (view.isMarkedOnly && node.marks === 0) return html`<p class="muted">${t("explain.noMarks")}</p>`;
  return html`<${Tree} node=${node} view=${view} />`;
}

/** One side. `side` is {title, address, text, isTruncated, headers, document, marks}. */
const Side = ({ side, view }) => html`<section class="explain-side" aria-label=${side.title}>
  <header>
    <div><h3>${side.title}</h3><p class="muted small"><code>${side.address}</code> ${bytes(measure.encode(side.text).length)}</p></div>
    ${side.text && html`<${CopyButton} text=${side.text} name=${t("kit.copyOf", { name: side.title })} />`}
  </header>
  ${side.isTruncated && html`<${Notice} tone="warn" title=${t("explain.truncated")} />`}
  <${Content} text=${side.text} document=${side.document} marks=${side.marks} view=${view} />
  <${Headers} title=${t("explain.headers")} headers=${side.headers} />
</section>`;

function sidesOf(client, attempt) {
  const asked = { title: t("explain.fromClient"), address: `${client.method} ${client.path}`, text: client.body, ...client, document: readJson(client.body), marks: NO_MARKS };
  if (!attempt) return [asked];
  const sent = { title: t("explain.toCopilot"), address: `${attempt.method} ${attempt.url}`, text: attempt.body, ...attempt, document: readJson(attempt.body), marks: NO_MARKS };
  if (asked.document === undefined || sent.document === undefined) return [asked, sent];
  const marks = compare(asked.document, sent.document);
  return [{ ...asked, marks: marks.client }, { ...sent, marks: marks.sent }];
}

function Legend({ sides }) {
  const [left, added] = sides.map((side) => side.marks.size);
  return html`<p class="muted small" role="status">${left + added === 0 ? t("explain.noMarks") : t("explain.differ", { left, added })}</p>`;
}

export function Bodies({ client, attempt, picker }) {
  const [sought, setSought] = useState("");
  const [isMarkedOnly, setMarkedOnly] = useState(false);
  const sides = useMemo(() => sidesOf(client, attempt), [client, attempt]);
  const view = { words: sought.trim().toLowerCase(), isMarkedOnly };
  const forms = FORMS.map((value) => ({ value, label: t(`explain.form.${value}`) }));
  return html`<${Card} title=${t("explain.bodies")} lead=${t(sides.length > 1 ? "explain.bodiesLead" : "explain.notSent")} actions=${picker}>
    <div class="explain-tools">
      <${SearchField} label=${t("explain.search")} value=${sought} onValue=${setSought} />
      ${sides.length > 1 && html`<${Toggle} label=${t("explain.markedOnly")} isOn=${isMarkedOnly} onToggle=${setMarkedOnly} />`}
      <${Segmented} label=${t("explain.form")} options=${forms} value=${form.value} onValue=${(value) => { form.value = value; }} />
    </div>
    ${sides.length > 1 && html`<${Legend} sides=${sides} />`}
    <div class="explain-sides">${sides.map((side) => html`<${Side} key=${side.title} side=${side} view=${view} />`)}</div>
  <//>`;
}
