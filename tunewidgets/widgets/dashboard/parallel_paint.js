// The lines of parallel coordinates on 2D canvases, one above the other: all lines faint and grey, those inside the brush in
// their colours, and on top the few that are pointed at or selected. So a brush that is dragged paints the middle one anew,
// and pointing at a line paints three lines.

import { RAIL } from "./parallel_spec.js";

const FAINTEST = "#808080";
const FRAME = 24; // ms between two frames above which a go was too long
const GROUP = 50; // lines in one stroke
const [FEWEST, MOST_AT_ONCE] = [200, 3000]; // lines in one go
const CROWD = 300; // more lines than this are as thin as can be: browsers draw these ten times as fast as wider ones
const DOT = 3;

function createCanvas() {
  const canvas = document.createElement("canvas");
  return { canvas, context: canvas.getContext("2d"), back: document.createElement("canvas"), request: 0 };
}

// Lines that are many are thin and see-through: then their number shows.
function strengthOf(count) {
  return Math.min(0.9, Math.max(0.12, 9 / Math.sqrt(count + 60)));
}

function pathOf(context, { heights }, { xs, y }, i) {
  let open = false;
  for (let axis = 0; axis < xs.length; axis++) {
    const height = heights[axis][i];
    if (height !== height) {
      open = false;
      continue;
    }
    const at = y(height);
    if (open) context.lineTo(xs[axis], at);
    else context.moveTo(xs[axis], at);
    if (!open && isAlone(heights, axis, i)) context.rect(xs[axis] - DOT / 2, at - DOT / 2, DOT, DOT);
    open = true;
  }
}

// Across the gaps: only of the few lines that are looked at, as it would clutter the many.
function bridgesOf(context, { heights }, { xs, y }, i) {
  let last = -1;
  for (let axis = 0; axis < xs.length; axis++) {
    const height = heights[axis][i];
    if (height !== height) continue;
    if (last >= 0 && axis - last > 1) {
      context.moveTo(xs[last], y(heights[last][i]));
      context.lineTo(xs[axis], y(height));
    }
    last = axis;
  }
}

// A crossing between two gaps has no line: it is a dot.
function isAlone(heights, axis, i) {
  const next = heights[axis + 1]?.[i];
  return next === undefined || next !== next;
}

export function createPainter() {
  const layers = { all: createCanvas(), inside: createCanvas(), top: createCanvas() };
  let size = { width: 0, height: 0, ratio: 1 };
  let portion = 500; // lines in one go, as the last ones have shown

  function resize(width, height, ratio) {
    if (size.width === width && size.height === height && size.ratio === ratio) return;
    size = { width, height, ratio };
    for (const { canvas, back } of Object.values(layers)) {
      for (const one of [canvas, back]) Object.assign(one, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
      Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    }
  }

  function blank(context) {
    context.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    context.lineJoin = "bevel";
  }

  function show(layer) {
    layer.context.setTransform(1, 0, 0, 1, 0, 0);
    layer.context.clearRect(0, 0, layer.canvas.width, layer.canvas.height);
    layer.context.drawImage(layer.back, 0, 0);
  }

  // Paints lines in their order in as many frames as it takes, so that the page stays alive. A hasty painting shows each
  // go at once; any other shows nothing before it is whole, so that nothing flickers.
  function paint(layer, lines, view, { indices, colour, alpha, hasty }) {
    cancelAnimationFrame(layer.request);
    const context = layer.back.getContext("2d");
    blank(context);
    Object.assign(context, { globalAlpha: alpha, lineWidth: indices.length > CROWD ? 1 / size.ratio : 1.3 });
    let [at, last] = [0, 0];
    const go = () => {
      const now = performance.now();
      // How long the last go has taken to come to the screen is seen in the time between two frames.
      if (last) portion = Math.max(FEWEST, Math.min(MOST_AT_ONCE, now - last > FRAME ? portion * 0.6 : portion * 1.2));
      last = now;
      const end = Math.min(indices.length, at + portion);
      while (at < end) at = strokeGroup(context, lines, view, indices, at, Math.min(end, at + GROUP), colour);
      const done = at >= indices.length;
      if (done || hasty) show(layer);
      layer.request = done ? 0 : requestAnimationFrame(go);
    };
    go();
  }

  // Neighbours of one colour are one stroke.
  function strokeGroup(context, lines, view, indices, from, until, colour) {
    const style = colour(indices[from]);
    context.strokeStyle = style;
    context.beginPath();
    let at = from;
    do pathOf(context, lines, view, indices[at++]); while (at < until && colour(indices[at]) === style);
    context.stroke();
    return at;
  }

  function strong(lines, view, index, style, width) {
    const { context } = layers.top;
    Object.assign(context, { strokeStyle: style, lineWidth: width, globalAlpha: 1 });
    context.beginPath();
    pathOf(context, lines, view, index);
    context.stroke();
    context.lineWidth = width / 2;
    context.setLineDash([4, 4]);
    context.beginPath();
    bridgesOf(context, lines, view, index);
    context.stroke();
    context.setLineDash([]);
  }

  return {
    canvases: Object.values(layers).map(layer => layer.canvas),
    resize,
    // All lines, as the ground of a brush.
    ground(lines, view) {
      const alpha = strengthOf(lines.numbers.length) * 0.35;
      paint(layers.all, lines, view, { indices: lines.order, colour: () => FAINTEST, alpha, hasty: false });
    },
    showGround(visible) { layers.all.canvas.style.visibility = visible ? "visible" : "hidden"; },
    // The lines inside the brush, or all of them where the mask is null.
    inside(lines, view, mask, hasty) {
      const indices = mask ? lines.order.filter(i => mask[i]) : lines.order;
      const colour = i => lines.ramp[lines.shades[i]];
      paint(layers.inside, lines, view, { indices, colour, alpha: strengthOf(indices.length), hasty });
    },
    // The selected lines, then the one that is pointed at.
    top(lines, view, { selected, pointed, ink, paper }) {
      blank(layers.top.context);
      for (const index of selected) strong(lines, view, index, ink, 2.5);
      if (pointed < 0) return;
      strong(lines, view, pointed, paper, 6);
      strong(lines, view, pointed, selected.includes(pointed) ? ink : lines.ramp[lines.shades[pointed]], 3);
    },
    isBusy: () => Object.values(layers).some(layer => layer.request),
    end() { for (const layer of Object.values(layers)) cancelAnimationFrame(layer.request); },
  };
}

// From heights to pixels: the upper end of the axes, and the room that they have with the rail below.
export function viewOf(xs, top, bottom) {
  const unit = (bottom - top) / (1 - RAIL);
  return { xs, top, bottom, foot: top + unit, unit, y: height => top + (1 - height) * unit, height: pixel => 1 - (pixel - top) / unit };
}
