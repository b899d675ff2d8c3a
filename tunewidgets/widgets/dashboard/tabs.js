// The tabs: cards that are not under the open one are hidden, so they are neither computed nor drawn.

import { element } from "./dom.js";

// The tabs in their order, each once; none where cards stand under no name.
export function tabsOf(panels) {
  return [...new Set(panels.map(panel => panel.tab))].filter(Boolean);
}

// Whether a card is seen while a tab is open: a table stands below all tabs.
export function isUnder(panel, tab) {
  return !panel.tab || panel.name === "table" || panel.tab === tab;
}

// To which tab an arrow leads.
export function neighbour(tabs, tab, key) {
  const at = Math.max(0, tabs.indexOf(tab));
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[key];
  return to === undefined ? null : tabs[(to + tabs.length) % tabs.length];
}

export function createTabs(hub, names) {
  // The attribute stands on each button, as a shortcut of the notebook is sought from the focus upwards.
  const button = name => element("button", { type: "button", role: "tab", class: "tw-tab", "data-lm-suppress-shortcuts": "true" }, name);
  const buttons = new Map(names.map(name => [name, button(name)]));
  const node = element("div", { class: "tw-tabs", role: "tablist", "aria-label": "Cards" }, ...buttons.values());
  node.hidden = names.length < 2;

  for (const [name, one] of buttons) one.addEventListener("click", () => hub.openTab(name));
  node.addEventListener("keydown", event => {
    const to = neighbour(names, hub.tab, event.key);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    hub.openTab(to);
    buttons.get(to).focus();
  });

  function update() {
    for (const [name, one] of buttons) {
      const open = name === hub.tab;
      one.setAttribute("aria-selected", String(open));
      one.tabIndex = open ? 0 : -1;
    }
  }

  update();
  return { node, update };
}
