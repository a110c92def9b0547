// A key while it is being written: how it begins, what is wrong with it, what of it is new.
import { t } from "../../words/words.js";

const KEEP = "keep";
const DATE = "date";

/** The draft of a key that exists, or of a new one. */
export function draftOf(entry) {
  const { rateLimit = null, budget = null } = entry || {};
  return {
    name: entry ? entry.name : "",
    scopes: entry ? [...entry.scopes] : ["inference"],
    accountId: (entry && entry.accountId) || "",
    models: entry ? entry.models.join(", ") : "",
    isStrict: Boolean(entry && entry.isStrict),
    expiry: entry ? KEEP : "",
    expiryDay: "",
    requestsPerMinute: rateLimit && rateLimit.requestsPerMinute,
    tokensPerMinute: rateLimit && rateLimit.tokensPerMinute,
    concurrency: rateLimit && rateLimit.concurrency,
    credits: budget && budget.credits,
    requests: budget && budget.requests,
    period: budget ? budget.period : "month",
  };
}

const NUMBERS = ["requestsPerMinute", "tokensPerMinute", "concurrency", "requests"];
const isWhole = (value) => value === null || value === undefined || (Number.isInteger(value) && value > 0);
const isAmount = (value) => value === null || value === undefined || value > 0;

/** What has to be put right first, by field. */
export function problemsOf(draft) {
  const problems = {};
  if (!draft.name.trim()) problems.name = t("keys.nameMissing");
  if (!draft.scopes.length) problems.scopes = t("keys.scopeMissing");
  if (draft.expiry === DATE && !(new Date(`${draft.expiryDay}T23:59:59`) > new Date())) problems.expires = t("keys.dayMissing");
  for (const name of NUMBERS) {
    if (!isWhole(draft[name])) problems[name] = t("keys.wholeNumber");
  }
  if (!isAmount(draft.credits)) problems.credits = t("keys.amount");
  return problems;
}

const listOf = (text) => text.split(/[\s,]+/).filter(Boolean);

function expiresOf(draft) {
  if (draft.expiry === DATE) return new Date(`${draft.expiryDay}T23:59:59`).toISOString().replace(/\.\d+Z$/, "Z");
  return draft.expiry || null;
}

function rateLimitOf({ requestsPerMinute, tokensPerMinute, concurrency }) {
  const limits = { requestsPerMinute, tokensPerMinute, concurrency };
  const hasAny = Object.values(limits).some((limit) => limit !== null && limit !== undefined);
  return hasAny ? Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, limit ?? null])) : null;
}

const budgetOf = ({ credits, requests, period }) =>
  credits || requests ? { credits: credits ?? null, requests: requests ?? null, period } : null;

function documentOf(draft) {
  return {
    name: draft.name.trim(),
    scopes: draft.scopes,
    accountId: draft.accountId || null,
    models: listOf(draft.models),
    isStrict: draft.isStrict,
    rateLimit: rateLimitOf(draft),
    budget: budgetOf(draft),
  };
}

/** What to send: the whole of a new key, or what changed of an old one. */
export function changesOf(draft, entry) {
  const wanted = documentOf(draft);
  if (!entry) return { ...wanted, expires: expiresOf(draft) };
  const before = documentOf(draftOf(entry));
  const changes = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])),
  );
  if (draft.expiry !== KEEP) changes.expires = expiresOf(draft);
  return changes;
}

/** Whether there is anything to save. */
export const isEdited = (draft, entry) => Object.keys(changesOf({ ...draft, expiryDay: draft.expiryDay || "2999-01-01" }, entry)).length > 0;
