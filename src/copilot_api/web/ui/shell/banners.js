// What concerns every page: demo mode, a gateway that is not ready and what to do, a lost connection.
import { connection } from "../core/events.js";
import { html } from "../core/html.js";
import { status } from "../core/known.js";
import { session, sessionError } from "../core/session.js";
import { Button, Notice } from "../kit/kit.js";
import { errorText, hasWords, rich, t } from "../words/words.js";
import { href } from "../core/route.js";

const nameOf = (check) => (hasWords(`check.${check.name}`) ? t(`check.${check.name}`) : check.name);

const Failing = ({ check }) => html`<li>
  <strong>${nameOf(check)}</strong><span>${check.detail}</span>${check.remedy && html`<em>${check.remedy}</em>`}
</li>`;

function Readiness({ now }) {
  const failing = now.checks.filter((check) => !check.isOk);
  if (!failing.length) return null;
  const isMissingAccount = failing.some((check) => check.name === "account") && !now.accounts.length;
  if (isMissingAccount) {
    return html`<${Notice} tone="warn" title=${t("banner.noAccount")}
      action=${html`<${Button} size="small" kind="primary" href=${href("accounts", "add")}>${t("banner.addAccount")}<//>`}
    >${t("banner.noAccountHint")}<//>`;
  }
  return html`<${Notice} tone=${now.isReady ? "warn" : "bad"} title=${t(now.isReady ? "banner.warnings" : "banner.notReady")}>
    <ul class="checks">${failing.map((check) => html`<${Failing} key=${check.name + check.detail} check=${check} />`)}</ul>
  <//>`;
}

/** All banners that hold now. */
export function Banners() {
  const now = status.data.value;
  const who = session.value;
  const isLost = connection.value === "connecting" && sessionError.value;
  const isDemo = (now && now.isDemo) || (who && who.isDemo);
  return html`<div class="banners">
    ${isLost && html`<${Notice} tone="bad" role="alert" title=${errorText(sessionError.value)}>${t("banner.reconnecting")}<//>`}
    ${isDemo && html`<${Notice} tone="demo" title=${t("banner.demo")}>
      ${rich("banner.demoHint", { command: html`<code>copilot-api serve</code>` })}
    <//>`}
    ${who && who.isReadOnly && html`<${Notice} title=${t("banner.readOnly")}>${t("banner.readOnlyHint")}<//>`}
    ${now && !isLost && html`<${Readiness} now=${now} />`}
  </div>`;
}
