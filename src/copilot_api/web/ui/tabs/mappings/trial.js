// "Try a name": what the gateway would make of it now, step by step.
import { api, query } from "../../core/api.js";
import { html, useEffect, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { Button, Card, ErrorNote, Form, Notice, TextField } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const Steps = ({ outcome }) => html`<ol class="mappings-steps" aria-label=${t("mappings.steps", { name: outcome.name })}>
  ${outcome.steps.map((step) => html`<li><code>${step.from}</code>${step.to && step.to !== step.from && html` → <code>${step.to}</code>`} <span class="muted">${step.detail}</span></li>`)}
</ol>`;

const Outcome = ({ outcome }) => html`<div role="status">
  ${outcome.isUsable
    ? html`<${Notice} tone="good" title=${t("mappings.answeredBy", { model: outcome.modelId })}>${outcome.message}<//>`
    : html`<${Notice} tone="warn" title=${t("mappings.notAnswered", { name: outcome.name })}>${outcome.message} ${outcome.remedy}<//>`}
  ${outcome.steps.length > 0 && html`<${Steps} outcome=${outcome} />`}
</div>`;

/** `version` is that of the list: what was tried is tried anew when the list changes. */
export function Trial({ version }) {
  const [name, setName] = useState("");
  const [outcome, setOutcome] = useState(null);
  const ask = useAction(async (wanted) => {
    const { document } = await api.get(query("/mappings/try", { name: wanted }));
    setOutcome(document);
  }, { isInline: true });
  useEffect(() => {
    if (outcome) ask.run(outcome.name);
  }, [version]);
  const submit = () => name.trim() && ask.run(name.trim());
  return html`<${Card} title=${t("mappings.try")} lead=${t("mappings.tryLead")}>
    <div class="stack">
      <${Form} onSubmit=${submit}>
        <div class="mappings-try">
          <${TextField} label=${t("mappings.tryName")} value=${name} placeholder="claude-haiku-4-5" onValue=${setName} />
          <${Button} type="submit" isBusy=${ask.isBusy.value} isDisabled=${!name.trim()}>${t("mappings.tryRun")}<//>
        </div>
      <//>
      <${ErrorNote} error=${ask.error.value} />
      ${outcome && html`<${Outcome} outcome=${outcome} />`}
    </div>
  <//>`;
}
