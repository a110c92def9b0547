// Short messages at the edge of the page. They wait while one points at them or has the focus inside.
import { html, useEffect, useRef, useState } from "../core/html.js";
import { dismiss, toasts } from "../core/tell.js";
import { t } from "../words/words.js";
import { Button, IconButton } from "./button.js";
import { Icon } from "./icons.js";

function Toast({ toast }) {
  const [isHeld, setHeld] = useState(false);
  const leftMs = useRef(toast.forMs);
  useEffect(() => {
    if (isHeld) return undefined;
    const began = Date.now();
    const timer = setTimeout(() => dismiss(toast.id), leftMs.current);
    return () => {
      clearTimeout(timer);
      leftMs.current -= Date.now() - began;
    };
  }, [isHeld]);
  const undo = () => {
    dismiss(toast.id);
    toast.undo();
  };
  return html`<li
    class=${`toast toast-${toast.tone}`}
    onPointerEnter=${() => setHeld(true)} onPointerLeave=${() => setHeld(false)}
    onFocusIn=${() => setHeld(true)} onFocusOut=${() => setHeld(false)}
  >
    <${Icon} name=${toast.tone === "bad" ? "warning" : "check"} />
    <div class="toast-text"><span>${toast.text}</span>${toast.detail && html`<small>${toast.detail}</small>`}</div>
    ${toast.undo && html`<${Button} size="small" onClick=${undo}>${t("kit.undo")}<//>`}
    <${IconButton} icon="close" label=${t("kit.dismiss")} size=${16} onClick=${() => dismiss(toast.id)} />
  </li>`;
}

/** Shows what core/tell.js is told; once in the page. A manual popover, so that it lies above open dialogs too. */
export function ToastHost() {
  const region = useRef(null);
  const shown = toasts.value;
  useEffect(() => {
    const node = region.current;
    if (node.matches(":popover-open")) node.hidePopover();
    if (shown.length) node.showPopover();
  }, [shown]);
  return html`<section ref=${region} class="toasts" popover="manual" aria-label=${t("kit.messages")} aria-live="polite">
    <ol>${shown.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}</ol>
  </section>`;
}
