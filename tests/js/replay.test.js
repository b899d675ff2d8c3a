import assert from "node:assert/strict";
import { test } from "node:test";

import { momentAt, positionOf, wordsOf } from "../../tunewidgets/widgets/dashboard/replay.js";

test("the end of the slider is the present, and goes along with it", () => {
  assert.equal(momentAt(100, 100), null);
  assert.equal(momentAt(120, 100), null);
  assert.equal(momentAt(99, 100), 99);
  assert.equal(momentAt(0, 100), 1);
});

test("the slider stands where the moment is", () => {
  assert.equal(positionOf(null, 100), 100);
  assert.equal(positionOf(undefined, 100), 100);
  assert.equal(positionOf(40, 100), 40);
  assert.equal(positionOf(140, 100), 100, "it has not come yet");
});

test("what happened is said beside it", () => {
  assert.equal(wordsOf(null, 1234, null), "1,234 events so far");
  assert.equal(wordsOf(40, 1234, { happened: "you paused the search" }), "event 40 of 1,234: you paused the search");
  assert.equal(wordsOf(40, 1234, null), "event 40 of 1,234");
  assert.equal(wordsOf(null, 0, null), "");
});
