// Explain: capture what goes through for a while, and see of one request why it went the way it went.
import { html, useEffect, useRef } from "../../core/html.js";
import { useResource } from "../../core/resource.js";
import { route } from "../../core/route.js";
import { Loaded, Page } from "../../kit/kit.js";
import { addWords, t } from "../../words/words.js";
import usageWords from "../usage/words.js";
import { Captured, Control } from "./captures.js";
import { Explanation } from "./explanation.js";

addWords(usageWords);

function Overview() {
  const captures = useResource("/captures", { captures: true });
  return html`<${Page} title=${t("tab.explain")} lead=${t("explain.lead")}>
    <${Loaded} resource=${captures} lines=${6}>${(document) => html`<div class="stack">
      <${Control} captures=${captures} document=${document} />
      <${Captured} captures=${captures} document=${document} />
    </div>`}<//>
  <//>`;
}

export default function Explain() {
  const [traceId] = route.value.rest;
  const before = useRef(traceId);
  useEffect(() => {
    if (before.current === traceId) return;
    before.current = traceId;
    document.getElementById("page-title").focus();
  }, [traceId]);
  return traceId ? html`<${Explanation} key=${traceId} traceId=${traceId} />` : html`<${Overview} />`;
}
