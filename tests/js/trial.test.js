import assert from "node:assert/strict";
import { test } from "node:test";

import { valueWords } from "../../tunewidgets/widgets/dashboard/trial.js";

test("only a trial that may still get a value has none yet", () => {
  for (const state of ["running", "interrupted", "paused"]) assert.equal(valueWords({ state, value: null }), "no value yet");
  for (const state of ["failed", "stopped", "pruned", "completed"]) assert.equal(valueWords({ state, value: null }), "no value");
});

test("a value is told with its name and where it was reached", () => {
  const details = { state: "completed", value: 0.25, value_step: 3, metric: "loss", unit: "epoch" };
  assert.equal(valueWords(details), "loss 0.25 at epoch 3");
  const goals = [{ metric: "loss", value: 0.25 }, { metric: "size", value: null }];
  assert.match(valueWords({ ...details, goals }), /^loss 0.25 · size .+ at epoch 3$/);
  assert.equal(valueWords({ state: "failed", value: 0.25 }), "value 0.25");
});
