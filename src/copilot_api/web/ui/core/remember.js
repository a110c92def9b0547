// What this browser remembers of its user's choices. A private window may refuse; then nothing is remembered.
import { effect, signal } from "./html.js";

const PREFIX = "copilot-api.";

export function recall(name, fallback) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : JSON.parse(text);
  } catch {
    return fallback;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Nothing is lost but the memory of a choice.
  }
}

/** A signal whose value outlives the page. `accepts` refuses what an older version left behind. */
export function remembered(name, fallback, accepts = () => true) {
  const found = recall(name, fallback);
  const value = signal(accepts(found) ? found : fallback);
  let isFirst = true;
  effect(() => {
    const now = value.value;
    if (!isFirst) remember(name, now);
    isFirst = false;
  });
  return value;
}
