// One input for each kind of setting. Each takes {setting, value, error, label, hint, isDisabled, onValue}.
import { html, useState } from "../../core/html.js";
import { Button, IconButton, NumberField, SecretField, Select, TextArea, TextField, Toggle } from "../../kit/kit.js";
import { hasWords, t } from "../../words/words.js";
import { Unreadable } from "./draft.js";

const unitOf = (setting) => (setting.unit && hasWords(`settings.unit.${setting.unit}`) ? t(`settings.unit.${setting.unit}`) : setting.unit);

function NumberInput({ setting, value, onValue, isDisabled, ...frame }) {
  const shown = value instanceof Unreadable ? Number.NaN : value;
  const take = (number) => onValue(Number.isNaN(number) ? new Unreadable("settings.badNumber", "") : number);
  return html`<${NumberField} ...${frame} value=${shown} onValue=${take} unit=${unitOf(setting)} disabled=${isDisabled}
    min=${setting.minimum ?? undefined} max=${setting.maximum ?? undefined}
    placeholder=${setting.isNullable ? t("settings.empty") : ""} />`;
}

const TextInput = ({ setting, value, onValue, isDisabled, ...frame }) => html`<${TextField} ...${frame} value=${value ?? ""}
  disabled=${isDisabled} placeholder=${setting.isNullable ? t("settings.empty") : ""}
  onValue=${(text) => onValue(text === "" && setting.isNullable ? null : text)} />`;

const LongTextInput = ({ value, onValue, isDisabled, ...frame }) =>
  html`<${TextArea} ...${frame} value=${value ?? ""} disabled=${isDisabled} onValue=${onValue} />`;

function ChoiceInput({ setting, value, onValue, isDisabled, ...frame }) {
  const options = setting.choices.map((choice) => ({ value: choice, label: choice }));
  if (setting.isNullable) options.unshift({ value: "", label: t("settings.default") });
  return html`<${Select} ...${frame} options=${options} value=${value ?? ""} disabled=${isDisabled} onValue=${(chosen) => onValue(chosen || null)} />`;
}

const BooleanInput = ({ value, onValue, isDisabled, label, hint }) =>
  html`<${Toggle} label=${label} hint=${hint} isOn=${value === true} isDisabled=${isDisabled} onToggle=${onValue} />`;

function ListInput({ value, onValue, isDisabled, ...frame }) {
  const [text, setText] = useState(null);
  const shown = text === null ? (value || []).join("\n") : text;
  const take = (typed) => {
    setText(typed);
    onValue(typed.split("\n").map((line) => line.trim()).filter(Boolean));
  };
  return html`<${TextArea} ...${frame} hint=${`${frame.hint} ${t("settings.oneEachLine")}.`} value=${shown} disabled=${isDisabled}
    onValue=${take} onBlur=${() => setText(null)} />`;
}

function ObjectInput({ value, onValue, isDisabled, ...frame }) {
  const shown = value instanceof Unreadable ? value.text : JSON.stringify(value, null, 2);
  const [text, setText] = useState(null);
  const take = (typed) => {
    setText(typed);
    try {
      const read = JSON.parse(typed);
      const isObject = read !== null && typeof read === "object" && !Array.isArray(read);
      onValue(isObject ? read : new Unreadable("settings.badJson", typed));
    } catch {
      onValue(new Unreadable("settings.badJson", typed));
    }
  };
  return html`<${TextArea} ...${frame} value=${text === null ? shown : text} disabled=${isDisabled} onValue=${take} onBlur=${() => setText(null)} />`;
}

function SecretInput({ setting, value, onValue, isDisabled, ...frame }) {
  const placeholder = setting.isSet && value === undefined ? t("settings.secretSet") : t("settings.secretUnset");
  return html`<div class="row">
    <${SecretField} ...${frame} value=${value || ""} placeholder=${placeholder} disabled=${isDisabled} onValue=${(text) => onValue(text || undefined)} />
    ${setting.isSet && !isDisabled && html`<${Button} size="small" onClick=${() => onValue(null)}>${t("settings.secretClear")}<//>`}
  </div>`;
}

function EntryValue({ setting, name, value, isDisabled, onValue }) {
  const frame = { label: t("settings.entryValue", { name }), isLabelHidden: true, disabled: isDisabled, value: value ?? "", onValue };
  if (setting.choices.length > 0) return html`<${Select} ...${frame} options=${setting.choices.map((choice) => ({ value: choice, label: choice }))} />`;
  return html`<${TextArea} ...${frame} rows="3" />`;
}

function NewEntry({ onAdd }) {
  const [name, setName] = useState("");
  const add = () => {
    if (name.trim()) onAdd(name.trim());
    setName("");
  };
  const onKeyDown = (event) => event.key === "Enter" && (event.preventDefault(), add());
  return html`<div class="settings-entry">
    <${TextField} label=${t("settings.newEntry")} placeholder=${t("settings.entryName")} value=${name} onValue=${setName} onKeyDown=${onKeyDown} />
    <span></span>
    <${Button} size="small" icon="add" isDisabled=${!name.trim()} onClick=${add}>${t("settings.addEntry")}<//>
  </div>`;
}

function MapInput({ setting, value, onValue, isDisabled, label, hint, error }) {
  const entries = Object.entries(value || {});
  const put = (name, text) => onValue({ ...value, [name]: text });
  const drop = (name) => onValue(Object.fromEntries(entries.filter(([other]) => other !== name)));
  return html`<fieldset class="field">
    <legend class="field-label">${label}</legend>
    ${entries.map(([name, text]) => html`<div key=${name} class="settings-entry">
      <span class="settings-entry-name">${name}</span>
      <${EntryValue} setting=${setting} name=${name} value=${text} isDisabled=${isDisabled} onValue=${(typed) => put(name, typed)} />
      ${!isDisabled && html`<${IconButton} icon="remove" label=${t("settings.removeEntry", { name })} onClick=${() => drop(name)} />`}
    </div>`)}
    ${!isDisabled && html`<${NewEntry} onAdd=${(name) => put(name, setting.choices[0] || "")} />`}
    ${error && html`<p class="field-error" role="alert">${error}</p>`}
    <p class="field-hint">${hint}</p>
  </fieldset>`;
}

/** kind of setting -> its input */
export const INPUTS = {
  boolean: BooleanInput, choice: ChoiceInput, integer: NumberInput, list: ListInput, longText: LongTextInput,
  map: MapInput, number: NumberInput, object: ObjectInput, secret: SecretInput, text: TextInput,
};
