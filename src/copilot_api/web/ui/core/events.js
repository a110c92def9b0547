// What the gateway tells while it happens: one EventSource for the whole page, none while nobody looks at it.
//
//   off -> connecting -> live -> (hidden) paused -> connecting ...
//                          \-> (lost) connecting, with growing patience
import { signal } from "./html.js";

export const TOPICS = [
  "accounts", "quota", "signin", "keys", "models", "mappings", "settings", "session", "exchange", "status",
  "approval", "limits", "captures", "usage",
];
const FIRST_PATIENCE_MS = 1000;
const LONGEST_PATIENCE_MS = 30000;

/** "off" | "connecting" | "live" | "paused" */
export const connection = signal("off");

const listeners = new Map();
const state = { source: null, timer: 0, patienceMs: FIRST_PATIENCE_MS, isWanted: false, wasLive: false };

function tell(topic, payload) {
  for (const listener of [...(listeners.get(topic) || [])]) listener(payload);
}

/** Listen to a topic; "resync" is told after a gap in which events may have been missed. Returns how to stop. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  return () => listeners.get(topic).delete(listener);
}

function disconnect() {
  clearTimeout(state.timer);
  if (state.source) state.source.close();
  state.source = null;
}

function arrive() {
  connection.value = "live";
  state.patienceMs = FIRST_PATIENCE_MS;
  if (state.wasLive) tell("resync", null);
  state.wasLive = true;
}

function lose() {
  disconnect();
  connection.value = "connecting";
  state.timer = setTimeout(connect, state.patienceMs);
  state.patienceMs = Math.min(state.patienceMs * 2, LONGEST_PATIENCE_MS);
  tell("lost", null);
}

function connect() {
  disconnect();
  connection.value = "connecting";
  const source = new EventSource("/admin/api/events");
  state.source = source;
  source.addEventListener("open", arrive);
  source.addEventListener("error", lose);
  for (const topic of TOPICS) {
    source.addEventListener(topic, (event) => tell(topic, JSON.parse(event.data)));
  }
}

export function startEvents() {
  if (state.isWanted) return;
  state.isWanted = true;
  if (document.hidden) connection.value = "paused";
  else connect();
}

export function stopEvents() {
  state.isWanted = false;
  disconnect();
  connection.value = "off";
}

document.addEventListener("visibilitychange", () => {
  if (!state.isWanted) return;
  if (document.hidden) {
    disconnect();
    connection.value = "paused";
  } else if (connection.value === "paused") {
    state.patienceMs = FIRST_PATIENCE_MS;
    connect();
  }
});
addEventListener("pagehide", disconnect);
