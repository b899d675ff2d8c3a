import assert from "node:assert/strict";
import { test } from "node:test";

import { controls, messageLine, UNHEARD, WAITS } from "../../tunewidgets/widgets/dashboard/controls.js";

const none = new Set();
const at = (status, more = {}) => ({ status, health: "alive", at_once: false, message: "", ...more });
const labels = buttons => buttons.map(button => (button.enabled ? button.label : `(${button.label})`));

test("what can be clicked depends on where the search stands", () => {
  const said = status => labels(controls(at(status), none, true));
  const stop = ["Stop after running trials", "Stop now"];
  const off = stop.map(label => `(${label})`);
  assert.deepEqual(said("starting"), ["Pause", ...stop]);
  assert.deepEqual(said("running"), ["Pause", ...stop]);
  assert.deepEqual(said("paused"), ["Resume", ...stop]);
  assert.deepEqual(said("stopping"), ["Resume", off[0], stop[1]]);
  assert.deepEqual(said("stopped"), ["Resume", ...off]);
  assert.deepEqual(said("failed"), ["Resume", ...off]);
  assert.deepEqual(said("finished"), ["(Pause)", ...off]);
});

test("a stop at once is not offered twice", () => {
  assert.deepEqual(labels(controls(at("stopping", { at_once: true }), none, true)),
    ["Resume", "(Stop after running trials)", "(Stop now)"]);
});

test("without a coordinator only Resume is left", () => {
  assert.deepEqual(labels(controls(at("running", { health: "gone" }), none, true)),
    ["Resume", "(Stop after running trials)", "(Stop now)"]);
});

test("without Python nothing can be clicked", () => {
  assert.ok(controls(at("running"), none, false).every(button => !button.enabled));
});

test("a button that was clicked says so until an event answers", () => {
  const [pause, stop] = controls(at("running"), new Set(["pause"]), true);
  assert.deepEqual([pause.label, pause.enabled, stop.enabled], ["Pausing …", false, true]);
});

test("words about a click come before the search's own", () => {
  const header = at("failed", { message: "five trials failed in a row" });
  assert.equal(messageLine(header, { refused: "no" }).text, "no");
  assert.equal(messageLine(header, { waits: true }).text, WAITS);
  assert.equal(messageLine(header, { unheard: true }).text, UNHEARD);
  assert.deepEqual(messageLine(header, {}), { text: "five trials failed in a row", tone: "bad" });
  assert.deepEqual(messageLine(at("running"), {}), { text: "", tone: "" });
});
