// What this is, which version, and whose it is not.
import { html } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { session } from "../../core/session.js";
import { Card, Code, CopyButton, ExternalLink, Facts, Loaded, Notice, Page, When } from "../../kit/kit.js";
import { t } from "../../words/words.js";

const Whole = ({ about, who }) => html`
  <${Notice} tone="warn" title=${t("about.unofficial")}>${t("about.notice")}<//>
  <${Card} title=${`copilot-api ${about.version}`} lead=${t("about.what")}>
    <${Facts} items=${[
      [t("about.address"), html`<span class="row"><code>${who.address}</code><${CopyButton} text=${who.address} name=${t("kit.copyOf", { name: t("about.address") })} /></span>`],
      who.startedAt && [t("about.started"), html`<${When} at=${who.startedAt} />`],
      about.dataDirectory && [t("about.data"), html`<code>${about.dataDirectory}</code>`],
      [t("about.python"), about.python],
      [t("about.platform"), about.platform],
      [t("about.license"), about.license],
      about.repository && [t("about.source"), html`<${ExternalLink} href=${about.repository}>${t("about.repository")}<//>`],
    ]} />
  <//>
  <${Card} title=${t("about.trouble")} lead=${t("about.troubleHint")}><${Code} text="copilot-api doctor" label=${t("about.command")} /><//>
  <${Card} title=${t("about.parts")}><p class="muted">${t("about.partsHint")} <a href="/admin/vendor/LICENSES.txt" target="_blank" rel="noopener">${t("about.licenses")}</a></p><//>`;

export default function About() {
  const about = useResource("/about");
  return html`<${Page} title=${t("tab.about")}>
    <${Loaded} resource=${about}>${(document) => html`<${Whole} about=${document} who=${session.value} />`}<//>
  <//>`;
}
