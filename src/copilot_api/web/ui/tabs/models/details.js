// Everything that is known of one model, its prices, and the prompt that the operator adds to it.
import { html, useState } from "../../core/html.js";
import { Button, Dialog, Facts, Table, TextArea } from "../../kit/kit.js";
import { number } from "../../words/numbers.js";
import { t } from "../../words/words.js";

const tokens = (count) => (count === null ? t("kit.unknown") : number(count));
const price = (value) => (value === null || value === undefined ? "–" : number(value, 4));

function Prices({ model }) {
  if (!model.prices) return null;
  const rows = [
    ["input", "models.priceInput"], ["output", "models.priceOutput"],
    ["cacheRead", "models.priceCacheRead"], ["cacheWrite", "models.priceCacheWrite"],
  ].map(([key, words]) => ({ key, title: t(words), usual: price(model.prices[key]), long: model.longContextPrices && price(model.longContextPrices[key]) }));
  const columns = [
    { key: "title", title: t("models.prices"), isHeader: true },
    { key: "usual", title: t("models.prices"), isTitleHidden: true, align: "end" },
  ];
  if (model.longContextPrices) {
    columns.push({ key: "long", title: t("models.pricesLong", { count: tokens(model.longContextPrices.aboveTokens) }), align: "end" });
  }
  return html`<${Table} caption=${t("models.prices")} columns=${columns} rows=${rows} rowKey=${(row) => row.key} isStacked=${false} />`;
}

function factsOf(model) {
  const facts = [
    [t("models.id"), html`<code>${model.id}</code>`],
    [t("models.vendor"), `${model.vendor || t("kit.unknown")}${model.family ? ` · ${model.family}` : ""}`],
    [t("models.endpoints"), model.endpoints.join(", ") || t("kit.none")],
    [t("models.context"), tokens(model.limits.contextWindow)],
    [t("models.prompt"), tokens(model.limits.prompt)],
    [t("models.output"), tokens(model.limits.output)],
  ];
  if (model.policyState) facts.push([t("models.policyState"), model.policyState]);
  if (model.mappedFrom.length > 0) facts.push([t("models.mappedFrom"), model.mappedFrom.join(", ")]);
  return facts;
}

/** `onPatch(model, changes)` resolves to the saved model, or to undefined when it failed. */
export function Details({ model, isReadOnly, onPatch, onClose }) {
  const [text, setText] = useState(model.extraPrompt || "");
  const isChanged = text !== (model.extraPrompt || "");
  const save = async () => {
    if (await onPatch(model, { extraPrompt: text.trim() ? text : null })) onClose();
  };
  const actions = html`<${Button} onClick=${onClose}>${t(isChanged ? "kit.cancel" : "kit.close")}<//>
    ${isChanged && html`<${Button} kind="primary" onClick=${save}>${t("kit.save")}<//>`}`;
  return html`<${Dialog} title=${model.name} size="wide" isFirm=${isChanged} onClose=${onClose} actions=${actions}>
    <div class="stack">
      <${Facts} items=${factsOf(model)} />
      <${Prices} model=${model} />
      <${TextArea} label=${t("models.extraPrompt")} hint=${t("models.extraPromptHint")} value=${text} disabled=${isReadOnly} onValue=${setText} />
    </div>
  <//>`;
}
