// The table's rows: put together of what comes, and which of them stand in which order. A row's index is its trial's number.

import { number, SYMBOLS } from "./format.js";

const WORDS_IN_ORDER = new Intl.Collator("en", { numeric: true });

// The table after news of some rows; of what is not told anew the old values are kept. Rows may come in any order.
export function withRows(before, news) {
  const kept = before?.end === "table" && shapeOf(before) === shapeOf(news) ? before : null;
  const columns = news.columns.map(({ name, kind }, c) => ({ name, kind, values: kept?.columns[c].values ?? [] }));
  const texts = kept?.texts ?? [];
  for (const list of [texts, ...columns.map(column => column.values)]) resize(list, news.total);
  const rows = Array.from(news.rows);
  columns.forEach((column, c) => {
    const read = reader(news.columns[c].values);
    rows.forEach((row, i) => { column.values[row] = read(i); });
  });
  for (const row of rows) texts[row] = undefined;
  return { ...news, columns, texts };
}

function shapeOf(table) {
  return JSON.stringify(table.columns.map(({ name, kind }) => [name, kind]));
}

// Step by step: a list that gets its last element first would become a slow one.
function resize(list, length) {
  if (list.length > length) list.length = length;
  while (list.length < length) list.push(undefined);
}

function reader(values) {
  return values.words ? i => values.words[values.at[i]] ?? null : i => values[i];
}

export function cellText(column, row) {
  const value = column.values[row];
  if (column.kind === "state") return `${SYMBOLS[value] ?? ""} ${value}`;
  if (typeof value === "number") return number(value);
  return value ?? "–";
}

export function isNumeric(column) {
  return column.kind.endsWith("number");
}

// The rows that have come, by number.
function rowsAtHand(table) {
  const numbers = table.columns[0].values;
  const found = [];
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== undefined) found.push(i);
  return found;
}

// What a column's values are ordered by: numbers, NaN where there is none; of texts the place among all that occur.
function keysOf(column) {
  if (isNumeric(column)) return Float64Array.from(column.values, value => value ?? NaN);
  const words = [...new Set(column.values)].filter(value => value !== null && value !== undefined).sort(WORDS_IN_ORDER.compare);
  const places = new Map(words.map((word, place) => [word, place]));
  return Float64Array.from(column.values, value => places.get(value) ?? NaN);
}

// Rows in order; what has no value comes last whichever way the column is sorted, and ties keep their order.
export function sortRows(rows, column, descending) {
  if (!column) return rows;
  const keys = keysOf(column);
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const order = keys[a] - keys[b];
    if (!Number.isNaN(order)) return sign * order || a - b;
    return Number(Number.isNaN(keys[a])) - Number(Number.isNaN(keys[b])) || a - b;
  });
}

// Rows that have every word in some cell. What stands in a row is put together once, and again where it changes.
export function filterRows(table, rows, words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return rows;
  putTexts(table);
  return rows.filter(i => wanted.every(word => table.texts[i].includes(word)));
}

// What stands in each row, in small letters.
export function putTexts(table) {
  for (const i of rowsAtHand(table)) table.texts[i] ??= table.columns.map(column => cellText(column, i)).join(" ").toLowerCase();
}

// The rows that match, in order; `inside` are the trials inside the brush, null where there is none.
export function rowsInOrder(table, sort, words, inside = null) {
  const matching = filterRows(table, rowsAtHand(table), words);
  const found = inside ? matching.filter(i => inside.numbers.has(table.columns[0].values[i])) : matching;
  return sortRows(found, table.columns.find(item => item.name === sort.name), sort.descending);
}

// `wanted`: whether all rows have been asked for; until then only those of the newest trials are here.
export function rowsCaption(found, arrived, total, wanted) {
  const all = n => n.toLocaleString("en-US");
  if (arrived < total && !wanted) return `The newest ${all(arrived)} of ${all(total)} trials; scroll, sort or filter for all`;
  const words = found === total ? `${all(total)} trial${total === 1 ? "" : "s"}` : `${all(found)} of ${all(total)} trials`;
  return arrived === total ? words : `${words}; the rest is on its way`;
}

export function countAtHand(table) {
  return rowsAtHand(table).length;
}

// What a click on a column's head makes of the order: numbers are first sorted from the top.
export function nextSort(sort, column) {
  if (sort.name === column.name) return { name: sort.name, descending: !sort.descending };
  return { name: column.name, descending: isNumeric(column) };
}

const SAMPLED = 400; // rows that are looked at for a column's width

// How many characters wide each column is to be; none becomes narrower than it was, so that nothing jumps.
export function columnWidths(table, before = []) {
  const rows = rowsAtHand(table);
  const step = Math.max(1, Math.floor(rows.length / SAMPLED));
  return table.columns.map((column, c) => {
    let width = Math.max(before[c] ?? 0, column.name.length + 3);
    for (let i = 0; i < rows.length; i += step) width = Math.max(width, cellText(column, rows[i]).length);
    return Math.min(width, column.kind === "text" ? 40 : Math.max(24, Math.min(column.name.length + 3, 32)));
  });
}

// --- the window: of many rows only those in sight are elements ---

const ROWS_AROUND = 8; // rows beyond the edges, so that a glance ahead finds them there

// {first, last}: the places in the order that are to be elements.
export function windowOf(count, top, room, height) {
  const first = Math.max(0, Math.floor(top / height) - ROWS_AROUND);
  return { first: Math.min(first, Math.max(0, count - 1)), last: Math.min(count, Math.ceil((top + room) / height) + ROWS_AROUND) };
}

// The place to which a key leads, null for a key that leads nowhere; `page` rows are in sight.
export function placeAfterKey(key, place, count, page) {
  if (!count) return null;
  const to = {
    ArrowDown: place + 1, ArrowUp: place - 1, PageDown: Math.max(0, place) + page, PageUp: place - page, Home: 0, End: count - 1,
  }[key];
  return to === undefined ? null : Math.min(count - 1, Math.max(0, to));
}

// Where to scroll so that the row at a place is seen: as little as possible, nowhere if it is.
export function scrollToPlace(place, top, room, height) {
  if (place * height < top) return place * height;
  return Math.max(top, (place + 1) * height - room);
}
