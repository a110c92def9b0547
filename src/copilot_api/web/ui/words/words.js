// What the page says, in the user's language. A dictionary holds both languages of a phrase side by side:
//   "keys.count": ["{count} {count|key|keys}", "{count} 个密钥"]
// {name} is replaced by a value; {name|one|many} by one of two words, as the number says.
import { effect } from "../core/html.js";
import { remembered } from "../core/remember.js";

export const LANGUAGES = [
  { id: "en", name: "English" },
  { id: "zh-CN", name: "简体中文" },
];
const ids = LANGUAGES.map((language) => language.id);

function preferred() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wishes = [asked, ...navigator.languages].filter(Boolean).map((wish) => wish.toLowerCase());
  const found = wishes.map((wish) => (wish.startsWith("zh") ? "zh-CN" : wish.startsWith("en") ? "en" : null));
  return found.find(Boolean) || "en";
}

/** "en" or "zh-CN"; a component that speaks is drawn anew when it changes. */
export const locale = remembered("language", preferred(), (value) => ids.includes(value));
effect(() => {
  document.documentElement.lang = locale.value;
});

const phrases = new Map();

/** Add a tab's dictionary. Shape: {"keys.title": ["English", "中文"]} */
export function addWords(dictionary) {
  for (const [key, texts] of Object.entries(dictionary)) phrases.set(key, texts);
}

/** Whether a phrase exists; for codes that the gateway may add. */
export const hasWords = (key) => phrases.has(key);

function phrase(key) {
  const texts = phrases.get(key);
  if (!texts) {
    console.error(`No words for ${key}`);
    return key;
  }
  return texts[ids.indexOf(locale.value)] || texts[0];
}

const HOLE = /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g;

function fill(values, name, one, many) {
  if (one === undefined) return name in values ? values[name] : "";
  return Number(values[name]) === 1 ? one : many;
}

/** The phrase of `key` with its values put in: t("keys.count", {count: 3}). */
export function t(key, values = {}) {
  return phrase(key).replace(HOLE, (_, name, one, many) => String(fill(values, name, one, many)));
}

/** The same with elements among the values; returns children: rich("keys.hint", {link: html`<a …>…</a>`}). */
export function rich(key, values) {
  const text = phrase(key);
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(HOLE)) {
    parts.push(text.slice(from, match.index), fill(values, match[1], match[2], match[3]));
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)];
}

/** What an ApiError says, in the user's language where its code is one of ours. */
export function errorText(error) {
  const key = `error.${error.code}`;
  return hasWords(key) ? t(key, { seconds: error.retryAfterS || "" }) : error.message;
}
