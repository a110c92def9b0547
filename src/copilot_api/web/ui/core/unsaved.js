// Nobody loses what they typed: leaving a page with unsaved changes asks first.
import { signal, useEffect, useRef } from "./html.js";

const guards = new Set();
/** The address that waits for the user's answer, or null. */
export const pending = signal(null);

/** Hold the page while `isDirty`. Addresses that begin with `within` ("settings") are left to move freely. */
export function useUnsaved(isDirty, { within = "" } = {}) {
  const guard = useRef({ within });
  useEffect(() => {
    if (!isDirty) return undefined;
    const own = guard.current;
    guards.add(own);
    return () => guards.delete(own);
  }, [isDirty]);
}

/** Whether going to `path` would lose something. */
export const isHeld = (path) =>
  [...guards].some(({ within }) => !within || (path !== within && !path.startsWith(`${within}/`)));

export function letGo() {
  guards.clear();
}

addEventListener("beforeunload", (event) => {
  if (guards.size) event.preventDefault();
});
