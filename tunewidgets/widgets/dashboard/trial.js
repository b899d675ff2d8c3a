// A trial's details: a small tip while pointing at it, a panel while it is selected.

import { createActions } from "./actions.js";
import { comparedRows, comparedText, differenceWords } from "./against.js";
import { Asking } from "./asking.js";
import { element } from "./dom.js";
import { createFolds } from "./folds.js";
import { number, plainValue, SYMBOLS } from "./format.js";
import { createSmallCurve } from "./small_curve.js";

const MOST = 4; // trials that are explained at once

const AT_REST = new Set(["pruned", "completed", "failed", "stopped"]);

function pairs(entries) {
  return element("div", { class: "tw-pairs" }, ...entries.map(([name, value]) =>
    element("span", { class: "tw-pair" }, `${name} `, element("b", {}, plainValue(value)))));
}

function heading(trial, details) {
  const state = details ? `${SYMBOLS[details.state] ?? ""} ${details.state}${details.front ? ", a best trade-off" : details.incumbent ? ", the best" : ""}` : "";
  return element("div", { class: "tw-heading" }, element("strong", {}, `Trial ${trial}`), " ", state);
}

// A trial at rest gets no value any more.
export function valueWords(details) {
  if (details.value === null || details.value === undefined) return AT_REST.has(details.state) ? "no value" : "no value yet";
  const at = details.value_step ? ` at ${details.unit || "step"} ${details.value_step}` : "";
  const all = details.goals?.length ? details.goals : [{ metric: details.metric || "value", value: details.value }];
  return `${all.map(goal => `${goal.metric} ${number(goal.value)}`).join(" · ")}${at}`;
}

function value(details) {
  return element("div", {}, valueWords(details));
}

function reason(details) {
  return details.reason ? element("div", { class: "tw-reason" }, details.reason) : null;
}

function overBound(details) {
  return details.broken ? element("div", { class: "tw-reason tw-broken" }, details.broken) : null;
}

// Why it was tried: the sampler's own sentence.
function tried(details) {
  return details.suggested ? element("div", { class: "tw-reason" }, element("span", { class: "tw-more" }, "Tried because: "), details.suggested) : null;
}

// The tip follows the pointer; it is out of the way of clicks and of screen readers, which have the table.
export function createTip() {
  const node = element("div", { class: "tw-tip", "aria-hidden": "true" });
  node.hidden = true;
  let shown = null;
  return {
    node,
    get trial() { return shown; },
    hide() { shown = null; node.hidden = true; },
    show(trial, details, event, frame) {
      shown = trial;
      const waiting = element("div", { class: "tw-more" }, "…");
      const rest = details ? [value(details), overBound(details), reason(details), tried(details), pairs(Object.entries(details.config).slice(0, 8))] : [waiting];
      node.replaceChildren(heading(trial, details), ...rest.filter(Boolean));
      node.hidden = false;
      if (event) place(node, event, frame.getBoundingClientRect());
    },
  };
}

function place(node, event, frame) {
  const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
  const left = x + 16 + node.offsetWidth > frame.width ? x - 16 - node.offsetWidth : x + 16;
  node.style.left = `${Math.max(0, left)}px`;
  node.style.top = `${Math.max(0, Math.min(y + 12, frame.height - node.offsetHeight))}px`;
}

// One trial's facts and buttons: they stay while it is shown, so that a click or the focus on a button is not lost.
function createFacts(hub, trial, clone, bestOf) {
  const words = element("div");
  const actions = createActions(hub, trial, clone);
  const node = element("div", { class: "tw-one" }, words, actions.node);
  function update() {
    const details = hub.details(trial);
    const waits = element("div", { class: "tw-more" }, hub.replayed ? "not started yet at this moment" : "…");
    const apart = differenceWords(details, bestOf());
    const parts = details ? [heading(trial, details), value(details), apart ? element("div", { class: "tw-more" }, apart) : null, overBound(details), reason(details), tried(details)]
      : [heading(trial, null), waits];
    words.replaceChildren(...parts.filter(Boolean));
    actions.update();
  }
  return { node, update, steer: actions.update };
}

// The values and parameters of trials side by side, those that differ first.
function createComparison() {
  const node = element("div", { class: "tw-comparison" });
  let shown = "";

  function row({ name, values, differs }) {
    const cells = values.map(one => element("td", { title: comparedText(one) }, comparedText(one)));
    return element("tr", { class: differs || values.length < 2 ? "" : "tw-same" }, element("th", { scope: "row", title: name }, name), ...cells);
  }

  function show(all, best) {
    const rows = comparedRows(all);
    const key = JSON.stringify([rows, all.map(one => one?.number), best]);
    if (key === shown) return;
    shown = key;
    const heads = all.map(one => element("th", { scope: "col" }, one ? `Trial ${one.number}${one.number === best ? " ★" : ""}` : "…"));
    const part = name => element("tbody", {}, ...rows[name].map(row));
    node.replaceChildren(element("table", { class: "tw-side" }, element("thead", {}, element("tr", {}, element("td"), ...heads)), part("values"), part("parameters")));
  }
  return { node, show };
}

// The panel has its room also while nothing is selected: nothing moves under the pointer at a click.
export function createPanel(hub, clone) {
  const facts = element("div", { class: "tw-chosen" });
  const comparison = createComparison();
  const course = createSmallCurve();
  const folds = createFolds(hub, () => node.classList.toggle("tw-opened", folds.open));
  const hint = element("div", { class: "tw-more" }, "Select a trial in any card: all cards show it, and it is explained here.");
  const close = element("button", { type: "button", class: "tw-button tw-small" }, "Clear selection");
  close.addEventListener("click", () => { hub.model.set("selected", []); hub.model.save_changes(); });
  const node = element("section", { class: "tw-panel tw-span", "aria-label": "Selected trials", tabindex: "0" },
    element("div", { class: "tw-opentop" }, element("div", { class: "tw-explained" }, facts, comparison.node, course.node), element("div", { class: "tw-aside" }, hint, close)), folds.node);
  const asking = new Asking(hub, "curves", answer => { curves = answer.curves ?? {}; showCurves(); });
  let curves = {};
  let rows = new Map(); // trial -> its facts

  const best = () => (hub.replayed?.facts ?? hub.header ?? {}).best?.number ?? null;
  const bestDetails = () => (best() === null ? null : hub.details(best()));

  // With nothing selected it is the best trial's.
  function shown() {
    if (hub.selected.length) return hub.selected.slice(-MOST);
    return best() === null ? [] : [best()];
  }

  // Those that are shown, and the best one to compare them with.
  function compared() {
    const numbers = shown();
    return !numbers.length || best() === null || numbers.includes(best()) ? numbers : [...numbers, best()];
  }

  function showCurves() {
    const wanted = compared().filter(trial => curves[trial]).map(trial => ({ trial, faded: !shown().includes(trial), curve: curves[trial] }));
    course.show(wanted, bestDetails()?.unit || hub.details(shown()[0])?.unit || "step");
  }

  function askCurves(numbers) {
    const steps = numbers.map(trial => hub.details(trial)).map(details => details && [details.step, details.attempt]);
    if (numbers.length) asking.ask({ trials: numbers }, JSON.stringify([numbers, steps, hub.replay]));
    else asking.end();
  }

  function explain() {
    const numbers = shown();
    const all = compared().map(trial => hub.details(trial));
    comparison.node.hidden = !all.some(Boolean);
    if (all.some(Boolean)) comparison.show(all, best());
    folds.update(numbers.length === 1 ? hub.details(numbers[0]) : null);
    node.classList.toggle("tw-opened", folds.open && numbers.length === 1);
    askCurves(compared());
    showCurves();
  }

  function update() {
    close.hidden = !hub.selected.length;
    hint.hidden = !close.hidden;
    const numbers = shown();
    node.classList.toggle("tw-vacant", !numbers.length);
    node.classList.toggle("tw-several", numbers.length > 1);
    if (String(numbers) !== String([...rows.keys()])) {
      rows = new Map(numbers.map(trial => [trial, rows.get(trial) ?? createFacts(hub, trial, clone, bestDetails)]));
      facts.replaceChildren(...[...rows.values()].map(row => row.node));
      node.scrollTop = 0;
    }
    for (const row of rows.values()) row.update();
    explain();
  }

  function steer() {
    for (const row of rows.values()) row.steer();
  }

  function detailed(trial) {
    if (!compared().includes(trial)) return;
    if (trial === best()) for (const row of rows.values()) row.update();
    else rows.get(trial)?.update();
    explain();
  }

  function end() {
    folds.end();
    asking.end();
  }

  return { node, update, steer, trials: compared, detailed, end };
}
