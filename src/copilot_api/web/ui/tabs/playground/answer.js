// What came back: the words, then the facts.
import { html } from "../../core/html.js";
import { Badge, Card, Disclosure, Facts, Notice } from "../../kit/kit.js";
import { duration, number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const count = (value) => (value === null || value === undefined ? t("kit.unknown") : number(value));

function factsOf(answer) {
  const facts = [
    [t("playground.route"), answer.route || "–"],
    [t("playground.losses"), answer.losses || t("playground.noLosses")],
    [t("playground.firstByte"), answer.firstByteMs === null ? "–" : duration(answer.firstByteMs)],
    [t("playground.total"), answer.totalMs === null ? "–" : duration(answer.totalMs)],
  ];
  if (answer.usage) {
    facts.push([t("playground.input"), `${count(answer.usage.input)}${answer.usage.cached ? ` (${t("playground.cached")} ${count(answer.usage.cached)})` : ""}`]);
    facts.push([t("playground.output"), count(answer.usage.output)]);
  }
  if (answer.status) facts.push([t("playground.status"), String(answer.status)]);
  if (answer.traceId) facts.push([t("playground.trace"), html`<code>${answer.traceId}</code>`]);
  return facts;
}

function Words({ answer }) {
  if (answer.text) return html`<div class="playground-answer" data-part="text">${answer.text}</div>`;
  if (!answer.isOver) return html`<p class="muted">${t("playground.waiting")}</p>`;
  return answer.failure || answer.isStopped ? null : html`<p class="muted">${t("playground.noText")}</p>`;
}

/** `answer` as run.js tells it; null before the first question. `request` is what was sent, as text. */
export function Answer({ answer, request }) {
  if (!answer) return html`<${Card} title=${t("playground.answer")}><p class="muted">${t("playground.none")}</p><//>`;
  const actions = answer.isStopped && html`<${Badge} tone="warn">${t("playground.stopped")}<//>`;
  return html`<div class="stack">
    <${Card} title=${t("playground.answer")} actions=${actions} aria-busy=${answer.isOver ? "false" : "true"}>
      <div class="stack">
        ${answer.reasoning && html`<${Disclosure} summary=${t("playground.reasoning")}><div class="playground-reasoning">${answer.reasoning}</div><//>`}
        <${Words} answer=${answer} />
        ${answer.failure && html`<${Notice} tone="bad" role="alert">${answer.failure}<//>`}
        <${Facts} items=${factsOf(answer)} />
      </div>
    <//>
    <${Disclosure} summary=${t("playground.request")}><pre class="playground-raw" tabindex="0">${request}</pre><//>
    <${Disclosure} summary=${t("playground.raw")}><pre class="playground-raw" tabindex="0">${answer.raw}</pre><//>
  </div>`;
}
