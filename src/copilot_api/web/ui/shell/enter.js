// Before one is in: sign in, set the first secret with a one-time link, or learn why this is not the place.
import { html, useEffect, useState } from "../core/html.js";
import { useAction } from "../core/resource.js";
import { session, setUp, signIn } from "../core/session.js";
import { Button, ErrorNote, AdminName, Form, Icon, Notice, SecretField } from "../kit/kit.js";
import { t } from "../words/words.js";
import { LanguageSwitch, ThemeSwitch } from "./choices.js";

function Login() {
  const [secret, setSecret] = useState("");
  const entering = useAction(() => signIn(secret), { isInline: true });
  const failure = entering.error.value;
  return html`<${Form} onSubmit=${() => secret && entering.run()}>
    <${AdminName} /><p class="muted">${t("enter.loginLead")}</p>
    <${SecretField}
      label=${t("enter.secret")} value=${secret} onValue=${setSecret} autocomplete="current-password" autofocus
      name="secret" required
    />
    <${ErrorNote} error=${failure} />
    <${Button} kind="primary" type="submit" isBusy=${entering.isBusy.value} isDisabled=${!secret}>${t("enter.signIn")}<//>
    <p class="field-hint">${t("enter.forgot")} <code>copilot-api admin set-secret</code></p>
  <//>`;
}

function Setup({ token, onDone }) {
  const [secret, setSecret] = useState("");
  const [again, setAgain] = useState("");
  const setting = useAction(async () => {
    await setUp(token, secret);
    onDone();
  }, { isInline: true });
  const failure = setting.error.value;
  const differs = again && again !== secret ? t("enter.differs") : null;
  const isReady = secret && again === secret;
  return html`<${Form} onSubmit=${() => isReady && setting.run()}>
    <${AdminName} /><p class="muted">${t("enter.setupLead")}</p>
    <${SecretField}
      label=${t("enter.newSecret")} hint=${t("enter.newSecretHint")} value=${secret} onValue=${setSecret}
      autocomplete="new-password" autofocus error=${failure && failure.fields.secret}
    />
    <${SecretField} label=${t("enter.repeat")} value=${again} onValue=${setAgain} autocomplete="new-password" error=${differs} />
    <${ErrorNote} error=${failure} />
    <${Button} kind="primary" type="submit" isBusy=${setting.isBusy.value} isDisabled=${!isReady}>${t("enter.setUp")}<//>
  <//>`;
}

const Why = ({ text, command }) => html`<${Notice} title=${text}>
  ${command && html`<p><code>${command}</code></p>`}
<//>`;

function inside(needs, token, onDone) {
  if (token) return ["enter.setupTitle", html`<${Setup} token=${token} onDone=${onDone} />`];
  if (needs === "setup") {
    return ["enter.setupTitle", html`<${Why} text=${t("enter.setupWhy")} command="copilot-api admin set-secret" />`];
  }
  if (needs === "local") {
    return ["enter.localTitle", html`<${Why} text=${t("enter.localWhy")} command="copilot-api admin set-secret" />`];
  }
  return ["enter.loginTitle", html`<${Login} />`];
}

/** The whole page for somebody who is not in. `token` comes from a one-time setup link. */
export function Enter({ token = "", onDone = () => {} }) {
  const who = session.value;
  const [title, form] = inside(who && who.needs, token, onDone);
  useEffect(() => {
    document.title = `${t(title)} · copilot-api`;
  });
  return html`<main class="enter">
    <div class="enter-card">
      <header class="brand"><span class="brand-mark"><${Icon} name="mappings" size=${20} /></span><span>copilot-api</span></header>
      <h1>${t(title)}</h1>
      ${form}
      <footer class="enter-foot">
        <p class="muted">${t("shell.unofficial")}</p>
        <div class="enter-choices"><${LanguageSwitch} /><${ThemeSwitch} /></div>
      </footer>
    </div>
  </main>`;
}
