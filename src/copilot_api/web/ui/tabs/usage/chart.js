// The chart: one quantity by hour or day, split as the user likes, drawn by uPlot; its figures as a table below.
import { query } from "../../core/api.js";
import { html, useEffect, useRef } from "../../core/html.js";
import { remembered } from "../../core/remember.js";
import { useResource } from "../../core/resource.js";
import { Card, Disclosure, Loaded, Select, Table } from "../../kit/kit.js";
import { dateTime, day, number } from "../../words/numbers.js";
import { t } from "../../words/words.js";
import { theme } from "../../shell/choices.js";
import { scope } from "./range.js";

const METRICS = ["requests", "tokens", "credits", "latency", "errors"];
const GROUPS = ["none", "model", "client", "key", "account", "upstream"];
const HUES = ["--accent", "--blue", "--violet", "--warn", "--bad", "--good", "--ink-soft"];
const HEIGHT = 260;

const metric = remembered("usage.metric", "requests", (value) => METRICS.includes(value));
const group = remembered("usage.group", "none", (value) => GROUPS.includes(value));

const nameOf = (series) => (group.value === "none" ? t(`usage.metric.${metric.value}`) : series.name || t("usage.noName"));

/** A token of the stylesheet as a colour that a canvas knows: light-dark() is settled by an element. */
function colourOf(node, token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  node.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function optionsOf(node, document) {
  const ink = colourOf(node, "--ink-soft");
  const line = colourOf(node, "--line");
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  return {
    width: node.clientWidth, height: HEIGHT, scales: { y: { range: (_, low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [axis, { ...axis, size: 64, values: (_, marks) => marks.map((mark) => number(mark, 2)) }],
    series: [{}, ...document.series.map((series, index) => ({
      label: nameOf(series), stroke: colourOf(node, HUES[index % HUES.length]), width: 2, spanGaps: false,
      points: { show: document.at.length < 60 }, value: (_, value) => number(value, 2),
    }))],
  };
}

const dataOf = (document) => [document.at.map((at) => new Date(at).getTime() / 1000), ...document.series.map((series) => series.values)];

/** Draw into `frame`, follow its width, and draw anew when the theme turns. Returns what takes it away. */
async function draw(frame, document, isGone) {
  const { default: UPlot } = await import("../../vendor/uplot-1.6.32.js");
  if (isGone()) return () => {};
  const plot = new UPlot(optionsOf(frame, document), dataOf(document), frame);
  const watcher = new ResizeObserver(() => plot.setSize({ width: frame.clientWidth, height: HEIGHT }));
  watcher.observe(frame);
  return () => {
    watcher.disconnect();
    plot.destroy();
  };
}

function Plot({ document }) {
  const frame = useRef(null);
  const look = theme.value;
  useEffect(() => {
    let isGone = false;
    const drawn = draw(frame.current, document, () => isGone);
    return () => {
      isGone = true;
      drawn.then((takeAway) => takeAway());
    };
  }, [document, look]);
  return html`<div ref=${frame} class="usage-chart" aria-hidden="true"></div>`;
}

function Figures({ document }) {
  const when = document.by === "day" ? day : dateTime;
  const columns = [
    { key: "at", title: t("usage.time"), isHeader: true, render: (row) => when(row.at) },
    ...document.series.map((series, index) => ({ key: `s${index}`, title: nameOf(series), align: "end", render: (row) => number(row.values[index], 2) })),
  ];
  const rows = document.at.map((at, index) => ({ at, values: document.series.map((series) => series.values[index]) }));
  return html`<${Disclosure} summary=${t("usage.chartTable")}>
    <${Table} caption=${t(`usage.metric.${metric.value}`)} columns=${columns} rows=${rows.reverse()} rowKey=${(row) => row.at} isStacked=${false} />
  <//>`;
}

export function Chart() {
  const { from, account, by } = scope();
  const resource = useResource(query("/usage/series", { from, account, by, metric: metric.value, group: group.value }), { usage: true });
  const choices = (name, values) => values.map((value) => ({ value, label: t(`usage.${name}.${value}`) }));
  const actions = html`<div class="usage-tools">
    <${Select} label=${t("usage.metric")} isLabelHidden options=${choices("metric", METRICS)} value=${metric.value} onValue=${(value) => { metric.value = value; }} />
    <${Select} label=${t("usage.group")} isLabelHidden options=${choices("group", GROUPS)} value=${group.value} onValue=${(value) => { group.value = value; }} />
  </div>`;
  return html`<${Card} title=${t("usage.chart")} actions=${actions}>
    <${Loaded} resource=${resource} lines=${6}>${(document) => (document.at.length === 0
      ? html`<p class="muted">${t("usage.topNone")}</p>`
      : html`<${Plot} document=${document} /><${Figures} document=${document} />`)}<//>
  <//>`;
}
