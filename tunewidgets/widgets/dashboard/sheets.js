// The forms of the sheet: each has its parts, the verb of its button, and reads what was typed into a command.

import { attribute, element, keepKeys, say } from "./dom.js";
import { fieldOf, prefill, rangeWords, readConfig, readEdits, readLimits, rowOf, wordOf } from "./forms.js";

const SETTLES = 250; // ms after the last key in which an edit is looked at

let fields = 0; // for ids that are the page's own

// A label, its controls, and one line below them: what may be given, or what is wrong.
function labelled(name, hint, ...controls) {
  const id = `tw-field-${++fields}`;
  const words = element("div", { class: "tw-hint", id: `${id}-hint` }, hint);
  controls[0].id = id;
  for (const control of controls) attribute(control, "aria-describedby", words.id);
  const label = element("label", { class: "tw-fieldname", for: id }, name);
  const node = element("div", { class: "tw-field" }, label, element("div", { class: "tw-inputs" }, ...controls), words);
  const complain = error => {
    say(words, error ?? hint);
    words.classList.toggle("tw-wrong", Boolean(error));
    for (const control of controls) attribute(control, "aria-invalid", String(Boolean(error)));
  };
  return { node, complain };
}

function numberInput(value, { min, max, step } = {}) {
  const input = keepKeys(element("input", { type: "number", class: "tw-input", step: step ?? "any", value }));
  if (min !== undefined) attribute(input, "min", String(min));
  if (max !== undefined) attribute(input, "max", String(max));
  return input;
}

export function createLimitsForm(_hub, known) {
  const now = { trials: known.trials, minutes: known.minutes === null ? null : Number(known.minutes.toFixed(3)) };
  const inputs = { trials: numberInput(now.trials ?? "", { min: 1, step: 1 }), minutes: numberInput(now.minutes ?? "", { min: 0 }) };
  const none = value => (value === null ? "No limit so far" : `${value} so far`);
  const made = {
    trials: labelled("Trials at most", none(now.trials), inputs.trials),
    minutes: labelled("Minutes at most", `${none(now.minutes)}; pauses are not counted`, inputs.minutes),
  };

  function read() {
    const { limits, errors } = readLimits(now, { trials: inputs.trials.value, minutes: inputs.minutes.value });
    for (const [name, { complain }] of Object.entries(made)) complain(errors[name]);
    return Object.keys(errors).length ? null : limits;
  }

  return { parts: [element("div", { class: "tw-fields" }, made.trials.node, made.minutes.node)], verb: "Set the limits", read };
}

export function createAddForm(hub, known, config) {
  const { parameters } = known;
  const texts = prefill(parameters, config ?? hub.header?.best?.config);
  const made = new Map(parameters.map(parameter => [parameter.name, configField(parameter, texts[parameter.name])]));
  const grid = element("div", { class: "tw-fields" }, ...[...made.values()].map(({ node }) => node));
  grid.addEventListener("input", look);

  // What is not active is out of the way.
  function look() {
    const typed = Object.fromEntries([...made].map(([name, { input }]) => [name, input.value]));
    const found = readConfig(parameters, typed);
    for (const [name, field] of made) {
      field.node.hidden = !found.active.includes(name);
      field.complain(found.errors[name]);
    }
    return found;
  }

  function read() {
    const found = look();
    return Object.keys(found.errors).length ? null : { config: found.config };
  }

  look();
  return { parts: [grid], verb: "Add", read };
}

function configField(parameter, text) {
  const field = fieldOf(parameter);
  const input = field.kind === "number" ? numberInput(text, field) : choiceInput(field, text);
  return { input, ...labelled(parameter.name, field.kind === "number" ? rangeWords(parameter) : "", input) };
}

function choiceInput(field, text) {
  const list = keepKeys(element("select", { class: "tw-input" }));
  field.choices.forEach((choice, i) => list.append(element("option", { value: String(i) }, wordOf(choice))));
  list.value = text;
  list.disabled = field.kind === "fixed";
  return list;
}

export function createEditForm(hub, known) {
  const { parameters } = known;
  const made = new Map(parameters.map(parameter => [parameter.name, editRow(parameter)]));
  const grid = element("div", { class: "tw-fields" }, ...[...made.values()].map(({ node }) => node));
  const code = element("code", { class: "tw-code" });
  const words = element("div", { class: "tw-more", role: "status" });
  const node = element("div", { class: "tw-preview" }, words, element("pre", {}, code));
  let timer = 0;
  let newest = 0;
  grid.addEventListener("input", () => {
    look();
    clearTimeout(timer);
    timer = setTimeout(preview, SETTLES);
  });

  function look() {
    const found = readEdits(parameters, Object.fromEntries([...made].map(([name, { row }]) => [name, row()])));
    for (const [name, { complain }] of made) complain(found.errors[name]);
    return found;
  }

  // Python says what it would make of it, and how the same is written there.
  function preview() {
    const { edits, errors } = look();
    const own = ++newest;
    if (Object.keys(errors).length) return;
    hub.question("edit", { edits }, answer => {
      if (own !== newest) return;
      const gone = answer.gone?.length ? `${answer.gone.join(", ")} can never be active then, and is taken out. ` : "";
      say(words, answer.error ?? (answer.same ? "Trials that exist stay as they are; further ones come from the new space." : `${gone}The same in Python:`));
      say(code, answer.error || answer.same ? "" : answer.code);
    });
  }

  function read() {
    const { edits, errors } = look();
    if (Object.keys(errors).length) return null;
    if (Object.keys(edits).length) return { edits };
    say(words, "Nothing is different yet.");
    return null;
  }

  preview();
  return { parts: [grid, node], verb: "Apply", read, end: () => clearTimeout(timer) };
}

function editRow(parameter) {
  const field = fieldOf(parameter);
  const start = rowOf(parameter);
  if (start.low !== undefined) {
    const [low, high] = [numberInput(start.low, { step: field.step }), numberInput(start.high, { step: field.step })];
    attribute(low, "aria-label", `${parameter.name}, lowest value`);
    attribute(high, "aria-label", `${parameter.name}, highest value`);
    const made = labelled(parameter.name, rangeWords(parameter), low, high);
    return { ...made, row: () => ({ low: low.value, high: high.value }) };
  }
  if (!start.kept) {
    const fixed = keepKeys(element("input", { type: "text", class: "tw-input", value: rangeWords(parameter), disabled: "true" }));
    return { ...labelled(parameter.name, "", fixed), row: () => ({}) };
  }
  return choicesRow(parameter, field);
}

function choicesRow(parameter, field) {
  const boxes = field.choices.map(() => keepKeys(element("input", { type: "checkbox", checked: "true" })));
  const choices = field.choices.map((choice, i) => element("label", { class: "tw-choice" }, boxes[i], ` ${wordOf(choice)}`));
  const hint = element("div", { class: "tw-hint", id: `tw-field-${++fields}-hint` });
  const legend = element("div", { class: "tw-fieldname" }, parameter.name);
  const node = element("div", { class: "tw-field", role: "group", "aria-label": parameter.name, "aria-describedby": hint.id }, legend, element("div", { class: "tw-inputs" }, ...choices), hint);
  const complain = error => {
    say(hint, error ?? "");
    hint.classList.toggle("tw-wrong", Boolean(error));
    for (const box of boxes) attribute(box, "aria-invalid", String(Boolean(error)));
  };
  return { node, complain, row: () => ({ kept: boxes.flatMap((box, i) => (box.checked ? [i] : [])) }) };
}
