// Rows and columns, and lists that their user puts in order.
import { classes, html, useEffect, useLayoutEffect, useRef, useState } from "../core/html.js";
import { t } from "../words/words.js";
import { Icon } from "./icons.js";

const cellOf = (column, row) => (column.render ? column.render(row) : row[column.key]);

/**
 * columns: [{key, title, render(row), align: "end", isHeader, isTitleHidden, class}]. On a phone each row becomes a card
 * with the column's title before each value (`isStacked={false}` scrolls sideways instead).
 */
export function Table({ caption, columns, rows, rowKey, rowClass, isStacked = true, onRow }) {
  const cell = (column, row) => html`<${column.isHeader ? "th" : "td"}
    key=${column.key} scope=${column.isHeader ? "row" : undefined} role=${column.isHeader ? "rowheader" : "cell"}
    data-title=${column.isTitleHidden ? undefined : column.title} class=${classes(column.align && `align-${column.align}`, column.class)}
  >${isStacked ? html`<span class="cell">${cellOf(column, row)}</span>` : cellOf(column, row)}<//>`;
  return html`<div class=${classes("table-frame", isStacked && "is-stacked")} tabindex=${isStacked ? undefined : "0"}
    role=${isStacked ? undefined : "region"} aria-label=${isStacked ? undefined : caption}>
    <table role="table">
      <caption class="offscreen">${caption}</caption>
      <thead role="rowgroup"><tr role="row">
        ${columns.map((column) => html`<th key=${column.key} scope="col" role="columnheader" class=${column.align && `align-${column.align}`}>
          <span class=${column.isTitleHidden ? "offscreen" : ""}>${column.head || column.title}</span>
        </th>`)}
      </tr></thead>
      <tbody role="rowgroup">
        ${rows.map((row) => html`<tr key=${rowKey(row)} role="row" class=${rowClass && rowClass(row)} onClick=${onRow && (() => onRow(row))}>
          ${columns.map((column) => cell(column, row))}
        </tr>`)}
      </tbody>
    </table>
  </div>`;
}

function moved(items, from, to) {
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

/** The order while it is being changed: `shown`, and what starts, moves, drops and gives up. */
function useOrder(items, itemKey, onReorder) {
  const [order, setOrder] = useState(null);
  const [held, setHeld] = useState(null);
  const keys = items.map(itemKey).join("\n");
  useEffect(() => setOrder(null), [keys]);
  const shown = order || items;
  const move = (key, to) => {
    const from = shown.findIndex((item) => itemKey(item) === key);
    if (to >= 0 && to < shown.length && from !== to) setOrder(moved(shown, from, to));
  };
  const give = () => {
    setHeld(null);
    setOrder(null);
  };
  const drop = async () => {
    setHeld(null);
    if (order && order.some((item, index) => itemKey(item) !== itemKey(items[index]))) await onReorder(order);
    setOrder(null);
  };
  return { shown, held, setHeld, move, drop, give };
}

function useDrag(list, order, itemKey) {
  const targetAt = (y) => {
    const rows = [...list.current.children];
    const index = rows.findIndex((row) => y < row.getBoundingClientRect().bottom);
    return index < 0 ? rows.length - 1 : index;
  };
  return (key) => ({
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      order.setHeld({ key, by: "pointer" });
    },
    onPointerMove: (event) => {
      if (order.held && order.held.by === "pointer" && order.held.key === key) order.move(key, targetAt(event.clientY));
    },
    onPointerUp: () => order.held && order.held.by === "pointer" && order.drop(),
    onPointerCancel: order.give,
  });
}

/** A browser takes the focus from what moves in the page: give it back, and drop when the user really goes away. */
function useKeyboardHold(list, order) {
  const latest = useRef(order);
  latest.current = order;
  const isKeyboard = order.held && order.held.by === "keyboard";
  const grip = () => list.current && list.current.querySelector('.grip[aria-pressed="true"]');
  useLayoutEffect(() => {
    if (isKeyboard) grip().focus();
  }, [order.shown]);
  return () => requestAnimationFrame(() => {
    const { held, drop } = latest.current;
    if (held && held.by === "keyboard" && document.activeElement !== grip()) drop();
  });
}

/** What the keyboard does to a handle, said aloud by `say`. */
function keysOf({ order, itemKey, itemName, count, say }) {
  return (item, index) => (event) => {
    const key = itemKey(item);
    const isHeld = order.held && order.held.key === key;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const place = (at) => ({ name: itemName(item), place: Math.max(1, Math.min(count, at + 1)) });
    if (event.key === " " || event.key === "Enter") {
      if (isHeld) order.drop();
      else order.setHeld({ key, by: "keyboard" });
      say(t(isHeld ? "kit.dropped" : "kit.taken", place(index)));
    } else if (by && isHeld) {
      order.move(key, index + by);
      say(t("kit.moved", place(index + by)));
    } else if (event.key === "Escape" && isHeld) order.give();
    else return;
    event.preventDefault();
  };
}

/**
 * A list in the order its user wants: dragged by its handle, or with the keyboard (Space takes, arrows move, Space
 * drops, Escape gives up). `onReorder(items)` saves; until it is done the new order is shown, then what `items` says.
 * `children(item, handle)` draws an item; `handle` goes where it should be held.
 */
export function SortableList({ label, items, itemKey, itemName, onReorder, children, class: extra }) {
  const list = useRef(null);
  const order = useOrder(items, itemKey, onReorder);
  const drag = useDrag(list, order, itemKey);
  const [said, say] = useState("");
  const onKeyDown = keysOf({ order, itemKey, itemName, count: items.length, say });
  const isHeld = (item) => Boolean(order.held && order.held.key === itemKey(item));
  const leave = useKeyboardHold(list, order);
  const handle = (item, index) => html`<button
    type="button" class="grip" aria-label=${t("kit.reorder", { name: itemName(item) })} title=${t("kit.reorderHint")}
    aria-pressed=${isHeld(item) ? "true" : "false"} onKeyDown=${onKeyDown(item, index)}
    onBlur=${leave} ...${drag(itemKey(item))}
  ><${Icon} name="grip" /></button>`;
  return html`<ol ref=${list} class=${classes("sortable", extra)} aria-label=${label}>
      ${order.shown.map((item, index) => html`<li
        key=${itemKey(item)} class=${classes("sortable-item", isHeld(item) && "is-held")}
      >${children(item, items.length > 1 ? handle(item, index) : null)}</li>`)}
    </ol>
    <span class="offscreen" role="status">${said}</span>`;
}
