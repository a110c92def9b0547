// How one account is used: the kind of its plan and the way to its Copilot credential.
import { api, at } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { useAction } from "../../core/resource.js";
import { tell } from "../../core/tell.js";
import { Button, Dialog, ErrorNote, Form, Select } from "../../kit/kit.js";
import { t } from "../../words/words.js";

export const ACCOUNT_TYPES = ["individual", "business", "enterprise"];
const MODES = ["auto", "exchange", "direct"];
const choices = (values, prefix) => values.map((value) => ({ value, label: t(`${prefix}${value}`) }));

/** The kinds of plan, for a Select. */
export const typeChoices = () => choices(ACCOUNT_TYPES, "accounts.type.");

export function Options({ account, onClose }) {
  const [accountType, setType] = useState(account.accountType);
  const [credentialMode, setMode] = useState(account.credential.mode);
  const saving = useAction(async () => {
    const { document, version } = await api.patch(at`/accounts/${account.id}`, { accountType, credentialMode });
    accounts.put(document, version);
    tell({ text: t("accounts.optionsSaved", { login: account.login }), tone: "good" });
    onClose();
  }, { isInline: true, resource: accounts });
  const isChanged = accountType !== account.accountType || credentialMode !== account.credential.mode;
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}<//>
    <${Button} kind="primary" isDisabled=${!isChanged} isBusy=${saving.isBusy.value} onClick=${saving.run}>${t("kit.save")}<//>`;
  return html`<${Dialog} title=${t("accounts.optionsOf", { login: account.login })} onClose=${onClose} actions=${actions}>
    <${Form} onSubmit=${() => isChanged && saving.run()}>
      <${Select} label=${t("accounts.type")} hint=${t("accounts.typeHint")} value=${accountType} onValue=${setType} options=${typeChoices()} />
      <${Select}
        label=${t("accounts.mode")} hint=${t(`accounts.modeHint.${credentialMode}`)} value=${credentialMode} onValue=${setMode}
        options=${choices(MODES, "accounts.mode.")}
      />
      <${ErrorNote} error=${saving.error.value} />
    <//>
  <//>`;
}
