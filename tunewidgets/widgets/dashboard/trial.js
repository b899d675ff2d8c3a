// A trial's details: a small tip while pointing at it, a panel while it is selected.

import { createActions } from "./actions.js";
import { element } from "./dom.js";
import { number, plainValue, SYMBOLS } from "./format.js";

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

// The panel has its room also while nothing is selected: nothing moves under the pointer at a click.
export function createPanel(hub, clone) {
  const inside = element("div", { class: "tw-chosen" });
  const hint = element("div", { class: "tw-more" }, "Select a trial in any card: all cards show it, and it is explained here.");
  const close = element("button", { type: "button", class: "tw-button" }, "Clear selection");
  close.addEventListener("click", () => { hub.model.set("selected", []); hub.model.save_changes(); });
  const node = element("section", { class: "tw-panel tw-span", "aria-label": "Selected trials", tabindex: "0" }, inside, element("div", { class: "tw-aside" }, hint, close));
  let rows = new Map(); // trial -> {node, update, steer}: they stay, so that a click or the focus on a button is not lost

  function createRow(trial) {
    const [left, right] = [element("div"), element("div")];
    const words = element("div");
    const actions = createActions(hub, trial, clone);
    left.append(words, actions.node);
    const row = element("div", { class: "tw-one" }, left, right);
    function update() {
      const details = hub.details(trial);
      const metrics = Object.entries(details?.metrics ?? {});
      const waits = element("div", { class: "tw-more" }, hub.replayed ? "not started yet at this moment" : "…");
      words.replaceChildren(...(details ? [heading(trial, details), value(details), overBound(details), reason(details)] : [heading(trial, null), waits]).filter(Boolean));
      right.replaceChildren(...(details ? [tried(details), pairs(Object.entries(details.config)), metrics.length ? pairs(metrics) : null] : []).filter(Boolean));
      actions.update();
    }
    return { node: row, update, steer: actions.update };
  }

  // With nothing selected it is the best trial's.
  function shown() {
    if (hub.selected.length) return hub.selected.slice(-4);
    const { best } = hub.replayed?.facts ?? hub.header ?? {};
    return best ? [best.number] : [];
  }

  function update() {
    close.hidden = !hub.selected.length;
    hint.hidden = !close.hidden;
    const numbers = shown();
    node.classList.toggle("tw-vacant", !numbers.length);
    if (String(numbers) !== String([...rows.keys()])) {
      rows = new Map(numbers.map(trial => [trial, rows.get(trial) ?? createRow(trial)]));
      inside.replaceChildren(...[...rows.values()].map(row => row.node));
    }
    for (const row of rows.values()) row.update();
  }

  function steer() {
    for (const row of rows.values()) row.steer();
  }

  return { node, update, steer, trials: shown, detailed: trial => rows.get(trial)?.update() };
}
