// What narrows the log: words to search for, an outcome, an account, and the models, clients, keys and protocols in it.
import { query } from "../../../core/api.js";
import { html } from "../../../core/html.js";
import { accounts } from "../../../core/known.js";
import { useResource } from "../../../core/resource.js";
import { Select } from "../../../kit/kit.js";
import { t } from "../../../words/words.js";
import { account } from "../range.js";

/** No filter at all. */
export const NOTHING = { text: "", outcome: "", model: "", client: "", key: "", upstream: "", account: "" };

/** Which list of GET /usage/words holds the choices of a filter, and which field of a row. */
const LISTS = {
  model: ["models", "mappedModel"], client: ["clients", "clientName"], key: ["keys", "key"], upstream: ["upstreams", "upstream"],
};

export const isNarrowed = (filter) => Object.values(filter).some(Boolean);

/** Whose requests: the log's own choice, else that of the whole tab. */
const whoseOf = (filter) => filter.account || account.value;

/** The filter as GET /usage/log takes it. */
export const questionOf = (filter) => {
  const { text, ...rest } = filter;
  return { ...rest, account: whoseOf(filter), q: text.trim() };
};

/** The lists with the words of a request that just ended. */
function grown(row, now) {
  const added = Object.values(LISTS).map(([list, field]) =>
    [list, row[field] && !now[list].includes(row[field]) ? [...now[list], row[field]].sort() : now[list]]);
  return { ...now, ...Object.fromEntries(added) };
}

/** The accounts. Whoever has one alone has no choice; one that was removed since stays chosen. */
export function AccountFilter({ filter, set }) {
  const list = accounts.data.value ? accounts.data.value.accounts : [];
  const isAll = account.value === "all";
  const chosen = isAll && filter.account === "all" ? "" : filter.account;
  if (list.length < 2 && !chosen) return null;
  const options = [
    { value: "", label: t(isAll ? "usage.accountAll" : "usage.accountAbove") },
    !isAll && { value: "all", label: t("usage.accountAll") },
    ...list.map((entry) => ({ value: entry.id, label: entry.login })),
  ].filter(Boolean);
  if (!options.some(({ value }) => value === chosen)) options.push({ value: chosen, label: chosen });
  return html`<${Select} label=${t("usage.accountUsed")} options=${options} value=${chosen} onValue=${set("account")} />`;
}

/** One list for each kind of word. A list of one is not worth a choice, unless it was chosen. */
export function WordFilters({ filter, set }) {
  const words = useResource(query("/usage/words", { account: whoseOf(filter) }), { usage: true, exchange: grown });
  const known = words.data.value;
  return known && Object.entries(LISTS).map(([name, [list]]) => {
    const choices = known[list].includes(filter[name]) || !filter[name] ? known[list] : [filter[name], ...known[list]];
    if (choices.length < 2 && !filter[name]) return null;
    return html`<${Select} key=${name} label=${t(`usage.${name}`)} value=${filter[name]} onValue=${set(name)}
      options=${[{ value: "", label: t(`usage.any.${name}`) }, ...choices.map((value) => ({ value, label: value }))]} />`;
  });
}
