// One model: what it is called, what it can do, what it costs, and what the operator decided about it.
import { classes, html } from "../../core/html.js";
import { Badge, Button, CopyButton, Icon, InlineEdit, Select } from "../../kit/kit.js";
import { compact, number } from "../../words/numbers.js";
import { hasWords, t } from "../../words/words.js";

/** What goes without saying, or is said by the endpoints. */
const QUIET = ["embeddings", "streaming"];
const featureOf = (feature) => (hasWords(`models.feature.${feature}`) ? t(`models.feature.${feature}`) : feature);

function Multiplier({ model, isReadOnly, onPatch }) {
  const from = model.multiplierFrom || "none";
  const text = model.multiplier === null ? t("kit.unknown") : model.multiplier === 0 ? t("models.free") : `${number(model.multiplier, 2)}×`;
  const save = (typed) => onPatch(model, { multiplier: typed.trim() === "" ? null : Number(typed) });
  return html`<span title=${t(`models.multiplierFrom.${from}`)}>
    <${InlineEdit} value=${model.multiplier} label=${t("models.multiplierOf", { name: model.name })} kind="number" min="0"
      isDisabled=${isReadOnly} onSave=${save}>${from === "operator" ? html`<strong>${text}</strong>` : text}<//>
  </span>`;
}

function Context({ model, isReadOnly, onPatch }) {
  const tokens = model.contextWindowNote ?? model.limits.contextWindow;
  const save = (typed) => onPatch(model, { contextWindowNote: typed.trim() === "" ? null : Number(typed) });
  return html`<${InlineEdit} value=${model.contextWindowNote} label=${t("models.contextNote", { name: model.name })} kind="number" min="1"
    isDisabled=${isReadOnly} onSave=${save}>${tokens === null ? t("kit.unknown") : compact(tokens)}${model.contextWindowNote !== null && " *"}<//>`;
}

function Effort({ model, isReadOnly, onPatch }) {
  const options = [{ value: "", label: t("models.effortNone") }, ...model.efforts.map((effort) => ({ value: effort, label: effort }))];
  if (model.effort && !model.efforts.includes(model.effort)) options.push({ value: model.effort, label: `${model.effort} (!)` });
  return html`<${Select} label=${t("models.effort", { name: model.name })} isLabelHidden options=${options} value=${model.effort || ""}
    disabled=${isReadOnly} onValue=${(effort) => onPatch(model, { effort: effort || null })} />`;
}

const priceOf = ({ prices }) => `${number(prices.input, 2)} / ${number(prices.output, 2)}`;

const Facts = ({ model, ...change }) => html`<dl class="models-facts">
  ${model.prices && html`<dt>${t("models.price")}</dt><dd title=${t("models.priceHint")}>${priceOf(model)}</dd>`}
  <dt>${t("models.multiplier")}</dt><dd><${Multiplier} model=${model} ...${change} /></dd>
  <dt>${t("models.context")}</dt><dd><${Context} model=${model} ...${change} /></dd>
  <dt>${t("models.output")}</dt><dd>${model.limits.output === null ? t("kit.unknown") : compact(model.limits.output)}</dd>
  ${model.efforts.length > 0 && html`<dt>${t("models.effortShort")}</dt><dd><${Effort} model=${model} ...${change} /></dd>`}
</dl>`;

const Marks = ({ model }) => html`<div class="models-marks">
  ${model.isPremium && html`<${Badge} tone="violet">${t("models.premium")}<//>`}
  ${model.isPreview && html`<${Badge} tone="warn">${t("models.preview")}<//>`}
  ${model.discountPercent > 0 && html`<${Badge} tone="good">${t("models.discount", { count: number(model.discountPercent) })}<//>`}
  ${model.isHidden && html`<${Badge}>${t("models.isHidden")}<//>`}
  ${model.protocols.map((protocol) => html`<${Badge} key=${protocol} tone="accent">${protocol}<//>`)}
  ${model.features.filter((feature) => !QUIET.includes(feature)).map((feature) => html`<${Badge} key=${feature}>${featureOf(feature)}<//>`)}
</div>`;

const Warning = ({ children }) => html`<p class="models-warning"><${Icon} name="warning" size=${15} /><span>${children}</span></p>`;

/** `onPatch(model, changes)` saves; `onOpen(model)` shows the details. */
export function ModelCard({ model, isManaging, isReadOnly, onPatch, onOpen, onHide }) {
  return html`<li><article class=${classes("models-card", model.isHidden && "is-hidden")} data-model=${model.id} aria-label=${model.name}>
    <header class="models-head">
      <div>
        <h3>${model.name}</h3>
        <span class="models-id">${model.id}<${CopyButton} text=${model.id} name=${t("kit.copyOf", { name: model.id })} /></span>
      </div>
      ${isManaging && html`<${Button} size="small" kind=${model.isHidden ? "primary" : "plain"} icon=${model.isHidden ? "eye" : "hidden"}
        aria-label=${`${t(model.isHidden ? "models.show" : "models.hide")} ${model.name}`} onClick=${() => onHide([model], !model.isHidden)}>${t(model.isHidden ? "models.show" : "models.hide")}<//>`}
    </header>
    <${Marks} model=${model} />
    ${!model.isUsable && model.unavailable && html`<${Warning}>${model.unavailable.message} ${model.unavailable.remedy}<//>`}
    ${model.warnings.map((warning) => html`<${Warning} key=${warning.code}>${warning.message}<//>`)}
    <${Facts} model=${model} isReadOnly=${isReadOnly} onPatch=${onPatch} />
    <div class="models-end"><${Button} size="small" kind="quiet" aria-label=${t("models.detailsOf", { name: model.name })} onClick=${() => onOpen(model)}>${t("models.details")}<//></div>
  </article></li>`;
}
