// JSON as a tree that folds: what is searched for stays in sight, what differs is marked in words and colour.
import { classes, html, useState } from "../../core/html.js";
import { Badge, Icon } from "../../kit/kit.js";
import { number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const TONES = { new: "good", gone: "bad", changed: "warn" };
const OPEN_DEPTH = 2;
const LONG = 600;
const NAMING = ["role", "type", "name", "id"];

const isObject = (value) => value !== null && typeof value === "object";
const pathOf = (path, name, isList) => (isList ? `${path}[${name}]` : path ? `${path}.${name}` : name);

/**
 * A document with what one wants to see of it. Shape of a node: {name, path, value, mark, children: null | [node], hits,
 * marks}; `hits` and `marks` count those in it. `words` is in lower case; "" finds nothing.
 */
export function grow(value, marks, words, name = "", path = "") {
  const isHit = words !== "" && (name.toLowerCase().includes(words) || (!isObject(value) && String(value).toLowerCase().includes(words)));
  const mark = marks.get(path);
  const isList = Array.isArray(value);
  const children = isObject(value) ? Object.entries(value).map(([key, item]) => grow(item, marks, words, key, pathOf(path, key, isList))) : null;
  const sum = (count) => (children || []).reduce((total, child) => total + child[count], 0);
  return { name, path, value, mark, children, isHit, hits: sum("hits") + (isHit ? 1 : 0), marks: sum("marks") + (mark ? 1 : 0) };
}

/** A text with what was searched for set off. */
function Marked({ text, words }) {
  const from = words ? text.toLowerCase().indexOf(words) : -1;
  if (from < 0) return text;
  return html`${text.slice(0, from)}<mark>${text.slice(from, from + words.length)}</mark>${text.slice(from + words.length)}`;
}

function Text({ text, words }) {
  const [isWhole, setWhole] = useState(false);
  const isCut = text.length > LONG && !isWhole && !(words && text.toLowerCase().includes(words));
  return html`<span class="explain-string">"<${Marked} text=${isCut ? text.slice(0, LONG) : text} words=${words} />${isCut ? "…" : "\""}</span>
    ${isCut && html` <button type="button" class="explain-whole" onClick=${() => setWhole(true)}>${t("explain.whole", { count: number(text.length, 0) })}</button>`}`;
}

const Value = ({ value, words }) => (typeof value === "string"
  ? html`<${Text} text=${value} words=${words} />`
  : html`<span class="explain-scalar"><${Marked} text=${JSON.stringify(value)} words=${words} /></span>`);

const Mark = ({ mark }) => mark && html` <${Badge} tone=${TONES[mark]}>${t(`explain.mark.${mark}`)}<//>`;

/** A folded object says what it is: {user, text, …}. */
function preview(value) {
  if (Array.isArray(value)) return `[${value.length}]`;
  const named = NAMING.map((name) => value[name]).filter((entry) => typeof entry === "string" && entry.length < 40);
  return named.length > 0 ? `{ ${named.join(", ")} … }` : `{${Object.keys(value).length}}`;
}

const isShown = (node, view) => (view.words === "" || node.hits > 0 || view.isInHit) && (!view.isMarkedOnly || node.marks > 0);

function Branch({ node, depth, view }) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH || (node.marks > 0 && depth < OPEN_DEPTH + 2));
  const open = isOpen || (view.words !== "" && node.hits > 0) || view.isMarkedOnly;
  const inside = { ...view, isInHit: view.isInHit || node.isHit };
  return html`<details open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><${Icon} name="right" size=${13} /><span class="explain-name"><${Marked} text=${node.name} words=${view.words} /></span>
      <span class="muted">${preview(node.value)}</span><${Mark} mark=${node.mark} />
      ${!node.mark && node.marks > 0 && html`<span class="explain-count" title=${t("explain.marks", { count: node.marks })}>${node.marks}</span>`}</summary>
    ${open && html`<${Children} node=${node} depth=${depth + 1} view=${inside} />`}
  </details>`;
}

const Leaf = ({ node, view }) => html`<div class=${classes("explain-leaf", node.mark && `explain-${node.mark}`)}>
  <span class="explain-name"><${Marked} text=${node.name} words=${view.words} /></span> <${Value} value=${node.value} words=${view.words} /><${Mark} mark=${node.mark} />
</div>`;

const isBranch = (node) => node.children !== null && node.children.length > 0;

const Children = ({ node, depth, view }) => html`<ul>
  ${node.children.filter((child) => isShown(child, view)).map((child) => html`<li key=${child.path}>${isBranch(child)
    ? html`<${Branch} node=${child} depth=${depth} view=${view} />`
    : html`<${Leaf} node=${child} view=${view} />`}</li>`)}
</ul>`;

/** The tree of `grow`. view: {words, isMarkedOnly} */
export const Tree = ({ node, view }) => html`<div class="explain-tree">
  ${isBranch(node) ? html`<${Children} node=${node} depth=${1} view=${view} />` : html`<${Leaf} node=${node} view=${view} />`}
</div>`;
