// What things lie on, and how they show what they are: pages, cards, badges, bars, notes, empty and loading states.
import { classes, html } from "../core/html.js";
import { ago, dateTime } from "../words/numbers.js";
import { errorText, t } from "../words/words.js";
import { Button, CopyButton } from "./button.js";
import { Icon } from "./icons.js";

/** A tab's head: its title, one sentence, and what can be done. */
export function Page({ title, lead, actions, children }) {
  return html`<div class="page">
    <header class="page-head">
      <div>
        <h1 tabindex="-1" id="page-title">${title}</h1>
        ${lead && html`<p class="page-lead">${lead}</p>`}
      </div>
      ${actions && html`<div class="page-actions">${actions}</div>`}
    </header>
    ${children}
  </div>`;
}

/** A titled surface. tone: "plain" | "good" | "warn" | "bad" | "active". */
export function Card({ title, lead, actions, footer, tone = "plain", class: extra, children, as = "section", ...rest }) {
  return html`<${as} class=${classes("card", tone !== "plain" && `card-${tone}`, extra)} ...${rest}>
    ${(title || actions) && html`<header class="card-head">
      <div>
        <h2>${title}</h2>
        ${lead && html`<p class="muted">${lead}</p>`}
      </div>
      ${actions && html`<div class="card-actions">${actions}</div>`}
    </header>`}
    ${children}
    ${footer && html`<footer class="card-foot">${footer}</footer>`}
  <//>`;
}

/** A word with a colour. tone: "plain" | "good" | "warn" | "bad" | "accent" | "blue" | "violet". */
export function Badge({ tone = "plain", icon, children, ...rest }) {
  return html`<span class=${classes("badge", `badge-${tone}`)} ...${rest}>
    ${icon && html`<${Icon} name=${icon} size=${13} />`}${children}
  </span>`;
}

/** A coloured dot with its meaning in words beside it. */
export const Dot = ({ tone, children }) =>
  html`<span class="dot-row"><span class=${`dot dot-${tone}`}></span><span>${children}</span></span>`;

const toneOf = (share) => (share >= 90 ? "bad" : share >= 75 ? "warn" : "");

/** How much of something is used. `share` is in percent; null draws an empty track (unlimited, not known). */
export function Bar({ label, share, text, hint, hue = "accent", isInfinite = false }) {
  const known = share !== null && share !== undefined;
  const filled = known ? Math.max(0, Math.min(100, share)) : 0;
  const measured = known
    ? { role: "meter", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100",
        "aria-valuenow": String(Math.round(filled)), "aria-valuetext": text }
    : {};
  const look = classes("bar", `bar-${hue}`, known && toneOf(share) && `bar-${toneOf(share)}`, isInfinite && "bar-infinite");
  return html`<div class=${look}>
    <div class="bar-text"><span>${label}</span><span class="bar-value">${text}</span></div>
    <div class="bar-track" ...${measured}><div class="bar-fill" style=${{ width: `${filled}%` }}></div></div>
    ${hint && html`<p class="bar-hint">${hint}</p>`}
  </div>`;
}

/** A remark that stays. tone: "plain" | "good" | "warn" | "bad". `role="alert"` is for what just went wrong. */
export function Notice({ tone = "plain", title, children, action, ...rest }) {
  const icon = tone === "good" ? "check" : tone === "plain" ? "about" : "warning";
  return html`<div class=${`notice notice-${tone}`} ...${rest}>
    <${Icon} name=${icon} />
    <div class="notice-text">${title && html`<strong>${title}</strong>`}${children && html`<div>${children}</div>`}</div>
    ${action && html`<div class="notice-action">${action}</div>`}
  </div>`;
}

/** An ApiError where it matters, with what to do about it. */
export function ErrorNote({ error, onRetry }) {
  if (!error) return null;
  return html`<${Notice} tone="bad" role="alert" title=${errorText(error)}
    action=${onRetry && html`<${Button} size="small" icon="refresh" onClick=${onRetry}>${t("kit.retry")}<//>`}>
    ${error.remedy && html`<p>${error.remedy}</p>`}
    ${error.traceId && html`<p class="muted">${t("kit.trace")} <code>${error.traceId}</code></p>`}
  <//>`;
}

/** What stands where there is nothing yet, and how to change that. */
export const EmptyState = ({ icon, title, children, action }) => html`<div class="empty">
  <span class="empty-icon"><${Icon} name=${icon} size=${28} /></span>
  <h2>${title}</h2>
  ${children && html`<p class="muted">${children}</p>`}
  ${action}
</div>`;

/** Grey lines while something loads. */
export const Skeleton = ({ lines = 3 }) => html`<div class="skeleton" role="status">
  <span class="offscreen">${t("kit.loading")}</span>
  ${Array.from({ length: lines }, (_, index) => html`<span key=${index}></span>`)}
</div>`;

/** The states of a resource in one place: loading, failed, or what `children(document)` draws. */
export function Loaded({ resource, lines = 4, children }) {
  const document = resource.data.value;
  const error = resource.error.value;
  return html`${error && html`<${ErrorNote} error=${error} onRetry=${resource.load} />`}
  ${document ? children(document) : !error && html`<${Skeleton} lines=${lines} />`}`;
}

/** A moment, as "3 minutes ago"; the exact time is its tooltip. */
export const When = ({ at, isExact = false }) =>
  at ? html`<time datetime=${at} title=${dateTime(at)}>${isExact ? dateTime(at) : ago(at)}</time>` : html`<span>–</span>`;

/** A face, or the initials where there is none. */
export const Avatar = ({ src, initials, size = 36 }) => html`<span
  class="avatar" style=${{ width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.38)}px` }} aria-hidden="true"
>${src ? html`<img src=${src} alt="" width=${size} height=${size} loading="lazy" />` : initials}</span>`;

/** Text to take away as it is. */
export const Code = ({ text, label, language }) => html`<figure class="code">
  ${label && html`<figcaption>${label}</figcaption>`}
  <pre tabindex="0" data-language=${language} aria-label=${label}><code>${text}</code></pre>
  <div class="code-copy"><${CopyButton} text=${text} name=${label ? t("kit.copyOf", { name: label }) : undefined} /></div>
</figure>`;

/** Names and their values, in two columns. items: [[term, value], ..]; what is null is left out. */
export const Facts = ({ items }) => html`<dl class="facts">
  ${items.filter(Boolean).map(([term, value]) => html`<div key=${term}><dt>${term}</dt><dd>${value}</dd></div>`)}
</dl>`;

/** More for those who want it. */
export const Disclosure = ({ summary, children, isOpen }) => html`<details class="disclosure" open=${isOpen}>
  <summary><${Icon} name="right" size=${16} />${summary}</summary>
  <div>${children}</div>
</details>`;
