// The header's tools: how many workers, new limits, a trial of one's own, another space. One form is open at a time, in a
// sheet below the facts; Escape closes it, and the focus goes back to the button that opened it.

import { allow, attribute, element, say, whenAllowed } from "./dom.js";
import { createAddForm, createEditForm, createLimitsForm } from "./sheets.js";
import { mayChangeWorkers, tools } from "./possible.js";

const FORMS = {
  extend: { title: "New limits", make: createLimitsForm },
  add: { title: "Add a trial", make: createAddForm },
  edit: { title: "Edit the space", make: createEditForm },
};

export function createSteering(hub) {
  const buttons = new Map(Object.keys(FORMS).map(key => [key, element("button", { type: "button", class: "tw-button tw-quiet", "aria-expanded": "false" })]));
  const bar = element("div", { class: "tw-steer" }, ...buttons.values());
  const sheet = element("section", { class: "tw-sheet", "data-lm-suppress-shortcuts": "true" });
  sheet.hidden = true;
  let shown = null; // {key, opener, form}: the form that is open
  for (const [key, button] of buttons) whenAllowed(button, () => (shown?.key === key ? close() : open(key, button)));
  sheet.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    event.preventDefault();
    close();
  }, true); // before the fields, which keep their keys to themselves

  // The space and the limits are asked for anew each time: they may have been edited elsewhere.
  function open(key, opener, config = null) {
    leave();
    const own = { key, opener, form: null };
    shown = own;
    attribute(buttons.get(key), "aria-expanded", "true");
    attribute(sheet, "aria-label", FORMS[key].title);
    sheet.replaceChildren(element("div", { class: "tw-more" }, "…"));
    sheet.hidden = false;
    hub.question("space", {}, known => { if (shown === own) fill(own, known, config); });
  }

  function fill(own, known, config) {
    const { title, make } = FORMS[own.key];
    own.form = known.error ? null : make(hub, known, config);
    const heading = element("div", { class: "tw-title", role: "heading", "aria-level": "4" }, title);
    const cancel = element("button", { type: "button", class: "tw-button", onclick: close }, "Cancel");
    if (!own.form) {
      sheet.replaceChildren(heading, element("div", { class: "tw-more" }, known.error), cancel);
      cancel.focus();
      return;
    }
    own.send = element("button", { type: "submit", class: "tw-button tw-main" }, own.form.verb);
    const form = element("form", { class: "tw-form", novalidate: "true" }, ...own.form.parts, element("div", { class: "tw-send" }, own.send, cancel));
    form.addEventListener("submit", event => { event.preventDefault(); submit(own); });
    sheet.replaceChildren(heading, form);
    sheet.scrollIntoView({ block: "nearest" });
    form.querySelector("input, select")?.focus();
  }

  function submit(own) {
    const message = own.form.read();
    if (!message) {
      sheet.querySelector('[aria-invalid="true"]')?.focus();
      return;
    }
    own.send.disabled = true;
    hub.command(own.key, message, own.key, refusal => {
      if (shown !== own) return;
      own.send.disabled = false;
      if (!refusal) close();
    });
  }

  function leave() {
    shown?.form?.end?.();
    if (shown) attribute(buttons.get(shown.key), "aria-expanded", "false");
    shown = null;
    sheet.hidden = true;
    sheet.replaceChildren();
  }

  function close() {
    const opener = shown?.opener;
    const key = shown?.key;
    leave();
    const back = opener?.isConnected ? opener : buttons.get(key);
    back?.focus();
  }

  const { stepper, update: step } = createStepper(hub);

  function update(header) {
    for (const item of tools(header, new Set(hub.asked.keys()), hub.live)) {
      const button = buttons.get(item.key);
      say(button, item.label);
      attribute(button, "title", item.title);
      allow(button, item.enabled || shown?.key === item.key); // an open form can always be closed by its button
    }
    step(header);
  }

  return { tools: bar, sheet, stepper, update, clone: (config, opener) => open("add", opener, config) };
}

// The number of workers there may be, with a button for one fewer and one for one more.
function createStepper(hub) {
  const number = element("output", { class: "tw-count", "aria-label": "Workers" });
  const change = (sign, words, by) => {
    const button = element("button", { type: "button", class: "tw-step", "aria-label": words, title: words }, sign);
    whenAllowed(button, () => ask(by));
    return button;
  };
  const fewer = change("−", "One worker fewer", -1);
  const more = change("+", "One worker more", 1);
  const stepper = element("span", { class: "tw-stepper", role: "group", "aria-label": "Number of workers" }, fewer, number, more);
  let wanted = null; // what was asked for and no event has shown

  function ask(by) {
    wanted = (wanted ?? hub.header.workers) + by;
    hub.command("workers", { workers: wanted });
  }

  function update(header) {
    if (!hub.asked.has("workers")) wanted = null;
    const enabled = mayChangeWorkers(header, hub.live);
    say(number, wanted === null || wanted === header.workers ? String(header.workers) : `${header.workers} → ${wanted}`);
    allow(fewer, enabled && (wanted ?? header.workers) > 1);
    allow(more, enabled);
  }

  return { stepper, update };
}
