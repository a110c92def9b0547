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
  ${entries.length === 0 ? html`<p class="muted">${t("usage.topNone")}</p>` : html`<ol class="usage-top">
    ${entries.slice(0, TOP).map((entry) => html`<li key=${entry.name}>
      <span>${entry.name || t("usage.noName")}</span>
      <span class="muted">${number(entry.requests, 0)} · ${compact(entry.tokens)} · ${number(entry.credits, 2)}</span>
    </li>`)}
  </ol>`}
<//>`;

/** What each number of a line is, said once. */
const Legend = () => html`<p class="muted small">${t("usage.requests")} · ${t("usage.tokens")} · ${t("usage.credits")}</p>`;

export function Summary() {
  const { from, account } = scope();
  const resource = useResource(query("/usage/summary", { from, account }), { usage: true });
  return html`<${Loaded} resource=${resource}>${(sums) => html`
    <${Tiles} sums=${sums} />
    <div class="usage-cards">
      ${["byModel", "byClient", "byKey"].map((list) => html`<${Top} key=${list} title=${t(`usage.top.${list}`)} entries=${sums[list]} />`)}
    </div>
    <${Legend} />`}<//>`;
}
