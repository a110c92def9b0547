// Everything that is pressed.
import { classes, html, signal, useRef, useState } from "../core/html.js";
import { t } from "../words/words.js";
import { Icon } from "./icons.js";

/** kind: "plain" | "primary" | "quiet" | "danger"; size: "normal" | "small". `href` makes it a link. */
export function Button({
  kind = "plain", size = "normal", icon, isBusy = false, isDisabled = false, class: extra, children, href, ...rest
}) {
  const look = classes("button", `button-${kind}`, size === "small" && "button-small", isBusy && "is-busy", extra);
  const inside = html`${icon && html`<${Icon} name=${icon} size=${16} />`}${children && html`<span>${children}</span>`}`;
  if (href) return html`<a class=${look} href=${href} ...${rest}>${inside}</a>`;
  return html`<button type="button" class=${look} disabled=${isDisabled} aria-busy=${isBusy || undefined} ...${rest}>
    ${inside}
  </button>`;
}

/** A button that shows an icon only; `label` is its name and its tooltip. */
export function IconButton({ icon, label, kind = "quiet", class: extra, isDisabled = false, size = 18, ...rest }) {
  return html`<button
    type="button"
    class=${classes("button", "button-icon", `button-${kind}`, extra)}
    aria-label=${label}
    title=${label}
    disabled=${isDisabled}
    ...${rest}
  >
    <${Icon} name=${icon} size=${size} />
  </button>`;
}

/** A link out of the page, in a tab of its own. */
export function ExternalLink({ href, children, ...rest }) {
  return html`<a class="link" href=${href} target="_blank" rel="noopener noreferrer" ...${rest}>
    ${children}<${Icon} name="external" size=${14} />
  </a>`;
}

async function writeClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  throw new Error("no clipboard");
}

function selectAll(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "offscreen";
  (document.querySelector("dialog[open]") || document.body).append(area);
  area.select();
  const isDone = document.execCommand("copy");
  area.remove();
  return isDone;
}

/** Put text on the clipboard, also where the page is not a secure context (plain HTTP by name). Returns success. */
export async function copyText(text) {
  try {
    await writeClipboard(text);
    return true;
  } catch {
    return selectAll(text);
  }
}

const SHOWN_MS = 2000;
const copied = signal("");

/** Copies `text` and says so. With `label` it is a button with words, without an icon button named `name`. */
export function CopyButton({ text, label, name, kind = "plain", size = "small" }) {
  const [state, setState] = useState("idle");
  const timer = useRef(0);
  const copy = async (event) => {
    const button = event.currentTarget;
    const isDone = await copyText(text);
    setState(isDone ? "done" : "failed");
    copied.value = t(isDone ? "kit.copied" : "kit.copyFailed");
    button.focus();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setState("idle");
      copied.value = "";
    }, SHOWN_MS);
  };
  const icon = state === "done" ? "check" : state === "failed" ? "warning" : "copy";
  if (!label) return html`<${IconButton} icon=${icon} label=${name || t("kit.copy")} size=${16} onClick=${copy} />`;
  const said = state === "done" ? t("kit.copied") : state === "failed" ? t("kit.copyFailed") : label;
  return html`<${Button} kind=${kind} size=${size} icon=${icon} onClick=${copy}>${said}<//>`;
}

/** Says to a screen reader what was copied; once in the page. */
export const CopyStatus = () => html`<span class="offscreen" role="status">${copied.value}</span>`;
