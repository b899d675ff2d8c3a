// What a person may choose about a card: a list of choices for each option, in the card's head; a slider for each of
// those whose choices are steps of a scale, in a part below it that opens.

import { element, keepKeys } from "./dom.js";

const SLIDES = 200; // milliseconds after which a slider that is held still counts as set

// What is shown as chosen: what was asked last, as the figure that shows it may still be on its way.
export function chosen(option, asked) {
  const wanted = asked?.[option.name];
  return option.choices.includes(wanted) ? wanted : option.value;
}

// The options of all cards after a choice; nothing that was given is changed.
export function withChoice(all, card, name, value) {
  return { ...all, [card]: { ...all?.[card], [name]: value } };
}

// Where a slider stands: the place of what is shown as chosen.
export function positionInScale(option, asked) {
  return Math.max(0, option.choices.indexOf(chosen(option, asked)));
}

const SUMMARY = "Other parameters";

export function createOptions(hub, panel) {
  const node = element("div", { class: "tw-options" });
  const sliders = element("div", { class: "tw-sliders" });
  const more = element("details", { class: "tw-held" }, element("summary", {}, SUMMARY), sliders);
  more.hidden = true;
  const controls = new Map(); // option -> {label, show}
  let shown = "";

  function createList(option) {
    const list = keepKeys(element("select", { class: "tw-select", "aria-label": `${panel.title}: ${option.label}` }));
    list.addEventListener("change", () => hub.ask(panel.name, option.name, list.value));
    for (const choice of option.choices) list.append(element("option", { value: choice }, choice));
    const show = now => { const value = chosen(now, hub.options(panel.name)); if (list.value !== value) list.value = value; };
    return { label: element("label", { class: "tw-option" }, `${option.label} `, list), field: list, show };
  }

  // While it is dragged only the words follow; the figure is asked for when it rests, and when it is let go.
  function createSlider(option) {
    const range = keepKeys(element("input", {
      type: "range", class: "tw-range", min: 0, max: option.choices.length - 1, step: 1, "aria-label": `${panel.title}: ${option.label}`,
    }));
    const words = element("output", { class: "tw-told" });
    const choice = () => option.choices[range.valueAsNumber];
    const speak = () => { words.textContent = choice(); range.setAttribute("aria-valuetext", choice()); };
    let wait = 0;
    const ask = () => { clearTimeout(wait); hub.ask(panel.name, option.name, choice()); };
    range.addEventListener("input", () => { speak(); clearTimeout(wait); wait = setTimeout(ask, SLIDES); });
    range.addEventListener("change", ask);
    const show = now => {
      if (document.activeElement === range && wait) return;
      range.valueAsNumber = positionInScale(now, hub.options(panel.name));
      speak();
    };
    return { label: element("label", { class: "tw-slide" }, element("span", {}, option.label), range, words), field: range, show };
  }

  // Controls are made anew only where the options differ: one that is open must not close under the pointer.
  function rebuild(options) {
    const key = JSON.stringify(options.map(option => [option.name, option.label, option.choices]));
    if (key === shown) return;
    shown = key;
    const focused = [...controls].find(([, { field }]) => field === document.activeElement)?.[0];
    controls.clear();
    for (const option of options) controls.set(option.name, option.slides ? createSlider(option) : createList(option));
    const labels = slides => options.filter(option => Boolean(option.slides) === slides).map(({ name }) => controls.get(name).label);
    node.replaceChildren(...labels(false));
    sliders.replaceChildren(...labels(true));
    more.hidden = !sliders.childElementCount;
    controls.get(focused)?.field.focus();
  }

  function update(options = []) {
    rebuild(options);
    for (const option of options) controls.get(option.name).show(option);
  }

  return { node, more, update };
}
