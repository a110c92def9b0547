// Usage: what is left, what was used, by whom, and every request of it.
import { html } from "../../core/html.js";
import { Page } from "../../kit/kit.js";
import { addWords, t } from "../../words/words.js";
import accountWords from "../accounts/words.js";
import { Chart } from "./chart.js";
import { Reconciliation, UsageTest } from "./checks.js";
import { Log } from "./log/log.js";
import { Quotas } from "./quota.js";
import { Range } from "./range.js";
import { Summary } from "./summary.js";

addWords(accountWords);

export default function Usage() {
  return html`<${Page} title=${t("tab.usage")} lead=${t("usage.lead")} actions=${html`<${Range} />`}>
    <div class="stack">
      <${Quotas} />
      <${Summary} />
      <${Chart} />
      <${Log} />
      <div class="usage-cards">
        <${UsageTest} />
        <${Reconciliation} />
      </div>
    </div>
  <//>`;
}
