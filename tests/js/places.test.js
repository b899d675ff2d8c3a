import assert from "node:assert/strict";
import { test } from "node:test";

import { isLine, placesOfCards } from "../../tunewidgets/widgets/dashboard/places.js";

// A letter a card; a capital one needs both columns.
const places = text => placesOfCards([...text].map(letter => ({ name: letter, wide: letter !== letter.toLowerCase() }))).join(" ");

test("cards stand in two columns, and none beside an empty place", () => {
  assert.equal(places("tcbT"), "left right wide wide");
  assert.equal(places("tPcb"), "wide wide left right");
  assert.equal(places("P"), "wide");
  assert.equal(places("Tt"), "wide wide");
  assert.equal(places("abc"), "left right wide");
  assert.equal(places(""), "");
});

test("a card that will have nothing to show is a line, and its neighbour has the room", () => {
  const panels = [{ name: "trials" }, { name: "curves" }, { name: "brackets" }, { name: "table", wide: true }];
  assert.deepEqual(placesOfCards(panels, new Set(["curves"])), ["left", "line", "right", "wide"]);
  assert.deepEqual(placesOfCards(panels.slice(0, 2), new Set(["curves"])), ["wide", "line"]);
  assert.deepEqual(placesOfCards(panels.slice(0, 1), new Set(["trials"])), ["line"]);
});

test("only what nobody expects takes a line: a card that waits keeps its place", () => {
  assert.equal(isLine({ end: "not yet", expected: false }), true);
  for (const card of [undefined, { end: "not yet", expected: true }, { end: "drawn" }, { end: "broken" }]) {
    assert.equal(isLine(card), false);
  }
});
