import assert from "node:assert/strict";
import { test } from "node:test";

import { amount, asSentence, bestOf, chip, duration, noBest, number, plainValue, progress, shortConfig, tally } from "../../tunewidgets/widgets/dashboard/format.js";

test("numbers have four figures", () => {
  const said = [0.123456, 0.9412, 12345, 1234567, 0.00001234, -0.5, 0, 1].map(number);
  assert.deepEqual(said, ["0.1235", "0.9412", "12350", "1.23e6", "1.23e-5", "−0.5", "0", "1"]);
});

test("what is no number is said so", () => {
  assert.deepEqual([null, undefined, NaN, Infinity, -Infinity].map(number), ["–", "–", "–", "∞", "−∞"]);
});

test("times grow in their units", () => {
  assert.deepEqual([-1, 8.9, 65, 3600, 90061].map(duration), ["0 s", "8 s", "1 min 05 s", "1 h 00 min", "1 d 1 h"]);
});

test("amounts have a unit", () => {
  assert.deepEqual([amount(1, "epoch"), amount(1200, "tree")], ["1 epoch", "1,200 trees"]);
});

test("a configuration in short names four values", () => {
  assert.equal(shortConfig({ a: 1, b: "x", c: 0.5, d: true, e: 2 }), "a 1, b x, c 0.5, d true, …");
  assert.equal(shortConfig({}), "");
});

test("values of any kind become words", () => {
  assert.deepEqual([null, [1, 2], "text", false].map(plainValue), ["–", "[1,2]", "text", "false"]);
});

test("a status has a symbol and a word", () => {
  assert.deepEqual(chip({ status: "paused", health: "alive" }), { symbol: "‖", words: "Paused", tone: "rest" });
  assert.equal(chip({ status: "running", health: "gone" }).words, "Coordinator gone");
  assert.equal(chip({ status: "finished", health: "gone" }).words, "Finished", "it has done its work");
});

test("every status has a symbol of its own", () => {
  const all = ["starting", "running", "paused", "stopping", "finished", "stopped", "failed"];
  assert.equal(new Set(all.map(status => chip({ status }).symbol)).size, all.length);
});

test("words begin with a capital", () => {
  assert.deepEqual(["no trial yet: wait", "", "É"].map(asSentence), ["No trial yet: wait", "", "É"]);
});

test("a search that has ended promises no best trial", () => {
  const said = ["starting", "running", "paused", "stopping", "finished", "stopped", "failed"].map(status => noBest({ status }));
  const never = "no trial has come to rest with a value";
  assert.deepEqual(said, [...Array(4).fill("no trial has come to rest yet"), never, never, never]);
});

test("a search that was replaced is gone also where it was paused", () => {
  assert.deepEqual(chip({ status: "paused", health: "gone" }), { symbol: "⚠", words: "Coordinator gone", tone: "bad" });
});

test("progress with and without a plan", () => {
  assert.deepEqual(progress({ settled: 3, planned: 12, spent: 9, budget: 1069, unit: "epoch" }),
    { trials: "3 of 12 trials settled", used: "9 of 1,069 epochs", share: 0.25 });
  assert.deepEqual(progress({ settled: 1, planned: null, spent: 1, budget: null, unit: "step" }),
    { trials: "1 trial settled", used: "1 step", share: null });
});

test("the tally names only states that occur", () => {
  assert.equal(tally({ failed: 1, running: 2, pruned: 0 }), "○\u00a02\u00a0running   ✕\u00a01\u00a0failed");
});

test("where trials wait for one another, what has begun is said", () => {
  const asha = { settled: 0, started: 18, planned: 30, spent: 40, budget: null, unit: "step", busy: 3, counts: { paused: 15 } };
  assert.deepEqual(progress(asha), { trials: "18 of 30 trials started", used: "40 steps", share: 0.5 });
  assert.equal(progress({ ...asha, counts: { pruned: 15 }, settled: 15 }).trials, "15 of 30 trials settled");
  assert.equal(progress({ ...asha, budget: 81 }).trials, "0 of 30 trials settled");
});

test("the best of one goal is a trial, of several the trade-offs", () => {
  const best = { number: 7, value: 0.9412, config: { units: 64 } };
  assert.deepEqual(bestOf({ best, metric: "accuracy", goals: ["accuracy"] }), { value: "0.9412  accuracy", more: "trial 7: units 64" });
  const front = [{ metric: "accuracy", best: 0.9412, worst: 0.8 }, { metric: "size", best: 10, worst: 10 }];
  assert.deepEqual(bestOf({ best, goals: ["accuracy", "size"], trade_offs: 3, front }),
    { value: "3 best trade-offs", more: "accuracy 0.9412 to 0.8  ·  size 10" });
  assert.equal(bestOf({ best, goals: ["accuracy", "size"], trade_offs: 1, front }).value, "1 best trade-off");
});

test("why there is no best is said where something else than time is missing", () => {
  const bound = { status: "running", bounds: ["latency ≤ 15"], counts: { completed: 2 } };
  assert.equal(noBest(bound), "no trial keeps latency ≤ 15 yet");
  assert.equal(noBest({ ...bound, status: "finished" }), "no trial keeps latency ≤ 15");
  assert.equal(noBest({ ...bound, counts: {} }), "no trial has come to rest yet");
  const lost = bestOf({ status: "finished", best: { number: 0, value: 1, config: {} }, goals: ["accuracy", "size"], front: [] });
  assert.deepEqual(lost, { value: "–", more: "no trial has reported accuracy and size together" });
});
