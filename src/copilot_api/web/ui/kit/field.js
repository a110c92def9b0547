// Everything that is typed or chosen. Each has a label; an error and a hint are tied to their input.
import { classes, html, useId, useRef, useState } from "../core/html.js";
import { t } from "../words/words.js";
import { IconButton } from "./button.js";
import { Icon } from "./icons.js";

/**
 * The frame of an input: label above, hint and error below. `children` is a function of the attributes that tie the
 * input to them: ${(tied) => html`<input ...${tied}>`}.
 */
export function Field({ label, hint, error, isLabelHidden = false, class: extra, children }) {
  const id = useId();
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  const tied = { id, "aria-describedby": described || undefined, "aria-invalid": error ? "true" : undefined };
  return html`<div class=${classes("field", error && "has-error", extra)}>
    <label for=${id} class=${isLabelHidden ? "offscreen" : "field-label"}>${label}</label>
    ${children(tied)}
    ${error && html`<p class="field-error" id=${`${id}-error`}><${Icon} name="warning" size=${14} />${error}</p>`}
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

const frameOf = ({ label, hint, error, isLabelHidden, class: extra }) => ({ label, hint, error, isLabelHidden, class: extra });
const inputOf = ({ label, hint, error, isLabelHidden, class: extra, onValue, unit, options, ...rest }) => rest;

/** One line of text. `onValue(text)` at each change; `unit` stands behind it. */
export function TextField(props) {
  const { onValue, unit } = props;
  return html`<${Field} ...${frameOf(props)}>
    ${(tied) => html`<div class="input-row">
      <input
        class="input" type="text" autocomplete="off" spellcheck=${false}
        ...${inputOf(props)} ...${tied}
        onInput=${(event) => onValue(event.currentTarget.value)}
      />
      ${unit && html`<span class="input-unit">${unit}</span>`}
    </div>`}
  <//>`;
}

/** A number or null when empty. What cannot be read as one is handed on as NaN, for the form to refuse. */
export function NumberField({ value, onValue, ...props }) {
  const shown = value === null || value === undefined || Number.isNaN(value) ? "" : String(value);
  const read = (event) => {
    const text = event.currentTarget.value;
    if (event.currentTarget.validity.badInput) onValue(Number.NaN);
    else onValue(text.trim() === "" ? null : Number(text));
  };
  return html`<${Field} ...${frameOf(props)}>
    ${(tied) => html`<div class="input-row">
      <input class="input input-number" type="number" step="any" ...${inputOf(props)} ...${tied} value=${shown} onInput=${read} />
      ${props.unit && html`<span class="input-unit">${props.unit}</span>`}
    </div>`}
  <//>`;
}

/** Several lines of text. */
export function TextArea(props) {
  return html`<${Field} ...${frameOf(props)}>
    ${(tied) => html`<textarea
      class="input" rows="4" spellcheck=${false} ...${inputOf(props)} ...${tied}
      onInput=${(event) => props.onValue(event.currentTarget.value)}
    ></textarea>`}
  <//>`;
}

/** A secret: hidden until its user wants to see it. */
export function SecretField(props) {
  const [isShown, setShown] = useState(false);
  return html`<${Field} ...${frameOf(props)}>
    ${(tied) => html`<div class="input-row">
      <input
        class="input" type=${isShown ? "text" : "password"} autocomplete="off" spellcheck=${false}
        ...${inputOf(props)} ...${tied}
        onInput=${(event) => props.onValue(event.currentTarget.value)}
      />
      <${IconButton}
        icon=${isShown ? "hidden" : "eye"} label=${t(isShown ? "kit.hide" : "kit.show")}
        aria-pressed=${isShown} onClick=${() => setShown(!isShown)}
      />
    </div>`}
  <//>`;
}

/** The name under which a browser's password store keeps the secret of a form. */
export const AdminName = () => html`<input type="text" name="username" value="admin" autocomplete="username" readonly hidden />`;

/** options: [{value, label, isDisabled}] or groups [{label, options: [..]}]. */
export function Select(props) {
  const { options, value, onValue } = props;
  const option = (entry) => html`<option value=${entry.value} disabled=${entry.isDisabled} selected=${entry.value === value}>
    ${entry.label}
  </option>`;
  return html`<${Field} ...${frameOf(props)}>
    ${(tied) => html`<div class="select">
      <select class="input" ...${inputOf(props)} ...${tied} onChange=${(event) => onValue(event.currentTarget.value)}>
        ${options.map((entry) =>
          entry.options ? html`<optgroup label=${entry.label}>${entry.options.map(option)}</optgroup>` : option(entry),
        )}
      </select>
      <${Icon} name="down" size=${16} />
    </div>`}
  <//>`;
}

/** On or off, at once. */
export function Toggle({ label, hint, isOn, onToggle, isDisabled = false, isLabelHidden = false }) {
  const id = useId();
  return html`<div class="toggle-row">
    <button
      type="button" role="switch" class="toggle" id=${id} aria-checked=${isOn ? "true" : "false"} disabled=${isDisabled}
      aria-labelledby=${`${id}-label`} aria-describedby=${hint ? `${id}-hint` : undefined}
      onClick=${() => onToggle(!isOn)}
    ><span class="toggle-knob"></span></button>
    <div>
      <label id=${`${id}-label`} for=${id} class=${isLabelHidden ? "offscreen" : "toggle-label"}>${label}</label>
      ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
    </div>
  </div>`;
}

/** One of a list of boxes that may all be ticked. */
export function Check({ label, hint, isOn, onToggle, isDisabled = false }) {
  const id = useId();
  return html`<div class="check">
    <input
      type="checkbox" id=${id} checked=${isOn} disabled=${isDisabled} aria-describedby=${hint ? `${id}-hint` : undefined}
      onChange=${(event) => onToggle(event.currentTarget.checked)}
    />
    <div>
      <label for=${id}>${label}</label>
      ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
    </div>
  </div>`;
}

/** A few choices side by side, of which one holds. options: [{value, label, icon}] */
export function Segmented({ label, options, value, onValue, class: extra }) {
  const name = useId();
  return html`<fieldset class=${classes("segmented", extra)}>
    <legend class="offscreen">${label}</legend>
    ${options.map((option) => html`<label class=${classes("segment", option.value === value && "is-chosen")}>
      <input
        type="radio" name=${name} value=${option.value} checked=${option.value === value}
        onChange=${() => onValue(option.value)}
      />
      ${option.icon && html`<${Icon} name=${option.icon} size=${16} />`}
      <span class=${option.isLabelHidden ? "offscreen" : ""}>${option.label}</span>
    </label>`)}
  </fieldset>`;
}

/** A field to search with; Escape empties it. */
export function SearchField({ label, value, onValue, ...rest }) {
  const input = useRef(null);
  const onKeyDown = (event) => {
    if (event.key === "Escape" && value) {
      event.preventDefault();
      onValue("");
    }
  };
  return html`<div class="search">
    <${Icon} name="search" size=${16} />
    <input
      ref=${input} class="input" type="search" aria-label=${label} placeholder=${label} value=${value}
      autocomplete="off" spellcheck=${false} onKeyDown=${onKeyDown}
      onInput=${(event) => onValue(event.currentTarget.value)} ...${rest}
    />
  </div>`;
}

/** A form that submits by Enter. */
export function Form({ onSubmit, children, ...rest }) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  return html`<form class="form" novalidate onSubmit=${submit} ...${rest}>${children}</form>`;
}
