// Models that Copilot asked to leave alone, for how long still, and the way to end that early.
import { api } from "../../core/api.js";
import { html } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { href } from "../../core/route.js";
import { session } from "../../core/session.js";
import { tell } from "../../core/tell.js";
import { Button, Card, Table } from "../../kit/kit.js";
import { clock, secondsTo, useSeconds } from "../../words/clock.js";
import { t } from "../../words/words.js";

function Left({ pause }) {
  return html`<span class="number">${clock(secondsTo(pause.endsAt, useSeconds()))}</span>`;
}

const Lift = ({ pause, lifting }) => html`<${Button} size="small" isDisabled=${lifting.isBusy.value}
  aria-label=${t("limits.liftOf", { model: pause.model, account: pause.account })} onClick=${() => lifting.run(pause)}>${t("limits.lift")}<//>`;

function columnsOf(lifting) {
  return [
    { key: "model", title: t("limits.model"), isHeader: true, render: (pause) => pause.model },
    { key: "account", title: t("limits.account"), render: (pause) => pause.account },
    { key: "reason", title: t("limits.reason"), render: (pause) => html`<code>${pause.reason}</code>` },
    { key: "left", title: t("limits.stillPaused"), align: "end", render: (pause) => html`<${Left} pause=${pause} />` },
    !session.value.isReadOnly && { key: "lift", title: t("limits.lift"), isTitleHidden: true, align: "end", render: (pause) => html`<${Lift} pause=${pause} lifting=${lifting} />` },
  ].filter(Boolean);
}

const None = ({ isOn }) => (isOn
  ? html`<p class="limits-none"><span class="dot dot-good"></span>${t("limits.noPauses")}</p>`
  : html`<p class="limits-none">${t("limits.pauseOff")} <a href=${href("settings", "limits")}>${t("limits.switchOn")}</a></p>`);

export function Pauses({ limits, now, isOn }) {
  const lifting = useAction(async (pause) => {
    const { document } = await api.post("/limits/lift", { accountId: pause.accountId, model: pause.model });
    limits.put(document);
    tell({ text: t("limits.lifted", { model: pause.model }), tone: "good" });
    document.pauses.length === 0 && window.document.getElementById("page-title").focus();
  }, { resource: limits });
  return html`<${Card} title=${t("limits.pauses")} lead=${t("limits.pausesLead")} tone=${now.pauses.length > 0 ? "warn" : "plain"}>
    ${now.pauses.length === 0 ? html`<${None} isOn=${isOn} />` : html`<${Table} caption=${t("limits.pauses")} columns=${columnsOf(lifting)} rows=${now.pauses}
      rowKey=${(pause) => `${pause.accountId} ${pause.model}`} />`}
    ${now.pausedRequests > 0 && html`<p class="muted small limits-since">${t("limits.pausedRequests", { count: now.pausedRequests })}</p>`}
  <//>`;
}
