// The header: what it is, how far it is, how good, and the buttons.

import { attribute, element, say } from "./dom.js";
import { bestOf, chip, duration, plainValue, progress, tally } from "./format.js";
import { controls, messageLine } from "./controls.js";
import { createReplay } from "./replay.js";
import { waiting } from "./possible.js";
import { createSteering } from "./steering.js";

function fact(label, wide) {
  const value = element("div", { class: "tw-value" });
  const more = element("div", { class: "tw-more" });
  const node = element("div", { class: wide ? "tw-fact tw-wide" : "tw-fact" }, element("div", { class: "tw-label" }, label), value, more);
  return { node, value, more };
}

export function createHead(hub, name) {
  const title = element("div", { class: "tw-name", role: "heading", "aria-level": "3" }, name);
  const badge = element("span", { class: "tw-chip" });
  const buttons = new Map(["toggle", "stop", "stop now"].map(key => [key, element("button", { type: "button", class: "tw-button" })]));
  for (const button of buttons.values()) button.addEventListener("click", () => hub.command(button.dataset.command));
  const group = element("div", { class: "tw-controls", role: "group", "aria-label": "Controls of the search" }, ...buttons.values());
  const fill = element("div", { class: "tw-fill" });
  const bar = element("div", { class: "tw-bar", role: "progressbar", "aria-label": "Trials settled" }, fill);
  const done = fact("Progress", true);
  done.value.after(bar);
  const [best, time, workers] = [fact("Best", true), fact("Elapsed"), fact("Workers")];
  const replay = createReplay(hub);
  const steering = createSteering(hub);
  workers.more.append(steering.stepper);
  const message = element("div", { class: "tw-message", role: "status", "aria-live": "polite" });
  const node = element("div", { class: "tw-head" },
    element("div", { class: "tw-top" }, title, badge, group),
    element("div", { class: "tw-facts" }, done.node, best.node, time.node, workers.node), steering.sheet, message, replay.node);
  group.append(steering.tools);

  function showButtons(header) {
    for (const item of controls(header, new Set(hub.asked.keys()), hub.live)) {
      const button = buttons.get(item.key);
      say(button, item.label);
      button.dataset.command = item.command;
      attribute(button, "title", item.title);
      button.disabled = !item.enabled;
    }
  }

  function showFacts(header) {
    const { trials, used, share } = progress(header);
    say(done.value, `${trials}  ·  ${used}`);
    say(done.more, [tally(header.counts), waiting(header)].filter(Boolean).join("   "));
    bar.hidden = share === null;
    fill.style.width = `${100 * (share ?? 0)}%`;
    if (share !== null) attribute(bar, "aria-valuenow", String(Math.round(100 * share)));
    const top = bestOf(header);
    say(best.value, top.value);
    say(best.more, top.more);
    const config = Object.entries(header.best?.config ?? {}).map(([key, value]) => `${key} = ${plainValue(value)}`);
    attribute(best.more, "title", config.join("\n"));
    say(workers.value, `${header.busy} of ${header.workers} busy`);
    showTime();
  }

  function showTime() {
    const { header: newest, replayed } = hub;
    if (!newest) return;
    const header = replayed?.facts ?? newest;
    const since = header.ticking && hub.live && !replayed ? (performance.now() - hub.headerAt) / 1000 : 0;
    say(time.value, duration(header.elapsed + since));
  }

  function update() {
    const { header } = hub;
    node.classList.toggle("tw-empty", !header);
    if (!header) return;
    const { symbol, words, tone } = chip(hub.replayed?.facts ?? header);
    say(badge, `${symbol} ${words}`);
    badge.dataset.tone = tone;
    showButtons(header);
    showFacts(hub.replayed?.facts ?? header);
    replay.update();
    steering.update(header);
    const line = messageLine(hub.replayed ? { ...header, message: "" } : header, hub.clicks()); // what it says is of now
    say(message, line.text);
    message.dataset.tone = line.tone;
  }

  const clock = setInterval(showTime, 1000);
  return { node, update, clone: steering.clone, end: () => { clearInterval(clock); replay.end(); } };
}
