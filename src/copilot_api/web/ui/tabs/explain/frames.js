// What came back: each frame from Copilot and each frame to the client, with the moment at which it passed.
import { html, useState } from "../../core/html.js";
import { Badge, Button, Card, Icon, Notice, SearchField } from "../../kit/kit.js";
import { number } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { Headers } from "./bodies.js";
import { readJson } from "./difference.js";

const PORTION = 100;
const PREVIEW = 140;

/** The words that a piece of an answer adds, in any of the protocols; "" where it adds none. */
function gistOf(document) {
  const choice = document && document.choices && document.choices[0];
  const delta = (choice && (choice.delta || choice.message)) || (document && document.delta);
  if (typeof delta === "string") return delta;
  const found = delta && [delta.text, delta.content, delta.thinking, delta.partial_json].find((text) => typeof text === "string");
  return found || "";
}

/** An event of a stream: its name, and what it says. Anything else is a piece of a body. */
function readFrame(text) {
  const lines = text.split(/\r?\n/);
  const fields = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());
  const data = fields("data").join("\n");
  const document = readJson(data || text);
  const type = fields("event")[0] || (document && typeof document.type === "string" ? document.type : "");
  return { type, said: gistOf(document) || data || text.trim(), document };
}

function Frame({ frame }) {
  const [isOpen, setOpen] = useState(false);
  const { type, said, document } = readFrame(frame.text);
  return html`<details class="explain-frame" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><span class="number muted">${number(frame.atMs, 1)} ms</span><span class="explain-preview truncate">${type && html`<strong>${type}</strong> `}${said.slice(0, PREVIEW)}</span><${Icon} name="down" size=${14} /></summary>
    ${isOpen && html`<pre class="explain-text" tabindex="0"><code>${document === undefined ? frame.text : JSON.stringify(document, null, 2)}</code></pre>`}
  </details>`;
}

/** One direction. `side` is {title, status, frames, isTruncated, headers, problem}. */
function Side({ side, words }) {
  const [count, setCount] = useState(PORTION);
  const found = words ? side.frames.filter((frame) => frame.text.toLowerCase().includes(words)) : side.frames;
  return html`<section class="explain-side" aria-label=${side.title}>
    <header>
      <div><h3>${side.title}</h3><p class="muted small">${t("explain.frameCount", { count: side.frames.length })}</p></div>
      ${side.status !== null && html`<${Badge} tone=${side.status < 400 ? "good" : "bad"}>${side.status}<//>`}
    </header>
    ${side.problem && html`<${Notice} tone="bad" title=${side.problem} />`}
    ${side.isTruncated && html`<${Notice} tone="warn" title=${t("explain.truncated")} />`}
    ${found.length === 0 && html`<p class="muted">${t(words ? "explain.nothingFound" : "explain.noFrames")}</p>`}
    <ol class="explain-frames">${found.slice(0, count).map((frame, index) => html`<li key=${`${frame.atMs} ${index}`}><${Frame} frame=${frame} /></li>`)}</ol>
    ${found.length > count && html`<div><${Button} size="small" onClick=${() => setCount(count + PORTION)}>${t("explain.moreFrames", { count: Math.min(PORTION, found.length - count) })}<//></div>`}
    <${Headers} title=${t("explain.headers")} headers=${side.headers} />
  </section>`;
}

export function Frames({ attempt, answer }) {
  const [sought, setSought] = useState("");
  const sides = [
    attempt && { title: t("explain.fromCopilot"), status: attempt.status, frames: attempt.frames, isTruncated: attempt.framesTruncated, headers: attempt.responseHeaders, problem: attempt.problem },
    answer && { title: t("explain.toClientTitle"), status: answer.status, frames: answer.frames, isTruncated: answer.framesTruncated, headers: answer.headers, problem: answer.isAborted ? t("explain.brokeOff") : "" },
  ].filter(Boolean);
  return html`<${Card} title=${t("explain.frames")} lead=${t("explain.framesLead")}>
    <div class="explain-tools"><${SearchField} label=${t("explain.searchFrames")} value=${sought} onValue=${setSought} /></div>
    <div class="explain-sides">${sides.map((side) => html`<${Side} key=${side.title} side=${side} words=${sought.trim().toLowerCase()} />`)}</div>
  <//>`;
}
