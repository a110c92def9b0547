// The fields of a key's form.
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { useResource } from "../../core/resource.js";
import { NumberField, Select, TextField } from "../../kit/kit.js";
import { day } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const DAYS = [7, 30, 90, 365];

/** Which account answers for the key. One that is gone stays to be seen. */
export function AccountField({ draft, set, error }) {
  const known = accounts.data.value ? accounts.data.value.accounts : [];
  const isGone = draft.accountId && !known.some(({ id }) => id === draft.accountId);
  const options = [
    { value: "", label: t("keys.anyAccount") },
    ...known.map(({ id, login }) => ({ value: id, label: login })),
    ...(isGone ? [{ value: draft.accountId, label: t("keys.accountGone") }] : []),
  ];
  return html`<${Select} label=${t("keys.account")} hint=${t("keys.accountHint")} value=${draft.accountId}
    onValue=${(accountId) => set({ accountId })} options=${options} error=${error} />`;
}

export function ExpiryFields({ draft, set, error, entry }) {
  const kept = entry && { value: "keep", label: entry.expiresAt ? t("keys.keepDay", { day: day(entry.expiresAt) }) : t("keys.keepNever") };
  const options = [
    kept,
    { value: "", label: t("keys.never") },
    ...DAYS.map((count) => ({ value: `${count}d`, label: t("keys.inDays", { count }) })),
    { value: "date", label: t("keys.onDay") },
  ].filter((option) => option && !(kept && !entry.expiresAt && option.value === ""));
  return html`<div class="stack-tight">
    <${Select} label=${t("keys.expires")} value=${draft.expiry} onValue=${(expiry) => set({ expiry })} options=${options}
      error=${draft.expiry === "date" ? null : error} />
    ${draft.expiry === "date" && html`<${TextField}
      label=${t("keys.lastDay")} type="date" value=${draft.expiryDay} onValue=${(expiryDay) => set({ expiryDay })} error=${error}
    />`}
  </div>`;
}

/** Patterns of models, with the catalogue to choose from. */
export function ModelsField({ draft, set, error }) {
  const models = useResource("/models", { models: true });
  const known = models.data.value ? models.data.value.models : [];
  const add = (id) => id && set({ models: [...draft.models.split(/[\s,]+/).filter(Boolean), id].join(", ") });
  return html`<div class="stack-tight">
    <${TextField} label=${t("keys.models")} hint=${t("keys.modelsHint")} value=${draft.models} onValue=${(models) => set({ models })}
      error=${error} placeholder="claude-*, gpt-5.5" />
    ${known.length > 0 && html`<${Select} label=${t("keys.addModel")} isLabelHidden value="" onValue=${add}
      options=${[{ value: "", label: t("keys.addModel") }, ...known.map(({ id }) => ({ value: id, label: id }))]} />`}
  </div>`;
}

const LIMITS = ["requestsPerMinute", "tokensPerMinute", "concurrency"];

export const LimitFields = ({ draft, set, problems }) => html`<div class="form-row">
  ${LIMITS.map((name) => html`<${NumberField}
    key=${name} label=${t(`keys.limit.${name}`)} value=${draft[name]} min="1" placeholder=${t("keys.unlimited")}
    onValue=${(value) => set({ [name]: value })} error=${problems[name] || problems[`rateLimit.${name}`]}
  />`)}
</div>`;

export const BudgetFields = ({ draft, set, problems }) => html`<div class="form-row">
  <${NumberField} label=${t("keys.budgetCredits")} value=${draft.credits} min="0" placeholder=${t("keys.unlimited")}
    onValue=${(credits) => set({ credits })} error=${problems.credits || problems["budget.credits"]} />
  <${NumberField} label=${t("keys.budgetRequests")} value=${draft.requests} min="1" placeholder=${t("keys.unlimited")}
    onValue=${(requests) => set({ requests })} error=${problems.requests || problems["budget.requests"]} />
  <${Select} label=${t("keys.period")} value=${draft.period} onValue=${(period) => set({ period })}
    options=${[{ value: "day", label: t("keys.period.day") }, { value: "month", label: t("keys.period.month") }]} />
</div>`;
