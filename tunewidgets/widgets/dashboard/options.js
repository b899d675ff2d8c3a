// What a person may choose about a card: a list of choices for each option, in the card's head.

import { element, keepKeys } from "./dom.js";

// What is shown as chosen: what was asked last, as the figure that shows it may still be on its way.
export function chosen(option, asked) {
  const wanted = asked?.[option.name];
  return option.choices.includes(wanted) ? wanted : option.value;
}

// The options of all cards after a choice; nothing that was given is changed.
export function withChoice(all, card, name, value) {
  return { ...all, [card]: { ...all?.[card], [name]: value } };
}

export function createOptions(hub, panel) {
  const node = element("div", { class: "tw-options" });
  const lists = new Map(); // option -> {label, list}
  let shown = "";

  function createList(option) {
    const list = keepKeys(element("select", { class: "tw-select", "aria-label": `${panel.title}: ${option.label}` }));
    list.addEventListener("change", () => hub.ask(panel.name, option.name, list.value));
    const label = element("label", { class: "tw-option" }, `${option.label} `, list);
    return { label, list };
  }

  // Lists are made anew only where the options differ: one that is open must not close under the pointer.
  function rebuild(options) {
    const key = JSON.stringify(options.map(option => [option.name, option.label, option.choices]));
    if (key === shown) return;
    shown = key;
    const focused = [...lists].find(([, { list }]) => list === document.activeElement)?.[0];
    lists.clear();
    for (const option of options) {
      const made = createList(option);
      for (const choice of option.choices) made.list.append(element("option", { value: choice }, choice));
      lists.set(option.name, made);
    }
    node.replaceChildren(...[...lists.values()].map(({ label }) => label));
    lists.get(focused)?.list.focus();
  }

  function update(options = []) {
    rebuild(options);
    for (const option of options) {
      const { list } = lists.get(option.name);
      const value = chosen(option, hub.options(panel.name));
      if (list.value !== value) list.value = value;
    }
  }

  return { node, update };
}
