// Parallel coordinates as numbers: where lines cross their axes, which are inside a brush, which is nearest. Heights are
// shares of an axis: 0 is its lower end, 1 its upper one.

export const RAIL = -0.12; // where lines end that have no value of a goal
const SHADES = 32;
const BEST = 500; // so many lines of a crowd are painted last
const STRIDE = 389; // prime: every stretch of the painter's order is a fair sample
const CLOSE = 1e-6; // values travel as 32-bit floats
const EDGE = 0.012; // an end so near to the axis's own is meant to be that
const SLIM = 0.06; // half the height of a brushed category at most

// A trace of type "parcoords" as {axes, heights, numbers, colour, shades, ramp, order, caption}.
export function readLines(trace) {
  const facts = trace.meta.axes;
  const axes = trace.dimensions.map((dimension, i) => ({ ...facts[i], ticks: ticksOf(dimension, facts[i]) }));
  const heights = trace.dimensions.map((dimension, i) => heightsOf(dimension.values, facts[i]));
  const colour = axes[trace.meta.colour];
  const shades = shadesOf(trace.line.color, colour);
  return {
    axes, heights, colour, numbers: trace.customdata, shades, ramp: rampOf(trace.line, colour),
    order: painterOrder(shades, colour.goal === "min"), caption: trace.meta.caption,
  };
}

function heightsOf(values, { low, high, miss, goal }) {
  const gone = miss === null ? null : Math.fround(miss);
  const span = high - low || 1;
  return Float32Array.from(values, value => {
    if (Math.fround(value) === gone) return goal === null ? NaN : RAIL;
    return high === low ? 0.5 : (value - low) / span;
  });
}

function ticksOf({ tickvals, ticktext }, { low, high, miss, goal, categories }) {
  const ticks = Array.from(tickvals, (value, i) => ({ height: high === low ? 0.5 : (value - low) / (high - low), text: ticktext[i], value }))
    .filter(tick => tick.value !== miss);
  const named = categories.length ? ticks.map((tick, i) => ({ ...tick, text: String(categories[i]) })) : ticks;
  return miss === null || goal === null ? named : [{ height: RAIL, text: "no value" }, ...named];
}

// --- colours: 0 is a line without a value, 1 the lowest value, SHADES the highest ---

function shadesOf(values, { low, high, miss }) {
  const gone = miss === null ? null : Math.fround(miss);
  const step = SHADES / (high - low || 1);
  return Uint8Array.from(values, value => (Math.fround(value) === gone ? 0 : 1 + Math.min(SHADES - 1, Math.max(0, Math.floor((value - low) * step)))));
}

function rampOf({ colorscale, cmin, cmax }, { low, high }) {
  const at = value => colourAt(colorscale, (value - cmin) / (cmax - cmin || 1));
  return [colorscale[0][1], ...Array.from({ length: SHADES }, (_, i) => at(low + (i + 0.5) / SHADES * (high - low)))];
}

// The colour at a share of a Plotly colour scale.
export function colourAt(scale, share) {
  const next = scale.findIndex(([stop]) => stop >= share);
  if (next < 0) return scale.at(-1)[1];
  if (next === 0) return scale[0][1];
  const [[from, first], [to, second]] = [scale[next - 1], scale[next]];
  const part = to > from ? (share - from) / (to - from) : 1;
  const channel = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map(i => Math.round(channel(first, i) + part * (channel(second, i) - channel(first, i)))).join(",")})`;
}

// In which order lines are painted: without a value first, then from the worst to the best. Of a crowd, which is painted
// in several goes, all but the best are mixed: so the first go shows what the whole will be.
export function painterOrder(shades, lowIsBest) {
  const rank = shade => (shade === 0 ? -1 : lowIsBest ? SHADES - shade : shade);
  const sorted = Uint32Array.from(shades.keys()).sort((a, b) => rank(shades[a]) - rank(shades[b]) || a - b);
  const crowd = sorted.length - BEST;
  if (crowd <= 2 * BEST) return sorted;
  const mixed = sorted.slice();
  let at = 0;
  for (let start = 0; start < STRIDE; start++) for (let i = start; i < crowd; i += STRIDE) mixed[at++] = sorted[i];
  return mixed;
}

// --- the brush ---

export function isBrushed(brushed) {
  return Object.keys(brushed ?? {}).length > 0;
}

// Whether an interval can be one of this axis: an old brush may be of another type.
export function suits(axis, interval) {
  if (!Array.isArray(interval)) return false;
  return axis.kind === "category" || (interval.length === 2 && interval.every(end => end === null || typeof end === "number"));
}

export function heightOf(axis, value) {
  const shown = axis.log ? Math.log10(value) : value;
  return axis.high === axis.low ? 0.5 : (shown - axis.low) / (axis.high - axis.low);
}

function placesOf(axis, interval) {
  return interval.map(value => axis.categories.indexOf(value)).filter(place => place >= 0).sort((a, b) => a - b);
}

function placeHeight(axis, place) {
  return axis.categories.length > 1 ? place / (axis.categories.length - 1) : 0.5;
}

// Which lines are inside all intervals, 1 or 0 a line; null where none of them holds here.
export function insideMask({ axes, heights, numbers }, brushed) {
  const held = axes.flatMap((axis, i) => (suits(axis, brushed?.[axis.name]) ? [[axis, heights[i]]] : []));
  if (!held.length) return null;
  const mask = new Uint8Array(numbers.length).fill(1);
  for (const [axis, column] of held) {
    const ranges = axis.kind === "category" ? placesOf(axis, brushed[axis.name]).map(place => [placeHeight(axis, place), placeHeight(axis, place)])
      : [endsOf(axis, brushed[axis.name], -Infinity, Infinity)];
    for (let i = 0; i < mask.length; i++) {
      const height = column[i];
      if (!mask[i]) continue;
      mask[i] = height !== Math.fround(RAIL) && ranges.some(([low, high]) => height >= low - CLOSE && height <= high + CLOSE) ? 1 : 0;
    }
  }
  return mask;
}

function endsOf(axis, [low, high], least, most) {
  return [low === null ? least : heightOf(axis, low), high === null ? most : heightOf(axis, high)];
}

// What is drawn of an interval: [low, high] heights, one for each run of neighbouring categories.
export function spansOf(axis, interval) {
  if (!suits(axis, interval)) return [];
  if (axis.kind !== "category") {
    const [low, high] = endsOf(axis, interval, 0, 1);
    return high < 0 || low > 1 ? [] : [[Math.max(0, low), Math.min(1, high)]];
  }
  const half = Math.min(SLIM, 0.5 / Math.max(1, axis.categories.length - 1));
  const runs = [];
  for (const place of placesOf(axis, interval)) {
    if (runs.length && place - runs.at(-1)[1] <= 1) runs.at(-1)[1] = place;
    else runs.push([place, place]);
  }
  return runs.map(([first, last]) => [placeHeight(axis, first) - half, placeHeight(axis, last) + half]);
}

// The interval between two heights. An end of a goal's axis is open: better values may come.
export function intervalOf(axis, one, other) {
  const [from, to] = [Math.min(one, other), Math.max(one, other)].map(height => Math.min(1, Math.max(0, height)));
  if (axis.kind === "category") return categoriesBetween(axis, from, to);
  const low = from < EDGE ? (axis.goal ? null : endValue(axis, axis.low)) : rounded(axis, from);
  const high = to > 1 - EDGE ? (axis.goal ? null : endValue(axis, axis.high)) : rounded(axis, to);
  if (axis.kind !== "integer") return [low, high];
  const whole = [Math.ceil(low - CLOSE), Math.floor(high + CLOSE)];
  return whole[0] <= whole[1] ? whole : [Math.round((low + high) / 2), Math.round((low + high) / 2)];
}

function endValue(axis, end) {
  return axis.log ? Number((10 ** end).toPrecision(12)) : end;
}

function rounded(axis, height) {
  const shown = axis.low + height * (axis.high - axis.low);
  if (axis.kind === "integer") return axis.log ? 10 ** shown : shown; // it is made whole by who asks
  if (axis.log) return Number((10 ** shown).toPrecision(3));
  const step = 10 ** Math.floor(Math.log10((axis.high - axis.low) / 300));
  return Number((Math.round(shown / step) * step).toPrecision(12));
}

function categoriesBetween(axis, from, to) {
  const found = axis.categories.filter((_, place) => placeHeight(axis, place) >= from - EDGE && placeHeight(axis, place) <= to + EDGE);
  if (found.length) return found;
  return [axis.categories[Math.round((from + to) / 2 * (axis.categories.length - 1))]];
}

// --- the brush by keyboard ---

const FINE = 0.05;

// The interval one step higher (1) or lower (-1), of the same size; a first one is the upper or the lower half.
export function moved(axis, interval, step) {
  if (axis.kind === "category") {
    const places = suits(axis, interval) ? placesOf(axis, interval) : [];
    if (!places.length) return [step > 0 ? axis.categories.at(-1) : axis.categories[0]];
    const free = places[0] + step >= 0 && places.at(-1) + step < axis.categories.length;
    return places.map(place => axis.categories[free ? place + step : place]);
  }
  const [span] = spansOf(axis, interval);
  if (!span) return intervalOf(axis, step > 0 ? 0.5 : 0, step > 0 ? 1 : 0.5);
  const by = step > 0 ? Math.min(strideOf(axis), 1 - span[1]) : -Math.min(strideOf(axis), span[0]);
  return intervalOf(axis, span[0] + by, span[1] + by);
}

// The interval with its upper end one step higher or lower.
export function stretched(axis, interval, step) {
  if (axis.kind === "category") {
    const places = suits(axis, interval) ? placesOf(axis, interval) : [];
    if (!places.length) return moved(axis, interval, step);
    const kept = step > 0 ? [...places, Math.min(places.at(-1) + 1, axis.categories.length - 1)] : places.slice(0, Math.max(1, places.length - 1));
    return [...new Set(kept)].map(place => axis.categories[place]);
  }
  const [span] = spansOf(axis, interval);
  if (!span) return moved(axis, interval, step);
  return intervalOf(axis, span[0], Math.max(span[0] + EDGE, Math.min(1, span[1] + step * strideOf(axis))));
}

// Whole numbers move by one at least.
function strideOf(axis) {
  return axis.kind === "integer" && !axis.log ? Math.max(FINE, 1 / (axis.high - axis.low)) : FINE;
}

// --- under the pointer ---

// What a press at a height takes hold of: an end of the interval, its middle, or nothing yet.
export function grip(spans, height, reach) {
  for (const [low, high] of spans) {
    const near = Math.min(reach, (high - low) / 3);
    if (Math.abs(height - high) <= near) return { mode: "high", span: [low, high] };
    if (Math.abs(height - low) <= near) return { mode: "low", span: [low, high] };
    if (height > low && height < high) return { mode: "move", span: [low, high] };
  }
  return { mode: "new", span: [height, height] };
}

// What becomes of a span when the pointer that holds it has gone from one height to another.
export function dragged({ mode, span: [low, high] }, from, to) {
  if (mode === "new") return [from, to];
  if (mode === "low") return [to, high];
  if (mode === "high") return [low, to];
  const by = Math.max(-low, Math.min(1 - high, to - from));
  return [low + by, high + by];
}

// The line nearest to a point, of those in the mask, within so many pixels; -1 where there is none. `xs` are the pixels of
// the axes, `y` turns a height into pixels.
export function nearestLine({ heights, numbers, order }, mask, { xs, y }, point, within = 8) {
  const right = Math.min(xs.length - 1, Math.max(1, xs.findIndex(x => x >= point.x) < 0 ? xs.length - 1 : xs.findIndex(x => x >= point.x)));
  const [a, b] = [heights[right - 1], heights[right]];
  const share = Math.min(1, Math.max(0, (point.x - xs[right - 1]) / (xs[right] - xs[right - 1] || 1)));
  const width = xs[right] - xs[right - 1] || 1;
  let [best, least] = [-1, within];
  for (let at = order.length - 1; at >= 0; at--) { // what is painted last lies on top
    const i = order[at];
    if (mask && !mask[i]) continue;
    const distance = distanceTo(y, [a[i], b[i]], share, width, point);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

function distanceTo(y, [a, b], share, width, point) {
  if (a === a && b === b) {
    const [from, to] = [y(a), y(b)];
    return Math.abs(point.y - from - share * (to - from)) / Math.hypot(1, (to - from) / width);
  }
  // A line that has a gap here ends in a dot on its axis.
  if (a === a) return Math.hypot(share * width, point.y - y(a));
  return b === b ? Math.hypot((1 - share) * width, point.y - y(b)) : Infinity;
}

// --- room ---

const NARROW = 54;

// The pixels of the axes: as wide as there is room, and wider (to be scrolled) where they would come too close.
export function axesAcross(count, room, left, right) {
  const width = Math.max(room, left + right + NARROW * (count - 1));
  const gap = count > 1 ? (width - left - right) / (count - 1) : width - left - right;
  return { width, gap, xs: Array.from({ length: count }, (_, i) => left + i * gap) };
}

// A text cut until it fits; `measure` tells the width of a text.
export function fitted(text, room, measure) {
  if (measure(text) <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (measure(`${text.slice(0, middle)}…`) <= room) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}

// The same without the middle: categories often begin alike.
export function squeezed(text, room, measure) {
  if (measure(text) <= room) return text;
  for (let kept = text.length - 1; kept > 1; kept--) {
    const short = `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
    if (measure(short) <= room) return short;
  }
  return fitted(text, room, measure);
}

// Categories without what all of them begin and end with, where one of them is too long.
export function toldApart(texts, room, measure) {
  if (texts.length < 2 || texts.every(text => measure(text) <= room)) return texts;
  const least = Math.min(...texts.map(text => text.length));
  const alike = at => texts.every(text => at(text) === at(texts[0]));
  let start = 0;
  while (start < least && alike(text => text[start])) start++;
  let end = 0;
  while (end < least - start && alike(text => text.at(-1 - end))) end++;
  return texts.map(text => `${start ? "…" : ""}${text.slice(start, text.length - end)}${end ? "…" : ""}`);
}

// Ticks that have room: the ends first, then those between that are far enough from those already there.
export function roomy(ticks, height, apart) {
  if (ticks.length < 3) return ticks;
  const kept = [ticks[0], ticks.at(-1)];
  for (const tick of ticks.slice(1, -1)) {
    if (kept.every(other => Math.abs(other.height - tick.height) * height >= apart)) kept.push(tick);
  }
  return kept.sort((a, b) => a.height - b.height);
}
