// The table's order: which rows, sorted how.

import { number, SYMBOLS } from "./format.js";

export const MOST_ROWS = 200;

export function cellText(column, row) {
  const value = column.values[row];
  if (column.kind === "state") return `${SYMBOLS[value] ?? ""} ${value}`;
  if (typeof value === "number") return number(value);
  return value ?? "–";
}

export function isNumeric(column) {
  return column.kind.endsWith("number");
}

function compare(column, a, b) {
  const [x, y] = [column.values[a], column.values[b]];
  const [noX, noY] = [x, y].map(v => v === null || v === undefined || Number.isNaN(v));
  if (noX || noY) return { missing: Number(noX) - Number(noY) };
  if (typeof x === "number" && typeof y === "number") return { order: x - y };
  return { order: String(x).localeCompare(String(y), "en", { numeric: true }) };
}

// Row indices in order; what has no value comes last whichever way the column is sorted, and ties keep their order.
export function sortRows(indices, column, descending) {
  if (!column) return indices;
  return [...indices].sort((a, b) => {
    const { missing, order } = compare(column, a, b);
    if (missing !== undefined) return missing || a - b;
    return (descending ? -order : order) || a - b;
  });
}

export function filterRows(columns, count, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const all = Array.from({ length: count }, (_, i) => i);
  if (!wanted.length) return all;
  const text = i => columns.map(column => cellText(column, i)).join(" ").toLowerCase();
  return all.filter(i => wanted.every(word => text(i).includes(word)));
}

// {rows: indices in sight, found: how many match}; `inside` are the trials inside the brush, null where there is none.
export function rowsInSight(table, sort, words, most = MOST_ROWS, inside = null) {
  const numbers = table.columns[0].values;
  const matching = filterRows(table.columns, numbers.length, words);
  const found = inside ? matching.filter(i => inside.numbers.has(numbers[i])) : matching;
  const column = table.columns.find(item => item.name === sort.name);
  return { rows: sortRows(found, column, sort.descending).slice(0, most), found: found.length };
}

export function rowsCaption(shown, found, total) {
  const all = n => n.toLocaleString("en-US");
  if (shown === total) return `${all(total)} trial${total === 1 ? "" : "s"}`;
  if (shown === found) return `${all(shown)} of ${all(total)} trials`;
  return `The first ${all(shown)} of ${all(found)} rows; ${all(total)} trials in all`;
}

// What a click on a column's head makes of the order: numbers are first sorted from the top.
export function nextSort(sort, column) {
  if (sort.name === column.name) return { name: sort.name, descending: !sort.descending };
  return { name: column.name, descending: isNumeric(column) };
}
