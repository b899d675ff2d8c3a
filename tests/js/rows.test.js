import assert from "node:assert/strict";
import { test } from "node:test";

import { cellText, columnWidths, countAtHand, nextSort, placeAfterKey, rowsCaption, rowsInOrder, scrollToPlace, sortRows, windowOf, withRows } from "../../tunewidgets/widgets/dashboard/rows.js";

const column = (name, kind, values) => ({ name, kind, values });
const table = {
  end: "table",
  total: 4,
  texts: [],
  columns: [
    column("Trial", "number", new Float64Array([0, 1, 2, 3])),
    column("State", "state", ["completed", "failed", "pruned", "running"]),
    column("loss", "number", new Float64Array([0.5, NaN, 0.25, 0.5])),
    column("optimizer", "parameter", ["sgd", "adam", null, "adam"]),
  ],
};
const order = (name, descending, words = "") => rowsInOrder(table, { name, descending }, words);

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

test("cells are short words", () => {
  assert.deepEqual(table.columns.map(one => cellText(one, 1)), ["1", "✕ failed", "–", "adam"]);
  assert.equal(cellText(table.columns[3], 2), "–");
});

test("the caption says how much is left out, and what is still to come", () => {
  assert.equal(rowsCaption(1, 1, 1, false), "1 trial");
  assert.equal(rowsCaption(10000, 10000, 10000, true), "10,000 trials");
  assert.equal(rowsCaption(150, 10000, 10000, true), "150 of 10,000 trials");
  assert.equal(rowsCaption(100, 100, 10000, false), "The newest 100 of 10,000 trials; scroll, sort or filter for all");
  assert.equal(rowsCaption(3000, 3000, 10000, true), "3,000 of 10,000 trials; the rest is on its way");
});

const coded = (...values) => {
  const words = [...new Set(values)].filter(value => value !== null);
  return { words, at: Int16Array.from(values, value => words.indexOf(value)) };
};
const news = (rows, values, states, total = 4, more = {}) => ({
  end: "table", total, best: [], direction: "min", rows, columns: [
    column("Trial", "number", Float64Array.from(rows)), column("State", "state", coded(...states)), column("loss", "number", values),
  ], ...more,
});

test("rows come in parts and in any order, and the newest word counts", () => {
  const first = withRows(undefined, news([3, 2], [0.3, NaN], ["running", "failed"]));
  assert.deepEqual([countAtHand(first), rowsInOrder(first, { name: "Trial", descending: false }, "")], [2, [2, 3]]);
  const second = withRows(first, news([0, 1, 3], [0.5, 0.1, 0.2], ["completed", "completed", "completed"]));
  assert.deepEqual(second.columns.map(one => one.values), [[0, 1, 2, 3], ["completed", "completed", "failed", "completed"], [0.5, 0.1, NaN, 0.2]]);
  assert.deepEqual(rowsInOrder(second, { name: "loss", descending: false }, ""), [1, 3, 0, 2]);
});

test("a row that changes is found by its new words and not by its old ones", () => {
  const first = withRows(undefined, news([0, 1], [0.3, 0.4], ["running", "failed"], 2));
  const find = (now, words) => rowsInOrder(now, { name: "Trial", descending: false }, words);
  assert.deepEqual(find(first, "running"), [0]);
  const second = withRows(first, news([0], [0.3], ["completed"], 2));
  assert.deepEqual([find(second, "running"), find(second, "completed"), find(second, "failed")], [[], [0], [1]]);
});

test("of an earlier moment later trials are gone, and other columns begin anew", () => {
  const first = withRows(undefined, news([0, 1, 2, 3], [1, 2, 3, 4], ["failed", "failed", "failed", "failed"]));
  const earlier = withRows(first, news([1], [9], ["running"], 2));
  assert.deepEqual(earlier.columns[2].values, [1, 9]);
  const other = news([0], [1], ["running"], 2);
  other.columns[2].name = "accuracy";
  assert.equal(countAtHand(withRows(earlier, other)), 1);
  assert.equal(countAtHand(withRows({ end: "not yet", text: "" }, news([0], [1], ["running"], 1))), 1);
});

test("columns are as wide as what stands in them, within bounds, and never become narrower", () => {
  const long = { total: 1, columns: [column("Trial", "number", [0]), column("Why", "text", ["x".repeat(90)]), column("a name of thirty-five letters in all", "parameter", ["y"])] };
  assert.deepEqual(columnWidths(long), [8, 40, 32]);
  assert.deepEqual(columnWidths(long, [12, 10, 10]), [12, 40, 32]);
});

test("the window holds the rows in sight and some around them", () => {
  assert.deepEqual(windowOf(10000, 0, 300, 25), { first: 0, last: 20 });
  assert.deepEqual(windowOf(10000, 125000, 300, 25), { first: 4992, last: 5020 });
  assert.deepEqual(windowOf(10000, 249700, 300, 25), { first: 9980, last: 10000 });
  assert.deepEqual(windowOf(3, 5000, 300, 25), { first: 2, last: 3 }, "what is filtered is shorter than where it was scrolled");
  assert.deepEqual(windowOf(0, 0, 300, 25), { first: 0, last: 0 });
});

test("keys lead from row to row, from page to page, and to both ends", () => {
  const to = (key, place) => placeAfterKey(key, place, 100, 10);
  assert.deepEqual(["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", "x"].map(key => to(key, 50)), [51, 49, 60, 40, 0, 99, null]);
  assert.deepEqual([to("ArrowDown", 99), to("PageDown", 95), to("PageUp", 3), to("ArrowDown", -1)], [99, 99, 0, 0]);
  assert.equal(placeAfterKey("ArrowDown", -1, 0, 10), null);
});

test("a row out of sight is scrolled to its nearest edge, and one in sight stays", () => {
  assert.deepEqual([scrollToPlace(2, 100, 250, 25), scrollToPlace(20, 100, 250, 25), scrollToPlace(6, 100, 250, 25)], [50, 275, 100]);
});

test("a click turns the order, or takes another column", () => {
  const [loss, optimizer] = [table.columns[2], table.columns[3]];
  assert.deepEqual(nextSort({ name: "loss", descending: true }, loss), { name: "loss", descending: false });
  assert.deepEqual(nextSort({ name: "Trial", descending: true }, loss), { name: "loss", descending: true });
  assert.deepEqual(nextSort({ name: "Trial", descending: true }, optimizer), { name: "optimizer", descending: false });
});
