import assert from "node:assert/strict";
import { test } from "node:test";

import { inOrder, placesInOrder, slotAt, withMoved } from "../../tunewidgets/widgets/dashboard/parallel_order.js";

const names = ["units", "rate", "kind", "loss"];
const ordered = wanted => placesInOrder(names, wanted).map(i => names[i]).join(" ");

test("without a wish the axes stand as Python has them", () => {
  assert.equal(ordered([]), "units rate kind loss");
  assert.equal(ordered(["gone"]), "units rate kind loss");
});

test("a wish holds, whatever is gone or new since", () => {
  assert.equal(ordered(["loss", "kind", "rate", "units"]), "loss kind rate units");
  assert.equal(ordered(["kind", "gone", "units", "loss"]), "kind units rate loss", "a new one stands behind the one before it");
  assert.equal(ordered(["rate", "kind", "loss"]), "units rate kind loss", "or at the beginning");
});

test("the lines go with their axes", () => {
  const lines = { axes: names.map(name => ({ name })), heights: [[0], [1], [2], [3]], numbers: [7] };
  const { axes, heights, numbers } = inOrder(lines, ["loss", "units", "rate", "kind"]);
  assert.deepEqual([axes.map(axis => axis.name), heights, numbers], [["loss", "units", "rate", "kind"], [[3], [0], [1], [2]], [7]]);
});

test("an axis is moved to a place, and not beyond the ends", () => {
  assert.deepEqual(withMoved(names, 0, 2), ["rate", "kind", "units", "loss"]);
  assert.deepEqual(withMoved(names, 3, -4), ["loss", "units", "rate", "kind"]);
  assert.deepEqual(withMoved(names, 0, 9), ["rate", "kind", "loss", "units"]);
});

test("a pixel belongs to the nearest axis", () => {
  assert.deepEqual([0, 29, 31, 500].map(x => slotAt([10, 50, 90], x)), [0, 0, 1, 2]);
});
