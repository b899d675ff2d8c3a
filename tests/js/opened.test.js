import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { comparedRows, comparedText, differenceWords } from "../../tunewidgets/widgets/dashboard/against.js";
import { Asking } from "../../tunewidgets/widgets/dashboard/asking.js";
import { lastWords, legWords, outputWords, sizeWords } from "../../tunewidgets/widgets/dashboard/folds.js";
import { linesOfCurves, metricsOfCurves } from "../../tunewidgets/widgets/dashboard/small_curve.js";

afterEach(() => mock.timers.reset());

const trial = (number, value, config, more = {}) => ({ number, value, config, budget: 9, metric: "accuracy", direction: "max", unit: "epoch", further: {}, ...more });
const best = trial(7, 0.9, { units: 64, optimizer: "adam", rate: 0.01 });

test("parameters that differ come first, and inactive ones are none", () => {
  const one = trial(3, 0.8, { units: 64, optimizer: "sgd", momentum: 0.5, rate: 0.01 });
  const { values, parameters } = comparedRows([one, best]);
  assert.deepEqual(values.map(({ name, values: all, differs }) => [name, all, differs]), [["accuracy", [0.8, 0.9], true], ["epochs", [9, 9], false]]);
  assert.deepEqual(parameters.map(({ name, values: all, differs }) => [name, all, differs]), [
    ["optimizer", ["sgd", "adam"], true], ["momentum", [0.5, undefined], true], ["units", [64, 64], false], ["rate", [0.01, 0.01], false]]);
  assert.deepEqual([undefined, null, 0.5, "adam", true].map(comparedText), ["–", "–", "0.5", "adam", "true"]);
});

test("several goals have a row each", () => {
  const { values } = comparedRows([trial(1, 0.8, {}, { further: { size: 3 } }), trial(2, 0.9, {}, { further: { size: 5 } }), null]);
  assert.deepEqual(values.map(({ name, values: all }) => [name, all]), [["accuracy", [0.8, 0.9, undefined]], ["size", [3, 5, undefined]], ["epochs", [9, 9, undefined]]]);
});

test("the difference in value says which is better", () => {
  assert.equal(differenceWords(trial(3, 0.8, {}), best), "0.1 worse than the best, trial 7");
  assert.equal(differenceWords(trial(3, 0.95, {}, { budget: 3 }), best), "0.05 better than the best, trial 7, which trained to epoch 9");
  assert.equal(differenceWords(trial(3, 0.9, {}), best), "the same value as the best, trial 7");
  assert.equal(differenceWords(trial(3, 1.5, {}, { direction: "min" }), { ...best, value: 1 }), "0.5 worse than the best, trial 7");
  for (const none of [best, trial(3, null, {}), trial(3, 1, {}, { goals: [{ metric: "accuracy", value: 1 }, { metric: "size", value: 1 }] }), null]) assert.equal(differenceWords(none, best), "");
});

test("a traceback's last words are those that say what happened", () => {
  assert.equal(lastWords('Traceback (most recent call last):\n  File "a.py", line 1\n    f()\nValueError: no\n'), "ValueError: no");
  assert.equal(lastWords("Traceback:\n  f()\nValueError: in lines\n  and more of it"), "ValueError: in lines");
  assert.equal(lastWords(""), "");
});

test("output is told with its size", () => {
  assert.deepEqual([0, 999, 1000, 12345, 2.5e6].map(sizeWords), ["0 B", "999 B", "1.0 kB", "12.3 kB", "2.50 MB"]);
  assert.equal(outputWords(null, false), "Output …");
  assert.equal(outputWords({ size: 0 }, false), "No output");
  assert.equal(outputWords({ size: 500, cut: false }, true), "Output, 500 B, as it stands now");
  assert.equal(outputWords({ size: 2e6, cut: true }, false), "Output, the end of 2.00 MB");
  assert.equal(outputWords({ error: "OSError: gone" }, false), "Output: OSError: gone");
});

test("legs in words", () => {
  const leg = { attempt: 2, bracket: 0, rung: 1, budget: 3, why: "promoted", started: 10, ended: 75, outcome: "pruned" };
  assert.equal(legWords(leg, "epoch"), "Leg 2: promoted, bracket 0, rung 1, to epoch 3; pruned after 1 min 05 s");
  assert.equal(legWords({ ...leg, bracket: null, budget: null, ended: null }, "step"), "Leg 2: promoted, to its end; running");
});

test("curves share their axes, and a metric that is missing leaves a curve out", () => {
  const curves = [{ trial: 1, faded: false, curve: { steps: [1, 2, 3], values: { loss: [4, null, 2], f1: [1, 1, 1] } } }, { trial: 7, faded: true, curve: { steps: [1], values: { loss: [3] } } }];
  assert.deepEqual(metricsOfCurves(curves), ["loss", "f1"]);
  const { lines, low, high, begin, last } = linesOfCurves(curves, "loss");
  assert.deepEqual([low, high, begin, last, lines.map(line => line.points)], [2, 4, 1, 3, [[[6, 8], [254, 86]], [[6, 47]]]]);
  assert.deepEqual(linesOfCurves(curves, "f1").lines.map(line => line.trial), [1]);
});

function stage() {
  mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  mock.method(performance, "now", () => now);
  const [asked, answers, waiting] = [[], [], []];
  const hub = { question: (about, more, done) => { asked.push(more); waiting.push(done); } };
  const asking = new Asking(hub, "curves", answer => answers.push(answer));
  const pass = ms => { now += ms; mock.timers.tick(ms); };
  return { asking, asked, answers, waiting, pass };
}

test("the same is asked once, something else at once but not too often", () => {
  const { asking, asked, waiting, pass } = stage();
  asking.ask(1, "a");
  asking.ask(1, "a");
  waiting[0]("answer");
  pass(60_000);
  assert.deepEqual(asked, [1]);
  asking.ask(2, "b");
  asking.ask(3, "c");
  assert.deepEqual(asked, [1, 2]);
  pass(1100);
  assert.deepEqual(asked, [1, 2, 3]);
});

test("a question that is lost is asked again, and an answer that is overtaken is not heeded", () => {
  const { asking, asked, answers, waiting, pass } = stage();
  asking.ask(1, "a");
  pass(4100);
  assert.deepEqual(asked, [1, 1]);
  waiting[0]("late");
  waiting[1]("in time");
  assert.deepEqual(answers, ["in time"]);
});

test("what goes on changing is asked again after a while, until it is over", () => {
  const { asking, asked, waiting, pass } = stage();
  asking.ask(1, "a", 2000);
  waiting[0]("answer");
  pass(2100);
  assert.deepEqual(asked, [1, 1]);
  waiting[1]("answer");
  asking.end();
  pass(60_000);
  assert.deepEqual(asked, [1, 1]);
});
