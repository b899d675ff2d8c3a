import assert from "node:assert/strict";
import { test } from "node:test";

import { alone } from "../../tunewidgets/widgets/dashboard/view.js";

const panels = text => [...text].map((letter, i) => ({ name: `${letter}${i}`, wide: letter === "W" }));
const names = text => [...alone(panels(text))].map(panel => panel.name).sort();

test("the last of an odd number of cards takes the whole width", () => {
  assert.deepEqual(names("ab"), []);
  assert.deepEqual(names("abc"), ["c2"]);
  assert.deepEqual(names("a"), ["a0"]);
  assert.deepEqual(names(""), []);
});

test("a wide card stands alone, and what it leaves without a neighbour does too", () => {
  assert.deepEqual(names("abW"), ["W2"]);
  assert.deepEqual(names("aWb"), ["W1", "a0", "b2"]);
  assert.deepEqual(names("Wab"), ["W0"]);
  assert.deepEqual(names("abWc"), ["W2", "c3"]);
});
