// Which time and whose requests the whole tab is about; remembered by the browser.
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { remembered } from "../../core/remember.js";
import { Segmented, Select } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const HOUR_MS = 3_600_000;
const RANGES = { day: 24, week: 7 * 24, month: 30 * 24, year: 365 * 24 };

export const range = remembered("usage.range", "week", (value) => value in RANGES);
export const account = remembered("usage.account", "all", (value) => typeof value === "string");

const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** What the API takes: {from, account, by}. The start is a whole hour, so that an address asks the same for a while. */
export function scope() {
  const hours = RANGES[range.value];
  const from = Math.floor((Date.now() - hours * HOUR_MS) / HOUR_MS) * HOUR_MS;
  return { from: iso(from), account: account.value, by: hours <= 7 * 24 ? "hour" : "day" };
}

export function Range() {
  const list = accounts.data.value ? accounts.data.value.accounts : [];
  const options = [
    { value: "all", label: t("usage.accountAll") }, { value: "active", label: t("usage.accountActive") },
    ...list.map((entry) => ({ value: entry.id, label: entry.login })),
  ];
  const known = options.some((option) => option.value === account.value) ? account.value : "all";
  return html`<div class="usage-tools">
    <${Segmented} label=${t("usage.range")} options=${Object.keys(RANGES).map((value) => ({ value, label: t(`usage.range.${value}`) }))}
      value=${range.value} onValue=${(value) => { range.value = value; }} />
    <${Select} label=${t("usage.account")} isLabelHidden options=${options} value=${known} onValue=${(value) => { account.value = value; }} />
  </div>`;
}
