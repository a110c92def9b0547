// The one door to the vendored modules: the rest of the page names no version.
import htm from "../vendor/htm-3.1.1.js";
import { Fragment, createContext, h, render } from "../vendor/preact-11.2.0.js";

export {
  useCallback, useContext, useEffect, useErrorBoundary, useId, useLayoutEffect, useMemo, useRef, useState,
} from "../vendor/preact-hooks-11.2.0.js";
export {
  batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect,
} from "../vendor/signals-2.11.4.js";

/** Tagged template: html`<p class="x">${child}</p>`. Text only ever enters the page as text. */
export const html = htm.bind(h);
export { Fragment, createContext, h, render };

/** Join class names, leaving out what is false. */
export const classes = (...names) => names.filter(Boolean).join(" ");
