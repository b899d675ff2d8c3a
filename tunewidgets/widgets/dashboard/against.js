// What a trial is compared with: the incumbent, or the other selected trials; parameter by parameter.

import { number, plainValue } from "./format.js";

// [{name, values, differs}]: values and parameters of each trial in `all`, those that differ first; what is inactive in a
// trial, or has no value, is undefined.
export function comparedRows(all) {
  const known = all.filter(Boolean);
  const names = pick => [...new Set(known.flatMap(details => Object.keys(pick(details))))];
  const rowsOf = pick => names(pick).map(name => rowOfValues(name, all.map(details => (details ? pick(details)[name] : undefined))));
  const parameters = rowsOf(details => details.config);
  const further = rowsOf(details => details.further ?? {});
  const first = rowOfValues(known[0]?.metric || "value", all.map(details => details?.value ?? undefined));
  const budget = rowOfValues(`${known[0]?.unit || "step"}s`, all.map(details => details?.budget));
  return { values: [first, ...further, budget], parameters: [...parameters.filter(row => row.differs), ...parameters.filter(row => !row.differs)] };
}

function rowOfValues(name, values) {
  return { name, values, differs: new Set(values.map(value => JSON.stringify(value))).size > 1 };
}

export function comparedText(value) {
  return value === undefined ? "–" : plainValue(value);
}

// How far a trial's value is from the incumbent's, "" where there is nothing to say. Of several goals a row each tells.
export function differenceWords(details, best) {
  if (!best || !details || best.number === details.number) return "";
  const [mine, its] = [details.value, best.value];
  if (mine === null || mine === undefined || its === null || its === undefined) return "";
  if (details.goals?.length) return "";
  const worse = details.direction === "max" ? its - mine : mine - its;
  const words = worse === 0 ? "the same value as" : `${number(Math.abs(worse))} ${worse > 0 ? "worse" : "better"} than`;
  const shorter = details.budget < best.budget ? `, which trained to ${details.unit || "step"} ${best.budget}` : "";
  return `${words} the best, trial ${best.number}${shorter}`;
}
