import assert from "node:assert/strict";
import { test } from "node:test";

import { chosen, positionInScale, withChoice } from "../../tunewidgets/widgets/dashboard/options.js";

const option = { name: "metric", label: "metric", choices: ["accuracy", "loss"], value: "accuracy" };

test("what was asked last is shown, if there is such a choice", () => {
  assert.equal(chosen(option, { metric: "loss" }), "loss");
  assert.equal(chosen(option, { metric: "gone" }), "accuracy");
  assert.equal(chosen(option, {}), "accuracy");
  assert.equal(chosen(option, undefined), "accuracy");
});

test("a choice leaves the others and what was given as they are", () => {
  const before = { curves: { metric: "loss" }, trials: { scale: "log" } };
  const after = withChoice(before, "curves", "scale", "linear");
  assert.deepEqual(after, { curves: { metric: "loss", scale: "linear" }, trials: { scale: "log" } });
  assert.deepEqual(before, { curves: { metric: "loss" }, trials: { scale: "log" } });
  assert.deepEqual(withChoice(undefined, "trials", "scale", "log"), { trials: { scale: "log" } });
});

test("a slider stands at what is shown as chosen", () => {
  const scale = { name: "at x", label: "x", choices: ["0.1", "1", "10"], value: "1", slides: true };
  assert.equal(positionInScale(scale, {}), 1);
  assert.equal(positionInScale(scale, { "at x": "10" }), 2);
  assert.equal(positionInScale(scale, { "at x": "3.2" }), 1, "there is no such step any more");
});
