// What is left of each account's plan, how fast it goes, and how long it lasts at that pace.
import { query } from "../../core/api.js";
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { useResource } from "../../core/resource.js";
import { Card } from "../../kit/kit.js";
import { day, number } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";
import { planOf, Quota, QuotaDates } from "../accounts/quota.js";
import { account } from "./range.js";

const WIDTH = 130;
const HEIGHT = 34;

const nameOf = (name) => (hasWords(`accounts.bucket.${name}`) ? t(`accounts.bucket.${name}`) : name.replaceAll("_", " "));

/** A line without axes: what was left, from the first point to the last. */
function Spark({ name, points }) {
  if (points.length < 2) return html`<span></span>`;
  const times = points.map((point) => new Date(point.at).getTime());
  const values = points.map((point) => point.remaining);
  const [low, high] = [Math.min(0, ...values), Math.max(...values)];
  const x = (at) => ((at - times[0]) / Math.max(1, times.at(-1) - times[0])) * WIDTH;
  const y = (value) => HEIGHT - 2 - ((value - low) / Math.max(1e-9, high - low)) * (HEIGHT - 4);
  const line = points.map((_, index) => `${x(times[index]).toFixed(1)},${y(values[index]).toFixed(1)}`).join(" ");
  return html`<svg class="usage-spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${t("usage.spark", { name: nameOf(name) })}><polyline points=${line} /></svg>`;
}

function lasting(bucket) {
  if (bucket.perDay === null || bucket.perDay === undefined) return t("usage.paceUnknown");
  const until = bucket.lastsUntil && (!bucket.resetsAt || bucket.lastsUntil < bucket.resetsAt)
    ? t("usage.paceLasts", { day: day(bucket.lastsUntil) })
    : t("usage.paceEnough");
  return `${t("usage.pacePerDay", { count: number(bucket.perDay) })}, ${until}`;
}

function Pace({ accountId }) {
  const resource = useResource(query("/usage/pace", { accountId }), { quota: true });
  const buckets = resource.data.value ? resource.data.value.buckets : [];
  return buckets.map((bucket) => html`<div key=${bucket.name} class="usage-pace">
    <div><strong class="small">${nameOf(bucket.name)}</strong><div class="muted small">${lasting(bucket)}</div></div>
    <${Spark} name=${bucket.name} points=${bucket.points} />
  </div>`);
}

const isShown = (entry) => account.value === "all" || account.value === entry.id || (account.value === "active" && entry.isActive);

export function Quotas() {
  const list = (accounts.data.value ? accounts.data.value.accounts : []).filter(isShown);
  return html`<div class="usage-cards">
    ${list.map((entry) => html`<${Card} key=${entry.id} title=${entry.login} lead=${entry.plan && planOf(entry.plan)} tone=${entry.isActive ? "active" : "plain"}
      footer=${entry.quota && html`<span class="muted small row"><${QuotaDates} quota=${entry.quota} /></span>`}>
      <${Quota} quota=${entry.quota} />
      <${Pace} accountId=${entry.id} />
    <//>`)}
  </div>`;
}
