// What may be spent in a day or a month, by whom, and how much of it is gone.
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { href } from "../../core/route.js";
import { Badge, Bar, Button, Card, EmptyState } from "../../kit/kit.js";
import { dateTime, number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const DEFAULT_WARN_RATIO = 0.8;

/** Whose it is, as the page names them: a login, a key's name. The gateway's own words where both are gone. */
export function ownerOf(budget, keys) {
  if (budget.scope === "all") return t("limits.everybody");
  const known = budget.scope === "key" ? keys : accounts.data.value ? accounts.data.value.accounts : [];
  const found = known.find(({ id }) => id === budget.id);
  return found ? found.name || found.login : budget.name;
}

const PLACES = { all: ["settings", "usage"], account: ["settings", "usage"], key: ["keys"] };

function State({ budget, warnRatio }) {
  if (budget.usedRatio >= 1) return html`<${Badge} tone="bad" icon="stop">${t("limits.usedUp")}<//>`;
  if (budget.usedRatio >= warnRatio) return html`<${Badge} tone="warn" icon="warning">${t("limits.nearly")}<//>`;
  return html`<${Badge} tone="good" icon="check">${t("limits.fine")}<//>`;
}

/** One bar for each unit that is limited. */
const Spent = ({ budget, unit, spent, most }) => most !== null && html`<${Bar}
  label=${t(`limits.unit.${unit}`)} share=${(100 * spent) / most} hue=${unit === "credits" ? "amber" : "blue"}
  text=${t("limits.spent", { spent: number(spent, 2), most: number(most, 2) })}
/>`;

function Budget({ budget, keys, warnRatio }) {
  const owner = ownerOf(budget, keys);
  return html`<li class="limits-budget">
    <header>
      <span class="limits-owner"><strong>${owner}</strong><span class="muted small">${t(`limits.scope.${budget.scope}`)} · ${t(`limits.period.${budget.period}`)}</span></span>
      <${State} budget=${budget} warnRatio=${warnRatio} />
    </header>
    <${Spent} budget=${budget} unit="credits" spent=${budget.spentCredits} most=${budget.credits} />
    <${Spent} budget=${budget} unit="requests" spent=${budget.spentRequests} most=${budget.requests} />
    <footer class="muted small">
      <span>${t(budget.usedRatio >= 1 ? "limits.refusedUntil" : "limits.resets", { time: dateTime(budget.resetsAt) })}</span>
      <a href=${href(...PLACES[budget.scope])} aria-label=${t("limits.changeOf", { name: owner })}>${t("limits.change")}</a>
    </footer>
  </li>`;
}

const None = () => html`<${EmptyState} icon="usage" title=${t("limits.noBudgets")} action=${html`<div class="row">
  <${Button} size="small" icon="settings" href=${href("settings", "usage")}>${t("limits.budgetAll")}<//>
  <${Button} size="small" icon="keys" href=${href("keys")}>${t("limits.budgetKey")}<//>
</div>`}>${t("limits.noBudgetsHint")}<//>`;

export const Budgets = ({ budgets, keys, warnRatio }) => html`<${Card} title=${t("limits.budgets")} lead=${budgets.length > 0 && t("limits.budgetsLead")}>
  ${budgets.length === 0 ? html`<${None} />` : html`<ul class="limits-budgets">
    ${budgets.map((budget) => html`<${Budget} key=${budget.scope + budget.id} budget=${budget} keys=${keys} warnRatio=${warnRatio || DEFAULT_WARN_RATIO} />`)}
  </ul>`}
<//>`;
