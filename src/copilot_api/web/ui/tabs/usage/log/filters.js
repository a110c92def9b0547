// What narrows the log: words to search for, an outcome, and the models, clients, keys and protocols that are in it.
import { query } from "../../../core/api.js";
import { html } from "../../../core/html.js";
import { useResource } from "../../../core/resource.js";
import { Select } from "../../../kit/kit.js";
import { t } from "../../../words/words.js";
import { account } from "../range.js";

/** No filter at all. */
export const NOTHING = { text: "", outcome: "", model: "", client: "", key: "", upstream: "" };

/** Which list of GET /usage/words holds the choices of a filter, and which field of a row. */
const LISTS = {
  model: ["models", "mappedModel"], client: ["clients", "clientName"], key: ["keys", "key"], upstream: ["upstreams", "upstream"],
};

export const isNarrowed = (filter) => Object.values(filter).some(Boolean);

/** The filter as GET /usage/log takes it. */
export const questionOf = ({ text, ...rest }) => ({ ...rest, q: text.trim() });

/** The lists with the words of a request that just ended. */
function grown(row, now) {
  const added = Object.values(LISTS).map(([list, field]) =>
    [list, row[field] && !now[list].includes(row[field]) ? [...now[list], row[field]].sort() : now[list]]);
  return { ...now, ...Object.fromEntries(added) };
}

/** One list for each kind of word. A list of one is not worth a choice, unless it was chosen. */
export function WordFilters({ filter, set }) {
  const words = useResource(query("/usage/words", { account: account.value }), { usage: true, exchange: grown });
  const known = words.data.value;
  return known && Object.entries(LISTS).map(([name, [list]]) => {
    const choices = known[list].includes(filter[name]) || !filter[name] ? known[list] : [filter[name], ...known[list]];
    if (choices.length < 2 && !filter[name]) return null;
    return html`<${Select} key=${name} label=${t(`usage.${name}`)} value=${filter[name]} onValue=${set(name)}
      options=${[{ value: "", label: t(`usage.any.${name}`) }, ...choices.map((value) => ({ value, label: value }))]} />`;
  });
}
