import assert from "node:assert/strict";
import { test } from "node:test";

import { isUnder, neighbour, tabsOf } from "../../tunewidgets/widgets/dashboard/tabs.js";

const panels = [
  { name: "trials", tab: "Overview" }, { name: "table", tab: "Overview" }, { name: "surrogate", tab: "Surrogate" }, { name: "effects", tab: "Surrogate" },
];

test("each tab is there once, and none where cards stand under no name", () => {
  assert.deepEqual(tabsOf(panels), ["Overview", "Surrogate"]);
  assert.deepEqual(tabsOf([{ name: "trials", tab: "" }]), []);
});

test("a card is seen under its tab, and the table under all", () => {
  const seen = tab => panels.filter(panel => isUnder(panel, tab)).map(panel => panel.name);
  assert.deepEqual(seen("Overview"), ["trials", "table"]);
  assert.deepEqual(seen("Surrogate"), ["table", "surrogate", "effects"]);
  assert.ok(isUnder({ name: "trials", tab: "" }, ""));
});

test("arrows go round the tabs", () => {
  const tabs = ["a", "b", "c"];
  assert.equal(neighbour(tabs, "a", "ArrowRight"), "b");
  assert.equal(neighbour(tabs, "c", "ArrowRight"), "a");
  assert.equal(neighbour(tabs, "a", "ArrowLeft"), "c");
  assert.equal(neighbour(tabs, "b", "End"), "c");
  assert.equal(neighbour(tabs, "b", "Home"), "a");
  assert.equal(neighbour(tabs, "b", "x"), null);
});
