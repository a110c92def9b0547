// The page begins here. The tab of the address is fetched while the gateway says who we are.
import { html, render } from "./core/html.js";
import { route } from "./core/route.js";
import { App } from "./shell/app.js";
import { loadTab } from "./shell/tabs.js";

loadTab(route.value.tab).catch(() => {});
render(html`<${App} />`, document.getElementById("app"));
