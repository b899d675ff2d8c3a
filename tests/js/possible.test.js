import assert from "node:assert/strict";
import { test } from "node:test";

import { mayChangeWorkers, tools, trialTools, waiting } from "../../tunewidgets/widgets/dashboard/possible.js";

const none = new Set();
const at = (status, more = {}) => ({ status, health: "alive", ...more });
const words = found => found.map(({ label, enabled }) => (enabled ? label : `(${label})`));
const trial = (state, more = {}) => ({ number: 7, state, stopping: "", again: false, ...more });

test("what can be done to a search depends on where it stands", () => {
  const said = (status, more) => words(tools(at(status, more), none, true));
  const all = ["Extend", "Add a trial", "Edit the space"];
  const extend = ["Extend", "(Add a trial)", "(Edit the space)"];
  for (const status of ["running", "paused", "finished"]) assert.deepEqual(said(status), all, status);
  for (const status of ["stopping", "stopped", "failed"]) assert.deepEqual(said(status), extend, status);
  assert.deepEqual(said("starting"), all.map(label => `(${label})`));
  assert.deepEqual(said("running", { health: "gone" }), all.map(label => `(${label})`));
  assert.ok(tools(at("running"), none, false).every(({ enabled }) => !enabled));
  assert.equal(tools(at("stopped"), none, true)[1].title, "Resume the search first");
});

test("a tool that was used says so until an event answers", () => {
  assert.deepEqual(words(tools(at("running"), new Set(["add"]), true)), ["Extend", "(Adding …)", "Edit the space"]);
});

test("workers can be changed while somebody is there to hear it", () => {
  const may = ["starting", "running", "paused", "stopping", "stopped", "finished"].filter(status => mayChangeWorkers(at(status), true));
  assert.deepEqual(may, ["running", "paused", "stopping"]);
  assert.ok(!mayChangeWorkers(at("running", { health: "gone" }), true));
  assert.ok(!mayChangeWorkers(at("running"), false));
});

test("what can be done to a trial depends on its state", () => {
  const said = (state, more, asked = none, header = at("running")) => words(trialTools(trial(state, more), header, asked, true));
  assert.deepEqual(said("running"), ["Skip", "Kill", "Clone and edit"]);
  assert.deepEqual(said("paused"), ["Skip", "Clone and edit"]);
  assert.deepEqual(said("interrupted"), ["Skip", "Clone and edit"]);
  assert.deepEqual(said("completed"), ["Clone and edit"]);
  assert.deepEqual(said("failed"), ["Retry", "Clone and edit"]);
  assert.deepEqual(said("stopped"), ["Retry", "Clone and edit"]);
  assert.deepEqual(said("failed", {}, none, at("running", { health: "gone" })), ["(Retry)", "(Clone and edit)"]);
});

test("a click is shown as asked, and then what events say of it", () => {
  const said = (state, more, ...asked) => words(trialTools(trial(state, more), at("running"), new Set(asked), true)).slice(0, -1);
  assert.deepEqual(said("running", {}, "skip 7"), ["(Skipping …)", "Kill"]);
  assert.deepEqual(said("running", {}, "skip 8"), ["Skip", "Kill"], "another trial's");
  assert.deepEqual(said("running", { stopping: "skip" }), ["(Skipping …)", "Kill"]);
  assert.deepEqual(said("running", { stopping: "kill" }), ["(Skip)", "(Killing …)"]);
  assert.deepEqual(said("running", {}, "kill 7"), ["(Skip)", "(Killing …)"]);
  assert.deepEqual(said("failed", {}, "retry 7"), ["(Retrying …)"]);
  assert.deepEqual(said("failed", { again: true }), ["(To be run again)"]);
});

test("without details or a header there is nothing to click", () => {
  assert.deepEqual(trialTools(null, at("running"), none, true), []);
  assert.deepEqual(trialTools(trial("running"), null, none, true), []);
});

test("what waits for a worker is told", () => {
  assert.equal(waiting({}), "");
  assert.equal(waiting({ added: 2, again: 0 }), "+\u00a02\u00a0added, not begun");
  assert.equal(waiting({ added: 1, again: 1 }), "+\u00a01\u00a0added, not begun   ↻\u00a01\u00a0to be run again");
});
