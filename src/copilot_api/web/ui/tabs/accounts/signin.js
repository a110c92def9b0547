// Adding an account by GitHub's device flow: a code here, a page of GitHub there, and what became of it.
//
//   begin -> waiting -> done | denied | expired | failed | cancelled -> begin ...
import { api, at } from "../../core/api.js";
import { connection, on } from "../../core/events.js";
import { html, useEffect, useSignal, useState } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { useAction } from "../../core/resource.js";
import { Button, copyText, CopyButton, Dialog, Disclosure, ErrorNote, Form, Icon, Notice, Select, TextField } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { activate } from "./account.js";
import { typeChoices } from "./options.js";

const SECOND_MS = 1000;

function Begin({ flow, onClose }) {
  const [host, setHost] = useState("github.com");
  const [accountType, setType] = useState("individual");
  const starting = useAction(async () => {
    flow.value = (await api.post("/signins", { host: host.trim() || "github.com", accountType })).document;
  }, { isInline: true });
  const failure = starting.error.value;
  const fields = failure ? failure.fields : {};
  return html`<${Form} onSubmit=${starting.run}>
    <p>${t("accounts.beginText")}</p>
    <${Select} label=${t("accounts.type")} hint=${t("accounts.typeHint")} value=${accountType} onValue=${setType} options=${typeChoices()} error=${fields.accountType} />
    <${Disclosure} summary=${t("accounts.enterprise")} isOpen=${Boolean(fields.host)}>
      <${TextField} label=${t("accounts.host")} hint=${t("accounts.hostHint")} value=${host} onValue=${setHost} error=${fields.host} inputmode="url" />
    <//>
    <${ErrorNote} error=${failure} />
    <div class="accounts-buttons">
      <${Button} onClick=${onClose}>${t("kit.cancel")}<//>
      <${Button} kind="primary" type="submit" isBusy=${starting.isBusy.value} autofocus>${t("accounts.getCode")}<//>
    </div>
  <//>`;
}

function Countdown({ until }) {
  const left = () => Math.max(0, Math.round((new Date(until).getTime() - Date.now()) / SECOND_MS));
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), SECOND_MS);
    return () => clearInterval(timer);
  }, [until]);
  return html`<span class="number">${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}</span>`;
}

function Waiting({ flow, onCancel, cancelling }) {
  const { userCode, verificationUri, expiresAt } = flow.value;
  return html`<ol class="accounts-steps">
      <li>
        <p>${t("accounts.copyThis")}</p>
        <div class="accounts-code"><output aria-label=${t("accounts.code")}>${userCode}</output><${CopyButton} text=${userCode} label=${t("accounts.copyCode")} /></div>
      </li>
      <li>
        <p>${t("accounts.openThat")}</p>
        <${Button} kind="primary" icon="external" href=${verificationUri} target="_blank" rel="noopener noreferrer" onClick=${() => copyText(userCode)}>${t("accounts.openGitHub")}<//>
        <p class="field-hint">${verificationUri}</p>
      </li>
    </ol>
    <p class="accounts-waiting" role="status"><span class="accounts-pulse"></span>${t("accounts.waitingFor")}</p>
    <p class="muted small">${t("accounts.codeExpires")} <${Countdown} until=${expiresAt} /></p>
    <div class="accounts-buttons"><${Button} isBusy=${cancelling.isBusy.value} onClick=${onCancel}>${t("accounts.cancelSignIn")}<//></div>`;
}

function Done({ flow, onClose }) {
  const { accountId, login, isNew } = flow.value;
  const known = accounts.data.value;
  const account = known && known.accounts.find(({ id }) => id === accountId);
  const switching = useAction(async () => {
    onClose();
    await activate(account);
  });
  return html`<div class="accounts-done" role="status">
      <span class="accounts-tick"><${Icon} name="check" size=${28} /></span>
      <p><strong>${login}</strong></p>
      <p class="muted">${t(isNew ? "accounts.isNew" : "accounts.isRenewed")}</p>
    </div>
    <div class="accounts-buttons">
      ${account && !account.isActive && html`<${Button} onClick=${switching.run}>${t("accounts.activate")}<//>`}
      <${Button} kind="primary" onClick=${onClose} autofocus>${t("accounts.finish")}<//>
    </div>`;
}

function Ended({ flow, onClose }) {
  const { state, problem } = flow.value;
  return html`<${Notice} tone=${state === "cancelled" ? "plain" : "bad"} role="alert" title=${t(`accounts.ended.${state}`)}>
      ${problem && html`<p>${problem.message}</p>`}${problem && problem.remedy && html`<p>${problem.remedy}</p>`}
    <//>
    <div class="accounts-buttons">
      <${Button} onClick=${onClose}>${t("kit.close")}<//>
      <${Button} kind="primary" onClick=${() => { flow.value = null; }} autofocus>${t("accounts.beginAgain")}<//>
    </div>`;
}

/** Keep the flow as the gateway knows it: told by events, asked for while those are not there. */
function useFlow(flow) {
  const now = flow.value;
  const id = now && now.id;
  const isWaiting = Boolean(now && now.state === "waiting");
  useEffect(() => {
    if (!isWaiting) return undefined;
    const ask = async () => {
      const { document } = await api.get(at`/signins/${id}`);
      if (flow.value && flow.value.id === id) flow.value = document;
    };
    const askQuietly = () => ask().catch(() => {});
    const take = (told) => {
      if (told.id === id) flow.value = told;
    };
    const timer = setInterval(() => connection.value !== "live" && askQuietly(), now.intervalS * SECOND_MS);
    const offs = [on("signin", take), on("resync", askQuietly), () => clearInterval(timer)];
    return () => offs.forEach((off) => off());
  }, [id, isWaiting]);
}

/** The whole conversation. `flowId` names one that waits already. Closing it while it waits cancels it. */
export function SignInDialog({ flowId, onClose }) {
  const flow = useSignal(null);
  const taking = useAction(async () => {
    flow.value = (await api.get(at`/signins/${flowId}`)).document;
  });
  useEffect(() => {
    if (flowId) taking.run();
  }, [flowId]);
  useFlow(flow);
  const cancelling = useAction(async () => {
    flow.value = (await api.remove(at`/signins/${flow.value.id}`)).document;
  });
  const state = flow.value ? flow.value.state : "begin";
  const close = () => {
    if (state === "waiting") cancelling.run();
    onClose();
  };
  const inside = {
    begin: () => html`<${Begin} flow=${flow} onClose=${close} />`,
    waiting: () => html`<${Waiting} flow=${flow} cancelling=${cancelling} onCancel=${cancelling.run} />`,
    done: () => html`<${Done} flow=${flow} onClose=${close} />`,
  }[state] || (() => html`<${Ended} flow=${flow} onClose=${close} />`);
  return html`<${Dialog} title=${t("accounts.add")} onClose=${close} isFirm>${inside()}<//>`;
}
