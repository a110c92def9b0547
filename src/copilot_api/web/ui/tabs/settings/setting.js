// One setting: its input, who decided its value, and the way back to the default.
import { html } from "../../core/html.js";
import { href } from "../../core/route.js";
import { Badge, Button } from "../../kit/kit.js";
import { hasWords, t } from "../../words/words.js";
import { INPUTS } from "./inputs.js";

/** Settings that have a better place than a form. */
const ELSEWHERE = { modelMapping: "mappings", hiddenModels: "models", premiumModelMultipliers: "models", modelCardMetadata: "models" };

export const nameOf = (setting) => (hasWords(`settings.name.${setting.name}`) ? t(`settings.name.${setting.name}`) : setting.name);
const aboutOf = (setting) => (hasWords(`settings.about.${setting.name}`) ? t(`settings.about.${setting.name}`) : setting.description);

function told(value) {
  if (value === null || value === undefined || value === "") return t("settings.empty");
  if (typeof value === "boolean") return t(value ? "settings.on" : "settings.off");
  if (typeof value === "object") return Object.keys(value).length === 0 ? t("settings.empty") : JSON.stringify(value);
  return String(value);
}

const isDefault = (setting) => JSON.stringify(setting.value) === JSON.stringify(setting.default);

function Marks({ setting, isChanged, isDisabled, onReset }) {
  const canReset = !isDisabled && !isChanged && setting.kind !== "secret" && !isDefault(setting);
  return html`<div class="settings-marks">
    ${isChanged && html`<${Badge} tone="accent">${t("settings.changed")}<//>`}
    ${setting.isFromEnvironment && html`<${Badge} tone="violet" icon="lock" title=${t("settings.fromEnvironmentHint")}>${t("settings.fromEnvironment", { variable: setting.variable })}<//>`}
    ${setting.isPending ? html`<${Badge} tone="warn">${t("settings.isPending")}<//>` : setting.needsRestart && html`<${Badge}>${t("settings.needsRestart")}<//>`}
    ${canReset && html`<${Button} kind="quiet" size="small" icon="refresh" onClick=${onReset}>${t("settings.toDefault", { value: told(setting.default) })}<//>`}
  </div>`;
}

function Elsewhere({ setting }) {
  const count = Object.keys(setting.value || {}).length;
  return html`<div class="field">
    <span class="field-label">${nameOf(setting)} <span class="tab-count">${count}</span></span>
    <p class="field-hint">${aboutOf(setting)}</p>
    <a class="link" href=${href(ELSEWHERE[setting.name])}>${t(`settings.elsewhere.${setting.name}`)}</a>
  </div>`;
}

/** `draft` as of draft.js; null means the default, but for a setting that has null among its values. A secret's value is never known here: undefined means it is left as it is. */
export function Setting({ setting, draft, isReadOnly }) {
  if (ELSEWHERE[setting.name]) return html`<div class="settings-setting"><${Elsewhere} setting=${setting} /></div>`;
  const isChanged = setting.name in draft.changes;
  const isSecret = setting.kind === "secret";
  const drafted = draft.changes[setting.name];
  const value = !isChanged ? (isSecret ? undefined : setting.value) : drafted === null && !setting.isNullable ? setting.default : drafted;
  const isDisabled = isReadOnly || setting.isFromEnvironment;
  const Input = INPUTS[setting.kind];
  return html`<div class="settings-setting" data-setting=${setting.name}>
    <${Input} setting=${setting} value=${value} label=${nameOf(setting)} hint=${aboutOf(setting)} error=${draft.fields[setting.name]}
      isDisabled=${isDisabled} onValue=${(typed) => draft.change(setting, typed)} />
    <${Marks} setting=${setting} isChanged=${isChanged} isDisabled=${isDisabled} onReset=${() => draft.change(setting, setting.isNullable ? setting.default : null)} />
  </div>`;
}
