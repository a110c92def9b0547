// A value that is edited where it stands: double click, or Enter on it; Enter saves, Escape gives up.
import { html, useLayoutEffect, useRef, useState } from "../core/html.js";
import { t } from "../words/words.js";
import { Icon } from "./icons.js";

function Editor({ value, label, kind, options, onDone, onCancel, ...rest }) {
  const input = useRef(null);
  const isOver = useRef(false);
  useLayoutEffect(() => {
    input.current.focus();
    if (input.current.select) input.current.select();
  }, []);
  const finish = (isSaved) => {
    if (isOver.current) return;
    isOver.current = true;
    if (isSaved) onDone(input.current.value);
    else onCancel();
  };
  const onKeyDown = (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    finish(event.key === "Enter");
  };
  const shared = { ref: input, class: "input input-inline", "aria-label": label, onKeyDown, onBlur: () => finish(true), ...rest };
  if (options) {
    return html`<select ...${shared} onChange=${() => finish(true)}>
      ${options.map((option) => html`<option value=${option.value} selected=${option.value === value}>${option.label}</option>`)}
    </select>`;
  }
  return html`<input ...${shared} type=${kind} step=${kind === "number" ? "any" : undefined} value=${value} />`;
}

/**
 * `onSave(text)` is called when the text is another than before. kind: "text" | "number"; `options` makes it a choice.
 * `children` is how the value is shown when nobody edits it.
 */
export function InlineEdit({ value, label, kind = "text", options, onSave, isDisabled = false, children, ...rest }) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef(null);
  const before = value === null || value === undefined ? "" : String(value);
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => button.current && button.current.focus());
  };
  const done = (text) => {
    close();
    if (text !== before) onSave(text);
  };
  if (isDisabled) return html`<span>${children}</span>`;
  if (isOpen) {
    return html`<${Editor} value=${before} label=${label} kind=${kind} options=${options} onDone=${done} onCancel=${close} ...${rest} />`;
  }
  const onClick = (event) => {
    // A press of Enter or Space clicks with a detail of 0; a finger has no double click.
    if (event.detail === 0 || matchMedia("(pointer: coarse)").matches) setOpen(true);
  };
  return html`<button
    ref=${button} type="button" class="inline-edit" aria-label=${t("kit.edit", { name: label, value: before || "–" })}
    title=${t("kit.editHint")} onDblClick=${() => setOpen(true)} onClick=${onClick}
  >${children}<${Icon} name="edit" size=${13} /></button>`;
}
