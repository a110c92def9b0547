// Limits: who waits for a yes, what may still be spent, what holds requests back now, and where each is set.
import { on } from "../../core/events.js";
import { html, useEffect } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { href } from "../../core/route.js";
import { Button, Loaded, Notice, Page } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Approvals } from "./approvals.js";
import { Budgets } from "./budgets.js";
import { Pauses } from "./pauses.js";
import { Rates } from "./rates.js";

const PATIENCE_MS = 1000;

/** Sums and queues change with every exchange: read anew at most once a second, and when a pause has run out. */
function useFresh(limits) {
  useEffect(() => {
    let timer = 0;
    const off = on("exchange", () => {
      if (timer) return;
      timer = setTimeout(() => {
        timer = 0;
        limits.load();
      }, PATIENCE_MS);
    });
    return () => {
      clearTimeout(timer);
      off();
    };
  }, [limits]);
  const known = limits.data.value;
  useEffect(() => {
    if (!known || known.pauses.length === 0) return undefined;
    const next = Math.min(...known.pauses.map((pause) => new Date(pause.endsAt).getTime()));
    const timer = setTimeout(limits.load, Math.max(0, next - Date.now()) + PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [known]);
}

/** The settings by name: {manualApproval: true, ...}. */
const valuesOf = (document) => Object.fromEntries(document.settings.map((setting) => [setting.name, setting.value]));

function Held({ limits, now, keys, values }) {
  return html`
    ${now.sharedProblem && html`<${Notice} tone="warn" title=${t("limits.shared")}>${now.sharedProblem}<//>`}
    <${Budgets} budgets=${now.budgets} keys=${keys} warnRatio=${values.budgetWarnRatio} />
    <${Rates} keys=${keys} queues=${now.queues} values=${values} />
    <${Pauses} limits=${limits} now=${now} isOn=${values.adaptivePause} />`;
}

export default function Limits() {
  const limits = useResource("/limits", { limits: (payload) => payload, settings: true, keys: true, usage: true });
  const settings = useResource("/settings", { settings: true });
  const keys = useResource("/keys", { keys: true });
  useFresh(limits);
  const actions = html`<${Button} icon="settings" href=${href("settings", "limits")}>${t("limits.settings")}<//>`;
  return html`<${Page} title=${t("tab.limits")} lead=${t("limits.lead")} actions=${actions}>
    <div class="stack">
      <${Approvals} />
      <${Loaded} resource=${settings}>${(document) => html`<${Loaded} resource=${keys}>${(known) => html`<${Loaded} resource=${limits}>${(now) => html`
        <${Held} limits=${limits} now=${now} keys=${known.keys} values=${valuesOf(document)} />`}<//>`}<//>`}<//>
    </div>
  <//>`;
}
