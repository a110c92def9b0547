// The status page: asks the server how it is every few seconds while the page is visible.
// Asks nobody upstream; text only ever enters the page as text.
const REFRESH_MS = 5000;
const at = (id) => document.getElementById(id);

function element(name, text, className) {
  const node = document.createElement(name);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

function showChecks(checks) {
  at("checks").replaceChildren(...checks.map((check) => {
    const item = element("li", "", check.is_ok ? "ok" : "bad");
    item.append(element("strong", check.name), element("span", check.detail));
    if (!check.is_ok && check.remedy) item.append(element("em", check.remedy));
    return item;
  }));
}

function showAccounts(accounts) {
  at("accounts").closest("table").hidden = accounts.length === 0;
  at("accounts").replaceChildren(...accounts.map((account) => {
    const row = document.createElement("tr");
    const state = account.problem || (account.isActive ? "active" : "idle");
    row.append(
      element("td", account.login), element("td", account.plan || "unknown"),
      element("td", String(account.models)), element("td", state, account.problem ? "bad" : "ok"),
    );
    return row;
  }));
}

function show(status) {
  at("demo").hidden = !status.isDemo;
  at("version").textContent = status.version;
  at("headline").textContent = status.isReady
    ? `Ready at ${status.address}`
    : "Not ready: see what to do below";
  at("headline").className = status.isReady ? "ok" : "bad";
  showChecks(status.checks);
  showAccounts(status.accounts);
}

async function refresh() {
  try {
    const response = await fetch("/admin/api/status", { headers: { accept: "application/json" } });
    const body = await response.json();
    if (response.ok) show(body);
    else throw new Error(body.error ? body.error.message : `status ${response.status}`);
  } catch (error) {
    at("headline").textContent = String(error.message || error);
    at("headline").className = "bad";
  }
}

refresh();
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
