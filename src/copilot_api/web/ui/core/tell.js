// Short messages to the user that no page owns: what was done, with a way back, and what went wrong.
import { signal } from "./html.js";
import { errorText, t } from "../words/words.js";

/** Shape: [{id, text, detail, tone: "plain" | "good" | "bad", undo, forMs}] */
export const toasts = signal([]);
const SHORT_MS = 5000;
const LONG_MS = 12000;
let count = 0;

/** Say something. `undo` is called when the user takes it back; `forMs` is how long that stays possible. */
export function tell({ text, detail = "", tone = "plain", undo = null, forMs = null }) {
  const id = ++count;
  const stays = forMs || (undo || tone === "bad" ? LONG_MS : SHORT_MS);
  toasts.value = [...toasts.value.slice(-3), { id, text, detail, tone, undo, forMs: stays }];
  return id;
}

export function dismiss(id) {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Say what went wrong. Somebody else's change (412) is shown instead of overwritten. */
export function tellError(error, resource = null) {
  if (error.status === 412) {
    if (resource) resource.load();
    tell({ text: t("error.stale_version"), tone: "bad" });
    return;
  }
  tell({ text: errorText(error), detail: error.remedy || "", tone: "bad" });
}
