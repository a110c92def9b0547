// Where the user is: #/tab/rest?query. Addresses can be linked, and the browser's back button works.
import { signal } from "./html.js";
import { isHeld, letGo, pending } from "./unsaved.js";

const FIRST = "accounts";

function parse(hash) {
  const [path, search = ""] = hash.replace(/^#\/?/, "").split("?");
  const [tab, ...rest] = path.split("/").map(decodeURIComponent);
  return { tab: tab || FIRST, rest: rest.filter(Boolean), query: new URLSearchParams(search), path };
}

function safely(hash) {
  try {
    return parse(hash);
  } catch {
    return parse("");
  }
}

/** Shape: {tab, rest: [..], query: URLSearchParams, path} */
export const route = signal(safely(location.hash));

/** The address of a tab: href("settings", "security") is "#/settings/security". */
export const href = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

/** Go somewhere, as if a link had been followed. */
export function go(...parts) {
  location.hash = href(...parts);
}

/** Change the query of the address in place: no new step in the history. */
export function setQuery(values) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
  const text = query.toString();
  history.replaceState(null, "", `#/${route.value.path}${text ? `?${text}` : ""}`);
  route.value = safely(location.hash);
}

addEventListener("hashchange", () => {
  const next = safely(location.hash);
  if (next.path !== route.value.path && isHeld(next.path)) {
    pending.value = location.hash;
    const { path, query } = route.value;
    history.replaceState(null, "", `#/${path}${query.size ? `?${query}` : ""}`);
    return;
  }
  route.value = next;
});

/** Answer the question that `pending` asks. */
export function leave(isSure) {
  const hash = pending.value;
  pending.value = null;
  if (!isSure || hash === null) return;
  letGo();
  location.hash = hash;
}

/** The token of a one-time setup link (/admin#setup=TOKEN), taken out of the address at once. */
export function takeSetupToken() {
  const found = /^#setup=(.+)$/.exec(location.hash);
  if (!found) return "";
  history.replaceState(null, "", location.pathname);
  route.value = safely("");
  return decodeURIComponent(found[1]);
}
