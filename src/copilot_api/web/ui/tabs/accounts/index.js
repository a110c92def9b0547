// Who answers: the GitHub accounts, their quota, and how they come and go.
import { api } from "../../core/api.js";
import { html } from "../../core/html.js";
import { accounts } from "../../core/known.js";
import { tellError } from "../../core/tell.js";
import { useResource } from "../../core/resource.js";
import { go, href, route } from "../../core/route.js";
import { session } from "../../core/session.js";
import { Button, EmptyState, Loaded, Notice, Page, SortableList } from "../../kit/kit.js";
import { t } from "../../words/words.js";
import { Account } from "./account.js";
import { SignInDialog } from "./signin.js";

const ADDING = "add";

async function reorder(ordered) {
  const before = accounts.data.value;
  const version = accounts.version;
  accounts.put({ ...before, accounts: ordered }, version);
  try {
    const answer = await api.put("/accounts/order", { ids: ordered.map(({ id }) => id) }, { version });
    accounts.put(answer.document, answer.version);
  } catch (error) {
    accounts.put(before, version);
    tellError(error, accounts);
  }
}

const Problems = ({ problems }) => problems.map((problem) => html`<${Notice} key=${problem.path} tone="warn" title=${problem.message}>
  ${problem.remedy && html`<p>${problem.remedy}</p>`}
<//>`);

const None = () => html`<${EmptyState} icon="accounts" title=${t("accounts.none")}
  action=${html`<${Button} kind="primary" icon="add" href=${href("accounts", ADDING)}>${t("accounts.add")}<//>`}
>${t("accounts.noneHint")}<//>`;

const List = ({ known }) => html`<${Problems} problems=${known.problems} />
  ${known.accounts.length === 0
    ? html`<${None} />`
    : html`<${SortableList}
        label=${t("tab.accounts")} items=${known.accounts} itemKey=${(account) => account.id}
        itemName=${(account) => account.login} onReorder=${reorder}
      >${(account, handle) => html`<${Account} account=${account} known=${known} handle=${handle} />`}<//>`}`;

/** A sign-in that was left in the middle, by a reload for example, can be finished. */
const Waiting = ({ flow }) => html`<${Notice} title=${t("accounts.waiting", { code: flow.userCode })}
  action=${html`<${Button} size="small" href=${href("accounts", ADDING, flow.id)}>${t("accounts.resume")}<//>`} />`;

export default function Accounts() {
  const flows = useResource("/signins", { signin: true });
  const { rest } = route.value;
  const isAdding = rest[0] === ADDING;
  const waiting = flows.data.value && flows.data.value.signins.find((flow) => flow.state === "waiting");
  const isWriter = !session.value.isReadOnly;
  const add = isWriter && html`<${Button} kind="primary" icon="add" href=${href("accounts", ADDING)}>${t("accounts.add")}<//>`;
  return html`<${Page} title=${t("tab.accounts")} lead=${t("accounts.lead")} actions=${add}>
    ${waiting && !isAdding && isWriter && html`<${Waiting} flow=${waiting} />`}
    <${Loaded} resource=${accounts} lines=${8}>${(known) => html`<${List} known=${known} />`}<//>
    ${isAdding && isWriter && html`<${SignInDialog} key=${rest[1] || ""} flowId=${rest[1] || ""} onClose=${() => go("accounts")} />`}
  <//>`;
}
