// What every page may want to know: the accounts, how the gateway is, and who waits for a yes. Watched for as long as one is signed in.
import { computed } from "./html.js";
import { Resource } from "./resource.js";

function withQuota(payload, now) {
  const isKnown = now.accounts.some((account) => account.id === payload.accountId);
  const accounts = now.accounts.map((account) =>
    account.id === payload.accountId ? { ...account, quota: payload.quota } : account,
  );
  return isKnown ? { ...now, accounts } : null;
}

/** GET /accounts, live. */
export const accounts = new Resource("/accounts", { accounts: (payload) => payload, quota: withQuota });
/** GET /status, live. */
export const status = new Resource("/status", {
  status: (payload) => (payload.checks ? payload : null),
  settings: true,
  accounts: true,
});

/** GET /approvals, live. */
export const approvals = new Resource("/approvals", { approval: true, settings: true });

/** The account that answers when a key names none; null while there is none. */
export const activeAccount = computed(() => {
  const known = accounts.data.value;
  return known ? known.accounts.find((account) => account.id === known.activeAccountId) || null : null;
});

/** Begin to watch them; returns how to stop. */
export function watchKnown() {
  const offs = [accounts.watch(), status.watch(), approvals.watch()];
  return () => offs.forEach((off) => off());
}
