import assert from "node:assert/strict";
import { test } from "node:test";

import { axesAcross, colourAt, dragged, fitted, grip, insideMask, intervalOf, moved, nearestLine, painterOrder, RAIL, readLines, roomy, spansOf, squeezed, stretched, toldApart } from "../../tunewidgets/widgets/dashboard/parallel_spec.js";
import { viewOf } from "../../tunewidgets/widgets/dashboard/parallel_paint.js";

const axis = more => ({ name: "x", kind: "number", log: false, low: 0, high: 1, categories: [], goal: null, miss: null, ...more });
const rate = axis({ name: "rate", log: true, low: -4, high: -1 });
const units = axis({ name: "units", kind: "integer", low: 32, high: 512 });
const kind = axis({ name: "kind", kind: "category", low: 0, high: 2, categories: ["a", "b", "c"] });
const flag = axis({ name: "flag", kind: "category", low: 0, high: 1, categories: [false, true] });
const loss = axis({ name: "loss", low: 0.2, high: 0.8, goal: "min", miss: 0.1 });

function trace(facts, columns, colour = columns.length - 1) {
  return {
    customdata: Int32Array.from(columns[0].keys()),
    dimensions: columns.map((values, i) => ({ values: Float32Array.from(values), tickvals: [facts[i].miss ?? facts[i].low, facts[i].high], ticktext: ["one", "&lt;b&gt;"] })),
    line: { color: Float32Array.from(columns[colour]), colorscale: [[0, "#808080"], [0.1, "#808080"], [0.1, "#000000"], [1, "#ffffff"]], cmin: facts[colour].miss ?? facts[colour].low, cmax: facts[colour].high },
    meta: { axes: facts, colour, caption: "" },
  };
}

test("heights are shares of the axis; a miss is a gap, and of a goal the rail", () => {
  const lines = readLines(trace([axis({ miss: -0.12 }), loss], [[0, 0.5, -0.12], [0.2, 0.8, 0.1]]));
  assert.deepEqual([...lines.heights[0]], [0, 0.5, NaN]);
  assert.deepEqual([...lines.heights[1]].map(one => Math.round(100 * one) / 100), [0, 1, RAIL]);
  assert.deepEqual([lines.shades[2], lines.ramp[0]], [0, "#808080"]);
  assert.ok(lines.shades[0] === 1 && lines.shades[1] === 32);
});

test("ticks of categories are their values, and a miss has none but on the rail", () => {
  const { axes } = readLines(trace([axis({ ...flag, miss: -1 }), loss], [[0, 1], [0.2, 0.1]]));
  assert.deepEqual(axes[1].ticks.map(({ height, text }) => [height, text]), [[RAIL, "no value"], [1, "&lt;b&gt;"]]);
  assert.equal(axes[0].ticks.length, 1, "the tick of the miss is gone");
});

test("the colours of a scale", () => {
  const scale = [[0, "#000000"], [0.5, "#ff0000"], [1, "#ffffff"]];
  assert.deepEqual([0, 0.25, 0.5, 1, 2].map(share => colourAt(scale, share)), ["#000000", "rgb(128,0,0)", "rgb(255,0,0)", "rgb(255,255,255)", "#ffffff"]);
});

test("the best lines are painted last, those without a value first", () => {
  assert.deepEqual([...painterOrder(Uint8Array.from([3, 0, 9, 1]), false)], [1, 3, 0, 2]);
  assert.deepEqual([...painterOrder(Uint8Array.from([3, 0, 9, 1]), true)], [1, 2, 0, 3]);
});

test("of a crowd the first go is a fair sample, and the best are still the last", () => {
  const shades = Uint8Array.from({ length: 10_000 }, (_, i) => 1 + (i % 32));
  const order = painterOrder(shades, false);
  assert.deepEqual([...order].sort((a, b) => a - b), [...shades.keys()]);
  const mean = part => part.reduce((sum, i) => sum + shades[i], 0) / part.length;
  assert.ok(Math.abs(mean([...order.slice(0, 500)]) - 16) < 2);
  assert.ok(mean([...order.slice(-300)]) === 32);
});

test("intervals from heights: rounded, whole where the parameter is, open at a goal's end", () => {
  assert.deepEqual(intervalOf(axis(), 0.75, 0.2), [0.2, 0.75]);
  assert.deepEqual(intervalOf(axis(), -1, 2), [0, 1]);
  assert.deepEqual(intervalOf(rate, 0, 1), [0.0001, 0.1]);
  assert.deepEqual(intervalOf(rate, 1 / 3, 0.5), [0.001, 0.00316]);
  assert.deepEqual(intervalOf(units, 0.0701, 0.249), [66, 151]);
  assert.deepEqual(intervalOf(axis({ kind: "integer", low: 1, high: 5 }), 0.3, 0.4), [2, 2]);
  assert.deepEqual(intervalOf(loss, 0, 0.5), [null, 0.5]);
  assert.deepEqual(intervalOf(loss, 0.5, 1), [0.5, null]);
});

test("categories that are dragged over, or the nearest", () => {
  assert.deepEqual(intervalOf(kind, 0.4, 1), ["b", "c"]);
  assert.deepEqual(intervalOf(kind, 0.6, 0.7), ["b"]);
  assert.deepEqual(intervalOf(flag, 0.9, 1), [true]);
});

test("what is drawn of an interval", () => {
  assert.deepEqual(spansOf(axis(), [0.2, null]), [[0.2, 1]]);
  assert.deepEqual(spansOf(axis(), [-3, 0.5]), [[0, 0.5]]);
  assert.deepEqual(spansOf(axis(), [2, 3]), []);
  assert.deepEqual(spansOf(rate, [0.001, 0.01]).map(span => span.map(one => one.toFixed(3))), [["0.333", "0.667"]]);
  assert.deepEqual(spansOf(kind, ["c", "a"]), [[-0.06, 0.06], [0.94, 1.06]]);
  assert.deepEqual(spansOf(kind, ["a", "b", "gone"]), [[-0.06, 0.56]]);
  assert.deepEqual([spansOf(axis(), ["a"]), spansOf(axis(), "old"), spansOf(axis(), [1])], [[], [], []]);
});

test("a drag and what it draws are the same interval", () => {
  for (const one of [axis(), rate, units, loss]) {
    const [[low, high]] = spansOf(one, intervalOf(one, 0.31, 0.77));
    assert.ok(Math.abs(low - 0.31) < 0.01 && Math.abs(high - 0.77) < 0.01, one.name);
  }
});

const LINES = readLines(trace([{ ...rate, miss: -4.36 }, kind, loss], [[-4, -3, -2, -4.36], [0, 1, 2, 0], [0.2, 0.5, 0.8, 0.1]]));
const within = brushed => { const mask = insideMask(LINES, brushed); return mask && [...mask]; };

test("intervals hold together; what misses an axis is outside; an odd one counts for nothing", () => {
  assert.equal(within({}), null);
  assert.equal(within({ gone: [0, 1], rate: ["a"] }), null);
  assert.deepEqual(within({ rate: [0.001, 0.01] }), [0, 1, 1, 0]);
  assert.deepEqual(within({ rate: [null, null] }), [1, 1, 1, 0]);
  assert.deepEqual(within({ loss: [null, null] }), [1, 1, 1, 0]);
  assert.deepEqual(within({ loss: [null, 0.5], kind: ["a", "b"] }), [1, 1, 0, 0]);
  assert.deepEqual(within({ loss: [null, 0.5], kind: ["b", "c"] }), [0, 1, 0, 0]);
  assert.deepEqual(within({ kind: [] }), [0, 0, 0, 0]);
});

test("by keyboard an interval moves, stays inside, and is stretched", () => {
  assert.deepEqual(moved(axis(), undefined, 1), [0.5, 1]);
  assert.deepEqual(moved(axis(), undefined, -1), [0, 0.5]);
  assert.deepEqual(moved(axis(), [0.2, 0.4], 1), [0.25, 0.45]);
  assert.deepEqual(moved(axis(), [0.2, 0.97], 1), [0.23, 1]);
  assert.deepEqual(moved(axis(), [0, 0.3], -1), [0, 0.3]);
  assert.deepEqual(stretched(axis(), [0.2, 0.4], 1), [0.2, 0.45]);
  assert.deepEqual(stretched(axis(), [0.2, 0.24], -1), [0.2, 0.212]);
  assert.deepEqual(stretched(units, [248, 488], -1), [248, 464], "rounding does not take one away");
  assert.deepEqual(moved(kind, ["a"], 1), ["b"]);
  assert.deepEqual(moved(kind, ["b", "c"], 1), ["b", "c"]);
  assert.deepEqual([moved(kind, undefined, 1), moved(kind, undefined, -1)], [["c"], ["a"]]);
  assert.deepEqual(stretched(kind, ["a"], 1), ["a", "b"]);
  assert.deepEqual(stretched(kind, ["a", "b"], -1), ["a"]);
  assert.deepEqual(stretched(kind, ["c"], 1), ["c"]);
  assert.deepEqual(moved(axis({ kind: "integer", low: 1, high: 5 }), [2, 3], 1), [3, 4]);
});

test("a press takes hold of an end, the middle, or nothing", () => {
  const hold = height => grip([[0.2, 0.6]], height, 0.03).mode;
  assert.deepEqual([0.1, 0.19, 0.22, 0.4, 0.59, 0.62, 0.7].map(hold), ["new", "low", "low", "move", "high", "high", "new"]);
  assert.equal(grip([[0.5, 0.5]], 0.51, 0.03).mode, "new", "what is too thin to be held begins anew");
});

test("a drag moves what it holds, and not out of the axis", () => {
  assert.deepEqual(dragged({ mode: "new", span: [0.3, 0.3] }, 0.3, 0.7), [0.3, 0.7]);
  assert.deepEqual(dragged({ mode: "low", span: [0.2, 0.5] }, 0.2, 0.3), [0.3, 0.5]);
  assert.deepEqual(dragged({ mode: "high", span: [0.2, 0.5] }, 0.5, 0.9), [0.2, 0.9]);
  assert.deepEqual(dragged({ mode: "move", span: [0.25, 0.5] }, 0.4, 0.65), [0.5, 0.75]);
  assert.deepEqual(dragged({ mode: "move", span: [0.25, 0.5] }, 0.4, 3), [0.75, 1]);
});

test("the nearest line, of those inside; a dot beside a gap; nothing where nothing is near", () => {
  const view = viewOf([0, 100, 200], 0, 112); // a height of 1 is a hundred pixels
  const at = (x, y, mask = null) => nearestLine(LINES, mask, view, { x, y });
  assert.equal(at(50, view.y(1 / 6)), -1, "between the lines");
  assert.equal(at(50, view.y((1 / 3 + 0.5) / 2)), 1);
  assert.equal(at(50, view.y((1 / 3 + 0.5) / 2), Uint8Array.from([1, 0, 1, 1])), -1);
  assert.equal(at(98, view.y(0) + 1, Uint8Array.from([0, 1, 1, 1])), 3, "it has no rate: it begins with a dot");
  assert.equal(at(30, view.y(0), Uint8Array.from([0, 0, 0, 1])), -1, "a gap cannot be pointed at");
  assert.equal(at(200, view.y(RAIL)), 3, "on the rail");
  assert.equal(at(-5, view.y(0)), 0, "a little beside the first axis");
});

test("pixels and heights are each other's inverse", () => {
  const view = viewOf([0], 44, 310);
  assert.equal(view.y(1), 44);
  assert.ok(Math.abs(view.y(RAIL) - 310) < 1e-9);
  assert.ok(Math.abs(view.height(view.y(0.3)) - 0.3) < 1e-9);
});

test("axes share the room, and are scrolled where it would be too narrow", () => {
  assert.deepEqual(axesAcross(3, 300, 60, 40), { width: 300, gap: 100, xs: [60, 160, 260] });
  const many = axesAcross(30, 800, 60, 40);
  assert.ok(many.width > 1500 && many.gap >= 50);
  assert.deepEqual(axesAcross(1, 300, 60, 40).xs, [60]);
});

test("texts and ticks that have no room give way", () => {
  const measure = text => text.length;
  assert.deepEqual([fitted("learning_rate", 20, measure), fitted("learning_rate", 6, measure), fitted("abc", 0, measure)], ["learning_rate", "learn…", "…"]);
  const ticks = [0, 0.05, 0.5, 0.98, 1].map(height => ({ height }));
  assert.deepEqual(roomy(ticks, 100, 15).map(tick => tick.height), [0, 0.5, 1]);
});

test("a category that is too long loses its middle", () => {
  const measure = text => text.length;
  assert.equal(squeezed("encoder-03-base", 11, measure), "encod…-base");
  assert.equal(squeezed("adam", 11, measure), "adam");
  assert.equal(squeezed("adam", 2, measure), "a…");
});

test("categories that are too long lose what all of them have", () => {
  const measure = text => text.length;
  const apart = (...texts) => toldApart(texts, 11, measure);
  assert.deepEqual(apart("encoder-03-base", "encoder-12-base"), ["…03…", "…12…"]);
  assert.deepEqual(apart("adam", "sgd"), ["adam", "sgd"]);
  assert.deepEqual(apart("one-cycle-with-a", "one-cycle-with-ab"), ["…", "…b"]);
});
