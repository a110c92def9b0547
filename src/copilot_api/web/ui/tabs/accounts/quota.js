// What is left of an account's allowances, said right for every kind: counted, unlimited, overdrawn, not offered.
import { html } from "../../core/html.js";
import { Bar, When } from "../../kit/kit.js";
import { day, number } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";

const HUES = {
  premium_interactions: "accent", premium_models: "accent", chat: "blue", completions: "violet", ai_credits: "amber",
};

const nameOf = (bucket) =>
  hasWords(`accounts.bucket.${bucket.name}`) ? t(`accounts.bucket.${bucket.name}`) : bucket.name.replaceAll("_", " ");

/** A plan as people call it. */
export const planOf = (plan) => (hasWords(`accounts.plan.${plan}`) ? t(`accounts.plan.${plan}`) : plan.replaceAll("_", " "));

/** How much of it is used, in percent; null when there is nothing to measure. More than 100 when overdrawn. */
function shareOf(bucket) {
  if (bucket.isUnlimited || !bucket.isApplicable) return null;
  if (bucket.entitlement > 0 && bucket.remaining !== null) {
    return (100 * (bucket.entitlement - bucket.remaining)) / bucket.entitlement;
  }
  return bucket.percentRemaining === null ? null : 100 - bucket.percentRemaining;
}

function textOf(bucket, share) {
  if (!bucket.isApplicable) return t("accounts.notApplicable");
  if (bucket.isUnlimited) return t("accounts.unlimited");
  if (bucket.entitlement > 0 && bucket.remaining !== null) {
    return t("accounts.used", { used: number(bucket.entitlement - bucket.remaining), all: number(bucket.entitlement) });
  }
  return share === null ? t("kit.unknown") : t("accounts.usedShare", { percent: number(share) });
}

/** What stands below the bar: how far over, and what happens then. */
function hintOf(bucket, share) {
  if (share === null) return null;
  const over = Math.max(bucket.overageUsed || 0, bucket.remaining < 0 ? -bucket.remaining : 0);
  if (over > 0) return t(bucket.isOveragePermitted ? "accounts.overBilled" : "accounts.over", { count: number(over) });
  if (share >= 100) return t(bucket.isOveragePermitted ? "accounts.emptyBilled" : "accounts.empty");
  return null;
}

function Bucket({ bucket }) {
  const share = shareOf(bucket);
  return html`<${Bar}
    label=${nameOf(bucket)} share=${share} text=${textOf(bucket, share)} hint=${hintOf(bucket, share)}
    hue=${HUES[bucket.name] || "blue"} isInfinite=${bucket.isUnlimited}
  />`;
}

/** Every allowance of one account. */
export function Quota({ quota }) {
  if (!quota) return html`<p class="muted small">${t("accounts.noQuota")}</p>`;
  const all = [...(quota.aiCredits ? [{ ...quota.aiCredits, name: "ai_credits" }] : []), ...quota.buckets, ...quota.limiters];
  return html`<div class="accounts-quota">${all.map((bucket) => html`<${Bucket} key=${bucket.name} bucket=${bucket} />`)}</div>`;
}

/** When the allowances begin anew, and how old the figures are. */
export const QuotaDates = ({ quota }) => html`
  ${new Date(quota.resetsAt) > new Date() && html`<span>${t("accounts.resets", { day: day(quota.resetsAt) })}</span>`}
  ${quota.readAt && html`<span>${t("accounts.readAt")} <${When} at=${quota.readAt} /></span>`}`;
