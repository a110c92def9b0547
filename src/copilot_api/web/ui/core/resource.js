// A document of the API that a component shows: loaded, kept fresh by events, replaced by what a write answers.
import { afterWrites, api } from "./api.js";
import { on } from "./events.js";
import { signal, useEffect, useMemo, useSignal } from "./html.js";
import { tellError } from "./tell.js";

/**
 * One document. `topics` says what freshens it: {keys: true} loads it anew when `keys` is told;
 * {accounts: (payload, now) => next} makes the next document of what was told.
 */
export class Resource {
  constructor(path, topics = {}) {
    this.path = path;
    this.topics = topics;
    this.data = signal(null);
    this.error = signal(null);
    this.isLoading = signal(false);
    this.version = "";
    this.watchers = 0;
    this.turn = 0;
  }

  /** Ask again; what was shown stays until the answer is there. */
  load = async () => {
    const turn = ++this.turn;
    this.isLoading.value = true;
    try {
      const { document, version } = await api.get(this.path);
      if (turn === this.turn) this.put(document, version);
    } catch (error) {
      if (turn === this.turn) this.error.value = error;
    } finally {
      if (turn === this.turn) this.isLoading.value = false;
    }
  };

  /** Show what a write answered. */
  put = (document, version = document && document.version) => {
    this.turn += 1;
    this.isLoading.value = false;
    this.version = version || "";
    this.error.value = null;
    this.data.value = document;
  };

  /** Keep it fresh until the returned function is called. */
  watch = () => {
    this.watchers += 1;
    if (this.watchers === 1) this.begin();
    return () => {
      this.watchers -= 1;
      if (this.watchers === 0) this.end();
    };
  };

  begin() {
    const told = Object.entries(this.topics).map(([topic, take]) => on(topic, (payload) => this.hear(take, payload)));
    this.offs = [...told, on("resync", this.load)];
    this.load();
  }

  end() {
    this.turn += 1;
    this.isLoading.value = false;
    for (const off of this.offs) off();
  }

  hear(take, payload) {
    const next = typeof take === "function" && this.data.value ? take(payload, this.data.value) : null;
    if (next) this.put(next);
    else afterWrites().then(() => this.watchers > 0 && this.load());
  }
}

/** The resource of `path` for as long as the component is shown. Another path is another resource. */
export function useResource(path, topics) {
  const resource = useMemo(() => new Resource(path, topics), [path]);
  useEffect(() => resource.watch(), [resource]);
  return resource;
}

/**
 * A write with its states: {run, isBusy, error}. An error is told as a toast, unless `isInline` keeps it in `error`
 * for the form to show. A stale version (412) loads `resource` anew and says so.
 */
export function useAction(perform, { isInline = false, resource = null } = {}) {
  const isBusy = useSignal(false);
  const error = useSignal(null);
  const run = async (...given) => {
    if (isBusy.value) return undefined;
    isBusy.value = true;
    error.value = null;
    try {
      return await perform(...given);
    } catch (caught) {
      if (caught.status === undefined) throw caught;
      if (isInline && caught.status !== 412) error.value = caught;
      else tellError(caught, resource);
      return undefined;
    } finally {
      isBusy.value = false;
    }
  };
  return { run, isBusy, error };
}
