// Who can get in, who is in, and what was changed: the secret, the sessions, the audit log.
import { html } from "../../core/html.js";
import { go, route } from "../../core/route.js";
import { Page, Tabs } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Audit } from "./audit.js";
import { Secret } from "./secret.js";
import { Sessions } from "./sessions.js";

const PARTS = { access: Secret, sessions: Sessions, audit: Audit };

export default function Security() {
  const chosen = route.value.rest[0] in PARTS ? route.value.rest[0] : "access";
  const items = Object.keys(PARTS).map((id) => ({ id, label: t(`security.${id}`) }));
  return html`<${Page} title=${t("tab.security")} lead=${t("security.lead")}>
    <${Tabs} label=${t("tab.security")} items=${items} selected=${chosen} onSelect=${(id) => go("security", id)} />
    <div role="tabpanel" id=${`panel-${chosen}`} aria-labelledby=${`tab-${chosen}`} class="stack"><${PARTS[chosen]} /></div>
  <//>`;
}
