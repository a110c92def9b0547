// A button with a list of actions behind it, and tabs inside a page.
import { classes, html, useId, useLayoutEffect, useRef, useState } from "../core/html.js";
import { t } from "../words/words.js";
import { Icon } from "./icons.js";

function step(items, from, by) {
  const count = items.length;
  let index = from;
  do index = (index + by + count) % count;
  while (items[index].getAttribute("aria-disabled") === "true" && index !== from);
  return items[index];
}

function moveIn(list, event) {
  const items = [...list.querySelectorAll('[role="menuitem"]')];
  const at = items.indexOf(document.activeElement);
  const target = {
    ArrowDown: () => step(items, at, 1),
    ArrowUp: () => step(items, at < 0 ? 0 : at, -1),
    Home: () => step(items, -1, 1),
    End: () => step(items, 0, -1),
  }[event.key];
  if (!target) return;
  event.preventDefault();
  target().focus();
}

function place(list, button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const isBelow = box.bottom + height + 8 < innerHeight;
  list.style.left = `${Math.max(8, Math.min(box.right - width, innerWidth - width - 8))}px`;
  list.style.top = `${Math.max(8, isBelow ? box.bottom + 4 : box.top - height - 4)}px`;
}

/** Open or closed; while open the list lies in the top layer and the focus is in it. */
function useOpening() {
  const [isOpen, setOpen] = useState(false);
  const button = useRef(null);
  const list = useRef(null);
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    const node = list.current;
    node.showPopover();
    place(node, button.current);
    step([...node.querySelectorAll('[role="menuitem"]')], -1, 1).focus();
    const onToggle = (event) => event.newState === "closed" && setOpen(false);
    node.addEventListener("toggle", onToggle);
    return () => node.removeEventListener("toggle", onToggle);
  }, [isOpen]);
  const close = () => {
    if (list.current) list.current.hidePopover();
    button.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key === "Tab") setOpen(false);
    else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else moveIn(list.current, event);
  };
  return { isOpen, setOpen, button, list, close, onKeyDown };
}

function MenuItem({ item, onSelect }) {
  return html`<button
    type="button" role="menuitem" tabindex="-1" class=${classes("menu-item", item.tone === "danger" && "is-danger")}
    aria-disabled=${item.isDisabled ? "true" : undefined} onClick=${() => !item.isDisabled && onSelect(item)}
  >
    ${item.icon && html`<${Icon} name=${item.icon} size=${16} />`}
    <span>${item.label}${item.hint && html`<small>${item.hint}</small>`}</span>
  </button>`;
}

/** items: [{label, icon, onSelect, tone: "danger", isDisabled, hint}]; false ones are left out. */
export function Menu({ label, items, icon = "more", children, class: extra }) {
  const { isOpen, setOpen, button, list, close, onKeyDown } = useOpening();
  const id = useId();
  const select = (item) => {
    close();
    item.onSelect();
  };
  return html`<span class="menu">
    <button
      ref=${button} type="button" class=${classes("button", "button-quiet", !children && "button-icon", extra)} aria-haspopup="menu"
      aria-expanded=${isOpen ? "true" : "false"} aria-controls=${isOpen ? id : undefined}
      aria-label=${label} title=${label} onClick=${() => setOpen(!isOpen)}
    >${children || html`<${Icon} name=${icon} />`}</button>
    ${isOpen && html`<div ref=${list} id=${id} class="menu-list" role="menu" popover="auto" aria-label=${label} onKeyDown=${onKeyDown}>
      ${items.filter(Boolean).map((item) => html`<${MenuItem} key=${item.label} item=${item} onSelect=${select} />`)}
    </div>`}
  </span>`;
}

/** items: [{id, label, count}]. The panel is the caller's: give it role="tabpanel" and aria-labelledby=`tab-${id}`. */
export function Tabs({ label, items, selected, onSelect }) {
  const row = useRef(null);
  const onKeyDown = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = items.findIndex((item) => item.id === selected);
    const next = items[(at + by + items.length) % items.length];
    onSelect(next.id);
    row.current.querySelector(`#tab-${CSS.escape(next.id)}`).focus();
  };
  return html`<div ref=${row} class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
    ${items.map((item) => html`<button
      key=${item.id} type="button" role="tab" id=${`tab-${item.id}`} class="tab" aria-selected=${item.id === selected ? "true" : "false"}
      tabindex=${item.id === selected ? "0" : "-1"} onClick=${() => onSelect(item.id)}
    >${item.label}${item.count !== undefined && html`<span class="tab-count">${item.count}</span>`}</button>`)}
  </div>`;
}

/** Pages of a long list. `onPage(n)`; `hasNext` where the end is not known. */
export const Pager = ({ page, hasNext, onPage, children }) => html`<nav class="pager" aria-label=${t("kit.pages")}>
  ${children}
  <button type="button" class="button button-plain button-small" disabled=${page <= 1} onClick=${() => onPage(page - 1)}>
    <${Icon} name="left" size=${16} /><span>${t("kit.previous")}</span>
  </button>
  <span class="pager-page">${t("kit.page", { page })}</span>
  <button type="button" class="button button-plain button-small" disabled=${!hasNext} onClick=${() => onPage(page + 1)}>
    <span>${t("kit.next")}</span><${Icon} name="right" size=${16} />
  </button>
</nav>`;
