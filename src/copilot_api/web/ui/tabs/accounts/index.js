// Who answers: the GitHub accounts.
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { Card, Loaded, Page } from "../../kit/kit.js";
import { t } from "../../words/words.js";

export default function Accounts() {
  return html`<${Page} title=${t("tab.accounts")}>
    <${Loaded} resource=${accounts}>${(known) => known.accounts.map((account) => html`<${Card} key=${account.id} title=${account.login} />`)}<//>
  <//>`;
}
