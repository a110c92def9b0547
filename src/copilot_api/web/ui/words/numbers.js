// Numbers, sizes and times as people of the chosen language write them. Unknown values are a dash.
import { signal } from "../core/html.js";
import { locale, t } from "./words.js";

const NONE = "–";
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86400;
const TICK_MS = 15000;

const isKnown = (value) => value !== null && value !== undefined && Number.isFinite(Number(value));
const made = new Map();

function format(kind, options, make = Intl.NumberFormat) {
  const key = `${locale.value} ${kind}`;
  if (!made.has(key)) made.set(key, new make(locale.value, options));
  return made.get(key);
}

/** 12,345.6 with at most `digits` behind the point. */
export const number = (value, digits = 1) =>
  isKnown(value) ? format(`number ${digits}`, { maximumFractionDigits: digits }).format(value) : NONE;

/** 12.3K, 1M: for tokens and other big counts. */
export const compact = (value) =>
  isKnown(value) ? format("compact", { notation: "compact", maximumFractionDigits: 1 }).format(value) : NONE;

/** 37.5 -> 37.5%. */
export const percent = (value, digits = 1) =>
  isKnown(value) ? format(`percent ${digits}`, { style: "percent", maximumFractionDigits: digits }).format(value / 100) : NONE;

/** 0.4 -> "400 ms", 3 -> "3 s". Takes milliseconds. */
export function duration(ms) {
  if (!isKnown(ms)) return NONE;
  if (ms < 1000) return `${number(ms, 0)} ms`;
  if (ms < 60000) return `${number(ms / 1000, 1)} s`;
  return `${number(ms / 60000, 1)} min`;
}

/** 1536 -> "1.5 KB". */
export function bytes(count) {
  if (!isKnown(count)) return NONE;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let step = 0;
  let value = Number(count);
  while (value >= 1024 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${number(value, 1)} ${units[step]}`;
}

/** The time of `iso` with the day, in the viewer's time zone. */
export const dateTime = (iso) =>
  iso ? format("dateTime", { dateStyle: "medium", timeStyle: "short" }, Intl.DateTimeFormat).format(new Date(iso)) : NONE;

/** The day of `iso`. */
export const day = (iso) =>
  iso ? format("day", { dateStyle: "medium" }, Intl.DateTimeFormat).format(new Date(iso)) : NONE;

/** The present, told to whoever shows "3 minutes ago". */
export const now = signal(Date.now());
setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, TICK_MS);

/** "3 minutes ago", "in 2 days". */
export function ago(iso) {
  if (!iso) return NONE;
  const seconds = (new Date(iso).getTime() - now.value) / 1000;
  const size = Math.abs(seconds);
  if (size < 45) return seconds > 5 ? t("time.soon") : t("time.now");
  const [unit, length] = size < HOUR_S ? ["minute", MINUTE_S] : size < DAY_S ? ["hour", HOUR_S] : ["day", DAY_S];
  return format("ago", { numeric: "auto" }, Intl.RelativeTimeFormat).format(Math.round(seconds / length), unit);
}
