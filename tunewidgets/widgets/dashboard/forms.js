// The forms' logic, without a page: what each parameter's field is, which are active, and what was typed into them.
// Texts are what fields hold: a number as typed, a choice by its index.

export function fieldOf(parameter) {
  const { type } = parameter;
  if (type === "Choice") return { kind: "choice", choices: parameter.values };
  if (type === "Boolean") return { kind: "choice", choices: [false, true] };
  if (type === "Fixed") return { kind: "fixed", choices: [parameter.value] };
  const linear = parameter.sampling === "linear";
  const step = linear ? parameter.step ?? (type === "Int" ? 1 : null) : null;
  return { kind: "number", integer: type === "Int", min: parameter.min_value, max: parameter.max_value, step };
}

export function wordOf(value) {
  if (value === true) return "True";
  if (value === false) return "False";
  return value === null ? "None" : String(value);
}

export function rangeWords(parameter) {
  const field = fieldOf(parameter);
  if (field.kind !== "number") return field.choices.map(wordOf).join(", ");
  const steps = parameter.step && !(field.integer && parameter.step === 1) ? `, step ${parameter.sampling === "linear" ? "" : "×"}${parameter.step}` : "";
  return `${parameter.min_value} to ${parameter.max_value}${steps}${parameter.sampling === "linear" ? "" : `, ${parameter.sampling.replace("_", " ")}`}`;
}

export function textOf(parameter, value) {
  const field = fieldOf(parameter);
  return field.kind === "number" ? String(value) : String(field.choices.indexOf(value));
}

// A number as typed, or what is wrong with it.
export function readNumber(text, { integer = false } = {}) {
  const value = text.trim() === "" ? NaN : Number(text);
  if (!Number.isFinite(value)) return { error: text.trim() === "" ? "Give a number" : "This is no number" };
  return integer && !Number.isInteger(value) ? { error: "Give a whole number" } : { value };
}

export function readField(parameter, text) {
  const field = fieldOf(parameter);
  if (field.kind !== "number") return text in field.choices ? { value: field.choices[text] } : { error: "Choose one" };
  const { value, error } = readNumber(text, field);
  if (error) return { error };
  if (value < field.min || value > field.max) return { error: `From ${field.min} to ${field.max}` };
  if (field.step === null) return { value };
  const steps = (value - field.min) / field.step;
  if (Math.abs(steps - Math.round(steps)) < 1e-6) return { value };
  const nearest = Number((field.min + Math.round(steps) * field.step).toPrecision(12));
  return { error: `In steps of ${field.step}: the nearest is ${Math.min(nearest, field.max)}` };
}

// What the fields begin with: a configuration's values where they fit, else the defaults.
export function prefill(parameters, config) {
  return Object.fromEntries(parameters.map(parameter => {
    const known = Object.hasOwn(config ?? {}, parameter.name) ? textOf(parameter, config[parameter.name]) : null;
    const fits = known !== null && !readField(parameter, known).error;
    return [parameter.name, fits ? known : textOf(parameter, parameter.type === "Fixed" ? parameter.value : parameter.default)];
  }));
}

// The names of the active parameters: all conditions hold, and one holds only where its parent is active.
export function activeNames(parameters, values) {
  const byName = new Map(parameters.map(parameter => [parameter.name, parameter]));
  const known = new Map();
  const isActive = name => {
    if (!known.has(name)) {
      const conditions = byName.get(name)?.conditions ?? [];
      known.set(name, byName.has(name) && conditions.every(({ parent, values: allowed }) => isActive(parent) && allowed.includes(values[parent])));
    }
    return known.get(name);
  };
  return parameters.map(({ name }) => name).filter(isActive);
}

// {config, errors, active}: the configuration of the active parameters, and what is wrong by name.
export function readConfig(parameters, texts) {
  const read = new Map(parameters.map(parameter => [parameter.name, readField(parameter, texts[parameter.name] ?? "")]));
  const values = Object.fromEntries([...read].map(([name, { value }]) => [name, value]));
  const active = activeNames(parameters, values);
  const errors = Object.fromEntries(active.filter(name => read.get(name).error).map(name => [name, read.get(name).error]));
  return { config: Object.fromEntries(active.map(name => [name, values[name]])), errors, active };
}

// --- editing the space: a row is {low, high} as typed, or the indices of the choices that are kept ---

export function rowOf(parameter) {
  const field = fieldOf(parameter);
  if (field.kind === "number") return { low: String(field.min), high: String(field.max) };
  return parameter.type === "Choice" ? { kept: field.choices.map((_, i) => i) } : {};
}

function readRow(parameter, row) {
  const field = fieldOf(parameter);
  if (row.kept) {
    if (!row.kept.length) return { error: "Keep one choice at least" };
    return row.kept.length === field.choices.length ? {} : { edit: { values: row.kept.map(i => field.choices[i]) } };
  }
  if (row.low === undefined) return {};
  const [low, high] = [readNumber(row.low, field), readNumber(row.high, field)];
  if (low.error || high.error) return { error: low.error ?? high.error };
  if (low.value > high.value) return { error: "The lowest value is above the highest" };
  if (parameter.sampling !== "linear" && low.value <= 0) return { error: "A logarithmic range begins above 0" };
  const edit = {};
  if (low.value !== field.min) edit.min_value = low.value;
  if (high.value !== field.max) edit.max_value = high.value;
  return Object.keys(edit).length ? { edit } : {};
}

// {edits, errors} by name; what is as it was is left out.
export function readEdits(parameters, rows) {
  const [edits, errors] = [{}, {}];
  for (const parameter of parameters) {
    const { edit, error } = readRow(parameter, rows[parameter.name] ?? {});
    if (error) errors[parameter.name] = error;
    else if (edit) edits[parameter.name] = edit;
  }
  return { edits, errors };
}

// --- the limits ---

function readLimit(text, now, integer) {
  if (text.trim() === "") return now === null ? {} : { error: "A limit can be changed, and not taken away" };
  const { value, error } = readNumber(text, { integer });
  if (error) return { error };
  if (value <= 0) return { error: "Give a number above 0" };
  return value === now ? {} : { value };
}

// {limits, errors}: the limits that are to be different.
export function readLimits(now, texts) {
  const [limits, errors] = [{}, {}];
  for (const [name, integer] of [["trials", true], ["minutes", false]]) {
    const { value, error } = readLimit(texts[name], now[name], integer);
    if (error) errors[name] = error;
    else if (value !== undefined) limits[name] = value;
  }
  if (!Object.keys(limits).length && !Object.keys(errors).length) errors.trials = "This is the limit already";
  return { limits, errors };
}
