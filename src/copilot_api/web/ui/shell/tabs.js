// The tabs, and how one is loaded when it is first wanted: its component, its words and its stylesheet together.
//
// A tab is a folder tabs/<id>/ with index.js (default export: the component), words.js (default export: its
// dictionary) and <id>.css.
import { addWords } from "../words/words.js";

/** In the order of the sidebar; `group` "more" stands apart, at its end. */
export const TABS = [
  { id: "accounts", icon: "accounts" },
  { id: "models", icon: "models" },
  { id: "usage", icon: "usage" },
  { id: "limits", icon: "hand" },
  { id: "mappings", icon: "mappings" },
  { id: "keys", icon: "keys" },
  { id: "connect", icon: "connect" },
  { id: "playground", icon: "playground" },
  { id: "settings", icon: "settings" },
  { id: "explain", icon: "explain", group: "more" },
  { id: "security", icon: "shield", group: "more" },
  { id: "api", icon: "docs", group: "more" },
  { id: "about", icon: "about", group: "more" },
];

const loads = new Map();

function stylesheet(path) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = path;
    link.onload = resolve;
    link.onerror = () => reject(new Error(`${path} did not load`));
    document.head.append(link);
  });
}

async function bring(id) {
  const [module, words] = await Promise.all([
    import(`../tabs/${id}/index.js`),
    import(`../tabs/${id}/words.js`),
    stylesheet(`/admin/tabs/${id}/${id}.css`),
  ]);
  addWords(words.default);
  return module.default;
}

/** The tab that an address means; one that is none of ours means the first. */
export const known = (id) => (TABS.some((tab) => tab.id === id) ? id : TABS[0].id);

/** The component of a tab; asked again, the same promise. A failed load is tried anew the next time. */
export function loadTab(name) {
  const id = known(name);
  if (!loads.has(id)) {
    const load = bring(id);
    loads.set(id, load);
    load.catch(() => loads.delete(id));
  }
  return loads.get(id);
}
