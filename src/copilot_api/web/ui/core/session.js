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

// A write that changes who is signed in is told to all pages before its own answer, with the new cookie, is here.
// Whoever asks in between waits for it, so that nobody is shown the door by mistake.
let writing = Promise.resolve();

function write(asked) {
  writing = asked.catch(() => {});
  return asked.then(({ document }) => take(document));
}

/** Ask who we are. Returns whether somebody is signed in; false also when nothing answers. */
export async function loadSession() {
  await writing;
  try {
    return take((await api.get("/session")).document).signedIn;
  } catch (error) {
    sessionError.value = error;
    return false;
  }
}

export const signIn = (secret) => write(api.post("/session", { secret }));
export const signOut = () => write(api.remove("/session"));
export const setUp = (token, secret) => write(api.post("/session/setup", { token, secret }));
export const changeSecret = (current, fresh) => write(api.put("/secret", { current: current || null, new: fresh }));
export const removeSecret = (current) => write(api.remove("/secret", { current }));

configure({ renewSession: loadSession });
