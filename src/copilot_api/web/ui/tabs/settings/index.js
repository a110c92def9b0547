// Settings: every value that a person may change, by section, saved together or not at all.
import { html } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { href, route } from "../../core/route.js";
import { session } from "../../core/session.js";
import { Button, Card, ErrorNote, Loaded, Notice, Page } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { useDraft } from "./draft.js";
import { Setting } from "./setting.js";

/** Links from a section to what belongs to it and has a page of its own. */
const LINKS = { security: [["security", "settings.securityLink"], ["keys", "settings.keysLink"]] };

const Sections = ({ document, selected, draft }) => html`<nav class="settings-sections" aria-label=${t("settings.sections")}>
  ${document.sections.map((section) => {
    const count = document.settings.filter((setting) => setting.section === section && setting.name in draft.changes).length;
    return html`<a key=${section} class="settings-section" href=${href("settings", section)} aria-current=${section === selected ? "page" : undefined}>
      <span>${t(`settings.section.${section}`)}</span>${count > 0 && html`<span class="tab-count">${count}</span>`}
    </a>`;
  })}
</nav>`;

const Save = ({ draft }) => html`<div class="settings-save" role="region" aria-label=${t("settings.unsaved", { count: draft.count })}>
  <strong role="status">${t("settings.unsaved", { count: draft.count })}</strong>
  <${Button} onClick=${draft.discard}>${t("settings.discard")}<//>
  <${Button} kind="primary" isBusy=${draft.save.isBusy.value} isDisabled=${Object.keys(draft.fields).length > 0 && !draft.save.error.value} onClick=${draft.save.run}>${t("kit.save")}<//>
</div>`;

function Section({ document, section, draft }) {
  const isReadOnly = document.isReadOnly || session.value.isReadOnly;
  const links = LINKS[section] || [];
  return html`<${Card} title=${t(`settings.section.${section}`)}>
    ${document.settings.filter((setting) => setting.section === section && setting.hasEffect).map((setting) => html`<${Setting} key=${setting.name} setting=${setting} draft=${draft} isReadOnly=${isReadOnly} />`)}
    ${links.length > 0 && html`<p class="row">${links.map(([tab, words]) => html`<a key=${tab} class="link" href=${href(tab)}>${t(words)}</a>`)}</p>`}
  <//>`;
}

function Everything({ document, resource, draft }) {
  const wanted = route.value.rest[0];
  const selected = document.sections.includes(wanted) ? wanted : document.sections[0];
  const isFieldless = draft.save.error.value && Object.keys(draft.save.error.value.fields).length === 0;
  return html`<div class="stack">
    ${document.isReadOnly && html`<${Notice} tone="bad" title=${t("settings.readOnlyFile")}>${document.problem}<//>`}
    <div class="settings">
      <${Sections} document=${document} selected=${selected} draft=${draft} />
      <div class="stack">
        ${draft.count > 0 && html`<${Save} draft=${draft} />`}
        ${isFieldless && html`<${ErrorNote} error=${draft.save.error.value} onRetry=${draft.save.run} />`}
        <${Section} document=${document} section=${selected} draft=${draft} />
      </div>
    </div>
  </div>`;
}

export default function Settings() {
  const resource = useResource("/settings", { settings: true });
  const draft = useDraft(resource);
  const path = resource.data.value ? resource.data.value.path : "config.json";
  return html`<${Page} title=${t("tab.settings")} lead=${t("settings.lead", { path })}>
    <${Loaded} resource=${resource} lines=${8}>${(document) => html`<${Everything} document=${document} resource=${resource} draft=${draft} />`}<//>
  <//>`;
}
