import assert from "node:assert/strict";
import { test } from "node:test";

import { activeNames, fieldOf, prefill, rangeWords, readConfig, readEdits, readField, readLimits, rowOf } from "../../tunewidgets/widgets/dashboard/forms.js";

const number = (name, type, min_value, max_value, more = {}) => ({ name, type, min_value, max_value, step: type === "Int" ? 1 : null, sampling: "linear", default: min_value, ...more });
const choice = (name, values, more = {}) => ({ name, type: "Choice", values, default: values[0], ...more });
const SPACE = [
  number("momentum", "Float", 0, 0.99, { conditions: [{ parent: "optimizer", values: ["sgd"] }] }), // before its parent
  number("units", "Int", 32, 512, { step: 32 }),
  number("rate", "Float", 1e-4, 0.1, { sampling: "log" }),
  choice("optimizer", ["adam", "sgd"]),
  { name: "flag", type: "Boolean", default: true },
  { name: "warm", type: "Fixed", value: null, conditions: [{ parent: "flag", values: [true] }, { parent: "optimizer", values: ["sgd"] }] },
  number("deep", "Int", 1, 3, { conditions: [{ parent: "warm", values: [null] }] }),
];
const texts = more => ({ ...prefill(SPACE, {}), ...more });

test("each parameter has the field that suits it", () => {
  assert.deepEqual(SPACE.map(fieldOf).map(({ kind, step }) => [kind, step]), [
    ["number", null], ["number", 32], ["number", null], ["choice", undefined], ["choice", undefined], ["fixed", undefined], ["number", 1],
  ]);
  assert.deepEqual(SPACE.map(rangeWords), ["0 to 0.99", "32 to 512, step 32", "0.0001 to 0.1, log", "adam, sgd", "False, True", "None", "1 to 3"]);
});

test("conditions follow one another, whatever the order of the space", () => {
  assert.deepEqual(activeNames(SPACE, { optimizer: "adam", flag: true, warm: null }), ["units", "rate", "optimizer", "flag"]);
  assert.deepEqual(activeNames(SPACE, { optimizer: "sgd", flag: true, warm: null }), SPACE.map(({ name }) => name));
  assert.deepEqual(activeNames(SPACE, { optimizer: "sgd", flag: false, warm: null }), ["momentum", "units", "rate", "optimizer", "flag"]);
  assert.deepEqual(activeNames([number("a", "Int", 0, 1, { conditions: [{ parent: "gone", values: [1] }] })], {}), []);
});

test("True and 1 are different values of a parent", () => {
  const space = [choice("k", [1, 2]), choice("a", ["x"], { conditions: [{ parent: "k", values: [true] }] })];
  assert.deepEqual(activeNames(space, { k: 1 }), ["k"]);
});

test("a number is read, or it is said what is wrong with it", () => {
  const [momentum, units, rate] = SPACE;
  assert.deepEqual(readField(units, "64"), { value: 64 });
  assert.deepEqual(readField(rate, "1e-3"), { value: 0.001 });
  assert.deepEqual(readField(momentum, " 0 "), { value: 0 });
  const wrong = (parameter, text) => readField(parameter, text).error;
  assert.equal(wrong(units, ""), "Give a number");
  assert.equal(wrong(units, "many"), "This is no number");
  assert.equal(wrong(units, "64.5"), "Give a whole number");
  assert.equal(wrong(units, "16"), "From 32 to 512");
  assert.equal(wrong(units, "70"), "In steps of 32: the nearest is 64");
  assert.equal(wrong(rate, "0.2"), "From 0.0001 to 0.1");
  assert.equal(wrong(rate, "Infinity"), "This is no number");
  assert.deepEqual(readField(number("p", "Float", 0, 1, { step: 0.1 }), "0.30000000000000004"), { value: 0.30000000000000004 });
});

test("the fields begin with what fits of a configuration, and else with the defaults", () => {
  const begun = prefill(SPACE, { units: 64, rate: 5, optimizer: "sgd", momentum: 0.5, unknown: 1 });
  assert.deepEqual(begun, { momentum: "0.5", units: "64", rate: "0.0001", optimizer: "1", flag: "1", warm: "0", deep: "1" });
  assert.equal(prefill(SPACE, null).flag, "1");
});

test("a configuration has the active parameters only, and errors are theirs only", () => {
  const { config, errors, active } = readConfig(SPACE, texts({ momentum: "9", units: "64" }));
  assert.deepEqual([config, errors], [{ units: 64, rate: 1e-4, optimizer: "adam", flag: true }, {}]);
  assert.deepEqual(active, ["units", "rate", "optimizer", "flag"]);
  assert.deepEqual(readConfig(SPACE, texts({ momentum: "9", optimizer: "1" })).errors, { momentum: "From 0 to 0.99" });
});

test("only what is different is an edit", () => {
  const rows = Object.fromEntries(SPACE.map(parameter => [parameter.name, rowOf(parameter)]));
  assert.deepEqual(readEdits(SPACE, rows), { edits: {}, errors: {} });
  const edited = { ...rows, units: { low: "64", high: "512" }, rate: { low: "0.001", high: "0.01" }, optimizer: { kept: [1] } };
  assert.deepEqual(readEdits(SPACE, edited), { errors: {}, edits: {
    units: { min_value: 64 }, rate: { min_value: 0.001, max_value: 0.01 }, optimizer: { values: ["sgd"] },
  } });
});

test("an edit that makes no space is said where it stands", () => {
  const rows = { units: { low: "1.5", high: "9" }, rate: { low: "0", high: "1" }, momentum: { low: "2", high: "1" }, optimizer: { kept: [] } };
  assert.deepEqual(readEdits(SPACE, rows).errors, {
    units: "Give a whole number", rate: "A logarithmic range begins above 0", momentum: "The lowest value is above the highest", optimizer: "Keep one choice at least",
  });
});

test("limits are sent where they are different, and none is taken away", () => {
  const now = { trials: 40, minutes: null };
  assert.deepEqual(readLimits(now, { trials: "60", minutes: "" }), { limits: { trials: 60 }, errors: {} });
  assert.deepEqual(readLimits(now, { trials: "40", minutes: "0.5" }), { limits: { minutes: 0.5 }, errors: {} });
  assert.deepEqual(readLimits(now, { trials: "40", minutes: "" }).errors, { trials: "This is the limit already" });
  assert.deepEqual(readLimits(now, { trials: "", minutes: "-1" }).errors,
    { trials: "A limit can be changed, and not taken away", minutes: "Give a number above 0" });
  assert.deepEqual(readLimits(now, { trials: "4.5", minutes: "" }).errors, { trials: "Give a whole number" });
});
