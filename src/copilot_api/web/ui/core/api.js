// The admin API over fetch: one error shape, CSRF on every write, versions as If-Match and ETag.
const BASE = "/admin/api";
const UNREACHABLE = "The gateway does not answer.";

/** Every way in which a request can fail. `status` is 0 when nothing answered. */
export class ApiError extends Error {
  constructor(status, error, { retryAfterS = null, current = null } = {}) {
    super(error.message || `The gateway answered ${status}.`);
    this.status = status;
    this.code = error.code || "";
    this.remedy = error.remedy || "";
    this.fields = error.fields || {};
    this.traceId = error.traceId || "";
    this.retryAfterS = retryAfterS;
    this.current = current;
  }
}

const state = { csrf: "", renewSession: async () => false };

/** Set by core/session.js, which owns who is signed in. */
export function configure(changes) {
  Object.assign(state, changes);
}

function headersOf(method, body, version) {
  const headers = { accept: "application/json" };
  if (method === "GET") return headers;
  if (state.csrf) headers["x-csrf-token"] = state.csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (version) headers["if-match"] = `"${version}"`;
  return headers;
}

/** Fetch and return the bare Response of anything below /admin/api; throws ApiError only when nothing answers. */
export async function send(method, path, { body, version, signal, headers = {} } = {}) {
  try {
    return await fetch(BASE + path, {
      method,
      headers: { ...headersOf(method, body, version), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "unreachable", message: UNREACHABLE });
  }
}

async function readDocument(response) {
  const text = await response.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return { error: { message: `The gateway answered ${response.status} without JSON.` } };
  }
}

/** Make an ApiError of a refusal. */
export async function refusalOf(response) {
  const document = await readDocument(response);
  const after = Number(response.headers.get("retry-after"));
  return new ApiError(response.status, (document && document.error) || {}, {
    retryAfterS: Number.isFinite(after) && after > 0 ? after : null,
    current: (document && document.current) || null,
  });
}

const versionOf = (response, document) =>
  (response.headers.get("etag") || "").replace(/^W\//, "").replaceAll('"', "") || (document && document.version) || "";

/** Whether knowing anew who we are may help: signed in meanwhile, or another CSRF token. */
const isCured = (error, path) =>
  !path.startsWith("/session") && (error.status === 401 || (error.status === 403 && error.code.includes("csrf")));

async function ask(method, path, options = {}, isRetry = false) {
  const response = await send(method, path, options);
  if (response.ok) {
    const document = await readDocument(response);
    return { document, version: versionOf(response, document) };
  }
  const error = await refusalOf(response);
  if (!isRetry && isCured(error, path) && (await state.renewSession())) return ask(method, path, options, true);
  throw error;
}

const writes = new Set();

/** Wait for our own writes: until one has answered, what an event tells of it may need a session that it brings. */
export async function afterWrites() {
  while (writes.size > 0) await Promise.allSettled([...writes]);
}

async function write(method, path, options) {
  const underWay = ask(method, path, options);
  writes.add(underWay);
  try {
    return await underWay;
  } finally {
    writes.delete(underWay);
  }
}

/** Each answers {document, version}. A write takes {version} to say what it replaces. */
export const api = {
  get: (path, options) => ask("GET", path, options),
  post: (path, body = {}, options = {}) => write("POST", path, { body, ...options }),
  put: (path, body = {}, options = {}) => write("PUT", path, { body, ...options }),
  patch: (path, body = {}, options = {}) => write("PATCH", path, { body, ...options }),
  remove: (path, body, options = {}) => write("DELETE", path, { body, ...options }),
};

/** Give an answer to the user as a file. */
export async function saveAnswer(response, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** A path with its query: query("/usage/log", {limit: 50, q: ""}) leaves out what is empty. */
export function query(path, values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** Put names into a path: at`/accounts/${id}/activate`. */
export const at = (parts, ...values) =>
  parts.map((part, index) => part + (index < values.length ? encodeURIComponent(values[index]) : "")).join("");
