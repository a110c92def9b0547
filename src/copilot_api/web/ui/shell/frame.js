// Around every tab: the sidebar (a drawer on phones), the account that answers, who is signed in.
import { connection } from "../core/events.js";
import { classes, html, useEffect, useState } from "../core/html.js";
import { activeAccount, approvals } from "../core/known.js";
import { href, route } from "../core/route.js";
import { session, signOut } from "../core/session.js";
import { useAction } from "../core/resource.js";
import { Avatar, Button, Dialog, Dot, Icon, IconButton } from "../kit/kit.js";
import { dateTime } from "../words/numbers.js";
import { t } from "../words/words.js";
import { LanguageSwitch, ThemeSwitch } from "./choices.js";
import { loadTab, TABS } from "./tabs.js";

const Brand = () => html`<a class="brand" href=${href("accounts")}>
  <span class="brand-mark"><${Icon} name="mappings" size=${20} /></span><span>copilot-api</span>
</a>`;

/** The account that answers now. */
function Active() {
  const account = activeAccount.value;
  if (!account) return null;
  const tone = { ready: "good", starting: "warn", failed: "bad" }[account.state];
  return html`<a class="active-account" href=${href("accounts")}>
    <${Avatar} src=${account.avatar} initials=${account.initials} size=${34} />
    <span class="active-text"><strong>${account.login}</strong><${Dot} tone=${tone}>${t(`shell.account.${account.state}`)}<//></span>
  </a>`;
}

function Link({ tab }) {
  const isHere = route.value.tab === tab.id;
  const wish = () => loadTab(tab.id).catch(() => {});
  return html`<li><a
    href=${href(tab.id)} class=${classes("nav-link", isHere && "is-here")} aria-current=${isHere ? "page" : undefined}
    onPointerEnter=${wish} onFocus=${wish}
  ><${Icon} name=${tab.icon} /><span>${t(`tab.${tab.id}`)}</span>${tab.id === "limits" && html`<${Waiting} />`}</a></li>`;
}

/** How many requests wait for a yes; nobody should have to look for that. */
const waiting = () => (approvals.data.value ? approvals.data.value.approvals.length : 0);

const Waiting = () => waiting() > 0 && html`<span class="nav-count" aria-hidden="true">${waiting()}</span>
  <span class="offscreen">${t("shell.waiting", { count: waiting() })}</span>`;

const Navigation = () => html`<nav class="nav" aria-label=${t("shell.tabs")}>
  <ul>${TABS.filter((tab) => !tab.group).map((tab) => html`<${Link} key=${tab.id} tab=${tab} />`)}</ul>
  <ul class="nav-more">${TABS.filter((tab) => tab.group).map((tab) => html`<${Link} key=${tab.id} tab=${tab} />`)}</ul>
</nav>`;

const TONES = { live: "good", paused: "plain", connecting: "warn", off: "plain" };

function SignedIn() {
  const who = session.value;
  const leaving = useAction(signOut);
  const until = who.how === "session" && who.expiresAt ? t("shell.until", { time: dateTime(who.expiresAt) }) : undefined;
  return html`<div class="signed-in">
    <span title=${until}><${Dot} tone=${TONES[connection.value]}>${t(`shell.how.${who.how || "loopback"}`)}<//></span>
    ${who.how === "session" && html`<${IconButton} icon="leave" label=${t("shell.signOut")} onClick=${leaving.run} />`}
  </div>`;
}

const Foot = () => html`<div class="side-foot">
  <${SignedIn} />
  <div class="side-choices"><${LanguageSwitch} /><${ThemeSwitch} /></div>
  <p class="unofficial">${t("shell.unofficial")}</p>
</div>`;

function Drawer({ onClose }) {
  return html`<${Dialog} class="drawer" title="copilot-api" onClose=${onClose}><${Active} /><${Navigation} /><${Foot} /><//>`;
}

function TopBar() {
  const [isOpen, setOpen] = useState(false);
  const { tab } = route.value;
  useEffect(() => setOpen(false), [tab]);
  return html`<header class="top-bar">
    <${IconButton} icon="menu" label=${t("shell.menu")} aria-expanded=${isOpen ? "true" : "false"} onClick=${() => setOpen(true)} />
    <${Brand} />
    ${waiting() > 0 && html`<${Button} class="push" size="small" icon="hand" href=${href("limits")}>${t("shell.waiting", { count: waiting() })}<//>`}
    ${isOpen && html`<${Drawer} onClose=${() => setOpen(false)} />`}
  </header>`;
}

/** The frame with a tab in it. */
export function Frame({ children }) {
  const skip = () => document.getElementById("main").focus();
  return html`<div class="frame">
    <${Button} class="skip" onClick=${skip}>${t("shell.skip")}<//>
    <aside class="side"><${Brand} /><${Active} /><${Navigation} /><${Foot} /></aside>
    <${TopBar} />
    <main id="main" tabindex="-1">${children}</main>
  </div>`;
}
