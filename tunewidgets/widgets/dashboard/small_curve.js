// The learning curves of the trials that are explained, small, beside the best trial's, faded.

import { attribute, element, keepKeys, say } from "./dom.js";
import { number } from "./format.js";

const SVG_SPACE = "http://www.w3.org/2000/svg";
const [ACROSS, DOWN] = [260, 92];
const INSET = { left: 6, right: 6, top: 8, bottom: 6 };

function svgNode(tag, attributes) {
  const made = document.createElementNS(SVG_SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// The metrics that any of the curves has, the goal's first.
export function metricsOfCurves(curves) {
  return [...new Set(curves.flatMap(({ curve }) => Object.keys(curve.values)))];
}

// {lines: [{trial, faded, points: [[x, y]]}], low, high, last}: curves of a metric as they stand in the picture.
export function linesOfCurves(curves, metric) {
  const found = curves.map(({ trial, faded, curve }) => ({
    trial, faded, reports: curve.steps.map((step, i) => [step, curve.values[metric]?.[i]]).filter(([, value]) => Number.isFinite(value)),
  })).filter(({ reports }) => reports.length);
  const values = found.flatMap(({ reports }) => reports.map(([, value]) => value));
  const steps = found.flatMap(({ reports }) => reports.map(([step]) => step));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [begin, last] = [Math.min(...steps), Math.max(...steps)];
  const across = step => INSET.left + (ACROSS - INSET.left - INSET.right) * (last === begin ? 0.5 : (step - begin) / (last - begin));
  const down = value => DOWN - INSET.bottom - (DOWN - INSET.top - INSET.bottom) * (high === low ? 0.5 : (value - low) / (high - low));
  const lines = found.map(({ trial, faded, reports }) => ({ trial, faded, points: reports.map(([step, value]) => [across(step), down(value)]) }));
  return { lines, low, high, begin, last };
}

const round = point => point.map(value => value.toFixed(1)).join(",");

export function createSmallCurve() {
  const list = keepKeys(element("select", { class: "tw-select", "aria-label": "Metric of the learning curve" }));
  const words = element("span", { class: "tw-more" });
  const picture = svgNode("svg", { class: "tw-smallcurve", viewBox: `0 0 ${ACROSS} ${DOWN}`, role: "img", preserveAspectRatio: "none" });
  const node = element("div", { class: "tw-course" }, element("div", { class: "tw-coursehead" }, list, words), picture);
  let curves = [];
  let unit = "step";
  let shown = "";
  let asked = null; // the metric that was chosen, where it was
  list.addEventListener("change", () => { asked = list.value; shown = ""; show(curves, unit); });

  function choices(metrics) {
    if (String([...list.options].map(option => option.value)) !== String(metrics)) {
      list.replaceChildren(...metrics.map(metric => element("option", { value: metric }, metric)));
    }
    const metric = metrics.includes(asked) ? asked : metrics[0];
    if (list.value !== metric) list.value = metric;
    attribute(list, "aria-disabled", String(metrics.length < 2));
    return metric;
  }

  function line({ trial, faded, points }, i) {
    const style = `tw-courseline ${faded ? "tw-faded" : `tw-course${i % 4}`}`;
    return points.length > 1 ? svgNode("polyline", { class: style, points: points.map(round).join(" "), "data-trial": trial })
      : svgNode("circle", { class: style, cx: points[0][0], cy: points[0][1], r: 3, "data-trial": trial });
  }

  // `wanted`: [{trial, faded, curve}], the faded one being the best trial's.
  function show(wanted, name) {
    [curves, unit] = [wanted.filter(({ curve }) => curve.steps.length), name];
    node.hidden = !curves.length;
    const key = JSON.stringify(curves);
    if (key === shown || node.hidden) return;
    shown = key;
    const metric = choices(metricsOfCurves(curves));
    const { lines, low, high, begin, last } = linesOfCurves(curves, metric);
    const own = lines.filter(({ faded }) => !faded);
    picture.replaceChildren(...lines.filter(({ faded }) => faded).map(line), ...own.map(line));
    const span = !lines.length ? "nothing reported" : low === high ? number(low) : `${number(low)} to ${number(high)}`;
    const reach = lines.length ? `${unit}${begin === last ? ` ${last}` : `s ${begin} to ${last}`}` : "";
    say(words, `${span}${reach ? ` over ${reach}` : ""}${lines.some(({ faded }) => faded) ? "; the best faded" : ""}`);
    attribute(picture, "aria-label", `${metric} of ${own.map(({ trial }) => `trial ${trial}`).join(", ") || "no trial"}: ${words.textContent}`);
  }

  return { node, show };
}
