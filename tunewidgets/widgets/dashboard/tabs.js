// The tabs: cards that are not under the open one are hidden, so they are neither computed nor drawn.

import { attribute, element } from "./dom.js";

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

let tabbed = 0; // for ids that are the page's own

export function createTabs(hub, names) {
  const id = `tw-tabs-${++tabbed}`;
  // The attribute stands on each button, as a shortcut of the notebook is sought from the focus upwards.
  const button = (name, i) => element("button", { type: "button", role: "tab", id: `${id}-${i}`, class: "tw-tab", "data-lm-suppress-shortcuts": "true" }, name);
  const buttons = new Map(names.map((name, i) => [name, button(name, i)]));
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

  let ruled = null;

  // The cards are the panel of the open tab.
  function rule(panel) {
    if (names.length < 2) return;
    ruled = panel;
    attribute(panel, "id", id);
    attribute(panel, "role", "tabpanel");
    for (const one of buttons.values()) attribute(one, "aria-controls", id);
    update();
  }

  function update() {
    if (ruled && buttons.has(hub.tab)) attribute(ruled, "aria-labelledby", buttons.get(hub.tab).id);
    for (const [name, one] of buttons) {
      const open = name === hub.tab;
      one.setAttribute("aria-selected", String(open));
      one.tabIndex = open ? 0 : -1;
    }
  }

  update();
  return { node, update, rule };
}
