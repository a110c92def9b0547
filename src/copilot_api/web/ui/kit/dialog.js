// Questions and forms in front of the page. The browser's own <dialog> keeps the focus inside and closes on Escape.
import { classes, html, signal, useId, useLayoutEffect, useRef } from "../core/html.js";
import { t } from "../words/words.js";
import { Button, IconButton } from "./button.js";

/**
 * A modal dialog. `onClose` is called for Escape, the close button and a press beside it. `isFirm` ignores a press
 * beside it, for what must not be lost by accident. size: "small" | "normal" | "wide".
 */
export function Dialog({ title, onClose, children, actions, size = "normal", isFirm = false, class: extra }) {
  const dialog = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const before = document.activeElement;
    const node = dialog.current;
    node.showModal();
    return () => {
      node.close();
      if (before && before.isConnected) before.focus();
    };
  }, []);
  const onCancel = (event) => {
    event.preventDefault();
    onClose();
  };
  const onPress = (event) => {
    if (event.target === dialog.current && !isFirm) onClose();
  };
  return html`<dialog
    ref=${dialog} class=${classes("dialog", `dialog-${size}`, extra)} aria-labelledby=${id} onCancel=${onCancel} onPointerDown=${onPress}
  >
    <div class="dialog-inside">
      <header class="dialog-head">
        <h2 id=${id}>${title}</h2>
        <${IconButton} icon="close" label=${t("kit.close")} onClick=${onClose} />
      </header>
      <div class="dialog-body">${children}</div>
      ${actions && html`<footer class="dialog-foot">${actions}</footer>`}
    </div>
  </dialog>`;
}

const question = signal(null);

/**
 * Ask before something that cannot be taken back lightly; resolves to true or false.
 * Shape: {title, text, action: "Remove", tone: "danger" | "primary"}
 */
export function confirm(asked) {
  if (question.value) question.value.answer(false);
  return new Promise((resolve) => {
    const answer = (isSure) => {
      question.value = null;
      resolve(isSure);
    };
    question.value = { tone: "danger", ...asked, answer };
  });
}

/** Shows what `confirm` asks; once in the page. */
export function ConfirmHost() {
  const asked = question.value;
  if (!asked) return null;
  const actions = html`
    <${Button} onClick=${() => asked.answer(false)} autofocus>${asked.cancel || t("kit.cancel")}<//>
    <${Button} kind=${asked.tone} onClick=${() => asked.answer(true)}>${asked.action}<//>`;
  return html`<${Dialog} title=${asked.title} size="small" onClose=${() => asked.answer(false)} actions=${actions}>
    ${typeof asked.text === "string" ? html`<p>${asked.text}</p>` : asked.text}
  <//>`;
}
