// The axes of parallel coordinates: names, ticks and brushed intervals, as SVG above the canvases. Each axis takes the
// keyboard's focus, and its arrows.

import { attribute } from "./dom.js";
import { intervalWords } from "./brush.js";
import { fitted, moved, roomy, spansOf, squeezed, stretched, toldApart } from "./parallel_spec.js";

const SVG = "http://www.w3.org/2000/svg";
const FONT = 11;
const MARGIN = 64; // pixels for the ticks of the first axis at most
const APART = 15; // pixels between two ticks
const BAR = 14; // pixels across a brushed interval
const ROWS = [14, 30]; // the lines on which names stand: two where one is too narrow for them

const ruler = { context: null };
function widthOfText(text, bold) {
  ruler.context ??= document.createElement("canvas").getContext("2d");
  ruler.context.font = `${bold ? "600 " : ""}${FONT}px ${ruler.family ?? "sans-serif"}`;
  return ruler.context.measureText(text).width;
}

function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// How far the ticks of the first axis reach to the left, within reason.
export function roomLeft(axis) {
  return Math.min(MARGIN, Math.max(24, ...axis.ticks.map(tick => widthOfText(tick.text)))) + 14;
}

function nameWords(axis) {
  if (!axis.goal) return axis.name;
  return `${axis.name} (${axis.goal === "min" ? "lower" : "higher"} is better)`;
}

// Names on one line if all fit there, else on two by turns.
function namesOf(axes, { xs, gap, width }) {
  const room = (i, times) => (i === 0 || i === axes.length - 1 ? times * gap * 0.75 : times * gap) - 8;
  const narrow = axes.some((axis, i) => widthOfText(axis.name, true) > room(i, 1));
  return axes.map((axis, i) => {
    const text = fitted(axis.name, room(i, narrow ? 2 : 1), part => widthOfText(part, true));
    const half = widthOfText(text, true) / 2;
    return { text, x: Math.min(width - half - 2, Math.max(half + 2, xs[i])), y: narrow ? ROWS[i % 2] : ROWS[1] };
  });
}

// `brushedNow` is asked at every key: two can come before the first is drawn.
export function createAxes({ brushedNow, onInterval, onClear, onMove, onReset }) {
  const node = shape("svg", { class: "tw-axes", role: "group", "aria-label": "Axes" });
  let groups = [];
  let shown = "";
  let measured = [];

  function createAxis(i) {
    const group = shape("g", { class: "tw-axis", role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-valuemin": "0", "aria-valuemax": "100" });
    group.addEventListener("keydown", event => press(event, i));
    return group;
  }

  function press(event, i) {
    const axis = measured[i];
    const interval = brushedNow()[axis.name];
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const beside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (beside && event.shiftKey) {
      const to = Math.min(groups.length - 1, Math.max(0, i + beside));
      onMove(i, beside);
      groups[to].focus(); // it goes along with its axis
    } else if (event.key === "Home") onReset();
    else if (step) onInterval(axis, (event.shiftKey ? stretched : moved)(axis, interval, step));
    else if (beside) groups[i + beside]?.focus();
    else if (event.key === "Delete" || event.key === "Backspace") onInterval(axis, null);
    else if (event.key === "Escape") onClear();
    else return;
    event.preventDefault();
  }

  // What changes with the data and the room: lines, ticks, names.
  function build(axes, across, view, family) {
    const key = JSON.stringify([axes, across, view.top, view.bottom, family]);
    if (key === shown) return;
    shown = key;
    ruler.family = family;
    while (groups.length > axes.length) groups.pop().remove();
    while (groups.length < axes.length) node.append(groups[groups.push(createAxis(groups.length)) - 1]);
    attribute(node, "width", String(across.width));
    const names = namesOf(axes, across);
    axes.forEach((axis, i) => groups[i].replaceChildren(...skeleton(axis, names[i], across, view, i)));
  }

  function skeleton(axis, name, { xs, gap }, view, i) {
    const x = xs[i];
    const room = i === 0 ? MARGIN : gap - 16;
    const measure = part => widthOfText(part);
    const told = axis.categories.length ? toldApart(axis.ticks.map(tick => tick.text), room, measure) : null;
    const short = tick => (told ? squeezed(told[axis.ticks.indexOf(tick)], room, measure) : fitted(tick.text, room, measure));
    const ticks = roomy(axis.ticks, view.unit, APART).map(tick => shape("g", { transform: `translate(${x},${view.y(tick.height)})` },
      shape("title", {}, tick.text),
      shape("path", { class: "tw-tick", d: "M-4 0H0" }),
      shape("text", { class: "tw-ticktext", x: -7, y: FONT * 0.35, "text-anchor": "end" }, short(tick))));
    return [
      shape("title", {}, `${nameWords(axis)}; drag the name to move the axis`),
      shape("rect", { class: "tw-hit", x: x - 12, y: view.top - 6, width: 24, height: view.unit + 12, rx: 3 }),
      shape("path", { class: "tw-axisline", d: `M${x} ${view.top}V${view.foot}` }),
      ...ticks,
      shape("text", { class: axis.goal ? "tw-axisname tw-goal" : "tw-axisname", x: name.x, y: name.y, "text-anchor": "middle" }, name.text),
      shape("g", { class: "tw-spans" }),
    ];
  }

  // What changes with the brush.
  function mark(axes, brushed, across, view) {
    measured = axes;
    axes.forEach((axis, i) => {
      const interval = brushed[axis.name];
      const spans = interval ? spansOf(axis, interval) : [];
      const bars = spans.map(([low, high]) => shape("rect", {
        class: "tw-span-bar", x: across.xs[i] - BAR / 2, y: view.y(high), width: BAR, height: Math.max(2, view.y(low) - view.y(high)), rx: 2,
      }));
      groups[i].lastElementChild.replaceChildren(...bars);
      attribute(groups[i], "aria-label", `${nameWords(axis)}: brushed interval`);
      attribute(groups[i], "aria-valuetext", interval ? intervalWords(interval) : "not brushed");
      const middle = spans.length ? (spans[0][0] + spans.at(-1)[1]) / 2 : 0.5;
      attribute(groups[i], "aria-valuenow", String(Math.round(100 * Math.min(1, Math.max(0, middle)))));
    });
  }

  return { node, build, mark };
}
