// The table of trials: sorted by a click on a column's head, filtered by words; a row selects its trial. Only the rows in
// sight are elements, in a place as tall as all of them. So the focus is the table's, which says which row is meant: a
// row's element may be another row's in the next moment. The rows of older trials come when they are wanted: at the first
// scrolling, sorting or filtering.

import { createBrushNote } from "./brush.js";
import { attribute, element, keepKeys, say } from "./dom.js";
import { asSentence } from "./format.js";
import { cellText, columnWidths, countAtHand, isNumeric, nextSort, placeAfterKey, putTexts, rowsCaption, rowsInOrder, scrollToPlace, windowOf } from "./rows.js";

const ROW = 25; // pixels, until one has been measured
let tables = 0; // for ids that are the page's own

export function createTable(hub, panel) {
  const filter = keepKeys(element("input", { type: "search", class: "tw-filter", placeholder: "Filter", "aria-label": "Filter the trials" }));
  const caption = element("span", { class: "tw-more", "aria-live": "polite" });
  const note = createBrushNote(hub);
  const widths = element("colgroup");
  const head = element("tr", { "aria-rowindex": "1" });
  const body = element("tbody");
  const grid = element("table", {
    class: "tw-table", role: "grid", tabindex: "0", "aria-label": panel.sentence, "aria-multiselectable": "true", "data-lm-suppress-shortcuts": "true",
  }, widths, element("thead", {}, head), body);
  const room = element("div", { class: "tw-room" }, grid);
  const scroll = element("div", { class: "tw-scroll" }, room);
  const words = element("div", { class: "tw-words", role: "note" });
  const node = element("div", { class: "tw-tabled" }, element("div", { class: "tw-tools" }, filter, caption, note.node), scroll, words);
  const id = `tw-table-${++tables}`;
  let sort = { name: "Trial", descending: true };
  let headed = "";
  let table = null;
  let order = []; // the rows that match, as they stand
  let active = null; // the row that keys begin at
  let wide = []; // characters by column
  let height = ROW;
  let wanted = false; // whether somebody has looked further than the newest rows

  filter.addEventListener("input", draw);
  filter.addEventListener("focus", () => {
    wantAll();
    if (table) putTexts(table); // so that the first key need not wait for it
  });
  scroll.addEventListener("scroll", () => { // browsers tell of it once a frame, before they paint it
    if (scroll.scrollTop) wantAll();
    showRows();
  });
  grid.addEventListener("focus", () => { if (!order.includes(active)) activate(Math.ceil(scroll.scrollTop / height)); });
  grid.addEventListener("keydown", event => { if (event.target === grid) steer(event); });
  body.addEventListener("click", event => {
    const row = event.target.closest("tr");
    if (!row) return;
    active = Number(row.dataset.trial);
    choose(event);
  });

  function wantAll() {
    if (wanted) return;
    wanted = true;
    draw();
  }

  function choose(event) {
    hub.choose(active, event.shiftKey || event.ctrlKey || event.metaKey);
  }

  function steer(event) {
    const place = placeAfterKey(event.key, order.indexOf(active), order.length, Math.max(1, Math.floor(roomForRows() / height) - 1));
    if (place !== null) {
      wantAll();
      activate(place);
      scroll.scrollTop = scrollToPlace(place, scroll.scrollTop, roomForRows(), height);
      showRows();
    } else if (active !== null && (event.key === "Enter" || event.key === " ")) choose(event);
    else return;
    event.preventDefault();
    event.stopPropagation(); // else the notebook would move to another cell
  }

  function activate(place) {
    active = order[Math.min(place, order.length - 1)] ?? null;
    showRows();
  }

  function roomForRows() {
    return scroll.clientHeight - head.offsetHeight;
  }

  function showHead(columns) {
    const key = JSON.stringify([columns.map(column => [column.name, column.kind]), sort]);
    if (key === headed) return;
    const kept = head.contains(document.activeElement) ? document.activeElement.dataset.column : null;
    headed = key;
    head.replaceChildren(...columns.map(headCell));
    if (kept) [...head.querySelectorAll("button")].find(button => button.dataset.column === kept)?.focus({ preventScroll: true }); // the head stands where the rows in sight begin
  }

  function headCell(column) {
    const here = sort.name === column.name;
    const arrow = element("span", { class: "tw-arrow", "aria-hidden": "true" }, here ? (sort.descending ? "▼" : "▲") : "");
    const button = element("button", { type: "button", class: "tw-sort", title: column.name, "data-column": column.name, "data-lm-suppress-shortcuts": "true" }, column.name, arrow);
    button.addEventListener("click", () => { wanted = true; sort = nextSort(sort, column); scroll.scrollTop = 0; draw(); });
    const state = here ? (sort.descending ? "descending" : "ascending") : "none";
    return element("th", { scope: "col", class: classOf(column), "aria-sort": state }, button);
  }

  function classOf(column) {
    return isNumeric(column) ? "tw-number" : "";
  }

  // Columns have widths of their own: those that fit the rows in sight would change with every turn of the wheel.
  function showWidths(columns, anew) {
    wide = columnWidths(table, anew ? [] : wide);
    while (widths.children.length > columns.length) widths.lastElementChild.remove();
    wide.forEach((chars, i) => {
      const one = widths.children[i] ?? widths.appendChild(element("col"));
      attribute(one, "style", `width: calc(${chars}ch + 16px)`);
    });
    attribute(grid, "style", `min-width: calc(${wide.reduce((a, b) => a + b, 0)}ch + ${16 * wide.length}px)`);
  }

  function showRow(row, place, selected) {
    const index = order[place];
    attribute(row, "id", `${id}-${index}`);
    attribute(row, "data-trial", String(index));
    attribute(row, "aria-rowindex", String(place + 2));
    attribute(row, "aria-selected", String(selected.has(index)));
    row.classList.toggle("tw-best", table.best.includes(index));
    row.classList.toggle("tw-even", place % 2 === 1);
    row.classList.toggle("tw-active", index === active);
    while (row.cells.length > table.columns.length) row.lastElementChild.remove();
    table.columns.forEach((column, i) => {
      const cell = row.cells[i] ?? row.appendChild(element("td"));
      if (cell.className !== classOf(column)) cell.className = classOf(column);
      const text = cellText(column, index);
      say(cell, text);
      if (text.length > wide[i] - 2) attribute(cell, "title", text);
      else if (cell.title) cell.removeAttribute("title");
    });
  }

  // The rows in sight; the others are room above and below.
  function showRows() {
    if (!table) return;
    const { first, last } = windowOf(order.length, scroll.scrollTop, scroll.clientHeight, height);
    const selected = new Set(hub.selected);
    while (body.rows.length > last - first) body.lastElementChild.remove();
    for (let place = first; place < last; place++) showRow(body.rows[place - first] ?? body.appendChild(element("tr")), place, selected);
    room.style.paddingTop = `${first * height}px`;
    room.style.paddingBottom = `${(order.length - last) * height}px`;
    const seen = active !== null && body.querySelector(".tw-active");
    if (seen) attribute(grid, "aria-activedescendant", seen.id);
    else grid.removeAttribute("aria-activedescendant");
  }

  // Rows that come above the keyboard's row must not push it out of sight.
  function hold(before) {
    const now = before < 0 ? -1 : order.indexOf(active);
    if (now < 0 || now === before) return;
    scroll.scrollTop += (now - before) * height;
    showRows();
  }

  function measure() {
    const found = body.rows[0]?.offsetHeight;
    if (!found || found === height) return;
    height = found;
    showRows();
  }

  function draw() {
    const card = hub.cards.get(panel.name);
    table = card?.end === "table" ? card : null;
    scroll.hidden = filter.hidden = caption.hidden = !table;
    words.hidden = Boolean(table);
    if (!table) {
      say(words, card ? asSentence(card.text) : "waiting for the search …");
      words.classList.toggle("tw-broken", card?.end === "broken");
      return;
    }
    const before = headed;
    showHead(table.columns);
    showWidths(table.columns, before !== headed);
    const held = document.activeElement === grid ? order.indexOf(active) : -1;
    order = rowsInOrder(table, sort, filter.value, hub.inside);
    attribute(grid, "aria-rowcount", String(1 + (filter.value || hub.inside ? order.length : table.total)));
    showRows();
    hold(held);
    measure();
    note.update();
    const arrived = countAtHand(table);
    wanted ||= Boolean(hub.inside);
    if (wanted && arrived < table.total) hub.send({ kind: "rows" });
    caption.hidden = Boolean(hub.inside) && !filter.value && arrived === table.total; // the note says it all
    say(caption, rowsCaption(order.length, arrived, table.total, wanted));
  }

  return { node, draw, hide() {}, end() {} };
}
