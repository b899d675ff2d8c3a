import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { Hub } from "../../tunewidgets/widgets/dashboard/hub.js";

globalThis.window ??= { addEventListener() {}, removeEventListener() {} };
globalThis.document ??= { visibilityState: "visible" };

function stage() {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const sent = [];
  const traits = { state: {}, selected: [] };
  const listeners = {};
  const model = {
    get: name => traits[name], set: (name, value) => { traits[name] = value; }, save_changes() {},
    on: (name, listener) => { listeners[name] = listener; }, send: message => sent.push(message),
  };
  const hub = new Hub(model);
  const view = { shown: [], explained() { return this.shown; }, drawn: true, sight: new Set(["trials"]), updates: [], header() {}, select() {}, detailed() {},
    update(names) { this.updates.push(names); }, isDrawn() { return this.drawn; } };
  hub.start();
  hub.join(view);
  const frame = (seq, more = {}) => listeners["msg:custom"]({ kind: "frame", seq, whole: seq === 0, entries: seq, cards: {},
    header: { status: "running" }, ...more }, []);
  return { hub, view, sent, frame, say: listeners["msg:custom"], changed: name => listeners[`change:${name}`](), take: () => sent.splice(0).map(({ kind, seq }) => [kind, seq]) };
}

afterEach(() => mock.timers.reset());

test("it says hello, and acknowledges what is drawn", () => {
  const { frame, take } = stage();
  assert.deepEqual(take(), [["hello", undefined]]);
  frame(0);
  assert.deepEqual(take(), [["ack", 0]]);
});

test("a frame that is not drawn yet is not acknowledged", () => {
  const { hub, view, frame, take } = stage();
  take();
  view.drawn = false;
  frame(0);
  frame(1);
  assert.deepEqual(take(), []);
  view.drawn = true;
  hub.acknowledge();
  assert.deepEqual(take(), [["ack", 1]]);
  hub.acknowledge();
  assert.deepEqual(take(), [], "once is enough");
});

test("who misses a frame asks for everything", () => {
  const { frame, take } = stage();
  take();
  frame(0);
  take();
  frame(2);
  assert.deepEqual(take(), [["hello", undefined], ["ack", 2]]);
  frame(7, { whole: true });
  assert.deepEqual(take(), [["ack", 7]]);
});

test("a page that was loaded after everything was sent asks for it once, and only if it is not on its way", () => {
  const { frame, say, sent, take } = stage();
  take();
  frame(4); // of a search that goes on: a part of it
  assert.deepEqual(sent.filter(({ kind }) => kind === "hello").map(({ have, sure }) => [have, sure]), [[-1, true]]);
  take();
  say({ kind: "sent", page: undefined, seq: 4 }, []);
  assert.deepEqual(take(), [], "it has asked already");
  frame(5, { whole: true });
  take();
  say({ kind: "sent", seq: 5 }, []);
  assert.deepEqual(take(), [], "it has everything");
});

test("a page that has nothing of what was sent says so when it is told", () => {
  const { say, sent, take } = stage();
  take();
  say({ kind: "sent", seq: 3 }, []);
  assert.deepEqual(sent.map(({ kind, have, sure }) => [kind, have, sure]), [["hello", -1, true]]);
});

test("every message is numbered and says what is in sight", () => {
  const { hub, sent } = stage();
  hub.tellSight();
  mock.timers.tick(60);
  assert.deepEqual(sent.map(({ kind, at, cards }) => [kind, at, cards]), [["hello", 1, null], ["sight", 2, ["trials"]]]);
});

test("a click without an answer waits, and a taken one does not", () => {
  const { hub, say } = stage();
  const now = mock.method(performance, "now", () => 10_000);
  hub.command("pause");
  assert.equal(hub.clicks().waits, false);
  now.mock.mockImplementation(() => 11_001);
  assert.equal(hub.clicks().waits, true);
  say({ kind: "taken", id: 1 }, []);
  assert.equal(hub.clicks().waits, false);
  assert.ok(hub.asked.has("pause"), "no event has shown it yet");
  now.mock.restore();
});

test("a status that changes answers all clicks", () => {
  const { hub, frame } = stage();
  frame(0);
  hub.command("pause");
  frame(1, { header: { status: "running" } });
  assert.ok(hub.asked.has("pause"));
  frame(2, { header: { status: "paused" } });
  assert.ok(!hub.asked.has("pause"));
});

test("a command that no event answers is given back", () => {
  const { hub, frame, say } = stage();
  frame(0);
  hub.command("pause");
  say({ kind: "taken", id: 1 }, []);
  mock.timers.tick(10_001);
  assert.ok(!hub.asked.has("pause"));
  assert.equal(hub.clicks().unheard, true);
});

test("a refusal is kept until the next click", () => {
  const { hub, say } = stage();
  hub.command("pause");
  say({ kind: "refused", id: 1, text: "read-only" }, []);
  assert.deepEqual([hub.clicks().refused, hub.asked.size], ["read-only", 0]);
  hub.command("pause");
  assert.equal(hub.clicks().refused, "");
});

test("commands to different trials are told apart, and each is asked until an event shows it", () => {
  const { hub, sent, frame, say } = stage();
  frame(0);
  sent.splice(1);
  const done = [];
  hub.command("skip", { trial: 3 }, "skip 3", answer => done.push(answer));
  hub.command("skip", { trial: 4 }, "skip 4", answer => done.push(answer));
  assert.deepEqual(sent.slice(1).map(({ kind, id, do: name, trial }) => [kind, id, name, trial]), [["command", 1, "skip", 3], ["command", 2, "skip", 4]]);
  say({ kind: "taken", id: 1, page: hub.page }, []);
  say({ kind: "refused", id: 2, page: hub.page, text: "no" }, []);
  assert.deepEqual([done, [...hub.asked.keys()]], [["", "no"], ["skip 3"]]);
  say({ kind: "shown", id: 1, page: hub.page, entries: 2 }, []);
  frame(1);
  assert.equal(hub.asked.size, 1, "the page does not show it yet");
  frame(2);
  assert.equal(hub.asked.size, 0);
  hub.command("add", {}, "add");
  say({ kind: "shown", id: 3, page: hub.page, entries: 2 }, []);
  assert.equal(hub.asked.size, 0, "it does already");
});

test("an answer to a question comes once, and another page's answers are not this one's", () => {
  const { hub, sent, say } = stage();
  const found = [];
  hub.question("space", {}, answer => found.push(answer.trials));
  assert.deepEqual([sent.at(-1).kind, sent.at(-1).about], ["question", "space"]);
  say({ kind: "answer", id: 1, page: "another", trials: 1 }, []);
  say({ kind: "answer", id: 1, page: hub.page, trials: 40 }, []);
  say({ kind: "answer", id: 1, page: hub.page, trials: 41 }, []);
  assert.deepEqual(found, [40]);
  hub.command("pause");
  say({ kind: "refused", id: 2, page: "another", text: "no" }, []);
  assert.ok(hub.asked.has("pause"));
});

test("a click selects one trial, with shift it adds, again it takes away", () => {
  const { hub } = stage();
  const after = (trial, add) => { hub.choose(trial, add); return hub.selected; };
  assert.deepEqual(after(3, false), [3]);
  assert.deepEqual(after(5, true), [3, 5]);
  assert.deepEqual(after(3, true), [5]);
  assert.deepEqual(after(7, false), [7]);
  assert.deepEqual(after(7, false), []);
});

test("when its last view goes, the page takes its leave and is silent", () => {
  const { hub, view, sent, frame, take } = stage();
  const other = { ...view, sight: new Set() };
  frame(0);
  hub.join(other);
  take();
  hub.part(other);
  mock.timers.tick(60);
  assert.deepEqual(take(), [["sight", undefined]], "one is left");
  hub.tellSight();
  hub.part(view);
  mock.timers.tick(6000);
  frame(1);
  assert.deepEqual(take(), [["bye", undefined]], "neither sight nor sign of life nor acknowledgement");
  hub.join(view);
  assert.deepEqual(sent.map(({ kind, have }) => [kind, have]), [["hello", 1]]);
  take();
  frame(2, { whole: true });
  assert.deepEqual(take(), [["ack", 2]]);
});

test("a page without any view listens and says nothing", () => {
  const { hub, view, frame, take } = stage();
  hub.part(view);
  take();
  const other = new Hub({ ...hub.model });
  other.start();
  mock.timers.tick(6000);
  frame(3);
  assert.deepEqual(take(), []);
  assert.deepEqual([other.header.status, other.seq], ["running", 3]);
  other.stop();
  assert.deepEqual(take(), []);
});

test("a brush is intervals by name; Python's answer says who is inside", () => {
  const { hub, view, frame, changed } = stage();
  const marked = [];
  view.mark = names => marked.push(...names);
  assert.deepEqual([hub.brushed, hub.inside], [{}, null]);
  hub.brush("units", [32, 64]);
  hub.brush("kind", ["a"]);
  changed("brushed");
  assert.deepEqual(hub.brushed, { units: [32, 64], kind: ["a"] });
  assert.deepEqual(marked, ["parallel", "table"], "the others wait for Python's answer");
  assert.equal(hub.inside, null, "there is no answer yet");
  frame(0, { cards: { brush: { card: { inside: [3, 5], of: 9 }, at: 0, n: 0 } } });
  assert.deepEqual([[...hub.inside.numbers], hub.inside.of], [[3, 5], 9]);
  assert.deepEqual(view.updates.at(-1), ["brush"]);
  hub.brush("units", null);
  assert.deepEqual([hub.brushed, [...hub.inside.numbers]], [{ kind: ["a"] }, [3, 5]], "until the next answer the old one stands");
});

test("a brush that is cleared leaves nothing behind", () => {
  const { hub, view, frame, changed } = stage();
  view.redraw = () => {};
  hub.brush("units", [32, 64]);
  frame(0, { cards: { brush: { card: { inside: [3], of: 9 }, at: 0, n: 0 } } });
  hub.clearBrush();
  changed("brushed");
  assert.deepEqual([hub.brushed, hub.inside], [{}, null]);
  hub.brush("units", [1, 2]);
  assert.equal(hub.inside, null, "the answer to an earlier brush is gone");
});

test("a trial's details are asked for until they are those of what is shown", () => {
  const { hub, view, sent, frame, say } = stage();
  const clock = mock.method(performance, "now", () => 0);
  const asked = () => sent.splice(0).filter(({ kind }) => kind === "details").length;
  view.shown = [4];
  frame(3);
  assert.equal(hub.details(4), null);
  assert.equal(asked(), 1);
  hub.details(4);
  assert.equal(asked(), 0, "it is under way");
  clock.mock.mockImplementation(() => 1021);
  mock.timers.tick(1021);
  assert.equal(asked(), 1, "it was lost");
  say({ kind: "details", trial: 4, entries: 2, details: { number: 4 } }, []);
  clock.mock.mockImplementation(() => 5000);
  mock.timers.tick(4000);
  assert.equal(asked(), 1, "the answer is of a moment before");
  say({ kind: "details", trial: 4, entries: 3, details: { number: 4 } }, []);
  clock.mock.mockImplementation(() => 90_000);
  mock.timers.tick(85_000);
  assert.equal(asked(), 0);
  assert.deepEqual(hub.details(4), { number: 4 });
  clock.mock.restore();
});

test("a busy kernel is not flooded, and what nobody looks at is not asked for again", () => {
  const { hub, view, sent, frame } = stage();
  let now = 0;
  const clock = mock.method(performance, "now", () => now);
  const asked = () => sent.splice(0).filter(({ kind }) => kind === "details").length;
  view.shown = [4];
  frame(3);
  hub.details(4);
  for (; now < 120_000; now += 500) mock.timers.tick(500);
  assert.ok(asked() < 12);
  view.shown = [];
  for (; now < 240_000; now += 500) mock.timers.tick(500);
  assert.equal(asked(), 0);
  clock.mock.restore();
});

test("questions that were under way together keep none of the trials waiting once they are answered", () => {
  const { hub, view, sent, frame, say } = stage();
  let now = 0;
  const clock = mock.method(performance, "now", () => now);
  const asked = () => sent.splice(0).filter(({ kind }) => kind === "details").map(({ trial }) => trial);
  const pass = ms => { for (const end = now + ms; now < end;) { now += 10; mock.timers.tick(10); } };
  view.shown = [1, 2, 3, 4];
  frame(3);
  for (const trial of view.shown) hub.details(trial);
  assert.deepEqual(asked(), [1, 2, 3, 4]);
  for (const trial of view.shown) say({ kind: "details", trial, entries: 3, details: { number: trial } }, []);
  pass(200);
  frame(4);
  for (const trial of view.shown) hub.details(trial);
  assert.deepEqual(asked(), [], "once a second at most");
  pass(850);
  assert.deepEqual(asked(), [1, 2, 3, 4], "and not later");
  clock.mock.restore();
});

test("a step names the speed that is set, which Python keeps", () => {
  const { hub, sent } = stage();
  hub.step(0, 40);
  assert.equal(sent.at(-1).speed, "normal");
  hub.playAt("fast");
  hub.step(0, 40);
  assert.equal(sent.at(-1).speed, "fast");
});

test("a step that leads somewhere after the person has gone elsewhere is not heeded", () => {
  const { hub, sent, frame, say } = stage();
  frame(0, { entries: 40, total: 100 });
  const lead = at => { hub.step(1, 40); return () => say({ kind: "moment", to: hub.page, at, id: sent.at(-1).id }, []); };
  lead(44)();
  assert.equal(hub.replay, 44);
  let late = lead(50);
  hub.replayTo(null);
  late();
  assert.equal(hub.replay, null, "back in the present");
  late = lead(50);
  hub.replayTo(90);
  late();
  assert.equal(hub.replay, 90);
  lead(100)();
  assert.equal(hub.replay, null, "the end is the present");
  say({ kind: "moment", to: "another", at: 7, id: hub.stepId }, []);
  assert.equal(hub.replay, null);
});
