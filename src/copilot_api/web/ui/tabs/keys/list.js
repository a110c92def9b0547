// The keys as rows.
import { on } from "../../core/events.js";
import { html, useEffect, useState } from "../../core/html.js";
import { Badge, Menu, Table, When } from "../../kit/kit.js";
import { compact, day, number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const TONES = { active: "good", expired: "warn", revoked: "bad", unbound: "bad" };
const SCOPE_TONES = { inference: "plain", usage: "blue", admin: "violet" };

const Name = ({ entry }) => html`<span class="keys-name">
  <span>${entry.name}</span>
  ${entry.hint && html`<code>${entry.hint}</code>`}
  ${entry.state !== "active" && html`<${Badge} tone=${TONES[entry.state]}>${t(`keys.state.${entry.state}`)}<//>`}
  ${entry.isReadOnly && html`<${Badge} title=${t("keys.readOnlyHint")} icon="lock">${t(`keys.source.${entry.source}`)}<//>`}
</span>`;

const Scopes = ({ entry }) => html`<span class="keys-tags">
  ${entry.scopes.map((scope) => html`<${Badge} key=${scope} tone=${SCOPE_TONES[scope] || "plain"}>${t(`keys.scope.${scope}`)}<//>`)}
  ${entry.isStrict && html`<${Badge} tone="accent">${t("keys.strict")}<//>`}
</span>`;

function accountOf(entry) {
  if (entry.state === "unbound") return html`<span class="keys-lost">${t("keys.accountGone")}</span>`;
  return entry.accountId ? entry.accountLogin || entry.accountId : html`<span class="muted">${t("keys.anyAccount")}</span>`;
}

const modelsOf = (entry) =>
  entry.models.length
    ? html`<span class="keys-tags">${entry.models.map((model) => html`<code key=${model}>${model}</code>`)}</span>`
    : html`<span class="muted">${t("kit.all")}</span>`;

/** Everything that holds a key back, in short words. */
function limitsOf({ rateLimit, budget }) {
  const words = [
    rateLimit && rateLimit.requestsPerMinute && t("keys.perMinute", { count: number(rateLimit.requestsPerMinute) }),
    rateLimit && rateLimit.tokensPerMinute && t("keys.tokensPerMinute", { count: compact(rateLimit.tokensPerMinute) }),
    rateLimit && rateLimit.concurrency && t("keys.atOnce", { count: rateLimit.concurrency }),
    budget && budget.credits && t(`keys.creditsPer.${budget.period}`, { count: number(budget.credits) }),
    budget && budget.requests && t(`keys.requestsPer.${budget.period}`, { count: number(budget.requests) }),
  ].filter(Boolean);
  return words.length ? words.join(" · ") : html`<span class="muted">${t("kit.none")}</span>`;
}

const expiryOf = (entry) =>
  entry.expiresAt ? html`<time datetime=${entry.expiresAt}>${day(entry.expiresAt)}</time>` : html`<span class="muted">${t("keys.never")}</span>`;

/** The uses that were told since the list was shown, by the key's id: the list itself is not read anew for each. */
function useUses() {
  const [uses, setUses] = useState({});
  useEffect(() => on("exchange", (row) => row.keyId && setUses((before) => ({ ...before, [row.keyId]: row.at }))), []);
  return uses;
}

const later = (one, other) => (one && (!other || new Date(one) > new Date(other)) ? one : other);

const lastUseOf = (at) =>
  at ? html`<${When} at=${at} />` : html`<span class="muted">${t("keys.notYet")}</span>`;

const Deeds = ({ entry, deeds }) => html`<${Menu} label=${t("keys.menu", { name: entry.name })} items=${[
  { label: t("keys.editShort"), icon: "edit", onSelect: () => deeds.edit(entry) },
  { label: t("keys.rotate"), icon: "refresh", onSelect: () => deeds.rotate(entry) },
  { label: t("keys.revoke"), icon: "remove", tone: "danger", onSelect: () => deeds.revoke(entry) },
]} />`;

export function KeyTable({ keys, deeds }) {
  const uses = useUses();
  const columns = [
    { key: "name", title: t("keys.name"), isHeader: true, render: (entry) => html`<${Name} entry=${entry} />` },
    { key: "scopes", title: t("keys.scopes"), render: (entry) => html`<${Scopes} entry=${entry} />` },
    { key: "account", title: t("keys.account"), render: accountOf },
    { key: "models", title: t("keys.models"), render: modelsOf },
    { key: "limits", title: t("keys.limits"), render: limitsOf },
    { key: "expires", title: t("keys.expires"), render: expiryOf },
    { key: "lastUsed", title: t("keys.lastUsed"), render: (entry) => lastUseOf(later(uses[entry.id], entry.lastUsedAt)) },
    deeds && {
      key: "menu", title: t("kit.more"), isTitleHidden: true, align: "end", class: "cell-corner",
      render: (entry) => (entry.isReadOnly ? null : html`<${Deeds} entry=${entry} deeds=${deeds} />`),
    },
  ].filter(Boolean);
  return html`<${Table} caption=${t("tab.keys")} columns=${columns} rows=${keys} rowKey=${(entry) => entry.id} />`;
}
