// The page as a whole: who is in, which tab is shown, and what lies above all tabs.
import { on, startEvents, stopEvents } from "../core/events.js";
import { html, useEffect, useErrorBoundary, useRef, useState } from "../core/html.js";
import { watchKnown } from "../core/known.js";
import { leave, route, takeSetupToken } from "../core/route.js";
import { loadSession, session, sessionError } from "../core/session.js";
import { pending } from "../core/unsaved.js";
import { Button, ConfirmHost, CopyStatus, Dialog, ErrorNote, Notice, Skeleton, ToastHost } from "../kit/kit.js";
import { addWords, t } from "../words/words.js";
import shellWords from "../words/shell.js";
import kitWords from "../words/kit.js";
import { Banners } from "./banners.js";
import { Enter } from "./enter.js";
import { Frame } from "./frame.js";
import { known, loadTab } from "./tabs.js";

addWords(kitWords);
addWords(shellWords);

const Broken = ({ onRetry }) => html`<${Notice} tone="bad" role="alert" title=${t("shell.broken")}
  action=${html`<${Button} size="small" icon="refresh" onClick=${onRetry}>${t("kit.retry")}<//>`}
>${t("shell.brokenHint")}<//>`;

function Guarded({ children }) {
  const [error, reset] = useErrorBoundary((caught) => console.error(caught));
  return error ? html`<${Broken} onRetry=${reset} />` : children;
}

/** The tab of the address, loaded. The title takes the focus when the user went there. */
function Tab({ id }) {
  const [loaded, setLoaded] = useState(null);
  const isFirst = useRef(true);
  const load = () => {
    setLoaded(null);
    loadTab(id).then((component) => setLoaded({ id, component }), () => setLoaded({ id, component: null }));
  };
  useEffect(load, [id]);
  useEffect(() => {
    document.title = `${t(`tab.${id}`)} · copilot-api`;
    if (!loaded || loaded.id !== id) return;
    const title = document.getElementById("page-title");
    if (title && !isFirst.current) title.focus();
    isFirst.current = false;
  }, [id, loaded]);
  // What was loaded for another address is not shown at this one, not even for a moment.
  if (!loaded || loaded.id !== id) return html`<${Skeleton} lines=${6} />`;
  if (!loaded.component) return html`<${Broken} onRetry=${load} />`;
  return html`<${Guarded} key=${id}><${loaded.component} /><//>`;
}

function Leaving() {
  if (pending.value === null) return null;
  const actions = html`
    <${Button} onClick=${() => leave(false)} autofocus>${t("shell.stay")}<//>
    <${Button} kind="danger" onClick=${() => leave(true)}>${t("shell.leave")}<//>`;
  return html`<${Dialog} title=${t("shell.unsaved")} size="small" onClose=${() => leave(false)} actions=${actions}>
    <p>${t("shell.unsavedHint")}</p>
  <//>`;
}

/** All that somebody sees who is in. What they typed survives a session that ends: one signs in again above it. */
function Inside({ isOut }) {
  useEffect(() => {
    if (isOut) return undefined;
    startEvents();
    const offs = [watchKnown(), on("session", loadSession), on("lost", loadSession), on("resync", loadSession), stopEvents];
    return () => offs.forEach((off) => off());
  }, [isOut]);
  return html`<${Frame}><${Banners} /><${Tab} id=${known(route.value.tab)} /><//>
    <${Leaving} /><${ConfirmHost} />
    ${isOut && html`<${Again} />`}`;
}

function Again() {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  return html`<dialog ref=${dialog} class="enter-again" aria-label=${t("enter.loginTitle")} onCancel=${(event) => event.preventDefault()}>
    <${Enter} />
  </dialog>`;
}

const Starting = () => html`<main class="enter"><div class="enter-card">
  ${sessionError.value ? html`<${ErrorNote} error=${sessionError.value} onRetry=${loadSession} />` : html`<${Skeleton} />`}
</div></main>`;

/** The root. */
export function App() {
  const [token, setToken] = useState(takeSetupToken);
  const wasIn = useRef(false);
  useEffect(() => {
    loadSession();
  }, []);
  const who = session.value;
  const isIn = Boolean(who && who.signedIn);
  if (isIn) wasIn.current = true;
  const page = () => {
    if (token) return html`<${Enter} token=${token} onDone=${() => setToken("")} />`;
    if (!who) return html`<${Starting} />`;
    if (isIn || wasIn.current) return html`<${Inside} isOut=${!isIn} />`;
    return html`<${Enter} />`;
  };
  return html`${page()}<${CopyStatus} /><${ToastHost} />`;
}
