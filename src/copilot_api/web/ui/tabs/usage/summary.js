// The time's sums, and who took the most of them.
import { query } from "../../core/api.js";
import { html } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { Card, Loaded } from "../../kit/kit.js";
import { compact, duration, number, percent } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { scope } from "./range.js";

const TOP = 6;

const Tile = ({ title, value, detail }) => html`<div class="usage-tile"><dt>${title}</dt><dd>${value}${detail && html`<small>${detail}</small>`}</dd></div>`;

const share = (part, whole) => percent(whole > 0 ? (100 * part) / whole : 0);

const Tiles = ({ sums }) => html`<dl class="usage-tiles">
  <${Tile} title=${t("usage.requests")} value=${number(sums.requests, 0)} />
  <${Tile} title=${t("usage.errors")} value=${number(sums.errors, 0)} detail=${t("usage.errorShare", { share: share(sums.errors, sums.requests) })} />
  <${Tile} title=${t("usage.tokens")} value=${compact(sums.inputTokens + sums.outputTokens)}
    detail=${t("usage.tokensDetail", { input: compact(sums.inputTokens), output: compact(sums.outputTokens) })} />
  <${Tile} title=${t("usage.cached")} value=${compact(sums.cachedTokens)} detail=${t("usage.cachedShare", { share: share(sums.cachedTokens, sums.inputTokens) })} />
  <${Tile} title=${t("usage.credits")} value=${number(sums.credits, 2)} />
  <${Tile} title=${t("usage.premium")} value=${number(sums.premiumRequests, 1)} />
  <${Tile} title=${t("usage.firstByte")} value=${duration(sums.firstByteMsP50)} detail=${t("usage.firstByteHint", { slow: duration(sums.firstByteMsP95) })} />
</dl>`;

const Top = ({ title, entries }) => html`<${Card} title=${title}>
  ${entries.length === 0 ? html`<p class="muted">${t("usage.topNone")}</p>` : html`<table class="usage-top">
    <thead><tr><td></td>${["requests", "tokens", "credits"].map((sum) => html`<th key=${sum} scope="col">${t(`usage.${sum}`)}</th>`)}</tr></thead>
    <tbody>${entries.slice(0, TOP).map((entry) => html`<tr key=${entry.name}>
      <th scope="row">${entry.name || t("usage.noName")}</th>
      <td>${number(entry.requests, 0)}</td><td>${compact(entry.tokens)}</td><td>${number(entry.credits, 2)}</td>
    </tr>`)}</tbody>
  </table>`}
<//>`;

export function Summary() {
  const { from, account } = scope();
  const resource = useResource(query("/usage/summary", { from, account }), { usage: true });
  return html`<${Loaded} resource=${resource}>${(sums) => html`
    <${Tiles} sums=${sums} />
    <div class="usage-cards">
      ${["byModel", "byClient", "byKey"].map((list) => html`<${Top} key=${list} title=${t(`usage.top.${list}`)} entries=${sums[list]} />`)}
    </div>`}<//>`;
}
