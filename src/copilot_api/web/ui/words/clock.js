// Time that runs while one looks: the beat of a second, and what is left until a moment.
import { signal, useEffect } from "../core/html.js";

const BEAT_MS = 1000;
const beat = signal(Date.now());
const state = { watchers: 0, timer: 0 };

function begin() {
  state.watchers += 1;
  if (state.watchers === 1) state.timer = setInterval(() => {
    if (!document.hidden) beat.value = Date.now();
  }, BEAT_MS);
  beat.value = Date.now();
}

function end() {
  state.watchers -= 1;
  if (state.watchers === 0) clearInterval(state.timer);
}

/** The present in Unix milliseconds; the component is drawn anew each second while it is shown. */
export function useSeconds() {
  useEffect(() => {
    begin();
    return end;
  }, []);
  return beat.value;
}

const two = (count) => String(count).padStart(2, "0");

/** Seconds as 0:42, 12:05 or 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Seconds from `nowMs` to `iso`, none below 0. */
export const secondsTo = (iso, nowMs) => Math.max(0, (new Date(iso).getTime() - nowMs) / 1000);
