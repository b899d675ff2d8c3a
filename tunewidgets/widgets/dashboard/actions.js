// The buttons of a selected trial: stop it, run it again, or take its configuration as the start of another.

import { allow, attribute, element, say, whenAllowed } from "./dom.js";
import { trialTools } from "./possible.js";

const NAMES = ["skip", "kill", "retry", "clone"];

export function createActions(hub, trial, clone) {
  const buttons = new Map(NAMES.map(name => [name, element("button", { type: "button", class: "tw-button tw-small" })]));
  for (const [name, button] of buttons) whenAllowed(button, () => act(name, button));
  const node = element("div", { class: "tw-actions", role: "group", "aria-label": `Trial ${trial}` }, ...buttons.values());

  function act(name, button) {
    if (name === "clone") clone(hub.details(trial)?.config ?? {}, button);
    else hub.command(name, { trial }, `${name} ${trial}`);
  }

  // A button that has no sense any more goes; where it had the focus, that stays with the panel.
  function update() {
    const tools = trialTools(hub.details(trial), hub.header, new Set(hub.asked.keys()), hub.live);
    // Of a moment in the past nothing but the configuration still holds.
    const found = new Map(tools.filter(({ name }) => !hub.replayed || name === "clone").map(tool => [tool.name, tool]));
    for (const [name, button] of buttons) {
      const tool = found.get(name);
      if (!tool && button === document.activeElement) node.closest("section")?.focus();
      button.hidden = !tool;
      if (!tool) continue;
      say(button, tool.label);
      attribute(button, "title", tool.title);
      allow(button, tool.enabled);
    }
  }

  update();
  return { node, update };
}
