// What of one trial is folded away until somebody opens it: its traceback, what it has printed, its legs. Asked for when it
// is selected, of long output the end only.

import { Asking } from "./asking.js";
import { attribute, element, say } from "./dom.js";
import { duration } from "./format.js";

const NEWEST = 2000; // ms after which the output of a running trial is looked at again

export function sizeWords(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toPrecision(bytes < 1e4 ? 2 : 3)} kB` : `${(bytes / 1e6).toPrecision(3)} MB`;
}

// The line of a traceback that says what happened: the last one that is not indented begins it.
export function lastWords(traceback) {
  const lines = traceback.trimEnd().split("\n");
  return lines.findLast(line => line && !/^\s/.test(line)) ?? lines.at(-1) ?? "";
}

export function outputWords(told, replayed) {
  if (!told) return "Output …";
  if (told.error) return `Output: ${told.error}`;
  if (!told.size) return "No output";
  return `Output, ${told.cut ? `the end of ${sizeWords(told.size)}` : sizeWords(told.size)}${replayed ? ", as it stands now" : ""}`;
}

export function legWords(leg, unit) {
  const place = leg.bracket === null ? "" : `bracket ${leg.bracket}, rung ${leg.rung}, `;
  const reach = leg.budget === null ? "to its end" : `to ${unit} ${leg.budget}`;
  const took = leg.ended === null ? "running" : `${leg.outcome} after ${duration(leg.ended - leg.started)}`;
  return `Leg ${leg.attempt}: ${leg.why}, ${place}${reach}; ${took}`;
}

function fold(open) {
  const summary = element("summary", { "data-lm-suppress-shortcuts": "true" });
  const node = element("details", { class: "tw-fold" }, summary);
  node.addEventListener("toggle", open);
  return { node, summary };
}

// `toggled` is told when something is opened or closed.
export function createFolds(hub, toggled) {
  const [trace, output, legs] = [fold(toggled), fold(toggled), fold(toggled)];
  const traceText = element("pre", { class: "tw-printed", tabindex: "0", "aria-label": "Traceback" });
  const outputText = element("pre", { class: "tw-printed", tabindex: "0", "aria-label": "Output" });
  const more = element("button", { type: "button", class: "tw-button tw-small" }, "Show more");
  const list = element("ul", { class: "tw-legs" });
  trace.node.append(traceText);
  output.node.append(outputText, more);
  legs.node.append(list);
  const node = element("div", { class: "tw-folds" }, trace.node, output.node, legs.node);
  const asking = new Asking(hub, "printed", answer => { told = answer; show(); });
  let told = null;
  let details = null;
  let whole = false; // whether more than the end was asked for
  more.addEventListener("click", () => { whole = true; ask(); });

  function ask() {
    const key = JSON.stringify([details.number, details.state, details.attempt, details.step, whole, hub.replay]);
    asking.ask({ trial: details.number, more: whole }, key, details.state === "running" && !hub.replayed ? NEWEST : Infinity);
  }

  function show() {
    const traceback = told?.traceback ?? "";
    trace.node.hidden = !traceback;
    say(trace.summary, `Traceback: ${lastWords(traceback)}`);
    say(traceText, traceback);
    say(output.summary, outputWords(told, Boolean(hub.replayed)));
    const atEnd = outputText.scrollTop + outputText.clientHeight >= outputText.scrollHeight - 4;
    if (outputText.textContent !== (told?.text ?? "")) {
      say(outputText, told?.text ?? "");
      if (atEnd) outputText.scrollTop = outputText.scrollHeight;
    }
    outputText.hidden = !told?.text;
    more.hidden = !told?.cut || whole;
    say(legs.summary, details?.legs.length === 1 ? "1 leg" : `${details?.legs.length ?? 0} legs`);
    const words = (details?.legs ?? []).map(leg => legWords(leg, details.unit || "step"));
    if (words.join("\n") !== [...list.children].map(item => item.textContent).join("\n")) list.replaceChildren(...words.map(text => element("li", {}, text)));
  }

  // Of one trial, null for none.
  function update(newest) {
    node.hidden = !newest;
    if (newest?.number !== details?.number) [told, whole] = [null, false];
    details = newest;
    if (!details) {
      asking.end();
      return;
    }
    ask();
    show();
  }

  attribute(node, "role", "group");
  return { node, update, get open() { return [trace, output, legs].some(one => !one.node.hidden && one.node.open); }, end: () => asking.end() };
}
