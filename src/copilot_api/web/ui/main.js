// The page begins here.
import { html, render } from "./core/html.js";
import { App } from "./shell/app.js";

render(html`<${App} />`, document.getElementById("app"));
