// The page's own line icons, drawn on a 24 px grid; they take the colour of the text beside them.
import { classes, html } from "../core/html.js";

const PATHS = {
  accounts: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  models: ["M12 3 3.5 7.5 12 12l8.5-4.5Z", "M3.5 12 12 16.5l8.5-4.5", "M3.5 16.5 12 21l8.5-4.5"],
  usage: ["M4 4v16h16", "M8 16v-4", "M12.5 16V8", "M17 16v-6"],
  mappings: ["M4 7h11", "m12 4 3 3-3 3", "M20 17H9", "m12 14-3 3 3 3"],
  settings: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 17h3", "M11 17h9", "M9 15v4", "M4 12h12", "M18 10v4"],
  keys: ["M8 15.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M12 11.5h9", "M17.5 11.5v3.5", "M20.5 11.5V14"],
  connect: ["M9 3v5", "M15 3v5", "M6 8h12v3a6 6 0 0 1-12 0Z", "M12 17v4"],
  playground: ["M5 4.5v15l14-7.5Z"],
  docs: ["M6 3.5h8l4.5 4.5v12.5H6Z", "M14 3.5V8h4.5", "M9 13h6", "M9 16.5h6"],
  about: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M12 11v5.5", "M12 7.5v.5"],
  add: ["M12 5v14", "M5 12h14"],
  remove: ["M5 7h14", "M10 7V4.5h4V7", "M7 7l.8 12.5h8.4L17 7", "M10.5 11v5", "M13.5 11v5"],
  edit: ["m5 19 .8-3.6L16 5.2l2.8 2.8L8.6 18.2Z", "m14 7.2 2.8 2.8"],
  copy: ["M9 9h10.5v10.5H9Z", "M15 9V4.5H4.5V15H9"],
  check: ["m5 12.5 4.5 4.5L19 7.5"],
  close: ["m6 6 12 12", "M18 6 6 18"],
  more: ["M6 12h.01", "M12 12h.01", "M18 12h.01"],
  grip: ["M9 6h.01", "M15 6h.01", "M9 12h.01", "M15 12h.01", "M9 18h.01", "M15 18h.01"],
  refresh: ["M19.5 12a7.5 7.5 0 1 1-2.4-5.5", "M19.5 4v4.5H15"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z", "m15.5 15.5 5 5"],
  warning: ["M12 4 2.8 19.5h18.4Z", "M12 10v4.5", "M12 17v.01"],
  down: ["m6 9.5 6 6 6-6"],
  right: ["m9.5 6 6 6-6 6"],
  left: ["m14.5 6-6 6 6 6"],
  up: ["m6 14.5 6-6 6 6"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  external: ["M13.5 4.5h6v6", "M19.5 4.5 11 13", "M17.5 13.5v6h-13v-13h6"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "m5.3 5.3 1.4 1.4",
    "m17.3 17.3 1.4 1.4", "m18.7 5.3-1.4 1.4", "m6.7 17.3-1.4 1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5Z"],
  screen: ["M3.5 5h17v11h-17Z", "M8.5 20h7", "M12 16v4"],
  language: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M3 12h18", "M12 3c5 5 5 13 0 18", "M12 3c-5 5-5 13 0 18"],
  lock: ["M6 10.5h12V20H6Z", "M8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5"],
  leave: ["M14 4.5H5v15h9", "M10 12h10.5", "m17 8.5 3.5 3.5-3.5 3.5"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z", "M12 7v5l3.5 2"],
  filter: ["M4 5.5h16l-6 7V19l-4-2v-4.5Z"],
  download: ["M12 4v11", "m7.5 11 4.5 4.5 4.5-4.5", "M5 20h14"],
  stop: ["M6.5 6.5h11v11h-11Z"],
  image: ["M4 5h16v14H4Z", "m4 16 5-5 4 4 2.5-2.5L20 17", "M15.5 9v.01"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z", "M12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z"],
  hidden: ["m4 4 16 16", "M9 6a9.8 9.8 0 0 1 3-.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-3 3.7", "M6 7.5A16 16 0 0 0 2.5 12s3.5 6.5 9.5 6.5a9 9 0 0 0 4-.9"],
  shield: ["M12 3 5 5.5V11c0 5 3 8 7 10 4-2 7-5 7-10V5.5Z"],
};

/** An icon. It says nothing to a screen reader: the text beside it does. */
export function Icon({ name, size = 18, class: extra = "" }) {
  return html`<svg class=${classes("icon", (name === "more" || name === "grip") && "icon-dots", extra)} width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">
    ${PATHS[name].map((path) => html`<path d=${path} />`)}
  </svg>`;
}
