// What the user changed and has not saved yet: by setting's name, and what the gateway says of it.
import { api } from "../../core/api.js";
import { useEffect, useRef, useState } from "../../core/html.js";
import { useAction } from "../../core/resource.js";
import { tell } from "../../core/tell.js";
import { useUnsaved } from "../../core/unsaved.js";
import { t } from "../../words/words.js";

const CHECK_AFTER_MS = 350;

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** A value that the form itself cannot read: shown at its field, and never sent. */
export class Unreadable {
  constructor(key, text) {
    this.key = key;
    this.text = text;
  }
}

const unreadable = (changes) => Object.entries(changes).filter(([, value]) => value instanceof Unreadable);
const readable = (changes) => Object.fromEntries(Object.entries(changes).filter(([, value]) => !(value instanceof Unreadable)));

/** Ask the gateway, once the user pauses, what it would say of the changes; saves nothing. */
function useCheck(changes, setFields) {
  const turn = useRef(0);
  useEffect(() => {
    const own = ++turn.current;
    const asked = readable(changes);
    if (Object.keys(asked).length === 0) {
      setFields({});
      return undefined;
    }
    const timer = setTimeout(async () => {
      const answer = await api.post("/settings/check", { changes: asked }).catch(() => null);
      if (answer && own === turn.current) setFields(answer.document.fields);
    }, CHECK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [changes]);
}

/** Shape: {changes, fields, count, change(setting, value), discard(), save} */
export function useDraft(resource) {
  const [changes, setChanges] = useState({});
  const [fields, setFields] = useState({});
  const count = Object.keys(changes).length;
  useUnsaved(count > 0, { within: "settings" });
  useCheck(changes, setFields);
  const change = (setting, value) => setChanges((before) => {
    const { [setting.name]: _, ...rest } = before;
    const meant = value === null && !setting.isNullable ? setting.default : value;
    return same(meant, setting.value) ? rest : { ...rest, [setting.name]: value };
  });
  const save = useAction(async () => {
    const { document, version } = await api.patch("/settings", { changes }, { version: resource.version });
    setChanges({});
    resource.put(document, version);
    tell({ text: t("settings.saved") });
  }, { isInline: true, resource });
  const own = Object.fromEntries(unreadable(changes).map(([name, value]) => [name, t(value.key)]));
  const refused = (save.error.value && save.error.value.fields) || {};
  const faults = { ...refused, ...fields, ...own };
  return { changes, fields: faults, count, change, discard: () => setChanges({}), save };
}
