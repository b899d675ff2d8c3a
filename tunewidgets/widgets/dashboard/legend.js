// The legend of a figure as flowing text: Plotly's own sets its entries in wide columns, which a small card has no room for.

import { element } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";
const SHAPES = {
  circle: "M8 3.5a4.5 4.5 0 1 0 .01 0z",
  square: "M4 4h8v8h-8z",
  diamond: "M8 2.5 13.5 8 8 13.5 2.5 8z",
  "triangle-down": "M2.5 4h11L8 13z",
  "triangle-up": "M2.5 12h11L8 3z",
  "triangle-right": "M4 2.5v11L13 8z",
  x: "M3 5 5 3l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
  star: "M8 1.5l1.8 4.4 4.7.4-3.6 3.1 1.1 4.6L8 11.5l-4 2.5 1.1-4.6L1.5 6.3l4.7-.4z",
};

// [{name, shape, open, line, edge, color, dash}] of a figure's traces, each name once.
export function legendOf(data) {
  const entries = new Map();
  for (const trace of data) {
    if (!trace.name || trace.showlegend === false || entries.has(trace.name)) continue;
    entries.set(trace.name, entry(trace));
  }
  return [...entries.values()];
}

function entry(trace) {
  const mode = trace.mode ?? "lines";
  const bar = trace.type === "bar";
  const symbol = bar ? "square" : /markers/.test(mode) ? one(trace.marker?.symbol) ?? "circle" : null;
  const line = !bar && /lines/.test(mode);
  const edge = bar && trace.marker?.line?.width ? one(trace.marker.line.color) : null;
  const hollow = bar && /,\s*0\)$/.test(one(trace.marker?.color) ?? "");
  return {
    name: trace.name, line, edge, dash: trace.line?.dash ?? "solid",
    shape: symbol === null ? null : symbol.replace("-open", ""), open: hollow || Boolean(symbol?.endsWith("-open")),
    color: (line ? trace.line?.color : null) ?? one(hollow ? trace.marker.line?.color : trace.marker?.color) ?? "currentColor",
  };
}

function one(value) {
  return Array.isArray(value) ? value[0] : value;
}

function drawing(tag, attributes) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function swatch({ shape, open, line, edge, color, dash }) {
  const svg = drawing("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true" });
  if (line) svg.append(drawing("path", { d: "M0 8H16", stroke: color, "stroke-width": 2, "stroke-dasharray": dash === "solid" ? "" : "3 2", fill: "none" }));
  if (shape) svg.append(drawing("path", { d: SHAPES[shape] ?? SHAPES.circle, fill: open ? "none" : color, stroke: edge ?? color, "stroke-width": open ? 2 : edge ? 1 : 0 }));
  return svg;
}

export function createLegend() {
  const node = element("div", { class: "tw-legend", role: "list", "aria-label": "Legend" });
  let shown = "";
  return {
    node,
    show(data) {
      const entries = legendOf(data);
      const key = JSON.stringify(entries);
      if (key === shown) return;
      shown = key;
      node.replaceChildren(...entries.map(item => element("span", { class: "tw-entry", role: "listitem" }, swatch(item), item.name)));
    },
  };
}
