// The table of trials: sorted by a click on a column's head, filtered by words; a row selects its trial.

import { createBrushNote } from "./brush.js";
import { attribute, element, keepKeys, say } from "./dom.js";
import { asSentence } from "./format.js";
import { cellText, isNumeric, nextSort, rowsCaption, rowsInSight } from "./rows.js";

export function createTable(hub, panel) {
  const filter = keepKeys(element("input", { type: "search", class: "tw-filter", placeholder: "Filter", "aria-label": "Filter the trials" }));
  const caption = element("span", { class: "tw-more", "aria-live": "polite" });
  const note = createBrushNote(hub);
  const head = element("tr");
  const body = element("tbody");
  const grid = element("table", { class: "tw-table", "aria-label": panel.sentence }, element("thead", {}, head), body);
  const scroll = element("div", { class: "tw-scroll", tabindex: "0", role: "region", "aria-label": `${panel.title}, rows` }, grid);
  const words = element("div", { class: "tw-words", role: "note" });
  const node = element("div", { class: "tw-tabled" }, element("div", { class: "tw-tools" }, filter, caption, note.node), scroll, words);
  let sort = { name: "Trial", descending: true };
  let headed = "";

  filter.addEventListener("input", draw);

  function showHead(columns) {
    const key = JSON.stringify([columns.map(column => [column.name, column.kind]), sort]);
    if (key === headed) return;
    const kept = head.contains(document.activeElement) ? document.activeElement.dataset.column : null;
    headed = key;
    head.replaceChildren(...columns.map(headCell));
    if (kept) [...head.querySelectorAll("button")].find(button => button.dataset.column === kept)?.focus();
  }

  function headCell(column) {
    const here = sort.name === column.name;
    const arrow = element("span", { class: "tw-arrow", "aria-hidden": "true" }, here ? (sort.descending ? "▼" : "▲") : "");
    const button = element("button", { type: "button", class: "tw-sort", "data-column": column.name }, column.name, arrow);
    button.addEventListener("click", () => { sort = nextSort(sort, column); draw(); });
    const order = here ? (sort.descending ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", class: classOf(column), "aria-sort": order }, button);
  }

  function classOf(column) {
    return isNumeric(column) ? "tw-number" : column.kind === "text" ? "tw-long" : "";
  }

  function newRow() {
    const row = element("tr", { tabindex: "0" });
    const choose = event => hub.choose(Number(row.dataset.trial), event.shiftKey || event.ctrlKey || event.metaKey);
    row.addEventListener("click", choose);
    row.addEventListener("keydown", event => {
      const step = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
      if (event.key === "Enter" || event.key === " ") choose(event);
      else if (!(event.key in { ArrowDown: 1, ArrowUp: 1 })) return;
      step?.focus();
      event.preventDefault();
      event.stopPropagation(); // else the notebook would move to another cell
    });
    return row;
  }

  // Rows are used again, so that focus, scrolling and a selection of text survive an update.
  function showRow(row, table, index) {
    const number = table.columns[0].values[index];
    attribute(row, "data-trial", String(number));
    attribute(row, "aria-selected", String(hub.selected.includes(number)));
    row.classList.toggle("tw-best", table.best.includes(number));
    while (row.cells.length > table.columns.length) row.lastElementChild.remove();
    table.columns.forEach((column, i) => {
      const cell = row.cells[i] ?? row.appendChild(element("td"));
      cell.className = classOf(column);
      const text = cellText(column, index);
      say(cell, text);
      if (column.kind === "text") attribute(cell, "title", text);
    });
  }

  function draw() {
    const card = hub.cards.get(panel.name);
    const table = card?.end === "table" ? card : null;
    scroll.hidden = filter.hidden = caption.hidden = !table;
    words.hidden = Boolean(table);
    if (!table) {
      say(words, card ? asSentence(card.text) : "waiting for the search …");
      words.classList.toggle("tw-broken", card?.end === "broken");
      return;
    }
    showHead(table.columns);
    const { rows, found } = rowsInSight(table, sort, filter.value, undefined, hub.inside);
    while (body.rows.length > rows.length) body.lastElementChild.remove();
    rows.forEach((index, i) => showRow(body.rows[i] ?? body.appendChild(newRow()), table, index));
    note.update();
    caption.hidden = Boolean(hub.inside) && rows.length === found; // the note says it all
    say(caption, rowsCaption(rows.length, found, table.total));
  }

  return { node, draw, hide() {}, end() {} };
}
