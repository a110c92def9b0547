// Who is signed in, and how one signs in, sets up and leaves. Knows no page.
import { api, configure } from "./api.js";
import { signal } from "./html.js";

/** null until the first answer; then the document of GET /session. */
export const session = signal(null);
/** The ApiError of the last failed attempt to learn who we are. */
export const sessionError = signal(null);

function take(document) {
  configure({ csrf: document.csrf || "" });
  sessionError.value = null;
  session.value = document;
  return document;
}

export async function loadSession() {
  try {
    return take((await api.get("/session")).document);
  } catch (error) {
    sessionError.value = error;
    return null;
  }
}

export const signIn = async (secret) => take((await api.post("/session", { secret })).document);
export const signOut = async () => take((await api.remove("/session")).document);
export const setUp = async (token, secret) => take((await api.post("/session/setup", { token, secret })).document);
export const changeSecret = async (current, fresh) =>
  take((await api.put("/secret", { current: current || null, new: fresh })).document);
export const removeSecret = async (current) => take((await api.remove("/secret", { current })).document);

configure({ onUnauthorized: loadSession, renewCsrf: loadSession });
