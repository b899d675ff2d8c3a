import assert from "node:assert/strict";
import { test } from "node:test";

import { brushWords, fade, intervalWords } from "../../tunewidgets/widgets/dashboard/brush.js";
import { rowsInOrder } from "../../tunewidgets/widgets/dashboard/rows.js";

const inside = (...numbers) => ({ numbers: new Set(numbers), of: 9 });
const marks = { type: "scattergl", mode: "markers", x: new Float64Array([1, 2, 3]), y: new Float64Array([4, 5, 6]), customdata: new Int32Array([7, 8, 9]),
  marker: { color: "red", size: new Float64Array([6, 7, 8]), line: { width: 1 }, colorscale: [1, 2, 3] }, opacity: 0.5, yaxis: "y2" };

test("without a brush nothing changes", () => {
  const data = [marks];
  assert.equal(fade(data, null), data);
  assert.deepEqual(fade(data, inside(7, 8, 9)), data);
});

test("marks outside are a faint trace below, with the same looks", () => {
  const [faint, strong] = fade([marks], inside(8));
  assert.deepEqual([faint.x, faint.customdata, faint.marker.size, faint.marker.color, faint.yaxis], [[1, 3], [7, 9], [6, 8], "red", "y2"]);
  assert.deepEqual([strong.x, strong.marker.size, strong.opacity], [[2], [7], 0.5]);
  assert.deepEqual([faint.marker.line, faint.marker.colorscale], [{ width: 1 }, [1, 2, 3]]);
  assert.ok(faint.opacity < 0.1);
});

test("what is wholly outside is faint alone", () => {
  assert.deepEqual(fade([marks], inside()).map(trace => trace.x.length), [3]);
});

test("faint traces of all lie below the others", () => {
  const other = { ...marks, customdata: new Int32Array([1, 2, 8]) };
  assert.deepEqual(fade([marks, other], inside(8)).map(trace => trace.x.length), [2, 2, 1, 1]);
});

test("lines keep their points, and what is not to be seen becomes a gap", () => {
  const line = { mode: "lines", x: [1, 2, null, 1, 2], y: [5, 6, null, 7, 8], customdata: [3, 3, 3, 4, 4] };
  const [faint, strong] = fade([line], inside(4));
  assert.deepEqual([faint.y, strong.y, strong.x], [[5, 6, null, null, null], [null, null, null, 7, 8], line.x]);
});

test("bars are divided, with all that they have one of each", () => {
  const bar = { type: "bar", base: [0, 5], x: [4, 3], y: [0, 1], width: [0.7, 0.8], customdata: [3, 4], text: ["a", "b"], hoverinfo: "none" };
  const [faint, strong] = fade([bar], inside(4));
  assert.deepEqual([faint.base, faint.width, faint.text, strong.x, strong.y], [[0], [0.7], ["a"], [3], [1]]);
});

test("sums of all trials, what is only there to be pointed at, and other traces are left alone", () => {
  const data = [{ ...marks, meta: { whole: true } }, { ...marks, hoverinfo: "skip" }, { ...marks, marker: { opacity: 0 } }, { type: "heatmap", z: [] }, { x: [1], y: [1] }];
  assert.deepEqual(fade(data, inside()), data);
});

test("intervals in words", () => {
  assert.deepEqual([[1, 2.5], [null, 3], [0.9, null], [4, 4], [null, null], ["adam", "sgd"], [true], [16, 32, 64], []].map(intervalWords),
    ["1 to 2.5", "at most 3", "at least 0.9", "4", "any", "adam, sgd", "true", "16, 32, 64", "none"]);
  assert.equal(brushWords({ units: [1, 2], kind: ["a"] }, inside(3, 4)), "Showing 2 of 9 trials, brushed: units 1 to 2 · kind a");
  assert.equal(brushWords({ units: [1, 2] }, null), "Brushed: units 1 to 2");
});

test("the table leaves out who is outside", () => {
  const gap = [undefined, undefined, undefined]; // rows that have not come
  const table = { texts: [], columns: [{ name: "Trial", kind: "number", values: [...gap, 3, 4, 5] }, { name: "State", kind: "state", values: [...gap, "failed", "paused", "failed"] }] };
  const seen = (words, who) => rowsInOrder(table, { name: "Trial", descending: true }, words, who);
  assert.deepEqual(seen("", inside(3, 4)), [4, 3]);
  assert.deepEqual(seen("failed", inside(3, 4)), [3]);
  assert.deepEqual(seen("", null), [5, 4, 3]);
});
