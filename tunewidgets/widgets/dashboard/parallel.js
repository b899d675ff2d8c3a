// The card Parallel coordinates on canvases of our own: Plotly takes seconds for ten thousand lines. It draws the same spec.

import { element, keepKeys, say } from "./dom.js";
import { asSentence } from "./format.js";
import { createBrushNote } from "./brush.js";
import { createOptions } from "./options.js";
import { createAxes, roomLeft } from "./parallel_axes.js";
import { createPainter, viewOf } from "./parallel_paint.js";
import { inOrder, slotAt, withMoved } from "./parallel_order.js";
import { axesAcross, dragged, grip, insideMask, intervalOf, isBrushed, nearestLine, readLines, spansOf } from "./parallel_spec.js";

const TOP = 44; // pixels for the names
const BOTTOM = 10;
const RIGHT = 40;
const REACH = 14; // pixels beside an axis that belong to it
const STILL = 4; // pixels of a press that is no drag
const EMPTY = "Drag along an axis to brush an interval; the other cards follow.";

export function createParallel(hub, panel, { height, onHover }) {
  const painter = createPainter();
  const axes = createAxes({ brushedNow: () => hub.brushed, onInterval: (axis, interval) => hub.brush(axis.name, interval), onClear: () => hub.clearBrush(), onMove: shift, onReset: () => hub.orderAxes([]) });
  const options = createOptions(hub, panel);
  const note = createBrushNote(hub, EMPTY);
  const inner = element("div", { class: "tw-lines", style: `height:${height}px` }, ...painter.canvases, axes.node);
  const scroll = keepKeys(element("div", { class: "tw-parallel", role: "group", "aria-label": `${panel.title}: ${panel.sentence}` }, inner));
  const words = element("div", { class: "tw-words", role: "note" });
  const caption = element("span", { class: "tw-more" });
  const key = createKey();
  const below = element("div", { class: "tw-below" }, note.node, caption, key.node);
  const node = element("div", {}, element("div", { class: "tw-figure tw-canvasfigure" }, scroll, words), below);
  const now = { card: null, read: null, order: null, lines: null, view: null, across: null, mask: null, pointed: -1, drag: null, painted: "", colours: null };
  axes.node.setAttribute("height", height);

  // --- drawing: each layer only where what it shows has changed ---

  function draw(_engine, colours) {
    const card = hub.cards.get(panel.name);
    const ready = card?.end === "drawn";
    for (const part of [scroll, below]) part.hidden = !ready;
    words.hidden = ready;
    if (card) options.update(card.options);
    if (!ready) {
      say(words, card ? asSentence(card.text) : "waiting for the search …");
      words.classList.toggle("tw-broken", card?.end === "broken");
      now.card = null;
      return;
    }
    const order = now.drag?.order ?? hub.axes;
    if (card !== now.card) Object.assign(now, { card, read: readLines(card.data[0]), order: null });
    if (String(order) !== String(now.order)) Object.assign(now, { order, lines: inOrder(now.read, order), pointed: -1, painted: "" });
    now.colours = colours;
    place();
    key.show(now.lines);
    say(caption, now.lines.caption);
    note.update();
    refresh(false);
  }

  function place() {
    const { lines, colours } = now;
    now.across = axesAcross(lines.axes.length, scroll.clientWidth, roomLeft(lines.axes[0]), RIGHT);
    now.view = viewOf(now.across.xs, TOP, height - BOTTOM);
    inner.style.width = `${now.across.width}px`;
    painter.resize(now.across.width, height, globalThis.devicePixelRatio || 1);
    axes.build(lines.axes, now.across, now.view, colours.family);
  }

  function refresh(hasty) {
    const { lines, view, across } = now;
    const brushed = now.drag?.brushed ?? hub.brushed;
    const room = JSON.stringify([across, devicePixelRatio]);
    const before = now.painted;
    now.painted = JSON.stringify([room, brushed]);
    axes.mark(lines.axes, brushed, across, view);
    if (now.painted !== before) paintLines(brushed, room, hasty);
    paintTop();
  }

  function paintLines(brushed, room, hasty) {
    const { lines, view } = now;
    now.mask = insideMask(lines, brushed);
    painter.showGround(Boolean(now.mask));
    // The ground is the same for every brush.
    if (now.mask && (now.ground?.lines !== lines || now.ground.room !== room)) {
      painter.ground(lines, view);
      now.ground = { lines, room };
    }
    painter.inside(lines, view, now.mask, hasty);
  }

  function paintTop() {
    const { lines, view, colours } = now;
    const places = new Map(hub.selected.map(trial => [trial, -1]));
    if (places.size) lines.numbers.forEach((trial, i) => { if (places.has(trial)) places.set(trial, i); });
    const selected = [...places.values()].filter(i => i >= 0);
    painter.top(lines, view, { selected, pointed: now.pointed, ink: colours.chosen, paper: colours.back });
  }

  // --- pointing, selecting, brushing ---

  function spotOf(event) {
    const box = inner.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  // Which axis a point belongs to: -1 between them, and below where the rail is.
  function axisAt({ x, y }) {
    const { across, view } = now;
    if (y < view.top - REACH || y > view.foot + REACH) return -1;
    return across.xs.findIndex(at => Math.abs(at - x) <= Math.min(REACH, across.gap / 3));
  }

  // --- the order of the axes: a name is dragged, or moved by keys ---

  function nameAt(spot) {
    return spot.y < now.view.top - REACH ? slotAt(now.across.xs, spot.x) : -1;
  }

  function shift(i, by) {
    hub.orderAxes(withMoved(now.lines.axes.map(axis => axis.name), i, i + by));
  }

  function carry(spot) {
    const { drag } = now;
    drag.moved ||= Math.abs(spot.x - drag.spot.x) >= STILL;
    const to = slotAt(now.across.xs, spot.x);
    if (!drag.moved || to === drag.name) return;
    drag.order = withMoved(now.lines.axes.map(axis => axis.name), drag.name, to);
    drag.name = to;
    draw(null, now.colours);
  }

  function holdAt(i, spot) {
    const axis = now.lines.axes[i];
    const interval = hub.brushed[axis.name];
    return grip(interval ? spansOf(axis, interval) : [], now.view.height(spot.y), 7 / now.view.unit);
  }

  function point(spot, event) {
    const i = axisAt(spot);
    const modes = { new: "crosshair", move: "move", low: "ns-resize", high: "ns-resize" };
    const found = nearestLine(now.lines, now.mask, now.view, spot);
    inner.style.cursor = nameAt(spot) >= 0 ? "grab" : i >= 0 ? modes[holdAt(i, spot).mode] : found >= 0 ? "pointer" : "default";
    if (found !== now.pointed) {
      now.pointed = found;
      paintTop();
      if (found < 0) onHover(null);
    }
    if (found >= 0) onHover(now.lines.numbers[found], event);
  }

  function press(event) {
    if (!now.card || event.button !== 0) return;
    const spot = spotOf(event);
    const i = axisAt(spot);
    const name = nameAt(spot);
    now.drag = { i, spot, hold: i >= 0 ? holdAt(i, spot) : null, name, moved: false, brushed: null, order: null };
    if (i >= 0 || name >= 0) inner.setPointerCapture(event.pointerId);
  }

  function move(event) {
    if (!now.card) return;
    const spot = spotOf(event);
    const { drag } = now;
    if (drag?.name >= 0) {
      carry(spot);
      return;
    }
    if (!drag?.hold) {
      point(spot, event);
      return;
    }
    drag.moved ||= Math.abs(spot.y - drag.spot.y) >= STILL;
    if (!drag.moved) return;
    const axis = now.lines.axes[drag.i];
    const span = dragged(drag.hold, now.view.height(drag.spot.y), now.view.height(spot.y));
    drag.brushed = { ...hub.brushed, [axis.name]: intervalOf(axis, ...span) };
    if (now.pointed >= 0) unpoint();
    drag.request ||= requestAnimationFrame(() => { drag.request = 0; if (now.drag === drag) refresh(true); });
  }

  function release(event) {
    const { drag } = now;
    now.drag = null;
    if (!drag || !now.card) return;
    cancelAnimationFrame(drag.request);
    if (drag.order) hub.orderAxes(drag.order);
    if (drag.name >= 0) return;
    const axis = now.lines.axes[drag.i];
    if (drag.brushed) hub.brush(axis.name, drag.brushed[axis.name]);
    else if (drag.hold?.mode === "new" && hub.brushed[axis.name]) hub.brush(axis.name, null);
    else if (!drag.moved) select(drag.spot, event);
  }

  function select(spot, event) {
    const found = nearestLine(now.lines, now.mask, now.view, spot);
    if (found >= 0) hub.choose(now.lines.numbers[found], event.shiftKey || event.ctrlKey || event.metaKey);
  }

  function unpoint() {
    onHover(null);
    if (now.pointed < 0) return;
    now.pointed = -1;
    if (now.card) paintTop();
  }

  function cancel() {
    now.drag = null;
    if (now.card) draw(null, now.colours);
  }

  inner.addEventListener("pointerdown", press);
  inner.addEventListener("pointermove", move);
  inner.addEventListener("pointerup", release);
  inner.addEventListener("pointercancel", cancel);
  inner.addEventListener("pointerleave", () => { if (!now.drag) unpoint(); });
  inner.addEventListener("dblclick", event => {
    if (now.card && nameAt(spotOf(event)) >= 0) hub.orderAxes([]);
    else if (isBrushed(hub.brushed)) hub.clearBrush();
  });
  const observer = new ResizeObserver(() => {
    if (!now.card || !scroll.clientWidth) return;
    place();
    refresh(false);
  });
  observer.observe(scroll);

  return { node, tools: options.node, draw, hide: unpoint, end: () => { observer.disconnect(); painter.end(); } };
}

// The key to the colours, from worse to better.
function createKey() {
  const bar = element("span", { class: "tw-ramp" });
  const name = element("span", { class: "tw-more" });
  const node = element("span", { class: "tw-key" }, name, element("span", {}, "worse"), bar, element("span", {}, "better"));
  return {
    node,
    show({ colour, ramp, shades }) {
      const colours = colour.goal === "min" ? ramp.slice(1).reverse() : ramp.slice(1);
      bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
      say(name, shades.includes(0) ? "grey: no value" : "");
    },
  };
}
