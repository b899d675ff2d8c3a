import assert from "node:assert/strict";
import { test } from "node:test";

import { cellText, nextSort, rowsCaption, rowsInSight, sortRows } from "../../tunewidgets/widgets/dashboard/rows.js";

const column = (name, kind, values) => ({ name, kind, values });
const table = {
  total: 4,
  columns: [
    column("Trial", "number", new Float64Array([0, 1, 2, 3])),
    column("State", "state", ["completed", "failed", "pruned", "running"]),
    column("loss", "number", new Float64Array([0.5, NaN, 0.25, 0.5])),
    column("optimizer", "parameter", ["sgd", "adam", null, "adam"]),
  ],
};
const order = (name, descending, words = "") => rowsInSight(table, { name, descending }, words).rows;

test("rows are sorted either way, and what has no value comes last", () => {
  assert.deepEqual(order("loss", false), [2, 0, 3, 1]);
  assert.deepEqual(order("loss", true), [0, 3, 2, 1]);
  assert.deepEqual(order("optimizer", false), [1, 3, 0, 2]);
  assert.deepEqual(order("Trial", true), [3, 2, 1, 0]);
});

test("numbers inside texts are compared as numbers", () => {
  assert.deepEqual(sortRows([0, 1, 2], column("layers", "parameter", ["l10", "l9", "l1"]), false), [2, 1, 0]);
});

test("a column that is gone leaves the order of the record", () => {
  assert.deepEqual(order("vanished", true), [0, 1, 2, 3]);
});

test("a filter wants every word, in any column", () => {
  assert.deepEqual(order("Trial", false, "adam"), [1, 3]);
  assert.deepEqual(order("Trial", false, " ADAM  run "), [3]);
  assert.deepEqual(order("Trial", false, "nothing"), []);
});

test("no more rows than asked for, the first in order", () => {
  assert.deepEqual(rowsInSight(table, { name: "Trial", descending: true }, "", 2), { rows: [3, 2], found: 4 });
});

test("cells are short words", () => {
  assert.deepEqual(table.columns.map(one => cellText(one, 1)), ["1", "✕ failed", "–", "adam"]);
  assert.equal(cellText(table.columns[3], 2), "–");
});

test("the caption says how much is left out", () => {
  assert.equal(rowsCaption(1, 1, 1), "1 trial");
  assert.equal(rowsCaption(150, 150, 10000), "150 of 10,000 trials");
  assert.equal(rowsCaption(200, 1000, 10000), "The first 200 of 1,000 rows; 10,000 trials in all");
});

test("a click turns the order, or takes another column", () => {
  const [loss, optimizer] = [table.columns[2], table.columns[3]];
  assert.deepEqual(nextSort({ name: "loss", descending: true }, loss), { name: "loss", descending: false });
  assert.deepEqual(nextSort({ name: "Trial", descending: true }, loss), { name: "loss", descending: true });
  assert.deepEqual(nextSort({ name: "Trial", descending: true }, optimizer), { name: "optimizer", descending: false });
});
