// The way of a request as a list of steps: asked, named, routed, mended, translated, sent, answered; each with its reason.
import { html } from "../../core/html.js";
import { Badge, Card, Icon } from "../../kit/kit.js";
import { duration } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";
import { said } from "./said/said.js";

const ICONS = {
  asked: "playground", mapping: "mappings", route: "connect", custom: "settings", translation: "language", repair: "edit",
  loss: "warning", retry: "refresh", sent: "up", answered: "down",
};
const TONES = { loss: "warn", retry: "warn", repair: "violet", translation: "blue" };

const HANDLED = / \((dropped|approximated|harmless)\)$/;
const HANDLED_TONES = { dropped: "warn", approximated: "blue", harmless: "plain" };

const kindOf = (kind) => (hasWords(`explain.kind.${kind}`) ? t(`explain.kind.${kind}`) : kind);

const sentStep = (attempt) => ({
  kind: "sent", name: attempt.url, atMs: attempt.startedMs, status: attempt.status,
  detail: attempt.problem || (attempt.frames.length > 0 ? t("explain.answeredAfter", { time: duration(attempt.frames[0].atMs - attempt.startedMs) }) : ""),
});

/** Everything in the order in which it happened; a retry stands before the attempt that it led to. */
function stepsOf({ client, plan, attempts, answer, result }) {
  const retries = plan.steps.filter((step) => step.kind === "retry");
  const decided = plan.steps.filter((step) => step.kind !== "retry" || attempts.length === 0);
  const asked = { kind: "asked", name: client ? `${client.method} ${client.path}` : plan.ingress, detail: plan.requestedModel, atMs: client ? 0 : null };
  const sent = attempts.flatMap((attempt, index) => [index > 0 && retries[index - 1], sentStep(attempt)]).filter(Boolean);
  const told = answer && {
    kind: "answered", name: t(answer.isAborted ? "explain.brokeOff" : "explain.toClient", { count: answer.frames.length }),
    status: answer.status, detail: result.finish ? t("explain.finish", { finish: result.finish }) : "", atMs: result.totalMs,
  };
  return [asked, ...decided, ...sent, told].filter(Boolean);
}

const shown = (name) => name.replaceAll(" -> ", " → ");

/** Where a request went, in a person's words; a loss without the word for what became of it, which stands beside. */
function titleOf({ kind, code, name }) {
  if (code === "repair.answer") return t("explain.answerRepaired");
  if (kind === "retry") return t("explain.sentAgain");
  return kind === "loss" ? name.replace(HANDLED, "") : shown(name);
}

/** A loss says what became of it in a word of its own, an attempt how it was answered. */
function Fate({ step }) {
  const handled = step.kind === "loss" && step.name.match(HANDLED);
  if (handled) return html`<${Badge} tone=${HANDLED_TONES[handled[1]]}>${t(`explain.handled.${handled[1]}`)}<//>`;
  return step.status ? html`<${Badge} tone=${step.status < 400 ? "good" : "bad"}>${step.status}<//>` : null;
}

const Step = ({ step }) => html`<li class=${`explain-step explain-${TONES[step.kind] || "plain"}`}>
  <span class="explain-mark"><${Icon} name=${ICONS[step.kind] || "right"} size=${15} /></span>
  <div class="explain-said">
    <span class="muted small">${kindOf(step.kind)}</span>
    <div class="row"><strong>${titleOf(step)}</strong><${Fate} step=${step} /></div>
    ${step.detail && html`<p>${said(step)}</p>`}
  </div>
  ${typeof step.atMs === "number" && html`<span class="muted small number">${duration(step.atMs)}</span>`}
</li>`;

export const Timeline = ({ explanation }) => html`<${Card} title=${t("explain.steps")} lead=${t("explain.stepsLead")}>
  <ol class="explain-steps">${stepsOf(explanation).map((step, index) => html`<${Step} key=${index} step=${step} />`)}</ol>
<//>`;
